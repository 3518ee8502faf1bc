"""dvc.lock: what the last run of the pipeline read and wrote."""

import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec

from . import paths
from .digests import digest_file
from .errors import UserError
from .files import flatten, read_yaml

REMEDY = "run `make repro`"


class Entry(msgspec.Struct, frozen=True):
    """A file or directory. What lies in a bucket has no md5 here, but an etag."""

    path: str
    md5: str | None = None
    size: int = 0


class Stage(msgspec.Struct, frozen=True):
    """What one stage read and wrote, its parameters included."""

    cmd: str | list[str]
    deps: tuple[Entry, ...] = ()
    outs: tuple[Entry, ...] = ()
    params: dict[str, dict[str, Any]] = {}


class Lock(msgspec.Struct, frozen=True):
    """The stages by name, `foreach` and `matrix` expanded."""

    stages: dict[str, Stage]

    def parameters(self) -> dict[str, Any]:
        """The parameters that the stages ran with, by name: those in params.yaml may have changed since."""
        values = (values for stage in self.stages.values() for values in stage.params.values())
        return {name: leaf for tree in values for name, leaf in flatten(tree).items()}

    def written(self, stage: str) -> str:
        """DVC's hash of the directory that a stage wrote."""
        (out,) = self.stages[stage].outs
        return out.md5 or ""

    def upstream(self) -> dict[str, list[str]]:
        """For each stage the stages whose directories it read."""
        writers = {entry.path: name for name, stage in self.stages.items() for entry in stage.outs}
        return {
            name: [writers[entry.path] for entry in stage.deps if entry.path in writers]
            for name, stage in self.stages.items()
        }


def digest() -> str:
    """The digest of dvc.lock: the identity of a run."""
    return digest_file(_path())


def read() -> Lock:
    """The lock of a whole run, which is the one in `build/`.

    Raises:
        UserError: the pipeline has not run, has stopped half-way, or `build/` has changed since.
    """
    lock = read_yaml(_path(), Lock)
    _check_whole(lock)
    for stage in ("evaluate", "package"):
        _check_outputs(lock, stage)
    return lock


def _path() -> Path:
    path = paths.ROOT / "dvc.lock"
    if not path.exists():
        raise UserError(f"the pipeline has not run, as there is no dvc.lock: {REMEDY}")
    return path


def _check_whole(lock: Lock) -> None:
    """Every stage must have read what the stage before it wrote last."""
    written = {entry.path: entry.md5 for stage in lock.stages.values() for entry in stage.outs}
    for name, stage in lock.stages.items():
        for entry in stage.deps:
            if written.get(entry.path, entry.md5) != entry.md5:
                raise UserError(f"the last run stopped before {name}, as {entry.path} is newer: {REMEDY}")


def _check_outputs(lock: Lock, name: str) -> None:
    """The stage's directory must hold what the lock says. Only for small ones: all bytes are read."""
    if name not in lock.stages:
        raise UserError(f"the last run stopped before {name}, as dvc.lock lacks it: {REMEDY}")
    for entry in lock.stages[name].outs:
        directory = paths.ROOT / entry.path
        if not directory.is_dir():
            raise UserError(f"{entry.path} is missing: {REMEDY}")
        if entry.md5 != directory_md5(directory):
            raise UserError(f"{entry.path} is not what dvc.lock says, so it has been altered: {REMEDY}")


def directory_md5(directory: Path) -> str:
    """A directory's hash as DVC takes it: of the list of its files' hashes and names."""
    listing = [
        {
            "md5": hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest(),
            "relpath": path.relative_to(directory).as_posix(),
        }
        for path in directory.rglob("*")
        if path.is_file()
    ]
    listing.sort(key=lambda entry: entry["relpath"])
    text = json.dumps(listing, sort_keys=True)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() + ".dir"
