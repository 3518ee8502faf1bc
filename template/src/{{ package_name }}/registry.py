"""A model's versions, as any registry has them; `track` knows the registry."""

from datetime import datetime
from typing import NamedTuple

import msgspec


class Version(NamedTuple):
    """A version of the model in the registry, and whether it has just been made."""

    name: str
    new: bool


class Registered(msgspec.Struct, frozen=True):
    """A version that there is: its number, when it was made, and what `register` wrote of it."""

    number: str
    made: datetime
    tags: dict[str, str]
