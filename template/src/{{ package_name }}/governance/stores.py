"""Where versions of data lie: DVC's cache and every remote of the project, object by object.

An object is named by the MD5 of its bytes; a directory is an object, `....dir`, that lists its files. Beside
them are the results that DVC remembers: of a stage, what it read and what it wrote.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import msgspec

from .. import paths
from ..errors import UserError
from ..lockfile import Stage

DIRECTORY = ".dir"
# Remotes are asked several things at once, as each answer takes its time.
AT_ONCE = 16
T = TypeVar("T")
U = TypeVar("U")


class _File(msgspec.Struct, frozen=True):
    md5: str
    relpath: str


class Store:
    """One of the places. What it refuses is a UserError that names it."""

    def __init__(self, name: str, odb: Any, results: str) -> None:
        self.name = name
        self._odb, self._fs, self._results = odb, odb.fs, results
        self._here = odb.fs.protocol == "local"

    def sizes(self) -> dict[str, int]:
        """The objects that are there, with their sizes in bytes."""
        with self._reached():
            if self._here:
                found = {path: Path(path).stat().st_size for path in self._fs.find(self._odb.path)}
            else:
                # DVC's own listing has no sizes.
                listed = self._fs.fs.find(self._odb.path, detail=True)
                found = {path: int(info["size"]) for path, info in listed.items()}
            return {self._odb.path_to_oid(path): size for path, size in found.items()}

    def results(self) -> dict[str, Stage]:
        """The results that are remembered there, by where they are written down."""
        with self._reached():
            found = list(self._fs.find(self._results))
        return dict(zip(found, at_once(self._result, found), strict=True))

    def since(self, oid: str) -> datetime:
        """How long an object has been there."""
        with self._reached():
            time: datetime = self._fs.modified(self._odb.oid_to_path(oid))
            return time

    def head(self, oid: str, size: int) -> bytes:
        """The first bytes of an object, which has that many."""
        return self._read(self._odb.oid_to_path(oid), size)

    def files(self, oid: str) -> dict[str, str]:
        """What a directory lists: by the path of each file its object."""
        listed = msgspec.json.decode(self._read(self._odb.oid_to_path(oid)), type=list[_File])
        return {file.relpath: file.md5 for file in listed}

    @contextmanager
    def here(self, oid: str) -> Iterator[Path]:
        """An object as a file on this machine."""
        path = self._odb.oid_to_path(oid)
        if self._here:
            yield Path(path)
            return
        with TemporaryDirectory() as scratch:
            copy = Path(scratch) / oid
            with self._reached():
                self._fs.get_file(path, str(copy))
            yield copy

    def delete(self, oids: Iterable[str]) -> None:
        """Remove objects."""
        from dvc_data.hashfile.db import get_index

        at_once(self._remove, [self._odb.oid_to_path(oid) for oid in oids])
        # What DVC takes to be in a remote without asking it.
        get_index(self._odb).clear()

    def delete_results(self, places: Iterable[str]) -> None:
        """Remove results that are remembered."""
        at_once(self._remove, places)

    def _read(self, path: str, size: int | None = None) -> bytes:
        with self._reached():
            return bytes(self._fs.cat_file(path, start=None if size is None else 0, end=size))

    def _result(self, path: str) -> Stage:
        return msgspec.yaml.decode(self._read(path), type=Stage)

    def _remove(self, path: str) -> None:
        with self._reached():
            if self._fs.protocol != "s3":
                self._fs.rm_file(path)
                return
            # A bucket may keep what is deleted in it: so each of its versions is.
            bucket, _, key = path.partition("/")
            s3 = self._fs.fs
            kept = s3.call_s3("list_object_versions", Bucket=bucket, Prefix=key)
            for one in (*kept.get("Versions", ()), *kept.get("DeleteMarkers", ())):
                if one["Key"] == key:
                    s3.call_s3("delete_object", Bucket=bucket, Key=key, VersionId=one["VersionId"])
            s3.invalidate_cache()

    @contextmanager
    def _reached(self) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError
        from dvc.exceptions import DvcException

        try:
            yield
        except (OSError, DvcException, BotoCoreError, ClientError) as error:
            detail = (str(error) or type(error).__name__).splitlines()[0]
            raise UserError(
                f"the {self.name} refuses ({detail}): see that you may list, read and delete there, and run "
                "this again"
            ) from error


@contextmanager
def opened() -> Iterator[tuple[Any, tuple[Store, ...]]]:
    """DVC's repository, locked, so that no stage runs meanwhile; and all stores, the cache first.

    Raises:
        UserError: DVC is at work, or its settings are wrong.
    """
    from dvc.exceptions import DvcException
    from dvc.repo import Repo, lock_repo

    try:
        with Repo(str(paths.ROOT)) as repo, lock_repo(repo):
            yield repo, tuple(_stores(repo))
    except DvcException as error:
        raise UserError(f"DVC refuses: {str(error).splitlines()[0]}") from error


def _stores(repo: Any) -> Iterator[Store]:
    yield Store("cache", repo.cache.local, repo.stage_cache.cache_dir)
    for name in repo.config["remote"]:
        remote = repo.cloud.get_remote(name)
        if remote.fs.version_aware or remote.worktree:
            raise UserError(
                f"the remote {name} is version_aware and keeps no objects: delete there by hand, and take it "
                "out of .dvc/config"
            )
        results = remote.fs.join(remote.legacy_odb.path, "runs")
        yield Store(f"remote {name}", remote.odb, results)


def at_once(work: Callable[[T], U], things: Iterable[T]) -> list[U]:
    """What `work` makes of each thing, in order."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(work, things))
