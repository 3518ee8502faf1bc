"""Stage 1: bring the data in, as it is, with a note of where it came from."""

import hashlib
import runpy
from collections.abc import Callable
from pathlib import Path

import msgspec
import polars as pl

from . import params, paths
from .errors import UserError, run
from .files import write_json

READERS: dict[str, Callable[[str], pl.LazyFrame]] = {
    ".csv": lambda pattern: pl.scan_csv(pattern, try_parse_dates=True),
    ".parquet": pl.scan_parquet,
}


class Source(msgspec.Struct, frozen=True):
    """Where the data came from: the words of its publisher where the source has any."""

    source: str
    description: str = ""
    licence: str = ""


class Ingested(Source, frozen=True):
    """A source together with what was read from it."""

    rows: int = 0
    columns: int = 0
    sha256: str = ""


def main() -> None:
    """Write `data.parquet` and `source.json`."""
    table, source = read(params.load().ingest.source)
    if table.is_empty():
        raise UserError(f"{source.source} has no rows: name another ingest.source in params.yaml")
    with paths.output_dir("ingest") as out:
        table.write_parquet(out / "data.parquet")
        digest = hashlib.sha256((out / "data.parquet").read_bytes()).hexdigest()
        record = Ingested(
            source=source.source,
            description=source.description,
            licence=source.licence,
            rows=table.height,
            columns=table.width,
            sha256=digest,
        )
        write_json(out / "source.json", record)
    print(f"ingest: {table.height} rows, {table.width} columns from {source.source}")


def read(source: str) -> tuple[pl.DataFrame, Source]:
    """Read a table.

    Args:
        source: a `.csv` or `.parquet` file, a folder or `s3://` prefix of such files, or a `.py` file whose
            `load()` returns the table and a dictionary with its description and licence. Where a job has
            a channel for it, the files are read from there.

    Raises:
        UserError: there is nothing there, or it cannot be read.
    """
    if (mounted := paths.channel("source")) is not None:
        return _scan(str(mounted), source), Source(source)
    if source.startswith("s3://"):
        return _scan(source.rstrip("/"), source), Source(source)
    path = paths.ROOT / source
    if not path.exists():
        raise UserError(f"{source} does not exist: name the data in params.yaml, under ingest.source")
    if path.suffix == ".py":
        load: Callable[[], tuple[pl.DataFrame, dict[str, str]]] = runpy.run_path(str(path))["load"]
        table, about = load()
        return table, Source(source, **about)
    return _scan(str(path), source), Source(source)


def _scan(location: str, source: str) -> pl.DataFrame:
    """Read one file, or every file of the one kind that a folder holds."""
    suffix = Path(location).suffix
    kinds = [suffix] if suffix else list(READERS)
    if not set(kinds) <= set(READERS):
        raise UserError(f"{source} is a {suffix} file: bring a .csv or .parquet file, or a folder of them")
    for kind in kinds:
        pattern = location if suffix else f"{location}/**/*{kind}"
        try:
            return READERS[kind](pattern).collect()
        except (pl.exceptions.ComputeError, FileNotFoundError, OSError) as error:
            if not suffix and "expanded paths were empty" in str(error):
                continue
            detail = str(error).splitlines()[0]
            raise UserError(f"{source} cannot be read: {detail}") from error
        except pl.exceptions.NoDataError as error:
            raise UserError(f"{source} is empty: name another ingest.source in params.yaml") from error
    raise UserError(f"{source} holds no .csv or .parquet file: name another ingest.source in params.yaml")


if __name__ == "__main__":
    run(main)
