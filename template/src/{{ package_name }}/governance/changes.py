"""What changed between two versions of the contract, and whether that breaks anybody.

A change breaks where data or a request that kept the old version may be refused by the new one, or means
something else there. It needs a new major version; any other change needs a new version.
"""

from collections.abc import Iterator
from typing import get_args

import msgspec

from ..contract import Column, Contract, Rule
from ..contract.columns import Expectations, LogicalType, Outside, Severity, Tolerance

SEVERITIES, POLICIES = get_args(Severity), get_args(Outside)  # the strictest first
# What may become what without refusing a value that was right.
WIDER: tuple[tuple[LogicalType, LogicalType], ...] = (("integer", "number"), ("date", "timestamp"))
# What the law makes of a column. What changes the values that are stored, or the model's inputs, breaks.
LAW = {"classification": False, "legal_basis": False, "purpose": False, "handling": True, "protected": True}
INFINITE = float("inf")


class Change(msgspec.Struct, frozen=True):
    """One difference, in words."""

    breaking: bool
    what: str

    def __str__(self) -> str:
        return f"{'breaking' if self.breaking else 'compatible'}: {self.what}"


def changes(old: Contract, new: Contract) -> list[Change]:
    """Every difference that matters to data, callers or the law, in the order of the contract."""
    return [Change(breaking, what) for breaking, what in _changes(old, new)]


def needed(old: Contract, new: Contract) -> str | None:
    """The version that the changes ask for, where the new contract does not say it."""
    found = changes(old, new)
    was, now = _numbers(old.version), _numbers(new.version)
    if any(change.breaking for change in found) and now[0] <= was[0]:
        return f"{was[0] + 1}.0.0"
    if found and now <= was:
        return f"{was[0]}.{was[1] + 1}.0"
    return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


Said = Iterator[tuple[bool, str]]


def _changes(old: Contract, new: Contract) -> Said:
    before, after = ({column.name: column for column in one.columns} for one in (old, new))
    for name in before.keys() - after.keys():
        yield True, f"{name}: no longer there"
    for name, column in after.items():
        if name not in before:
            yield column.required, f"{name}: new, {'required' if column.required else 'may be missing'}"
        else:
            yield from ((breaking, f"{name}: {what}") for breaking, what in _column(before[name], column))
    yield from _rules(old, new)
    was, now = old.expectations, new.expectations
    if was != now:
        looser = (
            _not_above(now.least_rows, was.least_rows)
            and _not_above(was.most_rows, now.most_rows, nothing=INFINITE)
            and _not_above(_hours(was), _hours(now))
        )
        yield not looser, "what is expected of the whole batch changed"
    if old.retention_days != new.retention_days:
        yield False, f"retention: {new.retention_days} days, before {old.retention_days}"


def _column(old: Column, new: Column) -> Said:
    if old.type != new.type:
        yield (old.type, new.type) not in WIDER, f"{new.type}, before {old.type}"
        return
    for name in ("required", "unique", "key"):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield now or name == "key", f"{'now' if now else 'no longer'} {name}"
    if old.minimum != new.minimum:
        yield not _not_above(new.minimum, old.minimum), f"minimum {new.minimum}, before {old.minimum}"
    if old.maximum != new.maximum:
        wider = _not_above(old.maximum, new.maximum, nothing=INFINITE)
        yield not wider, f"maximum {new.maximum}, before {old.maximum}"
    yield from _values(old, new)
    if old.pattern != new.pattern:
        yield new.pattern is not None, f"pattern {new.pattern}, before {old.pattern}"
    if old.outside != new.outside:
        stricter = POLICIES.index(new.outside) < POLICIES.index(old.outside)
        yield stricter, f"outside its bounds: {new.outside}, before {old.outside}"
    yield from _tolerance(old.tolerance, new.tolerance)
    for name, breaking in LAW.items():
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield breaking, f"{name.replace('_', ' ')} {now}, before {was}"


def _values(old: Column, new: Column) -> Said:
    if old.values == new.values:
        return
    if new.values is None:
        yield False, "any value, before a list"
    elif old.values is None:
        yield True, "a list of values, before any"
    else:
        if gone := sorted(set(old.values) - set(new.values)):
            yield True, f"no longer {', '.join(gone)}"
        if come := sorted(set(new.values) - set(old.values)):
            yield False, f"also {', '.join(come)}"


def _rules(old: Contract, new: Contract) -> Said:
    before, after = ({rule.name: rule for rule in one.rules} for one in (old, new))
    for name in before.keys() - after.keys():
        yield False, f"rule {name}: no longer asked"
    for name, rule in after.items():
        yield from ((breaking, f"rule {name}: {what}") for breaking, what in _rule(before.get(name), rule))


def _rule(old: Rule | None, new: Rule) -> Said:
    if old is None:
        yield new.tolerance.severity != "warn", f"new: {new.condition}"
        return
    if old.condition != new.condition:
        yield True, f"{new.condition}, before {old.condition}"
    yield from _tolerance(old.tolerance, new.tolerance)


def _tolerance(old: Tolerance, new: Tolerance) -> Said:
    if old != new:
        stricter = SEVERITIES.index(new.severity) < SEVERITIES.index(old.severity)
        yield (
            stricter or new.percent < old.percent,
            (f"{new.severity} up to {new.percent:g}%, before {old.severity} up to {old.percent:g}%"),
        )


def _hours(said: Expectations) -> float:
    return INFINITE if said.latency is None else said.latency.hours


def _not_above(one: float | None, other: float | None, nothing: float = float("-inf")) -> bool:
    return (nothing if one is None else one) <= (nothing if other is None else other)
