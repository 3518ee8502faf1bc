"""What is wrong with a CSV file, and in which line.

The reader of tables does not say in which, and fills a row that is too short with missing values.
"""

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import IO

QUOTE = b'"'
# What is longer is no cell, but a quote that nobody closed.
LONGEST = 1 << 20
csv.field_size_limit(LONGEST)


class _CsvError(Exception):
    """What is wrong with a record."""


def first_fault(path: Path) -> str | None:
    """The first fault of a file with commas, quotes and a header, such as `line 9: 7 fields, ...`, or None.

    Lines are those of the file, from 1, as an editor counts them. No value is shown.
    """
    width = None
    with path.open("rb") as file:
        for line, record in _records(file):
            try:
                if width is None:
                    width = _header(record)
                else:
                    _check(record, width)
            except _CsvError as fault:
                return f"line {line}: {fault}"
    return None


def _records(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The records of a file, each with the line where it begins: a quoted cell may have line breaks in it."""
    begin, lines, size, quotes = 1, list[bytes](), 0, 0
    for number, line in enumerate(file, 1):
        lines.append(line)
        size += len(line)
        quotes += line.count(QUOTE)
        if quotes % 2 == 0 or size > LONGEST:
            yield begin, b"".join(lines)
            begin, lines, size, quotes = number + 1, [], 0, 0
    if lines:
        yield begin, b"".join(lines)


def _header(record: bytes) -> int:
    """How many columns there are."""
    names = _cells(_text(record.removeprefix(codecs.BOM_UTF8)))
    for place, name in enumerate(names):
        if not name.strip():
            raise _CsvError(f"column {place + 1} has no name: give it one")
        if name in names[:place]:
            first = names.index(name) + 1
            raise _CsvError(f"columns {first} and {place + 1} have the same name: rename one")
    return len(names)


def _check(record: bytes, width: int) -> None:
    text = _text(record)
    # Where nothing is quoted, to count is enough, and several times as fast.
    fields = len(_cells(text)) if '"' in text or "\r" in text[:-2] else text.count(",") + 1
    if fields != width:
        found = f"{fields} field{'s' * (fields != 1)}" if text.strip() else "nothing"
        raise _CsvError(f"{found}, where the header has {width}: mend the row")


def _text(record: bytes) -> str:
    try:
        text = record.decode()
    except UnicodeDecodeError as error:
        byte = error.start + 1
        raise _CsvError(f"its byte {byte} is not UTF-8: save the whole file with that encoding") from None
    if "\0" in text:
        raise _CsvError("a zero byte, which no text has: save the file as UTF-8")
    return text


def _cells(text: str) -> list[str]:
    if text.count('"') % 2:
        raise _CsvError("a quote that nothing closes: close it, or write it twice where it is part of a cell")
    try:
        (cells,) = csv.reader([text], strict=True)
    except csv.Error as error:
        raise _CsvError(f"no row of CSV ({error}): mend its quotes and line ends") from None
    return cells
