"""The gate: exit code 0 where the evaluation passed the model, else the reasons."""

from pathlib import Path

import msgspec

from . import paths
from .errors import UserError, run
from .files import read_json


class Verdict(msgspec.Struct, frozen=True):
    """Whether the model may go on, and if not, every reason."""

    passed: bool
    reasons: tuple[str, ...]


def main() -> None:
    """Say the verdict on the last run."""
    require_passed(paths.input_dir("evaluate"))
    print("gate: passed")


def require_passed(evaluation: Path) -> None:
    """Do nothing for a model that passed.

    Raises:
        UserError: it did not; the message has every reason.
    """
    verdict = read_json(evaluation / "verdict.json", Verdict)
    if not verdict.passed:
        reasons = "".join(f"\n  {reason}" for reason in verdict.reasons)
        raise UserError(f"the gate refuses this model; improve it, or change params.yaml:{reasons}")


if __name__ == "__main__":
    run(main)
