"""Which rows a model learns from and which it is measured on."""

import hashlib

import polars as pl

from .contract import Contract
from .errors import UserError
from .params import Split

BY_KEY = "key"
PARTS = ("train", "valid", "test")


def split(table: pl.DataFrame, contract: Contract, params: Split) -> dict[str, pl.DataFrame]:
    """The parts of a table.

    By the key, a row's place follows from a hash of its key alone: a corrected record stays on its side, and
    so do all others when rows are added. By a date, the newest rows are the test and the rows before them
    the validation part.

    Raises:
        UserError: `split.by` is no date column, or a part would be empty.
    """
    place = _by_key(table, contract) if params.by == BY_KEY else _by_time(table, contract, params.by)
    part = (
        pl.when(place < params.test)
        .then(pl.lit("test"))
        .when(place < params.test + params.valid)
        .then(pl.lit("valid"))
        .otherwise(pl.lit("train"))
    )
    parts = {name: table.filter(part == name) for name in PARTS}
    for name, rows in parts.items():
        if rows.is_empty():
            raise UserError(
                f"the {name} part of {table.height} rows is empty: bring more rows, or change split in "
                "params.yaml"
            )
    return parts


def _by_key(table: pl.DataFrame, contract: Contract) -> pl.Expr:
    """A number in [0, 1) for each row, evenly spread, from the first 8 bytes of the key's hash."""
    parts = [pl.col(name).cast(pl.String) for name in contract.key]
    keys = table.select(pl.concat_str(parts, separator="\0")).to_series()
    places = [_fraction(key) for key in keys]
    return pl.lit(pl.Series("place", places, dtype=pl.Float64))


def _fraction(key: str) -> float:
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest()) / 2**64


def _by_time(table: pl.DataFrame, contract: Contract, name: str) -> pl.Expr:
    """The share of rows that are newer than a row, in [0, 1); rows of one time stay together."""
    column = contract.column(name)
    if column.type not in ("date", "timestamp"):
        raise UserError(
            f"split.by in params.yaml is {name!r}, a {column.type}: name a date or timestamp column, or "
            f"`{BY_KEY}`"
        )
    return (pl.col(name).rank("min", descending=True) - 1) / table.height
