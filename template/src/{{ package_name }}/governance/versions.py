"""Which versions there are of what DVC keeps: those that commits name, experiments' among them."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import PurePosixPath
from typing import NamedTuple

import msgspec

from .. import paths, tools
from ..lockfile import Entry, Lock, Stage

LOCK, TRACKED = "dvc.lock", ".dvc"
INGEST, VALIDATE, FEATURES = "build/ingest", "build/validate", "build/features"
# The directories of rows that are made of what came in; those of the last do not tell whose they are.
MADE = (VALIDATE, FEATURES)


class Version(msgspec.Struct, frozen=True, order=True):
    """A directory or file as it was once, and the name of its object."""

    path: str
    oid: str

    def __str__(self) -> str:
        return f"{self.path} {self.oid}"


class Commit(msgspec.Struct, frozen=True, order=True):
    """A commit, and when it was made."""

    time: datetime
    sha: str


class Change(NamedTuple):
    """What a commit made of a file: its content now and before, by git's names, a parent each."""

    commit: Commit
    path: str
    now: str
    before: list[str]


class History(msgspec.Struct, frozen=True):
    """All versions, with the commits that brought each in, none where that is still to come.

    `current` are those that are checked out. `origins` are what each version of the features was made from.
    """

    commits: dict[Version, set[Commit]]
    current: frozenset[Version]
    origins: dict[str, set[str]]


class _Tracked(msgspec.Struct, frozen=True):
    outs: tuple[Entry, ...] = ()


def history(remembered: Iterable[Stage]) -> History:
    """What git and the files here tell, and the results that DVC remembers.

    A version comes in with the commit that names it where its parents do not: one that only goes on using
    it brings nothing in.
    """
    commits: dict[Version, set[Commit]] = {}
    stages = [*remembered]
    for change in changes(LOCK, f"*{TRACKED}"):
        before = {version for blob in change.before for version in _in_git(change.path, blob)[0]}
        versions, ran = _in_git(change.path, change.now)
        stages += ran
        for version in versions - before:
            commits.setdefault(version, set()).add(change.commit)
    current: set[Version] = set()
    tracked = tools.git("ls-files", "--cached", "--others", "--exclude-standard", f"*{TRACKED}")
    for path in (LOCK, *tracked.splitlines()):
        if (paths.ROOT / path).exists():
            versions, ran = _read(path, (paths.ROOT / path).read_bytes())
            current |= versions
            stages += ran
    origins: dict[str, set[str]] = {}
    for stage in stages:
        for out in stage.outs:
            if out.path == FEATURES and out.md5:
                origins.setdefault(out.md5, set()).update(dep.md5 for dep in stage.deps if dep.md5)
    return History({version: set() for version in current} | commits, frozenset(current), origins)


def changes(*patterns: str) -> Iterator[Change]:
    """Every change of files with such names, in all commits that any reference leads to."""
    options = ("--all", "--full-history", "-c", "--raw", "--no-abbrev", "--no-renames", "--format=%x00%H %ct")
    settings = ("-c", "core.quotePath=false", "-c", "log.showRoot=true")
    for part in tools.git(*settings, "log", *options, "--", *patterns).split("\0")[1:]:
        head, *lines = part.splitlines()
        sha, seconds = head.split()
        commit = Commit(datetime.fromtimestamp(int(seconds), UTC), sha)
        for line in filter(None, lines):
            # A colon for each parent; then the modes, the names and the kind of change.
            words, path = line.split("\t", 1)
            parents = len(words) - len(words.lstrip(":"))
            names = words.split()[parents + 1 : -1]
            yield Change(commit, path, names[-1], names[:-1])


@cache
def _in_git(path: str, blob: str) -> tuple[frozenset[Version], tuple[Stage, ...]]:
    return _read(path, tools.blob(blob)) if blob.strip("0") else (frozenset(), ())


def _read(path: str, content: bytes) -> tuple[frozenset[Version], tuple[Stage, ...]]:
    """The versions that a dvc.lock or .dvc file names, and the stages. What DVC cannot read names nothing."""
    try:
        if path == LOCK:
            stages = tuple(msgspec.yaml.decode(content, type=Lock).stages.values())
            outs, folder = [out for stage in stages for out in stage.outs], PurePosixPath()
        else:
            stages, outs = (), list(msgspec.yaml.decode(content, type=_Tracked).outs)
            folder = PurePosixPath(path).parent
    except msgspec.MsgspecError:
        return frozenset(), ()
    return frozenset(Version(str(folder / out.path), out.md5) for out in outs if out.md5), stages
