"""Cloud hints: what a stage's `meta:` block may say, and what holds where it says nothing."""

import re
from typing import Any

from .graph import Hints

DEFAULTS: dict[str, Any] = {
    "job": "processing",
    "instance_type": "ml.m5.large",
    "instance_count": 1,
    "volume_gb": 30,
    "max_minutes": 60,
    "retries": 3,
}
# What differs for the stage of that name, and for training jobs.
TRAIN = "train"
TRAINING: dict[str, Any] = {"max_minutes": 240}

JOBS = ("processing", "training")
# From the least to the most that SageMaker takes.
BOUNDS = {
    "instance_count": (1, 100),
    "volume_gb": (1, 16384),
    "max_minutes": (1, 7200),
    "retries": (0, 20),
}


class HintError(Exception):
    """A hint that is unknown or wrong; `keys` lead to it."""

    def __init__(self, message: str, *keys: str) -> None:
        super().__init__(message)
        self.keys = keys


def read(stage: str, meta: Any) -> Hints:
    """The hints of a stage, defaults filled in.

    Args:
        stage: its name, without what `foreach` or `matrix` added.
        meta: the content of its `meta:` block.

    Raises:
        HintError: a hint is unknown or wrong; the message names it.
    """
    given = {} if meta is None else meta
    if not isinstance(given, dict):
        raise HintError(f"meta is {given!r}: write hints by name, as in `volume_gb: 100`")
    for name, value in given.items():
        _check(name, value)
    job = given.get("job", "training" if stage == TRAIN else DEFAULTS["job"])
    usual = {**DEFAULTS, **(TRAINING if job == "training" else {}), "job": job}
    return Hints(**{**usual, **given})


def _check(name: str, value: Any) -> None:
    if name not in DEFAULTS:
        raise HintError(f"the hint {name!r} is unknown: there are {', '.join(DEFAULTS)}", name)
    if name in BOUNDS:
        least, most = BOUNDS[name]
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            said = f"{name} is {value!r}: write a whole number from {least} to {most}"
            raise HintError(said, name)
    elif name == "job" and value not in JOBS:
        raise HintError(f"job is {value!r}: write {' or '.join(JOBS)}", name)
    elif name == "instance_type" and not re.fullmatch(r"ml\.[a-z0-9-]+\.[a-z0-9]+", str(value)):
        said = f"instance_type is {value!r}: write one of SageMaker's, such as ml.m5.large"
        raise HintError(said, name)
