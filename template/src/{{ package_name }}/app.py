"""The ASGI application: what is asked for, and what is answered.

Rows are decoded and scored where the request arrives, on the event loop: a few rows take less time than
handing them to a thread. A body that would hold up the others goes to one.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple

import msgspec

from . import contract, media, openapi, predictor, task
from .decode import Decoder, Flag, RequestError
from .exposition import Exposition
from .media import JSON
from .openapi import LONGEST_ID

# "Maximum payload size for endpoint invocation", in SageMaker's quotas at
# https://docs.aws.amazon.com/general/latest/gr/sagemaker.html
LARGEST_BODY = 6 * 1024 * 1024
# Bytes from which a body is worth a thread.
LARGE = 128 * 1024
ID = openapi.ID.lower().encode()  # as ASGI has a header's name
METHODS = {
    "/": "GET",
    "/execution-parameters": "GET",
    "/invocations": "POST",
    "/metrics": "GET",
    "/openapi.json": "GET",
    "/ping": "GET",
    "/version": "GET",
}
LONGEST_ERROR = 500  # signs; a request can bring a name of any length
FORMATS = f"{JSON}, {media.LINES} or {media.CSV}"
TEXT, HTML = "text/plain; version=0.0.4; charset=utf-8", "text/html; charset=utf-8"

log = logging.getLogger(__name__)

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = dict[bytes, bytes]


class Limits(msgspec.Struct, frozen=True):
    """What one worker takes on: bytes of a body, and requests that wait for an answer."""

    body: int = LARGEST_BODY
    queue: int = 128


class Answer(NamedTuple):
    """What is sent back, with headers besides those of its content; and what is counted of it."""

    status: int
    kind: str
    content: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()
    rows: int = 0
    flags: Sequence[Flag] = ()


class GoneError(Exception):
    """The caller has hung up: nobody waits for an answer."""


class App:
    """Serves the model packaged in `directory`; `digest` is the package's."""

    def __init__(self, directory: Path, digest: str, limits: Limits) -> None:
        self.model = predictor.load(directory)
        self.digest = digest
        self.limits = limits
        agreed = contract.load(directory / "contract.yaml")
        decoder = Decoder(agreed, self.model.manifest.features)
        self._decode = media.decoders(decoder)
        self._prefix, self._numbers = token_hex(10).encode(), count()  # of the ids that are made here
        self._large = asyncio.Lock()
        self._seen = Exposition()
        self._fixed = openapi.pages(agreed, decoder, self.model.manifest, digest, limits.body)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        try:
            answer = await self._answer(scope["path"], scope["method"], dict(scope["headers"]), receive)
        except GoneError:
            return
        await put(answer, send)

    async def busy(self, scope: Message, _: Receive, send: Send) -> None:
        """Turn a request away, before anything of it is read."""
        name = dict(scope["headers"]).get(ID, b"none")
        log.warning("too many requests at a time", extra={"facts": {"id": name.decode("latin-1")}})
        self._seen.request(503, 0.0)
        await put(refusal(503, "too many requests at a time: try again soon", (b"retry-after", b"1")), send)

    async def _answer(self, path: str, method: str, headers: Headers, receive: Receive) -> Answer:
        if path not in METHODS:
            return refusal(404, f"there is nothing here: {', '.join(METHODS)}")
        if method != METHODS[path]:
            allow = (b"allow", METHODS[path].encode())
            return refusal(405, f"{method} does not work here: {METHODS[path]} {path}", allow)
        if path == "/invocations":
            return await self._invocation(headers, receive)
        if path == "/ping":
            return Answer(200, JSON, b"{}")
        if path == "/metrics":
            return Answer(200, TEXT, self._seen.text())
        return Answer(200, HTML if path == "/" else JSON, self._fixed[path])

    async def _invocation(self, headers: Headers, receive: Receive) -> Answer:
        """Predictions, or what is wrong; either has the request's id."""
        started = time.perf_counter()
        name = headers.get(ID) or b"%s%x" % (self._prefix, next(self._numbers))
        if len(name) > LONGEST_ID or not name.isascii() or not name.decode().isprintable():
            return refusal(400, f"{ID.decode()} is not {LONGEST_ID} signs of ASCII or fewer: send another")
        body = await read(receive, self.limits.body)
        if body is None:
            answer = refusal(413, f"the body is above {self.limits.body} bytes: send fewer rows at a time")
        elif len(body) < LARGE:
            answer = self._predict(headers, body)
        else:
            async with self._large:  # one at a time: two would only wait for one another
                answer = await asyncio.to_thread(self._predict, headers, body)
        self._seen.request(answer.status, time.perf_counter() - started, answer.rows, answer.flags)
        return answer._replace(headers=(*answer.headers, (ID, name)))

    def _predict(self, headers: Headers, body: bytes) -> Answer:
        """Answer with a prediction for each row."""
        sent = media.types(headers.get(b"content-type", b""))[0]
        if sent not in self._decode:
            return refusal(415, f"Content-Type is {sent or 'missing'}: send {FORMATS}")
        accepted = media.types(headers.get(b"accept", b"*/*"))
        kind = media.wanted(accepted, sent)
        if kind is None:
            return refusal(406, f"Accept is {', '.join(accepted)}: ask for {FORMATS}")
        try:
            matrix, flags = self._decode[sent](body)
        except RequestError as error:
            return refusal(400, str(error))
        target = self.model.manifest.target
        answers = [task.answer(value, target) for value in self.model.predict(matrix).tolist()]
        return Answer(200, kind, media.ENCODERS[kind](answers, flags), rows=len(answers), flags=flags)


async def put(answer: Answer, send: Send) -> None:
    """Send an answer."""
    length = (b"content-length", b"%d" % len(answer.content))
    headers = [(b"content-type", answer.kind.encode()), length, *answer.headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.content})


def refusal(status: int, error: str, *headers: tuple[bytes, bytes]) -> Answer:
    """What is wrong with a request, for its sender; nothing of it is logged."""
    told = error if len(error) <= LONGEST_ERROR else f"{error[:LONGEST_ERROR]}..."
    return Answer(status, JSON, msgspec.json.encode({"error": told}), headers)


async def read(receive: Receive, largest: int) -> bytes | None:
    """The body of a request, or None if it is too large: then it is read to its end, but not kept.

    Raises:
        GoneError: the caller has hung up before its end.
    """
    body, size, more = bytearray(), 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise GoneError
        chunk, more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        if size <= largest:
            body += chunk
    return bytes(body) if size <= largest else None
