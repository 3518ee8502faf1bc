"""Where data comes from: a file, a folder, an `s3://` prefix, a Delta table, or code."""

import hashlib
import runpy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec
import polars as pl

from . import csv_faults, delta, paths
from .contract import Contract
from .digests import digest_file
from .errors import UserError
from .params import LATEST, Ingest

REMEDY = "name the data in params.yaml, under ingest.source"
KINDS = (".csv", ".parquet")


class File(msgspec.Struct, frozen=True, order=True):
    """A file of a source: its path in it, and what tells its content from another.

    That is the SHA-256 of a file here, the ETag of one on S3; files of a Delta table never change.
    """

    path: str
    mark: str = ""


class Source(msgspec.Struct, frozen=True):
    """Where the data came from: the words of its publisher where it has any; the version of a Delta table."""

    source: str
    description: str = ""
    licence: str = ""
    version: int | None = None
    files: tuple[File, ...] = ()

    @property
    def state(self) -> str | None:
        """What tells this state of the source from another; code has none but itself.

        That is the version of a Delta table, or the SHA-256 of the list of files.
        """
        if self.version is not None:
            return str(self.version)
        return hashlib.sha256(msgspec.json.encode(self.files)).hexdigest() if self.files else None


class Opened(NamedTuple):
    """A source, and how some of its files are read; one that has none is always read whole."""

    about: Source
    scan: Callable[[tuple[File, ...]], pl.LazyFrame]

    def whole(self) -> pl.LazyFrame:
        """All of it."""
        return self.scan(self.about.files)


def opened(settings: Ingest, contract: Contract | None = None) -> Opened:
    """The source that the settings name; in a job, what its channel holds.

    Texts of the contract are read as such, so that an identifier keeps its leading zeros.

    Raises:
        UserError: there is nothing there that can be read.
    """
    name = settings.source
    location = str(paths.channel("source") or (name if remote(name) else paths.ROOT / name))
    if not remote(location) and not Path(location).exists():
        raise UserError(f"{name} does not exist: {REMEDY}")
    if delta.is_table(location):
        return _delta(location, settings)
    if settings.version != LATEST:
        raise UserError(f"{name} is no Delta table, so ingest.version in params.yaml has to be `{LATEST}`")
    if Path(location).suffix == ".py":
        return _code(location, name)
    texts = (
        {column.name: pl.String for column in contract.columns if column.type == "string"} if contract else {}
    )
    return _files(location, name, texts)


@contextmanager
def readable(name: str, *, personal: bool = False) -> Iterator[None]:
    """What goes wrong while a source is read is a mistake in the source, told without its values if personal.

    Raises:
        UserError: it does.
    """
    try:
        yield
    except pl.exceptions.NoDataError:
        raise UserError(f"{name} is empty: {REMEDY}") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        detail = type(error).__name__ if personal else str(error).splitlines()[0]
        raise UserError(f"{name} cannot be read: {detail}") from None


def remote(location: str) -> bool:
    """Whether it is on S3."""
    return location.startswith("s3://")


def _code(location: str, name: str) -> Opened:
    """A .py file whose `load()` returns the table, and a dictionary with its description and licence."""
    load: Callable[[], tuple[pl.DataFrame, dict[str, str]]] = runpy.run_path(location)["load"]
    table, about = load()
    return Opened(
        Source(name, about.get("description", ""), about.get("licence", "")), lambda _: table.lazy()
    )


def _delta(location: str, settings: Ingest) -> Opened:
    table = delta.opened(location, settings.version)
    files = tuple(sorted(File(path) for path in delta.files(table)))
    about = Source(settings.source, version=table.version(), files=files)
    return Opened(
        about, lambda some: delta.scan(table, None if some == files else [one.path for one in some])
    )


def _files(location: str, name: str, texts: dict[str, type[pl.String]]) -> Opened:
    found = dict(sorted(_listed(location, name).items()))
    suffixes = {Path(path).suffix for path in found}
    if not found:
        raise UserError(f"{name} holds no .csv or .parquet file: name another ingest.source in params.yaml")
    if not suffixes <= set(KINDS):
        raise UserError(
            f"{name} is a {suffixes.pop()} file: bring a .csv or .parquet file, or a folder of them"
        )
    if len(suffixes) > 1:
        raise UserError(f"{name} holds {' and '.join(sorted(suffixes))} files: keep those of one kind")
    where = {file.path: path for path, file in found.items()}

    def scan(files: tuple[File, ...]) -> pl.LazyFrame:
        chosen = [where[file.path] for file in files]
        if suffixes == {".csv"}:
            _check_csv(chosen, name)
            # The whole of it decides what a column is: the first rows may be integers, and a later one none.
            return pl.scan_csv(chosen, try_parse_dates=True, schema_overrides=texts, infer_schema_length=None)
        return pl.scan_parquet(chosen)

    return Opened(Source(name, files=tuple(found.values())), scan)


def _check_csv(files: list[str], name: str) -> None:
    """Hold files that are here against what CSV is, as polars fills a row that is too short."""
    for file in map(Path, files):
        if file.exists() and (fault := csv_faults.first_fault(file)) is not None:
            where = name if file.name == Path(name).name else f"{name}: {file.name}"
            raise UserError(f"{where}: {fault}")


def _listed(location: str, name: str) -> dict[str, File]:
    """The files of a source, by where they are."""
    if remote(location):
        return _objects(location, name)
    path = Path(location)
    if path.is_file():
        return {location: File(path.name, digest_file(path))}
    files = (file for file in path.rglob("*") if file.suffix in KINDS)
    return {str(file): File(file.relative_to(path).as_posix(), digest_file(file)) for file in files}


def _objects(location: str, name: str) -> dict[str, File]:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    single = Path(prefix).suffix in KINDS
    folder = prefix if single else prefix.rstrip("/") + "/"
    try:
        pages = (
            boto3.client("s3")
            .get_paginator("list_objects_v2")
            .paginate(Bucket=bucket, Prefix=folder.lstrip("/"))
        )
        objects = [entry for page in pages for entry in page.get("Contents", [])]
    except (BotoCoreError, ClientError) as error:
        raise UserError(f"{name} cannot be listed ({error})") from error
    return {
        f"s3://{bucket}/{entry['Key']}": File(
            Path(entry["Key"]).name if single else entry["Key"].removeprefix(folder), entry["ETag"].strip('"')
        )
        for entry in objects
        if Path(entry["Key"]).suffix in KINDS
    }
