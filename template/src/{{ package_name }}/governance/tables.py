"""Rows of one person in tables: .csv and .parquet files, and Delta tables, which are folders."""

import csv
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from .. import delta
from ..contract import Column
from ..errors import UserError
from ..params import LATEST

PARQUET = b"PAR1"
# The header of a .csv file is in them, however many columns it has.
HEAD_BYTES = 65536
LOG_RETENTION, USUAL_LOG_RETENTION = "delta.logRetentionDuration", "interval 30 days"


class Person:
    """Whose rows are meant: by identifier, as sources have it, and by pseudonyms. It shows neither."""

    def __init__(self, subject: Column, identifier: str, pseudonyms: Collection[str]) -> None:
        self.column = subject.name
        self._identifier = identifier
        self._names = [identifier, *pseudonyms]
        self._number = subject.type == "integer"

    def rows(self) -> pl.Expr:
        """Whether a row is theirs. A number is the same however it is written, 7 or 007."""
        text = pl.col(self.column).cast(pl.String, strict=False)
        theirs = text.is_in(self._names)
        if self._number:
            number = text.str.strip_chars().cast(pl.Int64, strict=False).cast(pl.String)
            theirs = theirs | (number == self._identifier)
        return theirs.fill_null(value=False)


def is_table(head: bytes, column: str) -> bool:
    """Whether a file that begins like this is .parquet, or .csv with this column."""
    if head.startswith(PARQUET):
        return True
    header = head.partition(b"\n")[0]
    return column.encode() in header and column in next(csv.reader([header.decode("utf-8-sig", "replace")]))


def holds(path: Path, person: Person, name: str = "") -> bool:
    """Whether a file or a Delta table has rows of the person.

    Raises:
        UserError: it is a table, and cannot be read; it is called `name` then.
    """
    if path.is_dir():
        # What the table no longer has lies beside it until somebody cleans up.
        return any(holds(file, person) for file in path.rglob("*.parquet")) or _has_rows(path, person, name)
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return is_table(head, person.column) and _has_rows(path, person, name)


def remove(path: Path, person: Person) -> None:
    """Take the person's rows out of a file or a Delta table. Who reads a file finds it whole, old or new.

    Raises:
        UserError: it cannot be read.
    """
    with _readable(str(path)):
        if path.is_dir():
            _remove_from_delta(path, person)
        else:
            _remove_from_file(path, person)


def _has_rows(path: Path, person: Person, name: str) -> bool:
    with _readable(name or str(path)):
        table = _scan(path)
        if person.column not in table.collect_schema():
            return False
        return bool(table.select(person.rows().any()).collect(engine="streaming").item())


def _remove_from_file(path: Path, person: Person) -> None:
    rest = _scan(path).filter(~person.rows())
    # Neither .csv nor .parquet: should it stay behind, nobody takes it for more data.
    new = path.with_name(f".{path.name}.new")
    try:
        if _is_parquet(path):
            rest.sink_parquet(new)
        else:
            rest.sink_csv(new)
        shutil.copymode(path, new)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def _remove_from_delta(path: Path, person: Person) -> None:
    """Delete the rows, then all that remembers them, the files last, because `holds` looks at those.

    The log would keep the condition of a plain `delete`, hence the merge. And it has the least and the
    greatest value of each column in each file: it goes, and the table starts from a checkpoint.
    """
    from deltalake import DeltaTable

    table = DeltaTable(path)
    theirs = pl.scan_delta(table).filter(person.rows()).select(person.column).unique().collect()
    if not theirs.is_empty():
        same = f'them."{person.column}" = rows."{person.column}"'
        table.merge(theirs, same, "them", "rows").when_matched_delete().execute()
    retention = table.metadata().configuration.get(LOG_RETENTION, USUAL_LOG_RETENTION)
    table.alter.set_table_properties({LOG_RETENTION: "interval 0 days"})
    table = DeltaTable(path)
    table.create_checkpoint()
    table.cleanup_metadata()
    table.alter.set_table_properties({LOG_RETENTION: retention})
    DeltaTable(path).vacuum(0, dry_run=False, enforce_retention_duration=False, full=True)


def _scan(path: Path) -> pl.LazyFrame:
    """The rows; those of a .csv file as texts, so that they can be written as they were."""
    if path.is_dir():
        return delta.scan(delta.opened(str(path), LATEST))
    return pl.scan_parquet(path) if _is_parquet(path) else pl.scan_csv(path, infer_schema=False)


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(PARQUET)) == PARQUET


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """What goes wrong is told without values."""
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UserError(
            f"{name} may hold rows of the person, and cannot be read ({type(error).__name__}): mend it, or "
            "delete it"
        ) from None
