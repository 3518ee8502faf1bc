"""The rules in pandera, on pandas."""

import sys

import pandas as pd
import pandera.pandas as pa
from measuring import report
from rules import HIGH, INTEGERS, KEY, LOW, MOST, NUMBERS, TEXTS, VALUES

SCHEMA = pa.DataFrameSchema(
    {
        KEY: pa.Column(int, unique=True),
        **{name: pa.Column(float, pa.Check.in_range(LOW, HIGH)) for name in NUMBERS},
        **{name: pa.Column(int, pa.Check.in_range(0, MOST)) for name in INTEGERS},
        **{name: pa.Column(str, pa.Check.isin(VALUES), nullable=True) for name in TEXTS},
    }
)


report(lambda: SCHEMA.validate(pd.read_parquet(sys.argv[1]), lazy=True))
