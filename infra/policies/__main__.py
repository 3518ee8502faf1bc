"""Print what breaks a rule, and exit with 1 if anything does: `python -m infra.policies [ENV]`."""

import datetime
import sys
from itertools import groupby

import pulumi

from infra.names import ENVIRONMENTS
from infra.rehearsal.record import ProgramError

from . import RULES, suppressions
from .rule import Violation
from .situations import Recorder


def main(arguments: list[str]) -> int:
    """Judge one environment, or all of them."""
    if arguments not in ([], *([name] for name in ENVIRONMENTS)):
        print(f"usage: python -m infra.policies [{'|'.join(ENVIRONMENTS)}]", file=sys.stderr)
        return 2
    recorder = Recorder()
    try:
        found = [one for name in arguments or ENVIRONMENTS for one in recorder.found(name)]
        left = suppressions.judge(
            found, suppressions.load(), RULES, datetime.date.today(), complete=not arguments
        )
    except (ProgramError, pulumi.RunError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print("\n".join(report(left)))
    return 1 if left else 0


def report(left: list[tuple[str, Violation]]) -> list[str]:
    """What is left, by rule, each with its reason and remedy."""
    if not left:
        return [f"{len(RULES)} rules hold"]
    lines = []
    for name, group in groupby(sorted(left, key=_by_rule), key=lambda one: one[1].rule):
        lines.append(name)
        if name in RULES:
            rule = RULES[name]
            lines += [f"  {rule.reason} {rule.remedy}", f"  [{', '.join(rule.sources)}]"]
        lines += [f"  - {environment}: {one.resource}: {one.said}" for environment, one in group]
    return [*lines, f"{len(left)} violations"]


def _by_rule(one: tuple[str, Violation]) -> tuple[str, str, str]:
    environment, violation = one
    return violation.rule, environment, violation.resource


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
