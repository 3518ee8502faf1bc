"""What differs between two sets of properties, by path."""

import json
from collections.abc import Iterator
from typing import Any, Literal

Kind = Literal["ADD", "DELETE", "UPDATE"]


def differences(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, Kind]]:
    """The paths (`rules[0].status`) at which something is new, gone or another.

    Texts that are JSON documents are equal where the documents are.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from differences(old.get(key), new.get(key), f"{path}.{key}" if path else key)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from differences(before, after, f"{path}[{index}]")
    elif not _equal(old, new):
        yield path, "ADD" if old is None else "DELETE" if new is None else "UPDATE"


def _equal(old: Any, new: Any) -> bool:
    return bool(old == new) or (_document(old) is not None and _document(old) == _document(new))


def _document(value: Any) -> Any:
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return None
    try:
        return json.loads(value)
    except ValueError:
        return None
