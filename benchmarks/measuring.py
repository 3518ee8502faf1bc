"""How a piece of work is measured: in a process of its own, which says what it took."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def report(work: Callable[[], object]) -> None:
    """Do the work and print its seconds, and the most memory that this process ever held."""
    began = time.monotonic()
    work()
    seconds = time.monotonic() - began
    gigabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"seconds": seconds, "gigabytes": gigabytes}))


def measure(python: Path, script: str, *arguments: object) -> dict[str, Any]:
    """What a script in this folder prints of itself; it can import this module."""
    done = subprocess.run(
        [str(python), str(HERE / f"{script}.py"), *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(HERE)},
    )
    if done.returncode:
        sys.exit(f"{script}: {done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def environment(root: Path, place: Path, packages: list[str]) -> Path:
    """An environment of a peer's own; its Python."""
    uv = root / ".tools/bin/uv"
    tool = str(uv) if uv.exists() else "uv"
    subprocess.run([tool, "venv", "--quiet", "--python", sys.executable, str(place)], check=True)
    python = place / "bin/python"
    subprocess.run(
        [tool, "pip", "install", "--quiet", "--python", str(python), *packages], check=True
    )
    return python
