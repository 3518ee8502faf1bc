"""`make retention`: the versions of the data that are older than the contract allows; YES=1 deletes them.

A version is as old as the newest commit that brought it in; one that no commit names, as its oldest copy.
Models are kept.
"""

import shutil
import sys
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

import msgspec

from .. import contract as contracts
from .. import paths
from ..contract import Contract
from ..errors import UserError, run
from ..source import KINDS
from . import stores, versions
from .holdings import Holdings, look
from .versions import History, Version

BUILD = "build/"
CSV, PARQUET = KINDS
UNNAMED = "of no commit"


class Aged(msgspec.Struct, frozen=True, order=True):
    """A version of the data, and since when it has been there; what no commit names has no path."""

    since: datetime
    version: Version


def main() -> None:
    """Show what is past its retention, and delete it where that is agreed."""
    contract, now = contracts.load(paths.ROOT / "contract.yaml"), datetime.now(UTC)
    if contract.retention_days is None:
        raise UserError(
            "contract.yaml sets no retention: write it under slaProperties, `property: retention`"
        )
    with stores.opened() as (_, places):
        holdings = look(places)
        history = versions.history(holdings.stages())
        kept = sorted(aged(holdings, history, contract))
        past = [one for one in kept if one.since < now - timedelta(days=contract.retention_days)]
        print(f"retention: {len(past)} of {len(kept)} versions are older than {contract.retention_days} days")
        print("\n".join(lines(past, now, holdings, history)))
        if past and "--yes" in sys.argv[1:]:
            delete({one.version for one in past}, holdings, history)
            print("retention: they are deleted")
        elif past:
            print("retention: `make retention YES=1` deletes them, and it cannot be undone")


def aged(holdings: Holdings, history: History, contract: Contract) -> Iterator[Aged]:
    """Every version of the data that lies in a store."""
    places = holdings.places()
    for version, commits in history.commits.items():
        if version.oid in places and is_data(version.path, holdings.directories.get(version.oid, {})):
            times = {commit.time for commit in commits} or {holdings.since(version.oid)}
            yield Aged(max(times), version)
    for oid in places.keys() - holdings.parts() - {version.oid for version in history.commits}:
        files = holdings.directories.get(oid)
        if is_data("", files) if files else holdings.is_table(places[oid], oid, contract.key[0]):
            yield Aged(holdings.since(oid), Version("", oid))


def is_data(path: str, files: Collection[str]) -> bool:
    """Whether a version is rows: a source has tables, a stage that writes rows has .parquet."""
    kinds = {PurePosixPath(name).suffix for name in files or [path]}
    if path and not path.startswith(BUILD):
        return not kinds.isdisjoint(KINDS)
    return PARQUET in kinds or kinds == {CSV}


def lines(past: list[Aged], now: datetime, holdings: Holdings, history: History) -> Iterator[str]:
    """The table, and what to do about the versions that are in use."""
    for since, version in map(msgspec.structs.astuple, past):
        objects = holdings.needed_by({version.oid})
        size = max(sum(sizes.get(oid, 0) for oid in objects) for sizes in holdings.sizes.values())
        there = ", ".join(store.name for store, sizes in holdings.sizes.items() if version.oid in sizes)
        commits = sorted(history.commits.get(version, ()))
        named = f"{version.path}, commit {commits[-1].sha[:10]}" if commits else version.path or UNNAMED
        yield f"  {(now - since).days:>6} days {size / 1e6:>10.1f} MB  {named}  ({there})"
    for version in sorted(one.version for one in past if one.version in history.current):
        remedy = "bring newer data, then `make repro`" if version.path.startswith(BUILD) else "it stays there"
        yield f"  {version.path} is in the project's folder: {remedy}"


def delete(past: set[Version], holdings: Holdings, history: History) -> None:
    """Delete versions, and keep what others need; those that are checked out go from `build/`, too."""
    kept = {version.oid for version in history.commits if version not in past}
    for version in past & history.current:
        if version.path.startswith(BUILD):
            shutil.rmtree(paths.ROOT / version.path, ignore_errors=True)
    gone = holdings.needed_by({version.oid for version in past} - kept) - kept
    holdings.delete(gone)
    holdings.delete_results(gone)


if __name__ == "__main__":
    run(main)
