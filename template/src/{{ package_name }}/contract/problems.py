"""Contradictions of a contract, each with its line."""

import math
import re
from collections.abc import Iterator, Sequence

from ..errors import UserError
from ..yaml_file import YamlFile
from . import conditions, legal_basis
from .columns import LARGEST_INTEGER, LARGEST_NUMBER, Column, Contract, LogicalType, Rule


def problems(contract: Contract, file: YamlFile) -> Iterator[str]:
    """Everything that is wrong with a contract, in the order of the file."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", contract.version):
        line, said = file.line("version"), contract.version
        yield f"line {line}: version {said!r} does not say what may break: write MAJOR.MINOR.PATCH"
    yield from _names("column", contract.columns)
    yield from _names("rule", contract.rules)
    if not contract.key:
        line = file.line("schema", 0, "properties")
        yield f"line {line}: no column is the key; set `primaryKey: true` on the one that names a row"
    for column in contract.columns:
        for problem in (
            *_types(column),
            *_values(column),
            *_law(column, contract),
            *_handling(column),
            *_protection(column),
        ):
            yield f"line {column.line}: column {column.name!r}: {problem}"
    if len(subjects := [column for column in contract.columns if column.handling == "subject"]) > 1:
        names = " and ".join(column.name for column in subjects)
        line = subjects[1].line
        yield f"line {line}: {names} are each `handling: subject`: one column tells whose a row is"
    for rule in contract.rules:
        yield from _rule(rule, contract.stored.types)
    yield from _expectations(contract, file.line("slaProperties"))


def _names(kind: str, things: Sequence[Column | Rule]) -> Iterator[str]:
    lines: dict[str, int] = {}
    for thing in things:
        name = thing.name
        if name in lines:
            yield f"line {thing.line}: {kind} {name!r} is there already, in line {lines[name]}; keep one"
        # With these signs the pipeline names columns of its own, and polars several columns at once.
        if not name or not name.isprintable() or name[0] in "#^*" or "|" in name:
            said = "a name begins with no # ^ *, and has no | or line break"
            yield f"line {thing.line}: {kind} {name!r}: {said}"
        lines[name] = thing.line


def _types(column: Column) -> Iterator[str]:
    for name, bound in (("minimum", column.minimum), ("maximum", column.maximum)):
        if bound is None:
            continue
        if column.type not in ("integer", "number"):
            yield f"`{name}` is for numbers, and it is a {column.type}"
        elif not math.isfinite(bound):
            yield f"{name} {_said(bound)} is no number; leave it out where there is no bound"
        elif column.type == "integer" and abs(bound) > LARGEST_INTEGER:
            yield f"{name} {_said(bound)} is beyond 2^53, where JSON and models no longer tell integers apart"
        elif abs(bound) > LARGEST_NUMBER:
            yield f"{name} {_said(bound)} is beyond {LARGEST_NUMBER:g}, the largest number that a model holds"
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
        yield f"minimum {_said(low)} is above maximum {_said(high)}; swap them"
    elif column.type == "integer" and low is not None and high is not None and _none_between(low, high):
        yield f"no integer is from {_said(low)} to {_said(high)}"
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


def _said(bound: float) -> str:
    short = f"{bound:g}"
    return short if float(short) == bound else repr(bound)


def _none_between(low: float, high: float) -> bool:
    return math.isfinite(low) and math.isfinite(high) and math.ceil(low) > math.floor(high)


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


def _expectations(contract: Contract, line: int) -> Iterator[str]:
    said = contract.expectations
    if said.latency is not None and contract.types.get(said.latency.column) not in ("date", "timestamp"):
        yield f"line {line}: latency: {said.latency.column!r} is no date or timestamp of the contract"
