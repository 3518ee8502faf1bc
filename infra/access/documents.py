"""IAM policy documents as plain dicts."""

from collections.abc import Mapping, Sequence
from typing import Any

Document = dict[str, Any]
Statement = dict[str, Any]
Conditions = Mapping[str, Mapping[str, str | list[str]]]


def document(*statements: Statement) -> Document:
    """A policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(
    sid: str,
    actions: Sequence[str],
    resources: Sequence[str],
    conditions: Conditions | None = None,
) -> Statement:
    """A statement of an identity policy that allows."""
    return _statement("Allow", sid, actions, resources, conditions)


def deny(
    sid: str,
    actions: Sequence[str],
    resources: Sequence[str],
    conditions: Conditions | None = None,
) -> Statement:
    """A statement of an identity policy that denies, whatever others allow."""
    return _statement("Deny", sid, actions, resources, conditions)


def grant(
    sid: str,
    principal: Mapping[str, str | list[str]] | str,
    actions: Sequence[str],
    resources: Sequence[str],
    conditions: Conditions | None = None,
) -> Statement:
    """A statement of a resource's policy that lets somebody in."""
    return {"Principal": principal, **_statement("Allow", sid, actions, resources, conditions)}


def refuse(
    sid: str,
    actions: Sequence[str],
    resources: Sequence[str],
    conditions: Conditions,
) -> Statement:
    """A statement of a resource's policy that denies everybody, under conditions."""
    return {"Principal": "*", **_statement("Deny", sid, actions, resources, conditions)}


def _statement(
    effect: str,
    sid: str,
    actions: Sequence[str],
    resources: Sequence[str],
    conditions: Conditions | None,
) -> Statement:
    statement = {
        "Sid": sid,
        "Effect": effect,
        "Action": list(actions),
        "Resource": list(resources),
    }
    return {**statement, "Condition": conditions} if conditions else statement
