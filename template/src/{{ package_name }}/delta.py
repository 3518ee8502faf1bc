"""Delta Lake tables, without Spark: read at a version or a time, and appended to under the contract."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from .errors import UserError
from .params import LATEST

if TYPE_CHECKING:
    from deltalake import DeltaTable

LOG = "_delta_log"


def is_table(location: str) -> bool:
    """Whether a directory or an `s3://` prefix is a Delta table."""
    if not location.startswith("s3://"):
        return (Path(location) / LOG).is_dir()
    if Path(location).suffix:
        return False
    from deltalake import DeltaTable

    return DeltaTable.is_deltatable(location)


def opened(location: str, version: int | str) -> "DeltaTable":
    """The table as it is, as it was at a version, or as it was at a time such as `2026-11-01T12:00:00Z`.

    Raises:
        UserError: there is no such version, or the time is none.
    """
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    try:
        table = DeltaTable(location)
        if version != LATEST:
            table.load_as_version(version if isinstance(version, int) else _time(version))
    except DeltaError as error:
        detail = str(error).splitlines()[0]
        raise UserError(f"the Delta table {location} has no version {version} to read ({detail})") from error
    return table


def files(table: "DeltaTable") -> list[str]:
    """The addresses of the files that make up the table."""
    return list(table.file_uris())


def scan(table: "DeltaTable", chosen: list[str] | None = None) -> pl.LazyFrame:
    """The rows of the table, or those of some of its files.

    Of a partitioned table all rows come, since its files lack the columns that it is partitioned by.
    """
    if chosen is None or table.metadata().partition_columns:
        return pl.scan_delta(table)
    return pl.scan_parquet(chosen)


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(
            f"ingest.version in params.yaml is {text!r}: write `{LATEST}`, a number, or a time such as "
            "2026-11-01T12:00:00Z"
        ) from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
