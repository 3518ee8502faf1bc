"""The generated project's own stage."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from a_project.contract import Column, Contract
from a_project.validate import validate
from measuring import report
from rules import HIGH, INTEGERS, KEY, LOW, MOST, NUMBERS, TEXTS, VALUES

CONTRACT = Contract(
    "measured",
    "1.0.0",
    (
        Column(KEY, "integer", required=True, key=True),
        *(Column(name, "number", required=True, minimum=LOW, maximum=HIGH) for name in NUMBERS),
        *(Column(name, "integer", required=True, minimum=0, maximum=MOST) for name in INTEGERS),
        *(Column(name, "string", values=tuple(VALUES)) for name in TEXTS),
    ),
)


def work() -> None:
    """As `make repro` does it."""
    with TemporaryDirectory() as out:
        validate(pl.scan_parquet(sys.argv[1]), CONTRACT, Path(out))


report(work)
