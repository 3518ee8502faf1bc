"""IAM policy documents, read: every field that may be one value or many is many."""

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True)
class Statement:
    """`principals` is a tuple by kind (`AWS`, `Service`, `Federated`); anyone is `{"*": ("*",)}`.

    `condition` is operator -> key -> values, keys in small letters, as IAM compares them.
    """

    allows: bool
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: dict[str, tuple[str, ...]]
    condition: dict[str, dict[str, tuple[str, ...]]]

    def permits(self, action: str) -> bool:
        """Whether it allows the action on some resource, conditions aside."""
        if not self.allows:
            return False
        if self.not_actions:
            return not any(_matches(action, pattern) for pattern in self.not_actions)
        return any(_matches(action, pattern) for pattern in self.actions)

    @property
    def anyone(self) -> bool:
        """Whether the principal is everybody in the world."""
        return "*" in self.principals or "*" in self.principals.get("AWS", ())

    def condition_values(self, key: str) -> dict[str, tuple[str, ...]]:
        """What a condition key is compared with, by operator."""
        return {
            operator: compared[key.lower()]
            for operator, compared in self.condition.items()
            if key.lower() in compared
        }


def statements(document: Any) -> list[Statement]:
    """The statements of a document, which is JSON or a mapping; none where it is None."""
    if document is None:
        return []
    read = json.loads(document) if isinstance(document, str) else document
    return [_statement(one) for one in _many(read["Statement"])]


def _statement(one: dict[str, Any]) -> Statement:
    principal = one.get("Principal", {})
    who = {principal: principal} if isinstance(principal, str) else principal
    return Statement(
        allows=one["Effect"] == "Allow",
        actions=_many(one.get("Action")),
        not_actions=_many(one.get("NotAction")),
        resources=_many(one.get("Resource")),
        principals={kind: _many(names) for kind, names in who.items()},
        condition={
            operator: {key.lower(): _many(values) for key, values in compared.items()}
            for operator, compared in one.get("Condition", {}).items()
        },
    )


def _many(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _matches(action: str, pattern: str) -> bool:
    return fnmatchcase(action.lower(), pattern.lower())
