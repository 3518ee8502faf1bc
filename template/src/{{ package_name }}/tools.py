"""The two programs that every run leans on: git and DVC."""

import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import paths
from .errors import UserError


def git(*arguments: str) -> str:
    """What git prints, in the project's repository.

    Raises:
        UserError: git is not installed, or refuses.
    """
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=paths.ROOT, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise UserError("git is not installed: install it from https://git-scm.com") from None
    if done.returncode:
        raise UserError(f"git {arguments[0]}: {done.stderr.strip().removeprefix('fatal: ')}")
    return done.stdout.rstrip()


def blob(name: str) -> bytes:
    """The content that git keeps under a name."""
    command = ["git", "cat-file", "blob", name]
    return subprocess.run(command, cwd=paths.ROOT, capture_output=True, check=True).stdout


def commit() -> str | None:
    """The commit that is checked out, if there is one yet."""
    try:
        return git("rev-parse", "--verify", "--quiet", "HEAD")
    except UserError:
        return None


def uncommitted() -> list[str]:
    """The files that differ from the last commit, new ones included."""
    return [line[3:] for line in git("status", "--porcelain").splitlines()]


def has_commit(name: str) -> bool:
    """Whether git still has a commit."""
    try:
        git("cat-file", "-e", f"{name}^{{commit}}")
    except UserError:
        return False
    return True


@contextmanager
def files_of(commit: str, *places: str) -> Iterator[Path]:
    """A directory with some files and directories of a commit; what the commit lacks is not there."""
    with tempfile.TemporaryDirectory() as scratch:
        root, archive = Path(scratch) / "files", Path(scratch) / "files.tar"
        root.mkdir()
        if there := git("ls-tree", "--name-only", commit, "--", *places).splitlines():
            git("archive", f"--output={archive}", commit, "--", *there)
            with tarfile.open(archive) as packed:
                for member in packed:
                    if content := None if member.isdir() else packed.extractfile(member):
                        target = root / member.name
                        target.parent.mkdir(parents=True, exist_ok=True)
                        target.write_bytes(content.read())
        yield root


def dvc(*arguments: str) -> str:
    """What DVC prints, in the project.

    Raises:
        UserError: it refuses.
    """
    command = dvc_command(*arguments)
    done = subprocess.run(
        command, cwd=paths.ROOT, env=dvc_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["it failed"]
        raise UserError(f"dvc {arguments[0]}: {lines[0].removeprefix('ERROR: ')}")
    return done.stdout


def dvc_command(*arguments: str) -> list[str]:
    """A command line of the DVC that is locked with this environment, whatever else is on PATH."""
    return [sys.executable, "-m", "dvc", *arguments]


def dvc_environment() -> dict[str, str]:
    """The environment in which a stage's `python` is this one."""
    here = str(Path(sys.executable).parent)
    return os.environ | {"PATH": os.pathsep.join([here, os.environ.get("PATH", "")])}
