"""The rules as polars expressions, written by hand."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from measuring import report
from rules import HIGH, INTEGERS, KEY, LOW, MOST, NUMBERS, TEXTS, VALUES

RULES = [
    *(pl.col(name).is_not_null() for name in (KEY, *NUMBERS, *INTEGERS)),
    *(pl.col(name).is_finite() & pl.col(name).is_between(LOW, HIGH) for name in NUMBERS),
    *(pl.col(name).is_between(0, MOST) for name in INTEGERS),
    *(pl.col(name).is_in(VALUES) for name in TEXTS),
    pl.col(KEY).is_unique(),
]


def work() -> None:
    """Rows that keep the rules to one file, all others to another."""
    table = pl.scan_parquet(sys.argv[1]).with_columns(pl.all_horizontal(RULES).alias("kept"))
    with TemporaryDirectory() as out:
        kept = table.filter("kept").sink_parquet(Path(out) / "kept.parquet", lazy=True)
        aside = table.filter(~pl.col("kept")).sink_parquet(Path(out) / "aside.parquet", lazy=True)
        pl.collect_all([kept, aside], engine="streaming")


report(work)
