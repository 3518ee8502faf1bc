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
            table.load_as_version(version if isinstance(version, int) else _at(table, version))
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


def write(rows: pl.DataFrame, location: str) -> int:
    """Append rows to the table, which is made if need be; its version then.

    Raises:
        UserError: their columns or types are not the table's.
    """
    from deltalake.exceptions import DeltaError

    try:
        if not rows.is_empty():
            rows.write_delta(location, mode="append")
    except (DeltaError, pl.exceptions.PolarsError, ValueError) as error:
        detail = str(error).splitlines()[0]
        raise UserError(f"the Delta table {location} does not take these rows ({detail})") from error
    return int(opened(location, LATEST).version())


def _at(table: "DeltaTable", text: str) -> int:
    """The version that the table had at a time.

    By the commits' own times: the library goes by those of the files, which S3 has in whole seconds and a
    copy changes, and for a time before the first commit it gives the first version.
    """
    at = _time(text).timestamp() * 1000
    versions = [entry["version"] for entry in table.history() if entry["timestamp"] <= at]
    if not versions:
        raise UserError(
            f"the Delta table {table.table_uri} has no version as old as {text}: name a later time"
        )
    return int(max(versions))


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(
            f"ingest.version in params.yaml is {text!r}: write `{LATEST}`, a number, or a time such as "
            "2026-11-01T12:00:00Z"
        ) from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
