"""`make append`: rows that keep the contract go into the Delta table that `ingest` reads."""

import sys
import tempfile
from pathlib import Path

import polars as pl

from .. import contract as contracts
from .. import delta, params, paths, source
from ..errors import UserError, run
from ..params import Ingest
from ..validate import DATA, validate


def main() -> None:
    """Append the rows of the file or folder that is the argument."""
    if len(sys.argv) != 2:
        raise UserError("name the rows: make append FROM=rows.parquet")
    settings = params.load().ingest
    target = settings.source if source.remote(settings.source) else str(paths.ROOT / settings.source)
    if Path(target).suffix:
        raise UserError(
            f"ingest.source in params.yaml is {settings.source}: name the folder of a Delta table there"
        )
    new, version = append(sys.argv[1], target)
    print(f"append: {new} rows are new, and {settings.source} is at version {version}")


def append(rows: str, target: str) -> tuple[int, int]:
    """Add rows to the table at `target`, which is made if need be: how many were new, and its version then.

    A row whose key the table has already stays as it is there, so that this can be run again.

    Raises:
        UserError: the rows cannot be read, or one of them breaks the contract; nothing is added then.
    """
    contract = contracts.load(paths.ROOT / "contract.yaml")
    with tempfile.TemporaryDirectory() as scratch:
        with source.readable(rows, personal=contract.personal):
            report = validate(source.opened(Ingest(rows), contract).whole(), contract, Path(scratch), rows)
        if report.quarantined:
            raise UserError(
                "\n  ".join([f"{rows} breaks contract.yaml; mend it, then append:", *map(str, report.broken)])
            )
        table = pl.read_parquet(Path(scratch) / DATA)
    if not delta.is_table(target):
        return table.height, delta.write(table, target)
    there = delta.scan(delta.opened(target, params.LATEST)).select(contract.key).collect()
    new = table.join(there, on=contract.key, how="anti")
    return new.height, delta.write(new, target)


if __name__ == "__main__":
    run(main)
