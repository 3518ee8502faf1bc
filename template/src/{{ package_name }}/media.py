"""Bodies: the formats that rows may come in, and those that predictions may go out in."""

import csv
import io
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec

from .decode import Decoded, Decoder, Flag

JSON, LINES, CSV = "application/json", "application/jsonlines", "text/csv"
ANY = "*/*"

Answers = list[dict[str, Any]]
Decode = Callable[[bytes], Decoded]
Encode = Callable[[Answers, list[Flag]], bytes]


def decoders(decoder: Decoder) -> dict[str, Decode]:
    """How a body becomes model inputs, by its media type."""
    return {JSON: decoder.from_json, LINES: decoder.from_lines, CSV: decoder.from_csv}


def to_json(answers: Answers, flags: list[Flag]) -> bytes:
    """`{"predictions": [...]}`, one object for each row; and `flags`, where there is something to say."""
    return msgspec.json.encode(
        {"predictions": answers, "flags": flags} if flags else {"predictions": answers}
    )


def to_lines(answers: Answers, flags: list[Flag]) -> bytes:
    """One object on a line for each row; and `flags` in those of which there is something to say."""
    said: dict[int, list[Flag]] = {}
    for flag in flags:
        said.setdefault(flag.row, []).append(flag)
    return msgspec.json.Encoder().encode_lines(
        [answer | {"flags": said[row]} if row in said else answer for row, answer in enumerate(answers)]
    )


def to_csv(answers: Answers, _: list[Flag]) -> bytes:
    """One line for each row, without a header, and without flags, for which lines have no place."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(answer.values() for answer in answers)
    return text.getvalue().encode()


ENCODERS: dict[str, Encode] = {JSON: to_json, LINES: to_lines, CSV: to_csv}


@lru_cache(256)  # callers have few
def types(header: bytes) -> tuple[str, ...]:
    """The media types of a Content-Type or Accept header, in order, without their parameters."""
    return tuple(part.split(";")[0].strip().lower() for part in header.decode("latin-1").split(","))


def wanted(accepted: tuple[str, ...], sent: str) -> str | None:
    """The first of the accepted media types that can be given; any means that of the request."""
    return next((sent if one == ANY else one for one in accepted if one == ANY or one in ENCODERS), None)
