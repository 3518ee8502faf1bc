"""The SDK's environment, made on demand, and definitions out of it."""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from filelock import FileLock

from infra.pipelines.target import Target

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
LOCK = HERE / "requirements.txt"
CACHE = ROOT / "build" / "oracles"
# With these the SDK asks nobody.
OFFLINE = {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",  # pragma: allowlist secret
    "SAGEMAKER_VALIDATE_ROLE": "false",
    "SAGEMAKER_TELEMETRY_OPT_OUT": "true",
}


@dataclass(frozen=True)
class Built:
    """The definitions, the seconds that each took, and those of the SDK's start and imports."""

    definitions: list[dict[str, Any]]
    seconds: list[float]
    start: float


def python() -> Path:
    """The Python of an environment that holds what the lock says."""
    home = CACHE / f"sdk-{sha256(LOCK.read_bytes()).hexdigest()[:16]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{home}.lock"):
        if not (home / "ready").exists():
            uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
            found = str(home / "bin" / "python")
            for command in (
                [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(home)],
                [uv, "pip", "sync", "--quiet", "--python", found, "--require-hashes", str(LOCK)],
            ):
                subprocess.run(command, check=True)
            (home / "ready").touch()
    return home / "bin" / "python"


def build(cases: Sequence[tuple[Path, Target]], scratch: Path) -> Built:
    """Let the SDK build the pipeline of each project for its target; reads or makes the graph."""
    file = scratch / "cases.json"
    fields = [
        {"project": str(root), "target": dataclasses.asdict(target)} for root, target in cases
    ]
    file.write_text(json.dumps(fields))
    command = [str(python()), str(HERE / "pipeline.py"), str(file)]
    # Where that is set, every run compiles all of the SDK again.
    own = {key: os.environ[key] for key in os.environ if key != "PYTHONDONTWRITEBYTECODE"}
    begun = time.perf_counter()
    done = subprocess.run(
        command,
        env={**own, **OFFLINE, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the SDK failed:\n{done.stdout}\n{done.stderr}")
    took = time.perf_counter() - begun
    made = json.loads(done.stdout.splitlines()[-1])
    return Built(**made, start=took - sum(made["seconds"]))
