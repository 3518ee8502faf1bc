"""Tables in Markdown."""

from collections.abc import Iterable, Iterator, Sequence


def table(headings: Sequence[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The lines of a table; a cell's text stays in its cell."""
    yield _row(headings)
    yield "|" + "---|" * len(headings)
    yield from (_row(cells) for cells in rows)


def _row(cells: Iterable[object]) -> str:
    return "".join(f"| {' '.join(str(cell).split()).replace('|', chr(92) + '|')} " for cell in cells) + "|"
