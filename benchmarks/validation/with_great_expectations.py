"""The rules in Great Expectations, on pandas."""

import sys

import great_expectations as gx
import pandas as pd
from great_expectations import expectations as gxe
from measuring import report
from rules import HIGH, INTEGERS, KEY, LOW, MOST, NUMBERS, TEXTS, VALUES

RULES = [
    gxe.ExpectColumnValuesToBeUnique(column=KEY),
    *(gxe.ExpectColumnValuesToNotBeNull(column=name) for name in (KEY, *NUMBERS, *INTEGERS)),
    *(
        gxe.ExpectColumnValuesToBeBetween(column=name, min_value=LOW, max_value=HIGH)
        for name in NUMBERS
    ),
    *(
        gxe.ExpectColumnValuesToBeBetween(column=name, min_value=0, max_value=MOST)
        for name in INTEGERS
    ),
    *(gxe.ExpectColumnValuesToBeInSet(column=name, value_set=VALUES) for name in TEXTS),
]


def work() -> None:
    """Validate a batch."""
    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("pandas").add_dataframe_asset("table")
    whole = asset.add_batch_definition_whole_dataframe("whole")
    batch = whole.get_batch(batch_parameters={"dataframe": pd.read_parquet(sys.argv[1])})
    suite = gx.ExpectationSuite(name="rules", expectations=RULES)
    assert batch.validate(suite).success


report(work)
