"""What tests of commands stand on: a project of its own, and programs that only take notes."""

import json
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra import project
from infra.names import Names
from infra.operations.command import run

ACCOUNT = "123456789012"
REGION = "eu-west-1"
FILES = ("contract.yaml", "params.yaml", "pyproject.toml", "released.yaml")


def names(environment: str = "dev") -> Names:
    """What this project calls things, in moto's account."""
    return Names(project.load().slug, environment, ACCOUNT, REGION)


def make_project(root: Path) -> Path:
    """This project's files and stack files, committed; its infra/ has nothing else."""
    for name in FILES:
        shutil.copy2(project.ROOT / name, root / name)
    config = {"aws:region": REGION, "aws:allowedAccountIds": [int(ACCOUNT)]}
    for program in ("foundation", "training", "serving"):
        folder = root / "infra" / program
        folder.mkdir(parents=True)
        for environment in ("dev", "staging", "prod"):
            (folder / f"Pulumi.{environment}.yaml").write_text(yaml.safe_dump({"config": config}))
    git(root, "init", "--quiet", "--initial-branch", "main")
    commit(root)
    return root


def commit(root: Path) -> str:
    """Commit everything; the commit."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--no-verify", "--message", "A change")
    return git(root, "rev-parse", "HEAD")


def git(root: Path, *arguments: str) -> str:
    """What git prints, whoever's machine this is."""
    identity = (
        "-c",
        "user.name=Test",
        "-c",
        "user.email=test@example.com",
        "-c",
        "commit.gpgSign=false",
    )
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=root, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


class Program:
    """A program on PATH that notes its calls, and does and prints what `body` says, in Python.

    `body` sees `argv`, and `given`: its standard input where `--password-stdin` is an argument.
    """

    def __init__(self, folder: Path, name: str, body: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / f"{name}.log"
        file = folder / name
        lines = [
            f"#!{sys.executable} -S",
            "import json, os, sys",
            "argv = sys.argv[1:]",
            "given = sys.stdin.read() if '--password-stdin' in argv else ''",
            "note = {'argv': argv, 'given': given, 'env': dict(os.environ), 'cwd': os.getcwd()}",
            f"open({str(self.log)!r}, 'a').write(json.dumps(note) + '\\n')",
            body,
        ]
        file.write_text("\n".join(lines))
        file.chmod(file.stat().st_mode | stat.S_IXUSR)

    @property
    def calls(self) -> list[dict[str, Any]]:
        """Every call, in order."""
        return (
            [json.loads(line) for line in self.log.read_text().splitlines()]
            if self.log.exists()
            else []
        )

    @property
    def lines(self) -> list[str]:
        """The arguments of every call, in order."""
        return [" ".join(call["argv"]) for call in self.calls]


def refusal(main: Callable[[], None], *arguments: str) -> str:
    """The one sentence with which a command ends."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["command", *arguments])
        with pytest.raises(SystemExit) as ended:
            run(main)
    assert isinstance(ended.value.code, str), f"it ended with {ended.value.code!r}"
    assert ended.value.code.startswith("error: ")
    return ended.value.code.removeprefix("error: ")


def invoke(main: Callable[[], None], *arguments: str) -> None:
    """Run a command that ends well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["command", *arguments])
        main()
