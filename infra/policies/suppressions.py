"""Violations that the team lives with for a while: which, where, why and until when."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from infra.errors import UserError

from .rule import Violation

FILE = Path(__file__).with_name("suppressions.yaml")
REMOVE = f"take the entry out of infra/policies/{FILE.name}"
RENEW = f"mend what it covers, or give a new date and reason in infra/policies/{FILE.name}"
KEYS = {"rule", "resource", "reason", "expires"}


@dataclass(frozen=True)
class Suppression:
    """`resource` is where a violation says that it is, `*` standing for any text; `environments`
    empty means all."""

    rule: str
    resource: str
    reason: str
    expires: datetime.date
    environments: tuple[str, ...] = ()

    def covers(self, environment: str, violation: Violation) -> bool:
        """Whether it is about this violation."""
        return (
            self.rule == violation.rule
            and fnmatchcase(violation.resource, self.resource)
            and (not self.environments or environment in self.environments)
        )


def load(path: Path = FILE) -> list[Suppression]:
    """The suppressions in a file.

    Raises:
        UserError: an entry lacks a key, has one too many, or has no reason or no date.
    """
    return [
        _entry(path, at, entry) for at, entry in enumerate(yaml.safe_load(path.read_text()) or [])
    ]


def judge(
    found: Iterable[tuple[str, Violation]],
    suppressions: list[Suppression],
    rules: Iterable[str],
    today: datetime.date,
    *,
    complete: bool = True,
) -> list[tuple[str, Violation]]:
    """What is left of violations by environment, with what is wrong with the suppressions.

    An expired suppression covers nothing. One that covers nothing is a violation itself, where
    `complete` says that everything was looked at; so is one of an unknown rule, or expired.
    """
    known = set(rules)
    valid = [one for one in suppressions if one.expires >= today]
    left: list[tuple[str, Violation]] = []
    used: set[Suppression] = set()
    for environment, violation in found:
        covering = [one for one in valid if one.covers(environment, violation)]
        used.update(covering)
        if not covering:
            left.append((environment, violation))
    for one in suppressions:
        if one.rule not in known:
            left.append(_itself("suppression-of-no-rule", one, "there is no such rule"))
        elif one.expires < today:
            left.append(
                _itself("suppression-expired", one, f"it expired on {one.expires}: {RENEW}")
            )
        elif complete and one not in used:
            left.append(
                _itself("suppression-unused", one, f"nothing breaks the rule any more: {REMOVE}")
            )
    return left


def _itself(name: str, one: Suppression, said: str) -> tuple[str, Violation]:
    return "all", Violation(name, f"{one.rule} of {one.resource}", said)


def _entry(path: Path, at: int, entry: Any) -> Suppression:
    place = f"{path.name}, entry {at + 1}"
    if not isinstance(entry, dict) or not KEYS <= entry.keys() <= {*KEYS, "environments"}:
        raise UserError(
            f"{place} has the keys {sorted(entry)}: write {', '.join(sorted(KEYS))}, "
            "and `environments` where it is not for all"
        )
    if not str(entry["reason"] or "").strip():
        raise UserError(f"{place} gives no reason: write why the rule may be broken there")
    if not isinstance(entry["expires"], datetime.date):
        raise UserError(f"{place} expires {entry['expires']!r}: write a date, such as 2027-06-30")
    given = {**entry, "environments": tuple(entry.get("environments", ()))}
    return Suppression(**given)
