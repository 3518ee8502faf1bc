"""What `make forget` does not remove, as it is not the project's or nobody can tell, and what to do then."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import polars as pl

from .. import paths, source, tools
from ..files import read_json
from ..ingest import DATA, RECORD
from ..params import Ingest
from ..source import KINDS
from . import tables, versions
from .key import BEFORE_VARIABLE
from .search import Found
from .tables import Person
from .versions import INGEST

# The file that every version of the features has.
FEATURES_FILE = "features.json"


class _Record(msgspec.Struct):
    """What is asked of the record of a version."""

    key: str | None = None


def left(settings: Ingest, person: Person, found: Found, keys: set[str]) -> Iterator[str]:
    """A line for each thing. `keys` are the identifiers of the keys at hand."""
    yield from of_source(settings.source)
    for path, times in _in_git(person).items():
        yield f"{path}, {times} times in git's history: `git filter-repo` takes it out, and a forced push"
    for why, times in _unsearched(person, found, keys).items():
        yield f"{times} versions of {INGEST} {why}"
    if times := len(_of_unknown_origin(found)):
        yield (
            f"{times} versions of {versions.FEATURES} that no run leads to, whoever they were made from: "
            "`dvc gc --all-commits --all-experiments --cloud` removes what no commit names"
        )


def of_source(name: str) -> Iterator[str]:
    """A source that others keep."""
    if source.remote(name):
        yield f"{name}: with those who keep it"
    elif Path(name).suffix == ".py":
        yield f"what {name} reads: with those who keep it"
    elif not (paths.ROOT / name).resolve().is_relative_to(paths.ROOT.resolve()):
        yield f"{name}, outside of the project: with those who keep it"


def _in_git(person: Person) -> Counter[str]:
    """The tables that git itself keeps, with rows of the person: how many versions of each."""
    blobs = {(change.path, change.now) for change in versions.changes(*(f"*{kind}" for kind in KINDS))}
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "table"
        for path, blob in blobs:
            if blob.strip("0"):
                copy.write_bytes(tools.blob(blob))
                found[path] += tables.holds(copy, person, f"{path} in git's history")
    return +found


def _unsearched(person: Person, found: Found, keys: set[str]) -> Counter[str]:
    """How many versions there are in which the person would not be found, and why not."""
    counts: Counter[str] = Counter()
    places = found.holdings.places()
    for version in found.history.commits:
        files = found.holdings.directories.get(version.oid, {})
        record, data = files.get(RECORD), files.get(DATA)
        if version.path == INGEST and record in places and data in places:
            with places[record].here(record) as file:
                key = read_json(file, _Record).key
            if key is not None and key not in keys:
                counts[f"under key {key}: run this again with it as {BEFORE_VARIABLE}"] += 1
            with places[data].here(data) as file:
                if person.column not in pl.read_parquet_schema(file):
                    counts[f"without {person.column}, in which nobody can be found"] += 1
    return counts


def _of_unknown_origin(found: Found) -> list[str]:
    """Features that nothing says the origin of. They do not tell whose they are."""
    named = found.holdings.directories.items()
    return [name for name, files in named if FEATURES_FILE in files and name not in found.history.origins]
