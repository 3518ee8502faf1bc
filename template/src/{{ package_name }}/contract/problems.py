"""Contradictions of a contract, each with its line."""

import re
from collections.abc import Iterator

from ..errors import UserError
from . import conditions, legal_basis
from .columns import LARGEST_INTEGER, Column, Contract, LogicalType, Rule


def problems(contract: Contract) -> Iterator[str]:
    """Everything that is wrong with a contract, in the order of the file."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", contract.version):
        yield f"version {contract.version!r} does not say what may break: write MAJOR.MINOR.PATCH"
    names = [column.name for column in contract.columns]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"column {name!r} is there {names.count(name)} times; keep one"
    if not contract.key:
        yield "no column is the key; set `primaryKey: true` on the one that names a row"
    for column in contract.columns:
        for problem in (
            *_types(column),
            *_values(column),
            *_law(column, contract),
            *_handling(column),
            *_protection(column),
        ):
            yield f"line {column.line}: column {column.name!r}: {problem}"
    if len(subjects := [column.name for column in contract.columns if column.handling == "subject"]) > 1:
        yield f"{' and '.join(subjects)} are each `handling: subject`: one column tells whose a row is"
    for rule in contract.rules:
        yield from _rule(rule, contract.stored.types)
    yield from _expectations(contract)


def _types(column: Column) -> Iterator[str]:
    for name, bound in (("minimum", column.minimum), ("maximum", column.maximum)):
        if bound is None:
            continue
        if column.type not in ("integer", "number"):
            yield f"`{name}` is for numbers, and it is a {column.type}"
        elif column.type == "integer" and abs(bound) > LARGEST_INTEGER:
            yield f"{name} {bound:g} is beyond 2^53, where JSON and models no longer tell integers apart"
    if column.pattern is not None:
        if column.type != "string":
            yield f"`pattern` is for strings, and it is a {column.type}"
        try:
            re.compile(column.pattern)
        except re.error as error:
            yield f"pattern {column.pattern!r} is no regular expression ({error})"


def _values(column: Column) -> Iterator[str]:
    low, high = column.minimum, column.maximum
    if low is not None and high is not None and low > high:
        yield f"minimum {low:g} is above maximum {high:g}; swap them"
    if column.values is not None:
        if column.type != "string":
            yield f"`validValues` is for strings, and it is a {column.type}"
        if not column.values:
            yield "`validValues` is empty: no value could be right"
        for value in sorted({value for value in column.values if column.values.count(value) > 1}):
            yield f"{value!r} is in `validValues` twice"
        if column.pattern is not None:
            odd = [value for value in column.values if not _matches(column.pattern, value)]
            if odd:
                yield f"{', '.join(odd)}: in `validValues`, and does not match {column.pattern}"
    bounded = low is not None or high is not None
    if column.outside == "clip" and not bounded:
        yield "`outside: clip` needs a minimum or a maximum to clip to"
    if column.outside == "flag" and not bounded and column.values is None:
        yield "`outside: flag` needs bounds or validValues to be outside of"


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return True


def _law(column: Column, contract: Contract) -> Iterator[str]:
    for basis in column.legal_basis:
        if basis not in legal_basis.ALL:
            yield f"{basis!r} is no legal basis: there are {', '.join(legal_basis.ALL)}"
    if not column.personal:
        return
    grounds = legal_basis.SENSITIVE if column.classification == "sensitive" else legal_basis.PERSONAL
    if not set(column.legal_basis) & set(grounds):
        yield f"{column.classification} data needs a legal basis: `legalBasis`, one of {', '.join(grounds)}"
    if not column.purpose:
        yield f"{column.classification} data needs a purpose: say what it is for, under `purpose`"
    if contract.retention_days is None:
        yield f"{column.classification} data needs a retention: `slaProperties`, `property: retention`"


def _handling(column: Column) -> Iterator[str]:
    if column.handling == "keep":
        return
    limits = (column.minimum, column.maximum, column.values, column.pattern)
    if any(limit is not None for limit in limits):
        yield f"bounds, values or a pattern are held by nothing where it is `handling: {column.handling}`"
    if column.handling == "drop" and (column.key or column.unique):
        yield "`handling: drop` takes it away, and it is the key or unique: give it a pseudonym"
    if column.pseudonymised and column.type not in ("string", "integer"):
        yield f"`handling: {column.handling}` is for identifiers, strings or integers; it is a {column.type}"


def _protection(column: Column) -> Iterator[str]:
    if column.protected and (
        column.handling != "keep" or (column.values is None and column.type != "boolean")
    ):
        yield "`protected` names groups: it needs validValues or to be a boolean, and `handling: keep`"


def _rule(rule: Rule, types: dict[str, LogicalType]) -> Iterator[str]:
    try:
        conditions.parse(rule.condition, types)
    except UserError as error:
        yield f"line {rule.line}: rule {rule.name!r}: {error}"


def _expectations(contract: Contract) -> Iterator[str]:
    said = contract.expectations
    if said.latency is not None and contract.types.get(said.latency.column) not in ("date", "timestamp"):
        yield f"latency: {said.latency.column!r} is no date or timestamp of the contract"
    if said.least_rows is not None and said.most_rows is not None and said.least_rows > said.most_rows:
        yield f"rowCount: at least {said.least_rows} and at most {said.most_rows} rows; swap them"
