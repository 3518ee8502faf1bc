"""The server: `GET /ping` and `POST /invocations`, as SageMaker calls them and as a laptop can.

Settings come from the environment: MODEL_DIR (a package's directory), HOST and PORT. SageMaker starts a
container with the argument `serve`, which is not needed here and is ignored.
"""

import csv
import io
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import uvicorn

from . import contract, predictor, task
from .decode import Decoder, Flag, RequestError
from .digests import digest_package
from .errors import UserError, run
from .paths import build_dir

# "Maximum payload size for endpoint invocation", in SageMaker's quotas at
# https://docs.aws.amazon.com/general/latest/gr/sagemaker.html
LARGEST_BODY = 6 * 1024 * 1024
JSON, CSV = "application/json", "text/csv"
METHODS = {"/ping": "GET", "/invocations": "POST"}

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Answer = tuple[int, str, bytes]


class App:
    """The ASGI application that serves the model packaged in `directory`."""

    def __init__(self, directory: Path) -> None:
        self.model = predictor.load(directory)
        decoder = Decoder(contract.load(directory / "contract.yaml"), self.model.manifest.features)
        self._decode = {JSON: decoder.from_json, CSV: decoder.from_csv}
        self._encode = {JSON: to_json, CSV: to_csv}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
        elif scope["type"] == "http":
            status, kind, content = self.answer(scope, await read(receive))
            headers = [(b"content-type", kind.encode()), (b"content-length", b"%d" % len(content))]
            if status == 405:
                headers.append((b"allow", METHODS[scope["path"]].encode()))
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": content})

    def answer(self, scope: Message, body: bytes | None) -> Answer:
        """Answer one request; `body` is None if it was too large."""
        path, method = scope["path"], scope["method"]
        if path not in METHODS:
            return refusal(404, f"{path} is not here: GET /ping or POST /invocations")
        if method != METHODS[path]:
            return refusal(405, f"{method} does not work here: {METHODS[path]} {path}")
        if path == "/ping":
            return 200, JSON, b"{}"
        if body is None:
            return refusal(413, f"the body is above {LARGEST_BODY} bytes: send fewer rows at a time")
        return self.predict(dict(scope["headers"]), body)

    def predict(self, headers: dict[bytes, bytes], body: bytes) -> Answer:
        """Answer with a prediction for each row."""
        sent = media_types(headers.get(b"content-type", b""))[0]
        if sent not in self._decode:
            return refusal(415, f"Content-Type is {sent or 'missing'}: send {JSON} or {CSV}")
        accepted = media_types(headers.get(b"accept", b"*/*"))
        kind = next((sent if a == "*/*" else a for a in accepted if a == "*/*" or a in self._encode), None)
        if kind is None:
            return refusal(406, f"Accept is {', '.join(accepted)}: ask for {JSON} or {CSV}")
        try:
            matrix, flags = self._decode[sent](body)
        except RequestError as error:
            return refusal(400, str(error))
        # On the event loop: a request is a few rows, and takes less time than handing it to a thread.
        target = self.model.manifest.target
        answers = [task.answer(value, target) for value in self.model.predict(matrix).tolist()]
        return 200, kind, self._encode[kind](answers, flags)


def media_types(header: bytes) -> list[str]:
    """The media types of a Content-Type or Accept header, in order, without their parameters."""
    return [part.split(";")[0].strip().lower() for part in header.decode("latin-1").split(",")]


def to_json(answers: list[dict[str, Any]], flags: list[Flag]) -> bytes:
    """`{"predictions": [...]}`, one object for each row; and `flags`, where there is something to say."""
    return msgspec.json.encode(
        {"predictions": answers, "flags": flags} if flags else {"predictions": answers}
    )


def to_csv(answers: list[dict[str, Any]], _: list[Flag]) -> bytes:
    """One line for each row, without a header, and without flags, for which lines have no place."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(answer.values() for answer in answers)
    return text.getvalue().encode()


def refusal(status: int, error: str) -> Answer:
    """What is wrong with a request, for its sender; nothing of it is logged."""
    return status, JSON, msgspec.json.encode({"error": error})


async def read(receive: Receive) -> bytes | None:
    """The body of a request, or None if it is too large: then it is read to its end, but not kept."""
    body, size, more = bytearray(), 0, True
    while more:
        message = await receive()
        chunk, more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        if size <= LARGEST_BODY:
            body += chunk
    return bytes(body) if size <= LARGEST_BODY else None


async def lifespan(receive: Receive, send: Send) -> None:
    """Nothing to do at start and end: the model is loaded before the server starts."""
    event = ""
    while event != "lifespan.shutdown":
        event = (await receive())["type"]
        await send({"type": f"{event}.complete"})


def listen(host: str, port: str) -> socket.socket:
    """A socket that listens.

    Raises:
        UserError: the address is in use, or cannot be used.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, int(port)), family=family, backlog=2048)
    except (OSError, ValueError, OverflowError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).partition(" (")[0].lower()
        remedy = "stop the program that listens there, or choose another: `PORT=8081 make serve`"
        raise UserError(f"cannot serve on HOST {host}, PORT {port} ({reason}): {remedy}") from None


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))  # uvicorn finishes the requests first
    directory = Path(os.environ.get("MODEL_DIR") or build_dir("package") / "model")
    if not (directory / "manifest.json").is_file():
        remedy = "`make repro` makes one, MODEL_DIR names another directory"
        raise UserError(f"{directory} holds no packaged model: {remedy}")
    # Before the model, because loading it takes longer than finding the port in use.
    with listen(os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8080") as server:
        app = App(directory)
        about, (host, port) = app.model.manifest, server.getsockname()[:2]
        model = f"{about.architecture} as {about.format}, digest {digest_package(directory)}"
        print(f"serve: {model}, on http://{host}:{port}", flush=True)
        config = uvicorn.Config(app, access_log=False, log_level="warning", timeout_graceful_shutdown=5)
        uvicorn.Server(config).run(sockets=[server])


if __name__ == "__main__":
    run(main)
