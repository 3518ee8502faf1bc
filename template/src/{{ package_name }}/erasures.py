"""Whom the project has forgotten: one record a person, in git, by pseudonym.

`make forget` writes them. From then on no row of that person comes in, wherever it comes from.
"""

import datetime as dt
from pathlib import Path

import msgspec

from . import paths
from .files import read_json


class Erasure(msgspec.Struct, frozen=True):
    """What was done for one person: `removed` from where, and what was `left`, with whom it lies now.

    `key` is the identifier of the key under which the pseudonym was made. `commits` are those whose data can
    no longer be pulled. `data` are the digests of the data that models learned from, and `models` the
    registry's versions that did. Without `finished` the erasure was interrupted, and goes on when it is asked
    for again.
    """

    pseudonym: str
    key: str
    asked: dt.datetime
    finished: dt.datetime | None = None
    removed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    models: tuple[str, ...] = ()


def directory() -> Path:
    """Where the records are."""
    return paths.ROOT / "governance" / "erasures"


def load() -> tuple[Erasure, ...]:
    """All records.

    Raises:
        UserError: one does not fit.
    """
    return tuple(read_json(path, Erasure) for path in sorted(directory().glob("*.json")))


def forgotten(key: str) -> list[str]:
    """The pseudonyms, under a key, whose rows must not come in."""
    return [erasure.pseudonym for erasure in load() if erasure.key == key]
