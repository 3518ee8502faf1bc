"""What policies permit, as IAM decides it: nothing is, unless allowed, and a denial stands."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from ..errors import UserError
from .documents import Document, Statement
from .places import Request

OPERATORS = {
    "StringEquals": lambda found, wanted: found == wanted,
    "StringNotEquals": lambda found, wanted: found != wanted,
}


def permitted(policies: list[Document], request: Request, given: Mapping[str, str]) -> bool:
    """Whether identity policies permit a request, under circumstances given by condition keys.

    Raises:
        UserError: a statement about the request has a condition of a kind that is not known here.
    """
    effects = [
        statement["Effect"]
        for policy in policies
        for statement in policy["Statement"]
        if _is_about(statement, request) and _holds(statement, given)
    ]
    return "Allow" in effects and "Deny" not in effects


def _is_about(statement: Statement, request: Request) -> bool:
    return any(fnmatchcase(request.action, one) for one in statement["Action"]) and any(
        fnmatchcase(request.resource, one) for one in statement["Resource"]
    )


def _holds(statement: Statement, given: Mapping[str, str]) -> bool:
    conditions = statement.get("Condition", {})
    if unknown := conditions.keys() - OPERATORS.keys():
        raise UserError(
            f"infra/access: the statement {statement['Sid']} has a condition {unknown.pop()}, "
            f"which docs/access.md has no words for: teach it to {__name__}"
        )
    return all(
        OPERATORS[operator](given.get(key), wanted)
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )
