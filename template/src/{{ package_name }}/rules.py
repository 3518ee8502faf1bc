"""The contract's rules as dataframely's: what is asked of a batch, in code and in words."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import dataframely as dy
import polars as pl

from .contract import Column, Contract, conditions
from .contract.columns import Tolerance
from .contract.expressions import expression

ROW = "#row"
# Marks: columns that say of each row what no rule about its values can, by the column that they are about.
UNREAD, TWICE = "#unread", "#twice"
KEY = "#key"
TYPES: dict[str, type[dy.Column]] = {
    "integer": dy.Int64,
    "number": dy.Float64,
    "string": dy.String,
    "boolean": dy.Bool,
    "date": dy.Date,
    "timestamp": dy.Datetime,
}
TIMES = ("date", "timestamp")


class Asked(NamedTuple):
    """A rule in words, and what comes of breaking it."""

    words: str
    tolerance: Tolerance


def asked(contract: Contract) -> dict[str, Asked]:
    """Everything that is asked of a batch, under dataframely's name of each rule."""
    key = contract.column(contract.key[0])
    rules = {
        marked(f"{KEY}{TWICE}"): Asked(f"{', '.join(contract.key)}: unique, as it is the key", key.tolerance)
    }
    for column in contract.columns:
        rules |= {name: Asked(f"{column.name}: {words}", column.tolerance) for name, words in _words(column)}
    for rule in contract.rules:
        rules[rule.name] = Asked(f"{rule.name}: {rule.condition}", rule.tolerance)
    return rules


def _words(column: Column) -> Iterator[tuple[str, str]]:
    name = column.name
    yield f"{name}|dtype", f"of type {column.type}"
    if column.type in TIMES:
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


def schema(contract: Contract, names: set[str], marks: list[str]) -> type[dy.Schema]:
    """Those of the contract's rules that are named, as dataframely's schema.

    The row's number is one more column, and so are the marks.
    """
    columns = {column.name: _column(column, names) for column in contract.columns}
    asked_marks = {mark: dy.Bool(check={"absent": pl.Expr.not_}) for mark in marks if marked(mark) in names}
    types = contract.types
    numbers = frozenset(name for name, kind in types.items() if kind in ("integer", "number"))
    rules = {
        rule.name: _rule(expression(conditions.parse(rule.condition, types), numbers))
        for rule in contract.rules
        if rule.name in names
    }
    return type("ContractSchema", (dy.Schema,), {ROW: dy.UInt32(), **columns, **asked_marks, **rules})


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
    options: dict[str, Any] = {"nullable": True}
    options |= {option: value for rule, (option, value) in asked.items() if f"{column.name}|{rule}" in names}
    if column.type == "number":
        options |= {f"allow_{rule}": f"{column.name}|{rule}" not in names for rule in ("nan", "inf")}
    if f"{column.name}|check__values" in names:
        allowed = column.values
        options["check"] = {"values": lambda values: values.is_in(allowed)}
    return TYPES[column.type](**options)
