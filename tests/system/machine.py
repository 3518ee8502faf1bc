"""A machine on which nothing is installed yet: what a person has who just cloned."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# `make test` tells the programs it starts of itself, and its environment is this repository's.
OWN = ("MAKE", "MFLAGS", "PYTEST", "COV_", "UV_PROJECT", "VIRTUAL_ENV")


def environment(**changes: str) -> dict[str, str]:
    """This environment without this repository's own tools, uv among them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
    directories = os.environ["PATH"].split(os.pathsep)
    path = [name for name in directories if not (Path(name) / "uv").exists()]
    path = [name for name in path if Path(name) != Path(sys.executable).parent]
    return {**kept, "PATH": os.pathsep.join(path), **changes}


def oldest_python() -> str:
    """The oldest Python of this machine on which the README promises that everything works.

    Patch releases differ too: Debian 12 has 3.11.2, which lacks what 3.11.4 brought to tarfile.
    """
    ask = "import sys, pip; sys.version_info < (3, 11) or print(*sys.version_info[:3])"
    found = {}
    for directory in environment()["PATH"].split(os.pathsep):
        for path in Path(directory).glob("python3*"):
            if not re.fullmatch(r"python3([.]\d+)?", path.name):
                continue
            done = subprocess.run([path, "-c", ask], check=False, capture_output=True, text=True)
            if done.stdout:
                found[str(path)] = tuple(map(int, done.stdout.split()))
    return min(found, key=lambda path: found[path])


def run(directory: Path, *command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run a command as that person; its output, both streams together, is in `stdout`."""
    return subprocess.run(
        command, cwd=directory, env=environment(**changes), check=False, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def must(directory: Path, *command: str, **changes: str) -> str:
    """Run a command that has to succeed, and hand back what it printed."""
    done = run(directory, *command, **changes)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-6000:]}"
    return done.stdout


@contextmanager
def started(directory: Path, *command: str, **changes: str) -> Iterator[subprocess.Popen[str]]:
    """A command that runs for as long as the block lasts, and with it all that it starts."""
    process = subprocess.Popen(
        command, cwd=directory, env=environment(**changes), text=True, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=30)


def processes_in(directory: Path) -> list[str]:
    """The command lines of the processes that work in a directory (Linux)."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(directory):
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # it has ended, or is not ours
    return found
