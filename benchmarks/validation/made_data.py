"""Write the table that all are measured on; nothing in it breaks a rule."""

import sys

import numpy as np
import polars as pl
from measuring import report
from rules import HIGH, INTEGERS, KEY, LOW, MOST, NUMBERS, TEXTS, VALUES

path, rows = sys.argv[1], int(sys.argv[2])


def write() -> None:
    """Numbers between the bounds, in groups of rows as a pipeline writes them."""
    random = np.random.default_rng(7)
    columns = {KEY: np.arange(rows)}
    columns |= {name: random.uniform(LOW, HIGH, rows) for name in NUMBERS}
    columns |= {name: random.integers(0, MOST + 1, rows) for name in INTEGERS}
    texts = pl.Series(VALUES)
    table = pl.DataFrame(columns).with_columns(
        texts[random.integers(0, len(VALUES), rows)].alias(name) for name in TEXTS
    )
    table.write_parquet(path, row_group_size=250_000)


report(write)
