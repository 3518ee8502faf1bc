"""One model behind several servers, a worker each, the same load: `python -m benchmarks.serving`.

wrk keeps 16 connections busy with requests of one row, then of a hundred. Every server answers
with its own form of a prediction for each row; the echo sends a request's body back, which is the
floor of the HTTP stack.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.measuring import environment
from benchmarks.pipeline import render, run

HERE = Path(__file__).parent
CONNECTIONS, SECONDS, ROWS = 16, 10, (1, 100)
HEAD = "  requests/s     p50 ms     p99 ms   p99.9 ms   ours is"
PATIENCE = 120  # seconds until a server must answer


class Peer(NamedTuple):
    """A server: how it is started, and the body that it takes for some rows."""

    name: str
    command: list[str]
    body: str
    path: str = "/invocations"


def main() -> None:
    """Print a table for each number of rows: requests a second, latencies, times ours."""
    if not shutil.which("wrk"):
        sys.exit("error: wrk is missing: install it (Debian: apt-get install wrk)")
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        root = render(place / "project")
        run(root, "setup")
        run(root, "repro")
        package = root / "build/package/model"
        row = json.loads((package / "example.json").read_text())["rows"][0]
        peers = [*servers(root, place, package)]
        for count in ROWS:
            bodies(place, row, count)
            print(f"\n{f'{count} rows in a request':<26}{HEAD}")
            ours = None
            for peer in peers:
                found = loaded(peer, place)
                ours = ours or found["rate"]
                told(peer.name, found, ours)


def servers(root: Path, place: Path, package: Path) -> Iterator[Peer]:
    """Ours, the floor, and the others in environments of their own."""
    own = str(root / ".venv/bin/python")
    yield Peer("ours", [own, "-m", "a_project.serve"], "ours.json")
    yield Peer("uvicorn, echo", [own, str(HERE / "echo.py")], "ours.json")
    fastapi = environment(
        root, place / "fastapi", ["fastapi", "uvicorn[standard]", "onnxruntime", "numpy"]
    )
    yield Peer("FastAPI, pydantic", [str(fastapi), str(HERE / "with_fastapi.py")], "ours.json")
    mlflow = environment(root, place / "mlflow", ["mlflow", "onnx", "onnxruntime", "pandas"])
    saved = place / "saved"
    subprocess.run(
        [str(mlflow), str(HERE / "save_mlflow.py"), str(package), str(saved)], check=True
    )
    serve = ["models", "serve", "--model-uri", str(saved), "--env-manager", "local"]
    yield Peer("MLflow's scoring server", [str(mlflow), "-m", "mlflow", *serve], "mlflow.json")


def bodies(place: Path, row: dict[str, Any], count: int) -> None:
    """Write the request of some rows in each form."""
    (place / "ours.json").write_text(json.dumps({"rows": [row] * count}))
    table = {"columns": list(row), "data": [list(row.values())] * count}
    (place / "mlflow.json").write_text(json.dumps({"dataframe_split": table}))


def loaded(peer: Peer, place: Path) -> dict[str, float]:
    """What wrk sees of a server, after a while of the same load that is not counted."""
    with started(peer, place) as address:
        for seconds in (2, SECONDS):
            settings = {"threads": 1, "connections": CONNECTIONS, "duration": f"{seconds}s"}
            options = [
                part for name, value in settings.items() for part in (f"--{name}", str(value))
            ]
            script = ["--latency", "--timeout", "30s", "--script", str(HERE / "load.lua")]
            command = ["wrk", *options, *script, address + peer.path, "--", str(place / peer.body)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    if found["errors"]:
        sys.exit(f"{peer.name}: {found['errors']:.0f} requests were not answered with 200")
    return found


@contextlib.contextmanager
def started(peer: Peer, place: Path) -> Iterator[str]:
    """A server that answers, for as long as the block lasts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [*peer.command, "--port", port] if "mlflow" in peer.command else peer.command
    package = str(place / "project/build/package/model")
    tools = os.pathsep.join([str(Path(peer.command[0]).parent), os.environ["PATH"]])
    settings = {"PORT": port, "WORKERS": "1", "MODEL_DIR": package, "PATH": tools}
    with (place / "log.txt").open("wb") as log:
        server = subprocess.Popen(
            command, env=os.environ | settings, stdout=log, stderr=log, start_new_session=True
        )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/ping", timeout=1):
                break
            if server.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{peer.name} does not answer:\n{(place / 'log.txt').read_text()}")
            time.sleep(0.1)
        yield address
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def told(name: str, found: dict[str, float], ours: float) -> None:
    """Print a line."""
    latencies = "".join(f"{found[key] / 1000:11.2f}" for key in ("p50", "p99", "p999"))
    print(f"{name:<26}{found['rate']:12.0f}{latencies}   {ours / found['rate']:.2f} x", flush=True)


main()
