"""Requests: bytes become model inputs, or the caller learns what is wrong and where.

The rules come from the contract and are the same for JSON and CSV. A row has the model's input columns and no
others; a column that the contract does not require may be left out, null, or an empty cell.
"""

import csv
import io
import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import Meta

from .arrays import Matrix
from .contract import Column, Contract
from .encoding import Feature

LARGEST = float(np.finfo(np.float32).max)  # what a model input can hold; it keeps infinity and NaN out too
LARGEST_INTEGER = 2**63 - 1


class RequestError(Exception):
    """The caller's mistake, and where it is: ``Expected `int`, got `str` - at `$.rows[3].age` ``."""


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
        self._request = request_type([contract.column(name) for name in self._columns])
        self._decoder = msgspec.json.Decoder(self._request)

    def from_json(self, body: bytes) -> Matrix:
        """Decode `{"rows": [{"column": value, ...}, ...]}`.

        Raises:
            RequestError: it is not JSON, or a row breaks the contract.
        """
        try:
            return self._encode(self._decoder.decode(body))
        except msgspec.MsgspecError as error:
            raise RequestError(str(error)) from None
        except UnicodeDecodeError:
            raise RequestError("JSON is not UTF-8") from None

    def from_csv(self, body: bytes) -> Matrix:
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
            return self._encode(msgspec.convert({"rows": _rows(names, lines)}, self._request, strict=False))
        except msgspec.ValidationError as error:
            raise RequestError(str(error)) from None

    def _encode(self, request: Any) -> Matrix:
        cells = np.array([msgspec.structs.astuple(row) for row in request.rows], dtype=object)
        matrix = np.empty((len(cells), self._width), dtype=np.float32)
        matrix[:, self._plain] = cells[:, self._plain_from].astype(np.float32)  # None becomes NaN
        for i, place, value in self._flags:
            matrix[:, i] = [math.nan if cell is None else cell == value for cell in cells[:, place]]
        return matrix


def request_type(columns: Sequence[Column]) -> type[msgspec.Struct]:
    """The type of a request, whose rows have these columns and no others."""
    # Fields are numbered, because a column's name need not be an identifier.
    row = msgspec.defstruct(
        "Row",
        [
            (f"c{i}", _type(column)) if column.required else (f"c{i}", _type(column) | None, None)
            for i, column in enumerate(columns)
        ],
        rename={f"c{i}": column.name for i, column in enumerate(columns)},
        forbid_unknown_fields=True,
        gc=False,
    )
    rows = Annotated[list[row], Meta(min_length=1)]  # type: ignore[valid-type]
    return msgspec.defstruct("Request", [("rows", rows)], forbid_unknown_fields=True)


def _type(column: Column) -> Any:
    """The values that a column may have."""
    low = -math.inf if column.minimum is None else column.minimum
    high = math.inf if column.maximum is None else column.maximum
    match column.type:
        case "integer":
            return Annotated[
                int,
                Meta(
                    ge=math.ceil(max(low, -LARGEST_INTEGER)),
                    le=math.floor(min(high, LARGEST_INTEGER)),
                ),
            ]
        case "number":
            return Annotated[float, Meta(ge=float(max(low, -LARGEST)), le=float(min(high, LARGEST)))]
        case "boolean":
            return bool
        case _:
            return Literal[column.values]


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
