"""`make lineage`: from a model back to all that it was made from, or from data on to every model.

The registry keeps what a version says of itself, and the rest is asked where it is: the commit, DVC's stores,
and the history of released.yaml, which tells who released what.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from .. import erasures, last_run, lineage, tools, track
from ..digests import digest_file
from ..errors import UserError, run
from ..files import read_yaml
from ..ingest import DATA
from ..layout import aligned, text
from ..lineage import IN_GIT
from ..lockfile import Lock
from ..registry import Registered
from ..released import Release, Releases
from . import kept

RELEASED = "released.yaml"
UNKNOWN = "not recorded"
SHORT = 12  # digits of a digest in the table


class Line(NamedTuple):
    """One fact: what, its value, and whether it can still be found."""

    what: str
    value: str
    found: str = ""


class Made(msgspec.Struct, frozen=True):
    """A model as it was registered, `told` in the registry's words, and as its commit has it.

    `digests` are those of the inputs that git keeps, `forgotten` is how many people were.
    """

    told: dict[str, str]
    lock: Lock
    digests: dict[str, str]
    forgotten: int


def main() -> None:
    """One version in full, or the table: of all versions, or of those that learned from some data."""
    parser = argparse.ArgumentParser(prog="make lineage", description=__doc__)
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument("--model", default="")
    asked.add_argument("--data", default="")
    given = parser.parse_args()
    found = sorted(track.versions(), key=lambda version: version.made, reverse=True)
    if not found:
        raise UserError("no model is registered yet: run `make register`")
    print("\n".join(back(named(found, given.model)) if given.model else table(onward(found, given.data))))


def named(versions: list[Registered], number: str) -> Registered:
    """The version of this number.

    Raises:
        UserError: there is none.
    """
    for version in versions:
        if version.number == number:
            return version
    raise UserError(f"there is no version {number}: `make lineage` lists those that there are")


def onward(versions: list[Registered], data: str) -> list[Registered]:
    """The versions that learned from data whose digest begins like this, before or after validation.

    Raises:
        UserError: none did.
    """
    found = [
        version
        for version in versions
        if any(version.tags.get(name, "").startswith(data) for name in ("data", "ingested"))
    ]
    if not found:
        raise UserError(f"no model learned from data {data}: `make lineage` lists the data of every model")
    return found


def table(versions: list[Registered]) -> Iterator[str]:
    """A line a version."""
    names = ("data", "ingested", "contract_version", "commit")
    rows = [
        (
            version.number,
            f"{version.made:%Y-%m-%d %H:%M}",
            *(version.tags.get(name, UNKNOWN)[:SHORT] for name in names),
        )
        for version in versions
    ]
    yield from aligned([("version", "registered", "data", "ingested", "contract", "commit"), *rows])


def back(version: Registered) -> Iterator[str]:
    """All that a version was made from, who released it, and whether it can still be found."""
    yield f"{last_run.project()} {version.number}, registered {version.made:%Y-%m-%d %H:%M} UTC"
    commit = version.tags.get("commit", UNKNOWN)
    if not tools.has_commit(commit):
        yield f"git no longer has its commit, {commit}; the registry says of it:"
        yield from aligned(sorted(version.tags.items()))
        return
    made = of_commit(defaultdict(lambda: UNKNOWN, version.tags))
    for part in (data, code, model, released):
        yield from ("", part.__name__, *(f"  {line}" for line in aligned([*part(made)])))


def of_commit(told: dict[str, str]) -> Made:
    """The model with what its commit has of it."""
    with tools.files_of(told["commit"], "dvc.lock", *IN_GIT.values()) as root:
        lock = read_yaml(root / "dvc.lock", Lock)
        forgotten = len([*(root / IN_GIT["erasures"]).glob("*.json")])
        return Made(told, lock, lineage.in_git(root), forgotten)


def data(made: Made) -> Iterator[Line]:
    """The rows, where they came from, and what was asked of them."""
    told = made.told
    yield Line("learned from", told["data"], _kept(made, "validate", DATA, told["data"]))
    yield Line("ingested", told["ingested"], _kept(made, "ingest", DATA, told["ingested"]))
    yield Line("", "since " + _first_commit(made.lock.written("ingest"), told["commit"]))
    yield Line("source", made.lock.parameters()["ingest.source"])
    yield Line("", f"version {told['origin']}")
    yield Line("contract", told["contract"], _same(made, "contract"))
    yield Line("", f"version {told['contract_version']}")
    yield Line("pseudonym key", told["pseudonym_key"])
    yield Line("erasures", told["erasures"], _same(made, "erasures"))
    yield Line("", f"{made.forgotten} in force")


def code(made: Made) -> Iterator[Line]:
    """What ran, with which parameters, in which environment."""
    yield Line("commit", made.told["commit"], "in git")
    for name in ("source", "lock", "params"):
        yield Line(IN_GIT[name], made.told[name], _same(made, name))
    for name, value in made.lock.parameters().items():
        yield Line("", f"{name}: {text(value)}")


def model(made: Made) -> Iterator[Line]:
    """What came out, and how good it is."""
    yield Line("package", made.told["digest"], _kept(made, "package", "model.tar.gz", made.told["archive"]))
    yield Line("verdict", made.told["verdict"])
    for metric in made.told["metrics"].split(", "):
        yield Line("", metric)


def released(made: Made) -> Iterator[Line]:
    """Each commit that named the model in released.yaml: the environment, the day, and who."""
    digest = made.told["digest"]
    log = tools.git("log", "--reverse", f"-G{digest}", "--format=%h%x09%as%x09%an <%ae>", "--", RELEASED)
    found = []
    for commit, day, who in (line.split("\t") for line in log.splitlines()):
        before, after = _releases(f"{commit}^"), _releases(commit)
        found += [
            Line(environment, f"{day} by {who}", f"commit {commit}")
            for environment in after
            if after[environment] == digest != before.get(environment)
        ]
    yield from found or [Line("not released", "")]


def _releases(commit: str) -> dict[str, str]:
    """The digests that released.yaml names in a commit, by environment."""
    try:
        content = msgspec.yaml.decode(tools.git("show", f"{commit}:{RELEASED}"), type=Releases)
    except (UserError, msgspec.MsgspecError):  # there was none yet, or none that fits
        return {}
    return {name: one.digest for name, one in content.items() if isinstance(one, Release)}


def _first_commit(md5: str, commit: str) -> str:
    """The day of the first commit, up to this one, whose dvc.lock has a hash."""
    log = tools.git("log", "--reverse", "-m", f"-S{md5}", "--format=%as, commit %h", commit, "--", "dvc.lock")
    return log.splitlines()[0]


def _same(made: Made, name: str) -> str:
    """Whether the commit still has an input as the model was made from it."""
    return "as in the commit" if made.digests.get(name) == made.told[name] else "NOT as in the commit"


def _kept(made: Made, stage: str, file: str, digest: str) -> str:
    """Whether DVC still keeps what a stage wrote, and, where that is on this computer, unaltered."""
    try:
        found = kept.find(made.lock.written(stage))
    except UserError as error:
        return str(error)
    if found is None:
        erased = made.told["commit"].startswith(tuple(c for one in erasures.load() for c in one.commits))
        return "gone, by an erasure" if erased else "gone"
    if not found.files:
        return f"in {found.store}"
    same = digest_file(found.files[file]) == digest
    return f"in {found.store}, {'unaltered' if same else 'ALTERED'}"


if __name__ == "__main__":
    run(main)
