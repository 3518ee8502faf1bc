"""What the stores hold together, and how something is taken out of them."""

from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec

from ..lockfile import Stage
from .stores import DIRECTORY, Store, at_once
from .tables import HEAD_BYTES, is_table


class Holdings(msgspec.Struct, frozen=True):
    """By store the sizes of its objects, and the results it remembers; by directory its files' objects."""

    sizes: dict[Store, dict[str, int]]
    results: dict[Store, dict[str, Stage]]
    directories: dict[str, dict[str, str]]

    def places(self) -> dict[str, Store]:
        """For each object the store to read it from: the first that has it."""
        return {oid: store for store in reversed(self.sizes) for oid in self.sizes[store]}

    def since(self, oid: str) -> datetime:
        """How long an object has been anywhere."""
        return min(store.since(oid) for store, sizes in self.sizes.items() if oid in sizes)

    def is_table(self, store: Store, oid: str, column: str) -> bool:
        """Whether an object is a .parquet file, or a .csv file with this column."""
        size = self.sizes[store][oid]
        return size > 0 and is_table(store.head(oid, min(size, HEAD_BYTES)), column)

    def stages(self) -> list[Stage]:
        """The results that are remembered anywhere."""
        return [stage for results in self.results.values() for stage in results.values()]

    def parts(self) -> set[str]:
        """The objects that are files of a directory."""
        return {oid for files in self.directories.values() for oid in files.values()}

    def needed_by(self, versions: Collection[str]) -> set[str]:
        """The objects of some versions that no other directory has."""
        others = (files.values() for name, files in self.directories.items() if name not in versions)
        own = (self.directories.get(name, {}).values() for name in versions)
        return set(versions).union(*own).difference(*others)

    def delete(self, oids: Collection[str]) -> None:
        """Remove objects from every store, directories last: by them the others can be found again."""
        directories = {oid for oid in oids if oid.endswith(DIRECTORY)}
        for some in (set(oids) - directories, directories):
            for store, sizes in self.sizes.items():
                store.delete(sizes.keys() & some)

    def delete_results(self, oids: Collection[str]) -> None:
        """Remove the results that name any of these objects."""
        for store, results in self.results.items():
            store.delete_results(path for path, stage in results.items() if _names(stage, oids))


def look(stores: Iterable[Store]) -> Holdings:
    """Look into the stores."""
    sizes = {store: store.sizes() for store in stores}
    holdings = Holdings(sizes, {store: store.results() for store in sizes}, {})
    listed = [(oid, store) for oid, store in holdings.places().items() if oid.endswith(DIRECTORY)]
    files = at_once(lambda one: one[1].files(one[0]), listed)
    holdings.directories.update({oid: found for (oid, _), found in zip(listed, files, strict=True)})
    return holdings


def _names(stage: Stage, oids: Collection[str]) -> bool:
    return any(entry.md5 in oids for entry in (*stage.deps, *stage.outs))
