"""What must hold for everything the programs register, in every environment.

A rule is a pure function (`infra.policies.rule`); the files are concepts. The command
`python -m infra.policies` runs the programs without a cloud and prints what breaks a rule. What a
team lives with for a while is in `suppressions.yaml`; which known controls judge nothing here, and
why, is in `infra.policies.absent`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import absent, iam, keys, network, observability, sagemaker, storage
from .rule import AnyRule, Rule, Violation, WholeRule

if TYPE_CHECKING:
    from infra.rehearsal.record import Resource

MODULES = (iam, storage, keys, network, sagemaker, observability, absent)
RULES: dict[str, AnyRule] = {
    found.name: found
    for module in MODULES
    for found in vars(module).values()
    if isinstance(found, Rule | WholeRule)
}


def violations(resources: list[Resource]) -> Iterator[Violation]:
    """What breaks a rule among all resources of an environment."""
    for one in RULES.values():
        yield from one.over(resources)
