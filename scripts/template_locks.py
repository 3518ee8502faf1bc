"""Renew the locks that the template ships: `make lock`.

Each lock is what the generated project's own `make lock` writes. What both trackers agree on is
shipped once.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from copier import run_copy

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ROOT / "template" / "locks"
SHARED = ("locks/serve.txt", "locks/train.txt", "locks/uv.txt", "infra/lock.txt")
TRACKERS = {"mlflow": ("dev.txt", "ui.txt"), "wandb": ("dev.txt",)}


def main() -> None:
    """Render a project for each tracker, renew its locks, and bring them back."""
    with tempfile.TemporaryDirectory() as scratch:
        projects = {tracker: renew(tracker, Path(scratch) / tracker) for tracker in TRACKERS}
        for name in SHARED:
            versions = {(project / name).read_bytes() for project in projects.values()}
            if len(versions) > 1:
                sys.exit(f"error: {name} depends on the tracker: ship one each, as dev.txt")
            (LOCKS.parent / name).write_bytes(versions.pop())
        for tracker, own in TRACKERS.items():
            for name in own:
                target = LOCKS / f"{{% if {tracker} %}}{name}{{% endif %}}"
                shutil.copyfile(projects[tracker] / "locks" / name, target)


def renew(tracker: str, project: Path) -> Path:
    """A project with fresh locks."""
    print(f"resolving with {tracker}")
    run_copy(str(ROOT), project, {"tracking": tracker}, defaults=True, vcs_ref="HEAD", quiet=True)
    subprocess.run(["make", "--silent", "lock"], cwd=project, check=True)
    return project


if __name__ == "__main__":
    main()
