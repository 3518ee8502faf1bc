"""How long a team waits for its first answer: `make bench`.

Each step from `copier copy` to a served prediction, cold (empty HOME and caches, in a clean clone)
and warm (the same clone again). The steps and their times are those that `make demo` prints.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINE = re.compile(r"^ *(\d+\.\d) s  (.+)$", re.MULTILINE)
BEFORE = "fetch the tools (uv, copier)"


def main() -> None:
    """Print a table: step, cold, warm, in seconds."""
    with tempfile.TemporaryDirectory() as scratch:
        clone, home = Path(scratch) / "clone", Path(scratch) / "home"
        home.mkdir()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        runs = [demo(clone, home, name) for name in ("cold", "warm")]
    print(f"\n{'seconds':<40}{'cold':>8}{'warm':>8}")
    for step in runs[0]:
        print(f"{step:<40}" + "".join(f"{run[step]:8.1f}" for run in runs))


def demo(clone: Path, home: Path, name: str) -> dict[str, float]:
    """The time of each step of one `make demo`, and of what came before the first."""
    print(f"{name}: make demo", file=sys.stderr, flush=True)
    keep = {key: value for key, value in os.environ.items() if not key.startswith(("UV_", "XDG_"))}
    started = time.monotonic()
    done = subprocess.run(
        ["make", "demo"],
        cwd=clone,
        env={**keep, "HOME": str(home)},
        capture_output=True,
        text=True,
    )
    total = time.monotonic() - started
    if done.returncode:
        sys.exit(f"error: make demo failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    times = {title: float(seconds) for seconds, title in LINE.findall(done.stdout)}
    inside = times.pop("in all")
    return {BEFORE: total - inside, **times, "in all": total}


if __name__ == "__main__":
    main()
