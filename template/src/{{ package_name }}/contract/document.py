"""The part of the Open Data Contract Standard that is enforced here, as it is written in contract.yaml.

What the standard has no word for is a custom property: `legalBasis`, `purpose`, `handling`, `protected`,
`outside`, `severity` and `tolerance`. A rule that nothing would enforce is an error, not a comment.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec

from ..errors import UserError
from .columns import (
    PERSONAL,
    Classification,
    Column,
    Contract,
    Expectations,
    Latency,
    LogicalType,
    Rule,
    Tolerance,
)

DAYS = {"d": 1, "m": 30, "y": 365}
HOURS = {"h": 1, "d": 24}
OPTIONS = ("minimum", "maximum", "pattern")
CUSTOM = {
    "legalBasis": "legal_basis",
    "purpose": "purpose",
    "handling": "handling",
    "protected": "protected",
    "outside": "outside",
}


class _CustomProperty(msgspec.Struct, frozen=True):
    property: str
    value: Any


class _Quality(msgspec.Struct, frozen=True, rename="camel"):
    name: str = ""
    type: Literal["text", "library", "sql", "custom"] = "library"
    metric: str | None = None
    arguments: dict[str, Any] = {}
    engine: str | None = None
    implementation: str | None = None
    description: str = ""
    severity: str | None = None
    must_be_less_or_equal_to: float | None = None
    must_be_greater_or_equal_to: float | None = None
    must_be_between: tuple[float, float] | None = None


class _Property(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    logical_type: LogicalType
    description: str = ""
    required: bool = False
    primary_key: bool = False
    unique: bool = False
    classification: Classification = "internal"
    logical_type_options: dict[str, Any] = {}
    quality: tuple[_Quality, ...] = ()
    custom_properties: tuple[_CustomProperty, ...] = ()


class _Table(msgspec.Struct, frozen=True):
    name: str
    properties: tuple[_Property, ...]
    quality: tuple[_Quality, ...] = ()


class _Description(msgspec.Struct, frozen=True):
    purpose: str = ""
    usage: str = ""
    limitations: str = ""


class _ServiceLevel(msgspec.Struct, frozen=True):
    property: str
    value: Any
    unit: str = "d"
    element: str | None = None


class Document(msgspec.Struct, frozen=True, rename="camel"):
    """contract.yaml as it is written."""

    api_version: str
    kind: Literal["DataContract"]
    version: str
    schema: tuple[_Table, ...]
    description: _Description = _Description()
    sla_properties: tuple[_ServiceLevel, ...] = ()
    custom_properties: tuple[_CustomProperty, ...] = ()


class Place:
    """Where things are in the file, to name the line of a mistake."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        lines = path.read_text(encoding="utf-8").splitlines()
        self._names = [(number, line) for number, line in enumerate(lines, 1) if "name:" in line]

    def of(self, name: str) -> int:
        """The line, from 1, that gives something this name; 0 where none does."""
        named = re.compile(rf"""^\s*-?\s*(?:\{{\s*)?name:\s*["']?{re.escape(name)}["']?\s*(?:[,#}}].*)?$""")
        return next((number for number, line in self._names if name in line and named.match(line)), 0)

    def error(self, line: int, message: str) -> UserError:
        """A mistake at a line."""
        return UserError(f"{self.name}:{line}: {message}" if line else f"{self.name}: {message}")


def contract_of(document: Document, path: Path) -> Contract:
    """The contract that a document is.

    Raises:
        UserError: the document asks for what is not enforced here.
    """
    place = Place(path)
    if len(document.schema) != 1:
        raise place.error(0, f"{len(document.schema)} tables under `schema`, and exactly one is supported")
    table = document.schema[0]
    everywhere = _custom(document.custom_properties, place, 0)
    expectations, conditions = _quality_of_table(table, place)
    days, latency = _service_levels(document, table.name, place)
    return Contract(
        name=table.name,
        version=document.version,
        columns=tuple(_column(prop, everywhere, place) for prop in table.properties),
        purpose=document.description.purpose,
        usage=document.description.usage,
        limitations=document.description.limitations,
        rules=tuple(conditions),
        expectations=msgspec.structs.replace(expectations, latency=latency),
        retention_days=days,
    )


def _column(prop: _Property, everywhere: dict[str, Any], place: Place) -> Column:
    line = place.of(prop.name)
    if unknown := sorted(set(prop.logical_type_options) - set(OPTIONS)):
        raise place.error(
            line, f"{prop.name}: {', '.join(unknown)} is not enforced here: {', '.join(OPTIONS)} are"
        )
    own = _custom(prop.custom_properties, place, line)
    said = {**(everywhere if prop.classification in PERSONAL else {}), **own}
    try:
        return msgspec.convert(
            {
                **{field: said[field] for field in CUSTOM.values() if field in said},
                "tolerance": own.get("tolerance", everywhere.get("tolerance", Tolerance())),
                "name": prop.name,
                "type": prop.logical_type,
                "description": prop.description,
                "required": prop.required or prop.primary_key,
                "key": prop.primary_key,
                "unique": prop.unique,
                "minimum": prop.logical_type_options.get("minimum"),
                "maximum": prop.logical_type_options.get("maximum"),
                "pattern": prop.logical_type_options.get("pattern"),
                "values": _values(prop, place, line),
                "classification": prop.classification,
                "line": line,
            },
            Column,
        )
    except msgspec.ValidationError as error:
        raise place.error(line, f"{prop.name}: {_in_words(error)}") from None


def _in_words(error: msgspec.ValidationError) -> str:
    names = {field: name for name, field in CUSTOM.items()}
    return re.sub(r"\$\.(\w+)", lambda found: names.get(found[1], found[1]), str(error))


def _custom(properties: Iterable[_CustomProperty], place: Place, line: int) -> dict[str, Any]:
    """Our own words, by the name of the column's field; those of others are left alone."""
    found = {own.property: own.value for own in properties}
    said: dict[str, Any] = {field: found[name] for name, field in CUSTOM.items() if name in found}
    if isinstance(said.get("legal_basis"), str):
        said["legal_basis"] = [said["legal_basis"]]
    if {"severity", "tolerance"} & set(found):
        said["tolerance"] = _tolerance(found.get("severity"), found.get("tolerance"), place, line)
    return said


def _tolerance(severity: Any, percent: Any, place: Place, line: int) -> Tolerance:
    given = {"severity": severity, "percent": percent}
    try:
        return msgspec.convert({name: value for name, value in given.items() if value is not None}, Tolerance)
    except msgspec.ValidationError as error:
        raise place.error(line, str(error).replace("$.percent", "tolerance").replace("$.", "")) from None


def _values(prop: _Property, place: Place, line: int) -> tuple[Any, ...] | None:
    """The enumeration, which the standard writes as a quality rule: no value outside `validValues`."""
    values = None
    for rule in prop.quality:
        if rule.type == "text":
            continue
        if rule.metric != "invalidValues" or not isinstance(rule.arguments.get("validValues"), list):
            raise place.error(
                line,
                f"{prop.name}: the rule {rule.metric or rule.name or rule.type!r} is not enforced here: of a "
                "column, `invalidValues` with `validValues` is; for the rest there are required, unique and "
                "logicalTypeOptions",
            )
        values = tuple(rule.arguments["validValues"])
    return values


def _quality_of_table(table: _Table, place: Place) -> tuple[Expectations, list[Rule]]:
    expectations, conditions = Expectations(), []
    for rule in table.quality:
        if rule.type == "text":
            continue
        line = place.of(rule.name)
        if rule.metric == "rowCount":
            low, high = rule.must_be_between or (
                rule.must_be_greater_or_equal_to,
                rule.must_be_less_or_equal_to,
            )
            expectations = Expectations(_whole(low), _whole(high))
        elif rule.engine == "condition" and rule.implementation and rule.name:
            tolerance = _tolerance(rule.severity, rule.must_be_less_or_equal_to, place, line)
            conditions.append(Rule(rule.name, rule.implementation, rule.description, tolerance, line))
        else:
            raise place.error(
                line,
                f"the rule {rule.metric or rule.name or rule.type!r} is not enforced here: of the table, "
                "`metric: rowCount` is, and `type: custom, engine: condition` with a name and an "
                "implementation",
            )
    return expectations, conditions


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)


def _service_levels(document: Document, table: str, place: Place) -> tuple[int | None, Latency | None]:
    """How many days the data may be kept, and how late it may be."""
    days, latency = None, None
    for level in document.sla_properties:
        match level.property:
            case "retention":
                days = _retention(level, place)
            case "latency":
                latency = _latency(level, table, place)
            case other:
                raise place.error(
                    0, f"slaProperties: {other!r} is not enforced here: `retention` and `latency` are"
                )
    return days, latency


def _retention(level: _ServiceLevel, place: Place) -> int:
    if level.element is not None:
        raise place.error(0, f"slaProperties: the retention of {level.element!r} alone is not enforced here")
    return _duration(level, DAYS, place)


def _latency(level: _ServiceLevel, table: str, place: Place) -> Latency:
    named, _, column = (level.element or "").partition(".")
    if named != table or not column:
        raise place.error(
            0,
            f"slaProperties: the latency of {level.element or 'nothing'!r}: name the column of time under "
            f"`element`, as in {table}.measured_at",
        )
    return Latency(column, _duration(level, HOURS, place))


def _duration(level: _ServiceLevel, units: dict[str, int], place: Place) -> int:
    """A service level's value in the smallest of some units."""
    if not isinstance(level.value, int) or level.value < 1 or level.unit not in units:
        raise place.error(
            0,
            f"slaProperties: a {level.property} of {level.value!r} {level.unit}: write a whole number, and a "
            f"unit of {', '.join(units)}",
        )
    return level.value * units[level.unit]
