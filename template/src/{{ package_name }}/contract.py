"""The data contract: what the columns are and which values they may have.

`contract.yaml` is written in the terms of the Open Data Contract Standard. This module reads the part
of it that code can enforce; it has no heavy imports, because the server reads the contract too.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from .errors import UserError
from .files import read_yaml

LogicalType = Literal["integer", "number", "string", "boolean", "date", "timestamp"]
Value = str | int | float


class Column(msgspec.Struct, frozen=True):
    """One column: its type, whether it must be there, and the values it may take.

    Bounds are inclusive; `values` is the closed list of an enumeration; `pattern` is matched in full.
    """

    name: str
    type: LogicalType
    description: str = ""
    required: bool = False
    key: bool = False
    unique: bool = False
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] | None = None
    pattern: str | None = None


class Contract(msgspec.Struct, frozen=True):
    """The columns of the one table that the model learns from."""

    name: str
    version: str
    columns: tuple[Column, ...]
    purpose: str = ""
    usage: str = ""
    limitations: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that together name a row."""
        return tuple(column.name for column in self.columns if column.key)

    def column(self, name: str) -> Column:
        """The column called `name`.

        Raises:
            UserError: there is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        names = ", ".join(column.name for column in self.columns)
        raise UserError(f"contract.yaml has no column {name!r}: it has {names}")


class _Quality(msgspec.Struct, frozen=True):
    metric: str | None = None
    arguments: dict[str, Any] = {}


class _Property(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    logical_type: LogicalType
    description: str = ""
    required: bool = False
    primary_key: bool = False
    unique: bool = False
    logical_type_options: dict[str, Any] = {}
    quality: tuple[_Quality, ...] = ()


class _Table(msgspec.Struct, frozen=True):
    name: str
    properties: tuple[_Property, ...]


class _Description(msgspec.Struct, frozen=True):
    purpose: str = ""
    usage: str = ""
    limitations: str = ""


class _Document(msgspec.Struct, frozen=True, rename="camel"):
    api_version: str
    kind: Literal["DataContract"]
    version: str
    schema: tuple[_Table, ...]
    description: _Description = _Description()


def load(path: Path) -> Contract:
    """Read the contract at `path`.

    Raises:
        UserError: it is not YAML, not a contract, or contradicts itself.
    """
    document = read_yaml(path, _Document)
    if len(document.schema) != 1:
        raise UserError(
            f"{path.name}: {len(document.schema)} tables under `schema`, and exactly one is supported"
        )
    table = document.schema[0]
    contract = Contract(
        name=table.name,
        version=document.version,
        columns=tuple(_column(prop) for prop in table.properties),
        purpose=document.description.purpose,
        usage=document.description.usage,
        limitations=document.description.limitations,
    )
    if problems := list(_problems(contract)):
        raise UserError(f"{path.name}: {'; '.join(problems)}")
    return contract


def _column(prop: _Property) -> Column:
    options = prop.logical_type_options
    return Column(
        name=prop.name,
        type=prop.logical_type,
        description=prop.description,
        required=prop.required or prop.primary_key,
        key=prop.primary_key,
        unique=prop.unique,
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        values=_values(prop),
        pattern=options.get("pattern"),
    )


def _values(prop: _Property) -> tuple[str, ...] | None:
    """The enumeration, which the standard writes as a quality rule: no value outside `validValues`."""
    for rule in prop.quality:
        if rule.metric == "invalidValues" and "validValues" in rule.arguments:
            return tuple(rule.arguments["validValues"])
    return None


def _problems(contract: Contract) -> Iterator[str]:
    names = [column.name for column in contract.columns]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"column {name!r} is there {names.count(name)} times; keep one"
    if not contract.key:
        yield "no column is the key; set `primaryKey: true` on the one that names a row"
    for column in contract.columns:
        yield from _column_problems(column)


def _column_problems(column: Column) -> Iterator[str]:
    where = f"column {column.name!r}"
    for name, bound in (("minimum", column.minimum), ("maximum", column.maximum)):
        if bound is None:
            continue
        if column.type not in ("integer", "number"):
            yield f"{where}: `{name}` is for numbers, and it is a {column.type}"
        elif isinstance(bound, bool) or not isinstance(bound, int | float):
            yield f"{where}: `{name}` is {bound!r}, not a number"
            return
    if column.minimum is not None and column.maximum is not None and column.minimum > column.maximum:
        yield f"{where}: minimum {column.minimum} is above maximum {column.maximum}; swap them"
    if column.values is not None and column.type != "string":
        yield f"{where}: `validValues` is for strings, and it is a {column.type}"
    if column.values is not None and not all(isinstance(value, str) for value in column.values):
        yield f"{where}: put every entry of `validValues` in quotes, as it is a string column"
    if column.pattern is not None:
        try:
            re.compile(column.pattern)
        except (re.error, TypeError) as error:
            yield f"{where}: pattern {column.pattern!r} is no regular expression ({error})"
