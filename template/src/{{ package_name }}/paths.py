"""Where things are, on a laptop and in a job.

A stage reads the directories of other stages and writes one of its own. On a laptop these are
`build/<stage>/`; in a job two environment variables say where they are mounted. A job also has inputs that
no stage wrote: they are mounted beside the stages' directories, as channels.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import UserError

ROOT = Path(__file__).resolve().parents[2]
INPUTS_VARIABLE = "STAGE_INPUTS"
OUTPUT_VARIABLE = "STAGE_OUTPUT"


def in_job() -> bool:
    """Whether this is a job, which has its inputs and nothing of an earlier run."""
    return INPUTS_VARIABLE in os.environ


def build_dir(stage: str) -> Path:
    """The directory of a stage on a laptop, whether or not it is there."""
    return ROOT / "build" / stage


def input_dir(stage: str) -> Path:
    """The directory that `stage` has written.

    Raises:
        UserError: the stage has not run.
    """
    mounted = os.environ.get(INPUTS_VARIABLE)
    directory = Path(mounted) / stage if mounted else build_dir(stage)
    if not directory.is_dir():
        raise UserError(f"{directory} is missing: run `make repro` to make it")
    return directory


def channel(name: str) -> Path | None:
    """The directory of a job's channel; None on a laptop, and where the job has no such channel."""
    mounted = os.environ.get(INPUTS_VARIABLE)
    directory = Path(mounted) / name if mounted else None
    return directory if directory and directory.is_dir() else None


def params_file() -> Path:
    """The parameters of this run: those of a job come with it, and not with the image."""
    mounted = os.environ.get(INPUTS_VARIABLE)
    return (Path(mounted) / "params" if mounted else ROOT) / "params.yaml"


@contextmanager
def output_dir(stage: str) -> Iterator[Path]:
    """A fresh directory whose files become the stage's output when the block ends without an error.

    Until then the last good output stays as it is.
    """
    target = Path(os.environ.get(OUTPUT_VARIABLE) or build_dir(stage))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{stage}-", dir=target.parent) as scratch:
        yield Path(scratch)
        # Emptied and filled rather than renamed: in a job the directory itself is a mount.
        target.mkdir(exist_ok=True)
        for stale in target.iterdir():
            shutil.rmtree(stale) if stale.is_dir() else stale.unlink()
        for fresh in Path(scratch).iterdir():
            shutil.move(fresh, target / fresh.name)
