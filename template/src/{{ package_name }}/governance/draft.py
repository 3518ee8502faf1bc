"""A first contract from data: what can be seen in the data, for a person to correct.

Only columns can be seen, not what they mean: a bound is the largest value so far, and whether a column is
personal is guessed from its name and the shape of its values.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from .. import source as sources
from ..errors import UserError
from ..params import Ingest

MOST_VALUES = 20
NAMES = re.compile(
    r"(^|_)(e?_?mail|name|surname|phone|mobile|address|street|postcode|zip|birth\w*|dob|cpf|cnpj|rg|ssn|nif|iban|ip|"
    r"passport|gender|sex|race|ethnicity|religion|nome|telefone|endereco|cep|nascimento|sexo|raca)(_|$)"
)
SHAPES = {
    "e-mail addresses": r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
    "CPF numbers": r"^\d{3}\.\d{3}\.\d{3}-\d{2}$",
    "telephone numbers": r"^\+\d[\d ()-]{7,}$",
    "IP addresses": r"^\d{1,3}(\.\d{1,3}){3}$",
}
HEADER = """\
# A draft from {source}, {rows} rows, made on {today}. Correct it, and put it in place of contract.yaml:
# - descriptions, which no data tells;
# - bounds: those of the data so far, which a fault of measurement may have set;
# - the key, and columns marked "personal?": they need a legal basis, a purpose and a retention.
"""


def draft(source: str, name: str) -> str:
    """A contract in YAML for the table at `source`, a .csv or .parquet file or a folder of them.

    Raises:
        UserError: there is no table there, or it has a column of a type that no contract has.
    """
    opened = sources.opened(Ingest(source))
    with sources.readable(source):
        table = opened.whole().collect()
    key = _key(table)
    columns = [_column(table[column], column == key) for column in table.columns]
    document = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": name,
        "name": name,
        "version": "1.0.0",
        "status": "draft",
        "schema": [{"name": Path(source).stem, "logicalType": "object", "properties": columns}],
    }
    header = HEADER.format(source=source, rows=table.height, today=date.today().isoformat())
    return header + str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110))


def _key(table: pl.DataFrame) -> str | None:
    """The column that most likely names a row: unique, never missing, called like one if there is one."""
    unique = [
        column.name
        for column in table
        if (column.dtype.is_integer() or column.dtype == pl.String)
        and column.n_unique() == table.height
        and column.null_count() == 0
    ]
    called = [name for name in unique if re.search(r"(^|_)(id|key|uuid|number|code)(_|$)", name.lower())]
    return next(iter(called or unique), None)


def _column(column: pl.Series, key: bool) -> dict[str, Any]:
    kind = _type(column)
    described: dict[str, Any] = {"name": column.name, "logicalType": kind, "description": "?"}
    if column.null_count() == 0:
        described["required"] = True
    if key:
        described |= {"primaryKey": True, "primaryKeyPosition": 1}
    elif kind in ("integer", "number") and column.null_count() < column.len():
        described["logicalTypeOptions"] = {"minimum": column.min(), "maximum": column.max()}
    elif kind == "string" and (values := _values(column)):
        rule = {"metric": "invalidValues", "arguments": {"validValues": values}, "mustBe": 0}
        described["quality"] = [rule]
    if reasons := list(_personal(column)):
        described |= {"classification": "personal", "description": f"? personal? {'; '.join(reasons)}"}
    return described


def _type(column: pl.Series) -> str:
    dtype = column.dtype
    if dtype.is_integer():
        return "integer"
    if dtype.is_numeric():
        return "number"
    kinds = {
        pl.Boolean: "boolean",
        pl.Date: "date",
        pl.Datetime: "timestamp",
        pl.String: "string",
        pl.Null: "string",
    }
    for known, kind in kinds.items():
        if dtype == known or dtype.base_type() == known:
            return kind
    if isinstance(dtype, pl.Categorical | pl.Enum):
        return "string"
    raise UserError(f"{column.name} is {dtype}, and a contract has numbers, texts, booleans, dates and times")


def _values(column: pl.Series) -> list[str]:
    """The categories of a column that has few of them, each seen often."""
    counts = column.drop_nulls().cast(pl.String).value_counts()
    few = 0 < counts.height <= MOST_VALUES and counts.height * 5 <= column.len()
    return sorted(counts.to_series().to_list()) if few else []


def _personal(column: pl.Series) -> Iterator[str]:
    if NAMES.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column.name).lower()):
        yield "its name says so"
    if column.dtype == pl.String and (sample := column.drop_nulls().head(1000)).len():
        for kind, shape in SHAPES.items():
            if sample.str.contains(shape).mean() > 0.5:  # type: ignore[operator]
                yield f"its values look like {kind}"
