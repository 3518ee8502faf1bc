"""The contract's rules as dataframely's: what is asked of a batch, in code and in words."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import dataframely as dy
import polars as pl

from .contract import Column, Contract, conditions
from .contract.columns import Tolerance
from .contract.expressions import expression
from .errors import UserError

ROW = "#row"
# Marks: columns that say of a row what no rule about its values can, by the column that they are about; empty
# where there is nothing to say.
UNREAD, TWICE = "#unread", "#twice"
# The values of a column as they came, where it had to be read.
CAME = "#came"
KEY = "#key"
# What the contract's own rules are called by, so that none is taken for a column.
RULE = "#rule|"
TYPES: dict[str, type[dy.Column]] = {
    "integer": dy.Int64,
    "number": dy.Float64,
    "string": dy.String,
    "boolean": dy.Bool,
    "date": dy.Date,
    "timestamp": dy.Datetime,
}


class Asked(NamedTuple):
    """A rule in words, and what comes of breaking it; `implied` where the contract does not say it."""

    words: str
    tolerance: Tolerance
    implied: bool = False


def asked(contract: Contract) -> dict[str, Asked]:
    """Everything that is asked of a batch, under dataframely's name of each rule."""
    key = contract.column(contract.key[0])
    rules = {
        marked(f"{KEY}{TWICE}"): Asked(f"{', '.join(contract.key)}: unique, as it is the key", key.tolerance)
    }
    for column in contract.columns:
        for name, words in _words(column):
            bound = {f"{column.name}|min": column.minimum, f"{column.name}|max": column.maximum}
            implied = bound.get(name, 0) is None
            rules[name] = Asked(f"{column.name}: {words}", column.tolerance, implied)
    for rule in contract.rules:
        rules[f"{RULE}{rule.name}"] = Asked(f"{rule.name}: {rule.condition}", rule.tolerance)
    return rules


def _words(column: Column) -> Iterator[tuple[str, str]]:
    name = column.name
    yield marked(f"{name}{UNREAD}"), f"of type {column.type}"
    if column.required:
        yield f"{name}|nullability", "never missing"
    if column.type == "number":
        yield f"{name}|nan", "never NaN (leave a missing value empty)"
        yield f"{name}|inf", "never infinite"
    low, high = column.bounds
    if low is not None:
        yield f"{name}|min", f"at least {low:.16g}"
    if high is not None:
        yield f"{name}|max", f"at most {high:.16g}"
    if column.values is not None:
        yield f"{name}|check__values", f"one of {', '.join(column.values)}"
    if column.pattern is not None:
        yield f"{name}|regex", f"matching {column.pattern}"
    if column.unique and not column.key:
        yield marked(f"{name}{TWICE}"), "unique"


def marked(mark: str) -> str:
    """The rule that no row has a mark."""
    return f"{mark}|check__absent"


# Rules about being a value of the column's type, and a number, of which other rules can be asked.
BEING = (marked(UNREAD), "|nan", "|inf")


def check_patterns(contract: Contract) -> None:
    """Whether the data can be searched for the contract's patterns, which takes less than Python does.

    Raises:
        UserError: it cannot; names the pattern and its line.
    """
    for column in contract.columns:
        if column.pattern is not None:
            try:
                pl.Series([""]).str.contains(column.pattern)
            except pl.exceptions.ComputeError as error:
                reason = str(error).rpartition("error: ")[2].splitlines()[0]
                raise UserError(
                    f"contract.yaml:{column.line}: {column.name}: the pattern {column.pattern!r} cannot be "
                    f"searched for: {reason}"
                ) from None


def schema(contract: Contract, names: set[str], marks: list[str]) -> type[dy.Schema]:
    """Those of the contract's rules that are named, as dataframely's schema.

    The row's number is one more column, and so are the marks.
    """
    # By number, since a name such as `filter` would stand in the way of dataframely's own.
    columns = {f"c{i}": _column(column, names) for i, column in enumerate(contract.columns)}
    asked_marks = {mark: dy.Any(check={"absent": pl.Expr.is_null}) for mark in marks if marked(mark) in names}
    came = {mark: dy.Any() for mark in marks if mark.endswith(CAME)}
    types = contract.types
    numbers = frozenset(name for name, kind in types.items() if kind in ("integer", "number"))
    rules = {
        f"{RULE}{rule.name}": _rule(expression(conditions.parse(rule.condition, types), numbers))
        for rule in contract.rules
        if f"{RULE}{rule.name}" in names
    }
    return type("ContractSchema", (dy.Schema,), {ROW: dy.UInt32(), **columns, **asked_marks, **came, **rules})


def _rule(condition: pl.Expr) -> Any:
    # What is not known is not broken.
    return dy.rule()(lambda _: condition.fill_null(value=True))


def _column(column: Column, names: set[str]) -> dy.Column:
    """A column with those of its rules that are named."""
    low, high = column.bounds
    asked = {
        "nullability": ("nullable", False),
        "min": ("min", low),
        "max": ("max", high),
        "regex": ("regex", None if column.pattern is None else f"^(?:{column.pattern})$"),
    }
    options: dict[str, Any] = {"alias": column.name, "nullable": True}
    options |= {option: value for rule, (option, value) in asked.items() if f"{column.name}|{rule}" in names}
    if column.type == "number":
        options |= {f"allow_{rule}": f"{column.name}|{rule}" not in names for rule in ("nan", "inf")}
    if f"{column.name}|check__values" in names:
        allowed = column.values
        options["check"] = {"values": lambda values: values.is_in(allowed)}
    return TYPES[column.type](**options)
