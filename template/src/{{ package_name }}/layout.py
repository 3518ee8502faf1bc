"""Lines for a terminal."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A line a row, each cell as wide as the widest of its column."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def text(value: Any) -> str:
    """A parameter, as one would write it."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
