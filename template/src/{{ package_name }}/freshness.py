"""Whether data is as new as the contract expects, when it comes in."""

from datetime import datetime, timedelta

import polars as pl

from .contract.columns import Latency
from .errors import UserError


def check(table: pl.LazyFrame, latency: Latency, now: datetime, *, personal: bool = False) -> None:
    """Hold the newest value of the column against the clock; a time without a zone is in UTC.

    Raises:
        UserError: it is too old, or there is none. The value is shown, unless it is personal.
    """
    column = pl.col(latency.column)
    if table.collect_schema()[latency.column] == pl.String:
        column = column.str.to_datetime(strict=False, time_zone="UTC")
    newest = table.select(column.max().cast(pl.Datetime("us"))).collect(engine="streaming").item()
    if newest is None:
        raise UserError(f"the data has no {latency.column}, and contract.yaml expects a latency of it")
    age = now.replace(tzinfo=None) - newest
    if age > timedelta(hours=latency.hours):
        value = f"{newest:%Y-%m-%d %H:%M}, {age // timedelta(hours=1)} hours ago"
        raise UserError(
            f"the newest {latency.column} is {'too old' if personal else value}, and contract.yaml expects "
            f"at most {latency.hours} hours: bring newer data, or change the latency"
        )
