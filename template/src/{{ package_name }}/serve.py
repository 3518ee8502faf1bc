"""The server: as SageMaker calls it, and as a laptop can.

Settings come from the environment: MODEL_DIR (a package's directory), HOST, PORT, WORKERS (processes, one for
each core unless it says another number) and QUEUE (requests that may wait in each). SageMaker starts a
container with the argument `serve`, which is not needed here and is ignored.
"""

import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from . import logs
from .app import LARGEST_BODY, App, Limits
from .digests import digest_package
from .errors import UserError, run
from .exposition import DIRECTORY_VARIABLE
from .predictor import packaged
from .protocol import Protocol

MEGABYTE = 1024**2
MOST_WORKERS, LONGEST_QUEUE = 256, 10_000
MEMORY = "/dev/shm"  # noqa: S108
BACKLOG = 2048  # connections that wait to be accepted
# Seconds that a caller may keep a connection open between requests: longer than load balancers do.
IDLE = 75


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, lambda *_: sys.exit(0))  # uvicorn finishes the requests first
    workers = number("WORKERS", cores(), MOST_WORKERS)
    # Before the model, because loading it takes longer than finding the port in use.
    with (
        listen(os.environ.get("HOST") or "127.0.0.1", port()) as server,
        # In memory, where there is a place for it: a container may have nowhere else to write.
        tempfile.TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as counters,
    ):
        os.environ[DIRECTORY_VARIABLE] = counters
        app = create()
        about, address = app.model.manifest, "http://{}:{}".format(*server.getsockname()[:2])
        print(f"serve: {about.architecture} as {about.format}, digest {app.digest}, on {address}", flush=True)
        if workers == 1:
            uvicorn.Server(config(app)).run(sockets=[server])
        else:
            # Each loads the model itself; this one has found out that it can be loaded.
            Multiprocess(config(f"{__package__}.serve:worker", factory=True, workers=workers), [server]).run()


def create() -> App:
    """The application that the environment describes.

    Raises:
        UserError: there is no packaged model.
    """
    directory = packaged()
    # SageMaker's batch transform says how much it sends at a time.
    told = os.environ.get("SAGEMAKER_MAX_PAYLOAD_IN_MB", "")
    largest = int(told) * MEGABYTE if told.isdecimal() and int(told) else LARGEST_BODY
    queue = number("QUEUE", Limits().queue, LONGEST_QUEUE)
    return App(directory, digest_package(directory), Limits(body=largest, queue=queue))


def worker() -> App:
    """The application in a process of its own, which ends when the process that started it is gone."""

    def end() -> None:
        if parent := multiprocessing.parent_process():
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=end, daemon=True).start()
    return create()


def config(app: Any, **settings: Any) -> uvicorn.Config:
    """How uvicorn serves an application."""
    return uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        interface="asgi3",
        proxy_headers=False,
        lifespan="off",
        access_log=False,
        log_config=logs.CONFIG,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=IDLE,
        timeout_graceful_shutdown=5,
        **settings,
    )


def cores() -> int:
    """How many cores this process may use."""
    if sys.platform == "linux":  # where a container may have fewer than the machine
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def number(name: str, usual: int, most: int) -> int:
    """A number from the environment.

    Raises:
        UserError: it is none, or not from 1 to `most`.
    """
    told = os.environ.get(name) or str(usual)
    if not told.isdecimal() or not 1 <= int(told) <= most:
        raise UserError(f"{name} is {told!r}: give a number from 1 to {most}")
    return int(told)


def port() -> str:
    """The port; SageMaker names one to containers that share an instance."""
    return os.environ.get("PORT") or os.environ.get("SAGEMAKER_BIND_TO_PORT") or "8080"


def listen(host: str, port: str) -> socket.socket:
    """A socket that listens.

    Raises:
        UserError: the address is in use, or cannot be used.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, int(port)), family=family, backlog=BACKLOG)
    except (OSError, ValueError, OverflowError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).partition(" (")[0].lower()
        remedy = "stop the program that listens there, or choose another: `PORT=8081 make serve`"
        raise UserError(f"cannot serve on HOST {host}, PORT {port} ({reason}): {remedy}") from None


if __name__ == "__main__":
    run(main)
