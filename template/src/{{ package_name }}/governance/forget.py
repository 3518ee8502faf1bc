"""`make forget SUBJECT=<id>`: every stored trace of one person goes, and a record tells what was done.

The record comes first, so that from then on no row of the person comes in. The command can be interrupted at
any point and run again: what leads to other things is removed after them.
"""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from .. import contract as contracts
from .. import erasures, params, paths, pseudonym, track
from ..contract import Column
from ..erasures import Erasure
from ..errors import UserError, run
from ..files import read_json, write_json
from ..ingest import DATA
from ..params import INCREMENTS, Ingest
from . import stores, tables, workspace
from .key import BEFORE_VARIABLE
from .left import left
from .search import Found, Search
from .tables import Person
from .versions import INGEST

VARIABLE = "SUBJECT"
NEXT = """
What is left to do:
  make repro                                 the pipeline, without these rows
  git add --all && git commit --message ...  the record, and what was made anew
  dvc push && git push                       for everybody who works on it"""


def main() -> None:
    """Find the person, say what goes, ask, remove it, and write down what was done."""
    contract, settings = contracts.load(paths.ROOT / "contract.yaml"), params.load().ingest
    subject, identifier = whom(contract.subject)
    key = pseudonym.key_named(settings.pseudonym_key)
    keys = [key, *([pseudonym.key(BEFORE_VARIABLE)] if os.environ.get(BEFORE_VARIABLE) else [])]
    search = Search(Person(subject, identifier, [one.pseudonym(identifier) for one in keys]))
    path = erasures.directory() / f"{key.pseudonym(identifier)}.json"
    before = read_json(path, Erasure) if path.exists() else None
    with stores.opened() as (repo, places):
        found = search.run(places)
        require_increments(settings, found)
        record = added(before or Erasure(path.stem, key.identifier, datetime.now(UTC)), found)
        models, unmarked = learned(record.data)
        rest = (*left(settings, search.person, found, {one.identifier for one in keys}), *unmarked)
        print("\n".join(plan(before, found, models, rest)))
        if found or before is None:
            agree("--yes" in sys.argv[1:])
            write_json(path, record)
            clear(repo, found, search.person)
            if search.run(places):
                raise UserError("rows of theirs came back: stop what writes them, and run this again")
    if models:
        track.mark(record.data, f"subject erased {record.asked:%Y-%m-%d}")
    done = msgspec.structs.replace(
        record,
        finished=record.finished or datetime.now(UTC),
        models=_union(record.models, models),
        left=rest,
    )
    if done != before:
        write_json(path, done)
    print(f"forget: done, and written down in {_name(path)}")
    if found:
        print(NEXT)


def whom(subject: Column | None) -> tuple[Column, str]:
    """The column that tells whose a row is, and the identifier of the person.

    It comes by the environment, as everybody on a machine can see the arguments of its programs.

    Raises:
        UserError: there is no such column, or nobody is named.
    """
    if subject is None:
        raise UserError(
            "contract.yaml does not say whose a row is: give the column that does "
            "`customProperties: [{property: handling, value: subject}]`, and run `make repro`"
        )
    if not (identifier := os.environ.get(VARIABLE, "").strip()):
        raise UserError(f"say whom, by {subject.name} as in the source: make forget {VARIABLE}=...")
    return subject, identifier


def require_increments(settings: Ingest, found: Found) -> None:
    """What came in in increments must not go with the rows of one person: it may be in no source any more.

    Raises:
        UserError: it is not in `build/`, where those rows alone can be taken out.
    """
    stored = {version.oid for version in found.history.current if version.path == INGEST}
    if settings.mode == INCREMENTS and stored & found.versions and not (paths.ROOT / INGEST / DATA).exists():
        raise UserError(
            f"{INGEST} is not here, and it may hold what no source has: run `dvc pull {INGEST}` first"
        )


def added(record: Erasure, found: Found) -> Erasure:
    """The record with what is found now; where that is anything, it is still to be finished."""
    return msgspec.structs.replace(
        record,
        finished=None if found else record.finished,
        removed=_union(record.removed, (*in_folder(found), *in_stores(found))),
        commits=_union(record.commits, (commit.sha for commit in found.commits)),
        data=_union(record.data, found.data),
    )


def _union(*some: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set().union(*some)))


def in_folder(found: Found) -> Iterator[str]:
    """What goes from the project's folder: directories, and rows of the tables that are not in these."""
    yield from (_name(directory) for directory in found.made)
    for table in found.tables:
        if not any(table.is_relative_to(directory) for directory in found.made):
            yield f"rows of {_name(table)}"


def _name(path: Path) -> str:
    return path.relative_to(paths.ROOT).as_posix()


def in_stores(found: Found) -> Iterator[str]:
    """The versions that go, by store."""
    names = {version.oid: version.path for version in found.history.commits}
    for store, sizes in found.holdings.sizes.items():
        for oid in found.versions & sizes.keys():
            yield f"{store.name}: {names.get(oid, 'of no commit')} {oid}"


def learned(data: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The registry's versions that learned from such data; or a line, where it cannot be asked."""
    wanted = set(data)
    if not wanted:
        return (), ()
    try:
        named = (found.number for found in track.versions() if found.tags.get("data") in wanted)
        return tuple(f"version {number}" for number in named), ()
    except UserError as error:
        return (), (f"models in the registry are not marked: {error}",)


def plan(before: Erasure | None, found: Found, models: Iterable[str], rest: Iterable[str]) -> Iterator[str]:
    """What goes and what stays: counts and places, no values."""
    if before and before.finished:
        yield f"forget: this person was forgotten on {before.finished:%Y-%m-%d}"
    if not found:
        yield f"forget: no rows of theirs are found; {VARIABLE} has to be as in the source"
    for line in in_folder(found):
        yield f"  goes: {line}"
    for store, sizes in found.holdings.sizes.items():
        if objects := found.objects & sizes.keys():
            size = sum(sizes[oid] for oid in objects) / 1e6
            versions = len(found.versions & sizes.keys())
            yield f"  goes: {versions} versions in the {store.name}, {len(objects)} objects of {size:.1f} MB"
    for commit in found.commits:
        yield f"  can then no longer pull its data: commit {commit.sha[:10]} of {commit.time:%Y-%m-%d}"
    for model in models:
        yield f"  learned from the rows, and is marked for retraining: {model}"
    for line in rest:
        yield f"  stays: {line}"
    yield "  stays outside from now on: whatever comes in of this person"


def agree(yes: bool) -> None:
    """Ask, where it is not agreed already.

    Raises:
        UserError: it is not agreed, and nothing has been touched.
    """
    if yes:
        return
    if not sys.stdin.isatty() or input("Is this to be done? It cannot be undone. [y/N] ").lower() != "y":
        raise UserError("nothing was touched; YES=1 agrees without being asked")


def clear(repo: Any, found: Found, person: Person) -> None:
    """Remove it all, in an order that can be interrupted."""
    for directory in found.made:
        shutil.rmtree(directory)
    for table in filter(Path.exists, found.tables):
        tables.remove(table, person)
    workspace.track_again(repo, found.tables, found.versions)
    found.holdings.delete(found.objects - found.holding - found.rows)
    found.holdings.delete_results(found.objects)
    found.holdings.delete(found.objects & found.holding)
    found.holdings.delete(found.rows)


if __name__ == "__main__":
    run(main)
