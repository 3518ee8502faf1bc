"""Stage 2: hold the data against the contract. Nothing downstream runs on data that breaks it."""

from collections.abc import Callable, Iterator
from typing import Any

import dataframely as dy
import polars as pl

from . import contract as contracts
from . import paths
from .contract import Column, Contract
from .errors import UserError, run
from .files import write_json

SHOWN_ROWS = 5
ROW = "#row"
TYPES: dict[str, type[dy.Column]] = {
    "integer": dy.Int64,
    "number": dy.Float64,
    "string": dy.String,
    "boolean": dy.Bool,
    "date": dy.Date,
    "timestamp": dy.Datetime,
}
# What a column of the contract's type may come as. Text is parsed, row by row; a fraction is never cut to
# an integer in silence.
ACCEPTED: dict[str, Callable[[pl.DataType], bool]] = {
    "integer": lambda dtype: dtype.is_integer(),
    "number": lambda dtype: dtype.is_numeric(),
    "string": lambda dtype: dtype.is_integer() or dtype in (pl.Categorical, pl.Enum),
    "boolean": lambda dtype: dtype == pl.Boolean,
    "date": lambda dtype: dtype == pl.Date,
    "timestamp": lambda dtype: dtype.is_temporal(),
}


def main() -> None:
    """Write `data.parquet`, typed by the contract, and `report.json`."""
    contract = contracts.load(paths.ROOT / "contract.yaml")
    table = pl.read_parquet(paths.input_dir("ingest") / "data.parquet")
    valid = validate(table, contract)
    with paths.output_dir("validate") as out:
        valid.write_parquet(out / "data.parquet")
        report = {
            "contract": contract.name,
            "version": contract.version,
            "rows": valid.height,
            "rules": list(rules(contract).values()),
        }
        write_json(out / "report.json", report)
    print(f"validate: {valid.height} rows keep contract {contract.name} {contract.version}")


def validate(table: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """The table with the contract's columns, types and order.

    Raises:
        UserError: it breaks the contract. The message has a line for each broken rule: the column, the rule,
            how many rows break it and the first of them, counted from 0. It shows no value, since values may
            be personal.
    """
    if problems := [*_column_problems(table, contract), *_type_problems(table, contract)]:
        raise UserError(f"the columns differ from contract.yaml: {'; '.join(problems)}")
    names = [column.name for column in contract.columns]
    numbered = table.select(names).with_row_index(ROW).with_columns(_times(table, contract))
    good, failure = schema(contract).filter(numbered, cast=True)
    broken = [*_broken_times(table, numbered), *_broken_rules(failure, contract)]
    if broken:
        raise UserError("\n  ".join(["the data breaks contract.yaml; mend it, or change the rule:", *broken]))
    return good.select(names)


def schema(contract: Contract) -> type[dy.Schema]:
    """The contract as dataframely's schema, with the row's number as one more column."""
    columns = {column.name: _column(column) for column in contract.columns}
    return type("ContractSchema", (dy.Schema,), {ROW: dy.UInt32(), **columns})


def rules(contract: Contract) -> dict[str, str]:
    """What is asked of the data, in words, under dataframely's name of each rule."""
    words = {"primary_key": f"{', '.join(contract.key)}: unique, as it is the key"}
    for column in contract.columns:
        words |= {f"{column.name}|{rule}": f"{column.name}: {word}" for rule, word in _rules(column)}
    return words


def _rules(column: Column) -> Iterator[tuple[str, str]]:
    yield "dtype", f"of type {column.type}"
    if column.required:
        yield "nullability", "never missing"
    if column.type == "number":
        yield "nan", "never NaN (leave a missing value empty)"
        yield "inf", "never infinite"
    if column.minimum is not None:
        yield "min", f"at least {column.minimum:g}"
    if column.maximum is not None:
        yield "max", f"at most {column.maximum:g}"
    if column.values is not None:
        yield "check__values", f"one of {', '.join(column.values)}"
    if column.pattern is not None:
        yield "regex", f"matching {column.pattern}"
    if column.unique and not column.key:
        yield "unique", "unique"


def _column(column: Column) -> dy.Column:
    options: dict[str, Any] = {
        "nullable": not column.required,
        "primary_key": column.key,
        "unique": column.unique and not column.key,
        "min": column.minimum,
        "max": column.maximum,
        "regex": None if column.pattern is None else f"^(?:{column.pattern})$",
    }
    if column.values is not None:
        allowed = column.values
        options["check"] = {"values": lambda values: values.is_in(allowed)}
    return TYPES[column.type](**{name: option for name, option in options.items() if option is not None})


def _column_problems(table: pl.DataFrame, contract: Contract) -> Iterator[str]:
    declared = {column.name for column in contract.columns}
    if missing := sorted(declared - set(table.columns)):
        yield f"the data lacks {', '.join(missing)}"
    if extra := sorted(set(table.columns) - declared):
        yield f"the contract lacks {', '.join(extra)}; describe it there, or leave it out of the data"


def _type_problems(table: pl.DataFrame, contract: Contract) -> Iterator[str]:
    for column in contract.columns:
        dtype = table.schema.get(column.name, pl.Null())
        if dtype not in (pl.Null, pl.String) and not ACCEPTED[column.type](dtype):
            yield f"{column.name} is {dtype} in the data and {column.type} in the contract"


def _times(table: pl.DataFrame, contract: Contract) -> Iterator[pl.Expr]:
    """Dates and timestamps that come as text, parsed; what cannot be parsed becomes missing."""
    for column in contract.columns:
        if table.schema[column.name] == pl.String:
            if column.type == "date":
                yield pl.col(column.name).str.to_date(strict=False)
            elif column.type == "timestamp":
                yield pl.col(column.name).str.to_datetime(strict=False)


def _broken_times(table: pl.DataFrame, parsed: pl.DataFrame) -> Iterator[str]:
    for name in table.columns:
        if parsed[name].dtype.is_temporal():
            lost = parsed.filter(parsed[name].is_null() & table[name].is_not_null())
            if not lost.is_empty():
                yield f"{name}: a date or time: {_listed(lost)}"


def _broken_rules(failure: dy.FailureInfo, contract: Contract) -> Iterator[str]:
    details = failure.details()
    for rule, words in rules(contract).items():
        if rule in details.columns:
            broken = details.filter(pl.col(rule) == "invalid")
            if not broken.is_empty():
                yield f"{words}: {_listed(broken)}"


def _listed(broken: pl.DataFrame) -> str:
    rows = broken[ROW].to_list()
    shown = ", ".join(str(row) for row in rows[:SHOWN_ROWS]) + (", ..." if len(rows) > SHOWN_ROWS else "")
    return f"{len(rows)} row does not ({shown})" if len(rows) == 1 else f"{len(rows)} rows do not ({shown})"


if __name__ == "__main__":
    run(main)
