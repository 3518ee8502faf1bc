"""A project's programs on Pulumi's real engine, with a state of their own and no account."""

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml
from pulumi.automation import PulumiCommand

from infra import project
from infra.errors import UserError
from infra.names import ACCOUNT, DIGEST, PROGRAMS

from .written import written

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".tools", "build", ".*_cache", ".dvc")


@dataclass(frozen=True)
class Step:
    """What the engine did to one resource: `op` is its word, such as `create`, `same`, `update`."""

    op: str
    type: str
    urn: str
    parent: str

    @property
    def name(self) -> str:
        """The logical name."""
        return self.urn.rpartition("::")[2]


@dataclass(frozen=True)
class Done:
    """How an operation went: the engine's steps, the API calls, the state file after."""

    error: str | None
    seconds: float
    steps: tuple[Step, ...]
    calls: tuple[dict[str, Any], ...]
    state: str

    @property
    def operations(self) -> list[str]:
        """The names of the API calls, in order."""
        return [call["operation"] for call in self.calls]

    @property
    def protected(self) -> int:
        """How many resources in the state file are protected."""
        resources = json.loads(self.state)["checkpoint"]["latest"].get("resources", [])
        return sum(bool(resource.get("protect")) for resource in resources)

    def touched(self) -> set[str]:
        """The types that were not left as they were."""
        quiet = ("same", "read", "refresh")
        return {
            step.type
            for step in self.steps
            if step.op not in quiet and step.type.startswith("aws:")
        }


class Rehearsal:
    """A copy of a project in a temporary folder, and the process that runs its programs.

    To be used in a `with` block; the folder goes with it. Without `answers` the requests are
    checked and counted, and no cloud takes them, which is faster.
    """

    account = ACCOUNT

    def __init__(
        self, root: Path, engine: PulumiCommand, environment: str = "dev", *, answers: bool = True
    ) -> None:
        self.environment = environment
        stacks = {name: project.configuration(name, environment, root) for name in PROGRAMS}
        self._folder = tempfile.TemporaryDirectory(prefix="rehearsal-")
        self.root = Path(self._folder.name) / "project"
        self.state = Path(self._folder.name) / "state"
        self.state.mkdir()
        self.slug = project.load(root).slug
        shutil.copytree(root, self.root, ignore=LEFT_OUT, symlinks=False)
        (self.region,) = {self._prepare(name, config) for name, config in stacks.items()}
        self._process = self._start(engine, "moto" if answers else "")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process.wait()
        self._folder.cleanup()

    def preview(self, program: str) -> Done:
        """What the engine would do."""
        return self._done("preview", program)

    def up(self, program: str, *, refresh: bool = False) -> Done:
        """Bring a program's stack up to date."""
        return self._done("up", program, refresh=refresh)

    def destroy(self, program: str) -> Done:
        """Take everything away that is not protected."""
        return self._done("destroy", program)

    def unprotect(self, program: str) -> None:
        """Take the protection off everything in a program's state."""
        if error := self._done("unprotect", program).error:
            raise UserError(error)

    def release(self, package: str) -> None:
        """Write a released model into the copy's released.yaml, as a promotion does."""
        file = self.root / "released.yaml"
        releases = yaml.safe_load(file.read_text(encoding="utf-8"))
        bucket = f"{self.slug}-{self.environment}-artifacts-{ACCOUNT}"
        releases[self.environment] = {
            "artifact": f"s3://{bucket}/pipeline/made-up/model.tar.gz",
            "digest": DIGEST,
            "package": package,
        }
        file.write_text(yaml.safe_dump(releases), encoding="utf-8")

    def package(self, version: int) -> str:
        """The ARN of a version in the project's group of model packages."""
        group = f"arn:aws:sagemaker:{self.region}:{self.account}:model-package/{self.slug}"
        return f"{group}/{version}"

    def roll_back(self, *, on: bool = True) -> None:
        """From now on every rollout of an endpoint is rolled back, behind the engine."""
        self._ask({"do": "roll back", "on": on})

    def configure(self, program: str, **settings: Any) -> None:
        """Lay settings over those of the program's stack file, in the copy; None takes one away."""
        file = self._stack_file(program)
        about = yaml.safe_load(file.read_text(encoding="utf-8"))
        namespace = f"{self.slug}-{program}"
        about.setdefault("config", {})
        for key, value in settings.items():
            about["config"][f"{namespace}:{key}"] = value
        about["config"] = {
            key: value for key, value in about["config"].items() if value is not None
        }
        file.write_text(yaml.safe_dump(about, sort_keys=False), encoding="utf-8")

    def state_file(self, program: str) -> str:
        """The state as it is written down, after the last operation; empty before the first."""
        stacks = self.state / ".pulumi" / "stacks" / f"{self.slug}-{program}"
        file = stacks / f"{self.environment}.json"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def _stack_file(self, program: str) -> Path:
        return self.root / "infra" / program / f"Pulumi.{self.environment}.yaml"

    def _prepare(self, program: str, config: dict[str, Any]) -> str:
        """Point a stack file at the account that is not one; the region it names is handed back."""
        config[project.ACCOUNTS] = [ACCOUNT]
        # Its state is in a folder, whose organisation has but one name.
        config.pop(f"{self.slug}-{program}:organization", None)
        text = yaml.safe_dump({"config": config}, sort_keys=False)
        self._stack_file(program).write_text(text, encoding="utf-8")
        self.configure(program, **written(program, self.root))
        return str(config[project.REGION])

    def _start(self, engine: PulumiCommand, answers: str) -> "subprocess.Popen[str]":
        command = Path(engine.command)
        cli = str(command.parents[1]) if command.is_absolute() else ""
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "infra.rehearsal.worker",
                cli,
                str(self.state),
                self.region,
                answers,
            ],
            cwd=self.root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(self.state / "worker.log").open("w"),
            text=True,
        )

    def _done(self, do: str, program: str, **options: Any) -> Done:
        command = {"do": do, "program": program, "environment": self.environment}
        answer = self._ask({**command, "options": options})
        steps = tuple(Step(**step) for step in answer.pop("steps"))
        calls = tuple(answer.pop("calls"))
        return Done(steps=steps, calls=calls, state=self.state_file(program), **answer)

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the process that runs the programs has no pipes")
        print(json.dumps(command), file=process.stdin, flush=True)
        if line := process.stdout.readline():
            return dict(json.loads(line))
        said = (self.state / "worker.log").read_text(encoding="utf-8")
        raise UserError(f"the process that runs the programs ended:\n{said}")
