"""The part of the Open Data Contract Standard that is enforced here, as it is written in contract.yaml.

What the standard has no word for is a custom property: `legalBasis`, `purpose`, `handling`, `protected`,
`outside`, `severity` and `tolerance`. A rule that nothing would enforce is an error, not a comment.
"""

import re
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from ..yaml_file import YamlFile
from . import words
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
LIMITS = ("must_be_less_or_equal_to", "must_be_greater_or_equal_to", "must_be_between")
ASKING = (*LIMITS, "must_be", "severity", "unit")
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
    unit: str | None = None
    must_be: Any = None
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


class _Team(msgspec.Struct, frozen=True):
    name: str = ""


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
    # Until version 3.1 of the standard, a list of people, without a name.
    team: _Team | tuple[Any, ...] = _Team()
    sla_properties: tuple[_ServiceLevel, ...] = ()
    custom_properties: tuple[_CustomProperty, ...] = ()


def contract_of(file: YamlFile) -> Contract:
    """The contract that a file is.

    Raises:
        UserError: it is none, or asks for what is not enforced here.
    """
    words.check(file)
    document = file.fits(Document)
    if len(document.schema) != 1:
        line = file.line("schema", 1)
        raise file.error(line, f"{len(document.schema)} tables under `schema`, and exactly one is supported")
    table = document.schema[0]
    everywhere = _custom(document.custom_properties, file, file.line("customProperties"))
    expectations, conditions = _quality_of_table(table, file)
    days, latency = _service_levels(document, table.name, file)
    return Contract(
        name=table.name,
        version=document.version,
        columns=tuple(
            _column(prop, everywhere, file, file.line("schema", 0, "properties", i))
            for i, prop in enumerate(table.properties)
        ),
        purpose=document.description.purpose,
        usage=document.description.usage,
        limitations=document.description.limitations,
        team=document.team.name if isinstance(document.team, _Team) else "",
        rules=tuple(conditions),
        expectations=msgspec.structs.replace(expectations, latency=latency),
        retention_days=days,
    )


def _column(prop: _Property, everywhere: dict[str, Any], file: YamlFile, line: int) -> Column:
    if unknown := sorted(set(prop.logical_type_options) - set(OPTIONS)):
        raise file.error(
            line, f"{prop.name}: {', '.join(unknown)} is not enforced here: {', '.join(OPTIONS)} are"
        )
    for bound in map(prop.logical_type_options.get, OPTIONS[:2]):
        if isinstance(bound, str) and re.fullmatch(r"[-+]?[\d.]+[eE][-+]?\d+", bound):
            raise file.error(line, f"{prop.name}: YAML takes {bound} for a text: write it as 1.0e+9 is")
    own = _custom(prop.custom_properties, file, line)
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
                "values": _values(prop, file, line),
                "classification": prop.classification,
                "line": line,
            },
            Column,
        )
    except msgspec.ValidationError as error:
        raise file.error(line, f"{prop.name}: {_in_words(error)}") from None


def _in_words(error: msgspec.ValidationError) -> str:
    names = {field: name for name, field in CUSTOM.items()}
    return re.sub(r"\$\.(\w+)", lambda found: names.get(found[1], found[1]), str(error))


def _custom(properties: Iterable[_CustomProperty], file: YamlFile, line: int) -> dict[str, Any]:
    """Our own words, by the name of the column's field; those of others are left alone."""
    found = {own.property: own.value for own in properties}
    said: dict[str, Any] = {field: found[name] for name, field in CUSTOM.items() if name in found}
    if isinstance(said.get("legal_basis"), str):
        said["legal_basis"] = [said["legal_basis"]]
    if {"severity", "tolerance"} & set(found):
        said["tolerance"] = _tolerance(found.get("severity"), found.get("tolerance"), file, line)
    return said


def _tolerance(severity: Any, percent: Any, file: YamlFile, line: int) -> Tolerance:
    given = {"severity": severity, "percent": percent}
    try:
        return msgspec.convert({name: value for name, value in given.items() if value is not None}, Tolerance)
    except msgspec.ValidationError as error:
        raise file.error(line, str(error).replace("$.percent", "tolerance").replace("$.", "")) from None


def _values(prop: _Property, file: YamlFile, line: int) -> tuple[Any, ...] | None:
    """The enumeration, which the standard writes as a quality rule: no value outside `validValues`."""
    values = None
    for rule in prop.quality:
        if rule.type == "text":
            continue
        if rule.metric != "invalidValues" or not isinstance(rule.arguments.get("validValues"), list):
            raise file.error(
                line,
                f"{prop.name}: the rule {rule.metric or rule.name or rule.type!r} is not enforced here: of a "
                "column, `invalidValues` with `validValues` is; for the rest there are required, unique and "
                "logicalTypeOptions",
            )
        if values is not None:
            raise file.error(line, f"{prop.name}: two rules about `invalidValues`; keep one")
        _check_asked(rule, ("must_be", "unit"), file, line)
        if rule.must_be not in (None, 0) or set(rule.arguments) != {"validValues"}:
            raise file.error(
                line, f"{prop.name}: of `invalidValues`, `validValues` is enforced, with `mustBe: 0`"
            )
        values = tuple(rule.arguments["validValues"])
        if odd := [value for value in values if not isinstance(value, str)]:
            raise file.error(
                line,
                f"{prop.name}: `validValues` is for texts, and {odd[0]} is none: put it in quotes, or say a "
                "number's minimum and maximum",
            )
    return values


def _quality_of_table(table: _Table, file: YamlFile) -> tuple[Expectations, list[Rule]]:
    expectations, conditions = Expectations(), []
    for i, rule in enumerate(table.quality):
        if rule.type == "text":
            continue
        line = file.line("schema", 0, "quality", i)
        if rule.metric == "rowCount":
            expectations = _rows_expected(rule, expectations, file, line)
        elif rule.engine == "condition" and rule.implementation and rule.name:
            conditions.append(_condition(rule, file, line))
        else:
            raise file.error(
                line,
                f"the rule {rule.metric or rule.name or rule.type!r} is not enforced here: of the table, "
                "`metric: rowCount` is, and `type: custom, engine: condition` with a name and an "
                "implementation",
            )
    return expectations, conditions


def _rows_expected(rule: _Quality, before: Expectations, file: YamlFile, line: int) -> Expectations:
    """What a rule about the number of rows adds to what others have said of it."""
    _check_asked(rule, (*LIMITS, "unit"), file, line)
    low, high = rule.must_be_between or (rule.must_be_greater_or_equal_to, rule.must_be_less_or_equal_to)
    if rule.unit not in (None, "rows"):
        raise file.error(line, f"rowCount: the unit is {rule.unit}, and rows are counted: leave it out")
    if any(bound is not None and not (bound >= 0 and bound % 1 == 0) for bound in (low, high)):
        raise file.error(line, "rowCount: write a whole number of rows")
    said = Expectations(
        before.least_rows if low is None else int(low), before.most_rows if high is None else int(high)
    )
    if said.least_rows is not None and said.most_rows is not None and said.least_rows > said.most_rows:
        raise file.error(
            line, f"rowCount: at least {said.least_rows} and at most {said.most_rows} rows; swap them"
        )
    return said


def _condition(rule: _Quality, file: YamlFile, line: int) -> Rule:
    _check_asked(rule, ("severity", "must_be_less_or_equal_to", "unit"), file, line)
    percent = rule.must_be_less_or_equal_to
    if rule.unit != "percent" and (rule.unit is not None or percent is not None):
        raise file.error(
            line,
            f"{rule.name}: the unit is {rule.unit or 'missing'}, and a share of the rows is tolerated: write "
            "`unit: percent`",
        )
    tolerance = _tolerance(rule.severity, percent, file, line)
    return Rule(rule.name, rule.implementation or "", rule.description, tolerance, line)


def _check_asked(rule: _Quality, obeyed: tuple[str, ...], file: YamlFile, line: int) -> None:
    """Refuse what the standard lets any rule ask for, and a rule of this kind would not be held to."""
    for field in msgspec.structs.fields(rule):
        if field.name in ASKING and field.name not in obeyed and getattr(rule, field.name) is not None:
            raise file.error(line, f"`{field.encode_name}` is not enforced of {rule.metric or rule.name}")


def _service_levels(document: Document, table: str, file: YamlFile) -> tuple[int | None, Latency | None]:
    """How many days the data may be kept, and how late it may be."""
    days, latency = None, None
    for i, level in enumerate(document.sla_properties):
        line = file.line("slaProperties", i)
        if level.property in (before.property for before in document.sla_properties[:i]):
            raise file.error(line, f"slaProperties: {level.property!r} a second time: keep one")
        match level.property:
            case "retention":
                days = _retention(level, file, line)
            case "latency":
                latency = _latency(level, table, file, line)
            case other:
                raise file.error(
                    line, f"slaProperties: {other!r} is not enforced here: `retention` and `latency` are"
                )
    return days, latency


def _retention(level: _ServiceLevel, file: YamlFile, line: int) -> int:
    if level.element is not None:
        raise file.error(line, f"slaProperties: retention of {level.element!r} alone is not enforced here")
    return _duration(level, DAYS, file, line)


def _latency(level: _ServiceLevel, table: str, file: YamlFile, line: int) -> Latency:
    named, _, column = (level.element or "").partition(".")
    if named != table or not column:
        raise file.error(
            line,
            f"slaProperties: the latency of {level.element or 'nothing'!r}: name the column of time under "
            f"`element`, as in {table}.measured_at",
        )
    return Latency(column, _duration(level, HOURS, file, line))


def _duration(level: _ServiceLevel, units: dict[str, int], file: YamlFile, line: int) -> int:
    """A service level's value in the smallest of some units."""
    if not isinstance(level.value, int) or level.value < 1 or level.unit not in units:
        raise file.error(
            line,
            f"slaProperties: a {level.property} of {level.value!r} {level.unit}: write a whole number, and a "
            f"unit of {', '.join(units)}",
        )
    return level.value * units[level.unit]
