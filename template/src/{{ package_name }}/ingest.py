"""Stage 1: bring the data in, with a note of where it came from, and without what must not come in.

Identifiers become pseudonyms here, columns that nobody may keep are dropped, and the rows of people whom the
project has forgotten stay outside: no later stage, log or artefact ever sees them.
"""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import polars as pl

from . import contract as contracts
from . import erasures, freshness, increments, params, paths, pseudonym, source
from .contract import Contract
from .digests import digest_file
from .errors import UserError, run
from .files import read_json, write_json
from .params import INCREMENTS, Ingest
from .pseudonym import Key
from .source import Opened, Source

DATA, RECORD = "data.parquet", "source.json"
# Of a CSV line polars reads the cells that are wanted, and where a column is dropped it would let a line pass
# that has too many: one with a comma in a name, whose rest is then in the place of something else.
WHOLE_LINES = pl.QueryOptFlags(projection_pushdown=False)


class Ingested(Source, frozen=True):
    """A source together with what was read from it.

    `key` is the identifier of the key behind the pseudonyms, `handling` what was done to which columns, and
    `forgotten` how many rows stayed outside.
    """

    rows: int = 0
    columns: int = 0
    sha256: str = ""
    key: str | None = None
    handling: dict[str, str] = msgspec.field(default_factory=dict)
    forgotten: int = 0


def main() -> None:
    """Write `data.parquet` and `source.json`."""
    settings = params.load().ingest
    contract = contracts.load(paths.ROOT / "contract.yaml")
    with paths.output_dir("ingest") as out:
        record = ingest(settings, contract, out)
        write_json(out / RECORD, record)
    print(f"ingest: {record.rows} rows, {record.columns} columns from {record.source}")
    if record.forgotten:
        print(f"ingest: {record.forgotten} rows of people whom the project has forgotten stayed outside")


def ingest(settings: Ingest, contract: Contract, out: Path) -> Ingested:
    """Write the source's rows to `data.parquet` in `out`, and say what they are.

    Raises:
        UserError: the source cannot be read, has no rows, or is older than the contract expects; or it has
            columns to protect, and lacks one of them, or the right key is not at hand.
    """
    origin = source.opened(settings, contract)
    handling: dict[str, str] = {c.name: c.handling for c in contract.columns if c.handling != "keep"}
    key = pseudonym.key_named(settings.pseudonym_key) if contract.pseudonymised else None
    before = earlier(settings, key, handling)
    with source.readable(settings.source, personal=contract.personal):
        table = _rows(origin, before, contract, key)
        if settings.mode == INCREMENTS:
            table = increments.merged(table, contract.key, settings.updated)
        there, gone = without_forgotten(table, contract, key)
        # In one pass, as the source may be far away, and each pseudonym costs.
        _, forgotten = pl.collect_all(
            [there.sink_parquet(out / DATA, lazy=True), gone], optimizations=WHOLE_LINES, engine="streaming"
        )
    written = pl.scan_parquet(out / DATA)
    rows = int(written.select(pl.len()).collect().item())
    if rows == 0:
        raise UserError(f"{settings.source} has no rows: name another ingest.source in params.yaml")
    if contract.expectations.latency is not None:
        column = contract.column(contract.expectations.latency.column)
        now = datetime.now(UTC)
        freshness.check(written, contract.expectations.latency, now, personal=column.personal)
    seen = set(origin.about.files) | set(before.files if before else ())
    return Ingested(
        **msgspec.structs.asdict(msgspec.structs.replace(origin.about, files=tuple(sorted(seen)))),
        rows=rows,
        columns=len(written.collect_schema()),
        sha256=digest_file(out / DATA),
        key=None if key is None else key.identifier,
        handling=handling,
        forgotten=int(forgotten.item()),
    )


def earlier(settings: Ingest, key: Key | None, handling: dict[str, str]) -> Ingested | None:
    """What came in before, where this run adds to it. A job has nothing to add to, and reads all there is.

    Raises:
        UserError: what came before was protected in another way, and is gone from here in the clear.
    """
    record = paths.build_dir("ingest") / RECORD
    if settings.mode != INCREMENTS or paths.in_job() or not record.exists():
        return None
    before = read_json(record, Ingested)
    if (before.key, before.handling) != (None if key is None else key.identifier, handling):
        raise UserError(
            f"what came in before was protected in another way (key {before.key}, {before.handling}): bring "
            "all the data in anew, with ingest.mode: whole in params.yaml for one run"
        )
    return before


def protected(table: pl.LazyFrame, contract: Contract, key: Key | None) -> pl.LazyFrame:
    """The table with pseudonyms for identifiers, and without what is dropped.

    Raises:
        UserError: a column to protect is not there, or one is there that the contract does not know, which
            may be the same under another name; or an identifier is neither text nor integer.
    """
    if not contract.handled:
        return table
    found = table.collect_schema()
    lacking = [
        c.name for c in contract.columns if c.handling != "keep" and c.required and c.name not in found
    ]
    unknown = contract.strangers(found)
    if lacking or unknown:
        raise UserError(
            "; ".join(
                [f"the data lacks {', '.join(lacking)}"] * bool(lacking)
                + [f"contract.yaml lacks {unknown}"] * bool(unknown)
            )
            + ": some columns must be protected, so each has to be in both"
        )
    replaced = [c.name for c in contract.columns if c.pseudonymised and c.name in found]
    for name in replaced:
        if not (found[name].is_integer() or found[name] in (pl.String, pl.Null)):
            raise UserError(
                f"{name} is {found[name]} in the data: an identifier has to be text or an integer"
            )
    dropped = [c.name for c in contract.columns if c.handling == "drop" and c.name in found]
    if key is None:
        return table.drop(dropped)
    return table.drop(dropped).with_columns(
        pl.col(name).map_batches(key.pseudonyms, return_dtype=pl.String, is_elementwise=True)
        for name in replaced
    )


def without_forgotten(
    table: pl.LazyFrame, contract: Contract, key: Key | None
) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """The rows of people who have not been forgotten; and, as a table, how many there are of the others."""
    subject = contract.subject
    gone = erasures.forgotten(key.identifier) if key else []
    if subject is None or not gone or subject.name not in table.collect_schema():
        return table, pl.LazyFrame({"rows": [0]})
    is_gone = pl.col(subject.name).is_in(gone).fill_null(value=False)
    return table.filter(~is_gone), table.select(is_gone.sum())


def _rows(origin: Opened, before: Ingested | None, contract: Contract, key: Key | None) -> pl.LazyFrame:
    """What came before, and what is new since, in the order of arrival."""
    if before is None:
        return protected(origin.whole(), contract, key)
    old = pl.scan_parquet(paths.build_dir("ingest") / DATA)
    new = tuple(sorted(set(origin.about.files) - set(before.files)))
    if origin.about.files and not new:
        return old
    return pl.concat([old, protected(origin.scan(new), contract, key)], how="diagonal_relaxed")


if __name__ == "__main__":
    run(main)
