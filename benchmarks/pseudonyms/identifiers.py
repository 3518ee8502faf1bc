"""Write a column of identifiers, each of them another."""

import sys

import polars as pl
from measuring import report

path, rows = sys.argv[1], int(sys.argv[2])


def write() -> None:
    """`P` and ten digits."""
    number = pl.int_range(rows, eager=True).cast(pl.String).str.zfill(10)
    pl.DataFrame({"who": "P" + number}).write_parquet(path, row_group_size=250_000)


report(write)
