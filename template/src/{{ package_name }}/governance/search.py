"""Where the rows of one person lie: in the project's folder and in its stores."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from .. import paths
from ..ingest import DATA
from . import tables, versions, workspace
from .holdings import Holdings, look
from .stores import DIRECTORY, Store, at_once
from .tables import Person
from .versions import INGEST, Commit, History


class Found(msgspec.Struct, frozen=True):
    """What there is (`holdings`, `history`), and what of it is the person's.

    `tables` are files and Delta tables in the project's folder. `rows` are the objects with rows of theirs,
    `holding` the directories that have one of those; `versions` are these directories, those that were made
    from them, and files with rows that are no part of a directory; `objects` is all that goes with them.
    `data` are the SHA-256 digests of the tables that models learned from, where they have rows of theirs.
    """

    holdings: Holdings
    history: History
    tables: tuple[Path, ...]
    rows: frozenset[str]
    holding: frozenset[str]
    versions: frozenset[str]
    objects: frozenset[str]
    data: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.tables or self.objects)

    @property
    def made(self) -> tuple[Path, ...]:
        """The stages' directories that go whole, as they are made again, in the order to remove them."""
        current = {version.oid for version in self.history.current}
        if not self.tables and current.isdisjoint(self.versions):
            return ()
        directories = (paths.ROOT / name for name in reversed(versions.MADE))
        return tuple(directory for directory in directories if directory.exists())

    @property
    def commits(self) -> list[Commit]:
        """Those that brought in what goes: their data can no longer be pulled."""
        named = self.history.commits.items()
        return sorted({one for version, some in named if version.oid in self.versions for one in some})


class Search:
    """The search for one person. What an object holds is asked once, as objects never change."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self._digests: dict[str, str | None] = {}

    def run(self, stores: Iterable[Store]) -> Found:
        """Look into the project's folder and into the stores."""
        holdings = look(stores)
        history = versions.history(holdings.stages())
        places, directories = holdings.places(), holdings.directories
        new = [oid for oid in places if oid not in self._digests and not oid.endswith(DIRECTORY)]
        digests = at_once(lambda oid: self._digest(places[oid], oid, holdings), new)
        self._digests.update(zip(new, digests, strict=True))
        rows = {oid for oid in places if self._digests.get(oid)}
        holding = {name for name, files in directories.items() if not rows.isdisjoint(files.values())}
        made = {name for name, origins in history.origins.items() if not holding.isdisjoint(origins)}
        alone = rows - holdings.parts()
        came_in = {version.oid for version in history.commits if version.path == INGEST}
        learned = {directories[name].get(DATA, "") for name in holding - came_in}
        return Found(
            holdings=holdings,
            history=history,
            tables=tuple(sorted(path for path in workspace.tables() if tables.holds(path, self.person))),
            rows=frozenset(rows),
            holding=frozenset(holding),
            versions=frozenset(holding | made | alone),
            objects=frozenset((holdings.needed_by(holding | made) | rows) & places.keys()),
            data=frozenset(digest for oid in learned if (digest := self._digests.get(oid))),
        )

    def _digest(self, store: Store, oid: str, holdings: Holdings) -> str | None:
        """The SHA-256 digest of an object with rows of theirs; None of any other."""
        if not holdings.is_table(store, oid, self.person.column):
            return None
        with store.here(oid) as path:
            if not tables.holds(path, self.person, f"object {oid} in the {store.name}"):
                return None
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
