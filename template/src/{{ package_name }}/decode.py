"""Requests: bytes become model inputs, or the caller learns what is wrong and where.

The rules come from the contract and are the same for JSON and CSV. A row has the model's input columns and no
others; a column that the contract does not require may be left out, null, or an empty cell. Rules about
several columns hold where the model sees all of them; those about a whole data set mean nothing in a request.
"""

import csv
import io
import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
import numpy as np
from msgspec import Meta

from .arrays import Matrix
from .contract import Column, Contract, conditions
from .contract.predicates import predicate
from .encoding import Feature


class RequestError(Exception):
    """The caller's mistake, and where it is: ``Expected `int`, got `str` - at `$.rows[3].age` ``."""


class Flag(msgspec.Struct, frozen=True):
    """What the contract lets through and has said: which row, and which column or rule; never the value."""

    row: int
    name: str
    what: str


class Decoded(NamedTuple):
    """Model inputs, shape (rows, features), missing values NaN, and what is to be said of them."""

    matrix: Matrix
    flags: list[Flag]


class Decoder:
    """Decodes the requests to one model; made once, when the server starts."""

    def __init__(self, contract: Contract, features: Sequence[Feature]) -> None:
        self._columns = list(dict.fromkeys(feature.column for feature in features))
        places = {name: place for place, name in enumerate(self._columns)}
        self._width = len(features)
        self._plain = [i for i, feature in enumerate(features) if feature.value is None]
        self._plain_from = [places[features[i].column] for i in self._plain]
        self._flags = [
            (i, places[feature.column], feature.value)
            for i, feature in enumerate(features)
            if feature.value is not None
        ]
        columns = [contract.column(name) for name in self._columns]
        self._lenient = [
            (place, column) for place, column in enumerate(columns) if column.outside != "reject"
        ]
        self._rules = [
            (rule, predicate(conditions.parse(rule.condition, contract.types), places))
            for rule in conditions.within(contract.rules, contract.types, self._columns)
        ]
        self._clipped = [
            (i, *columns[place].bounds)
            for i, place in zip(self._plain, self._plain_from, strict=True)
            if columns[place].outside == "clip"
        ]
        # Where each input is a column, and none a category, a row is numbers as it stands.
        self._straight = not self._flags and self._plain_from == list(range(self._width))
        row = row_type(columns)
        self.request: Any = request_type(row)
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(self.request)
        self._line_decoder = msgspec.json.Decoder(row)

    def from_json(self, body: bytes) -> Decoded:
        """Decode `{"rows": [{"column": value, ...}, ...]}`.

        Raises:
            RequestError: it is not JSON, or a row breaks the contract.
        """
        try:
            return self._encode(self._decoder.decode(body).rows)
        except msgspec.MsgspecError as error:
            raise RequestError(str(error)) from None
        except UnicodeDecodeError:
            raise RequestError("JSON is not UTF-8") from None

    def from_lines(self, body: bytes) -> Decoded:
        """Decode JSON lines, `{"column": value, ...}` each.

        Raises:
            RequestError: a line is not JSON, or breaks the contract.
        """
        lines = [line for line in body.splitlines() if line]
        if not lines:
            raise RequestError("Expected a line of JSON for each row, got none")
        rows = []
        for i, line in enumerate(lines):
            try:
                rows.append(self._line_decoder.decode(line))
            except msgspec.ValidationError as error:
                message, at, path = str(error).rpartition(" - at `$")
                raise RequestError(f"{message or path} - at `$.rows[{i}]{path if at else '`'}") from None
            except msgspec.MsgspecError as error:
                raise RequestError(f"{error} - at `$.rows[{i}]`") from None
            except UnicodeDecodeError:
                raise RequestError(f"JSON is not UTF-8 - at `$.rows[{i}]`") from None
        return self._encode(rows)

    def from_csv(self, body: bytes) -> Decoded:
        """Decode lines of cells.

        The first line is a header, in any order, if it names a column; else the order is the contract's.

        Raises:
            RequestError: it is not CSV, or a row breaks the contract.
        """
        try:
            lines = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))
        except UnicodeDecodeError as error:
            raise RequestError(f"CSV is not UTF-8: byte {error.start}") from None
        except csv.Error as error:
            raise RequestError(f"CSV is malformed: {error}") from None
        names = self._columns
        if lines and not set(names).isdisjoint(lines[0]):
            names = lines.pop(0)
        try:
            # Not strict: a cell is text, and is read as the type of its column.
            request = msgspec.convert({"rows": _rows(names, lines)}, self.request, strict=False)
        except msgspec.ValidationError as error:
            raise RequestError(str(error)) from None
        return self._encode(request.rows)

    def _encode(self, structs: list[Any]) -> Decoded:
        rows = [msgspec.structs.astuple(row) for row in structs]
        flags = self._flagged(rows) if self._lenient or self._rules else []
        matrix = self._numbers(rows)
        for i, low, high in self._clipped:
            np.clip(matrix[:, i], low, high, out=matrix[:, i])
        return Decoded(matrix, flags)

    def _numbers(self, rows: list[tuple[Any, ...]]) -> Matrix:
        if self._straight:
            return np.array(rows, dtype=np.float64).astype(np.float32)  # None becomes NaN
        cells = np.array(rows, dtype=object)
        matrix = np.empty((len(cells), self._width), dtype=np.float32)
        matrix[:, self._plain] = cells[:, self._plain_from].astype(np.float32)  # None becomes NaN
        for i, place, value in self._flags:
            matrix[:, i] = [math.nan if cell is None else cell == value for cell in cells[:, place]]
        return matrix

    def _flagged(self, rows: list[tuple[Any, ...]]) -> list[Flag]:
        """What is to be said of the rows.

        Raises:
            RequestError: one breaks a rule about several columns.
        """
        flags = []
        for i, row in enumerate(rows):
            for rule, condition in self._rules:
                if condition(row) is False:
                    if rule.tolerance.severity != "warn":
                        raise RequestError(f"Broken rule `{rule.name}`: {rule.condition} - at `$.rows[{i}]`")
                    flags.append(Flag(i, rule.name, rule.condition))
            for place, column in self._lenient:
                if row[place] is not None and (what := outside(column, row[place])):
                    flags.append(Flag(i, column.name, what))
        return flags


def outside(column: Column, value: Any) -> str | None:
    """How a value is outside of what its column may be, if it is."""
    if column.values is not None:
        return None if value in column.values else "of no known category"
    low, high = column.bounds
    if low is not None and value < low:
        return f"below {low:g}"
    return f"above {high:g}" if high is not None and value > high else None


def row_type(columns: Sequence[Column]) -> type[msgspec.Struct]:
    """The type of a row, which has these columns and no others."""
    # Fields are numbered, because a column's name need not be an identifier.
    return msgspec.defstruct(
        "Row",
        [
            (f"c{i}", _type(column)) if column.required else (f"c{i}", _type(column) | None, None)
            for i, column in enumerate(columns)
        ],
        rename={f"c{i}": column.name for i, column in enumerate(columns)},
        forbid_unknown_fields=True,
        gc=False,
    )


def request_type(row: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """The type of a request: one row or more."""
    rows = Annotated[list[row], Meta(min_length=1)]  # type: ignore[valid-type]
    return msgspec.defstruct("Request", [("rows", rows)], forbid_unknown_fields=True)


def _type(column: Column) -> Any:
    """The values that a column may have; outside its bounds where the contract lets them through."""
    open_column = msgspec.structs.replace(column, minimum=None, maximum=None)
    low, high = (column if column.outside == "reject" else open_column).bounds
    match column.type:
        case "integer":
            return Annotated[int, Meta(ge=low, le=high)]
        case "number":
            return Annotated[float, Meta(ge=low, le=high)]
        case "boolean":
            return bool
        case _:
            return Literal[column.values] if column.outside == "reject" else str


def _rows(names: Sequence[str], lines: Sequence[Sequence[str]]) -> list[dict[str, str | None]]:
    """Lines of CSV as rows.

    Raises:
        RequestError: a column is named twice, or a line has a cell too many or too few.
    """
    for name in names:
        if names.count(name) > 1:
            raise RequestError(f"CSV header names `{name}` twice")
    for i, line in enumerate(lines):
        if len(line) != len(names):
            raise RequestError(f"Expected {len(names)} cells, got {len(line)} - at `$.rows[{i}]`")
    return [dict(zip(names, (cell or None for cell in line), strict=True)) for line in lines]
