"""The main job, end to end, on real data: `make demo`."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from copier import run_copy

ROOT = Path(__file__).resolve().parents[1]
PROJECT = ROOT / "build" / "demo"
PACKAGE = PROJECT / "build" / "package" / "model"
PATIENCE = 30  # seconds until the server must answer
# The project gets the commands of the person, not those that this repository installed for itself.
OWN = (str(ROOT / ".venv" / "bin"), str(ROOT / ".tools" / "bin"))
PATH = os.pathsep.join(name for name in os.get_exec_path() if name.rstrip("/") not in OWN)
ENVIRONMENT = {**os.environ, "PATH": PATH}
# The demo commits as itself, whether or not the machine's git knows a person.
GIT = ("git", "-c", "user.name=demo", "-c", "user.email=demo@example.com")


def main() -> None:
    """Run the steps, each with its time, then say what there is to see."""
    with contextlib.closing(Cloud()) as cloud:
        times = timed(cloud)
    summarise(times)


def timed(cloud: "Cloud") -> list[tuple[str, float]]:
    """Every step, and the seconds that it took."""
    steps: list[tuple[str, Callable[[], object]]] = [
        ("render the project (copier copy)", render),
        ("install its environment (make setup)", lambda: install(cloud)),
        ("run its pipeline (make repro)", repro),
        ("judge the model (make gate)", lambda: make("gate")),
        ("lint, types, unit tests (make check)", lambda: make("check")),
        ("write the report (make report)", lambda: make("report")),
        ("serve the model (make serve)", ask),
        ("show its cloud (make rehearse)", cloud.show),
    ]
    times: list[tuple[str, float]] = []
    for number, (title, step) in enumerate(steps, start=1):
        print(f"\n[{number}/{len(steps)}] {title}", flush=True)
        started = time.monotonic()
        step()
        times.append((title, time.monotonic() - started))
    return times


def render() -> None:
    """A project with the default answers, as a git repository with one commit."""
    shutil.rmtree(PROJECT, ignore_errors=True)
    answers = {"project_name": "Tumour triage"}
    run_copy(str(ROOT), PROJECT, answers, defaults=True, vcs_ref="HEAD", quiet=True)
    run("git", "init", "--quiet", "--initial-branch", "main")
    commit("The project as the template made it")
    print(f"{len(list_files())} files in {PROJECT.relative_to(ROOT)}")


def install(cloud: "Cloud") -> None:
    """What the pipeline needs; then the cloud half begins, beside the rest."""
    make("setup")
    cloud.begin()


def repro() -> None:
    """The pipeline, and its lock in git, so that the model belongs to a commit."""
    make("repro")
    commit("The first model")


def commit(message: str) -> None:
    """Commit everything; the project's hooks have their turn in its own tests."""
    run(*GIT, "add", "--all")
    run(*GIT, "commit", "--quiet", "--no-verify", "--message", message)


def ask() -> None:
    """Start the server, send it the package's example rows, show the answers, stop it."""
    example = (PACKAGE / "example.json").read_bytes()
    with served() as address:
        print(f"POST {address}/invocations")
        request = urllib.request.Request(
            f"{address}/invocations", example, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            answers = json.load(response)["predictions"]
    for row, answer in zip(json.loads(example)["rows"], answers, strict=True):
        shown = ", ".join(f"{name}={value}" for name, value in list(row.items())[:3])
        said = ", ".join(f"{name}={nice(value)}" for name, value in answer.items())
        print(f"  {shown}, ... -> {said}")


def nice(value: object) -> object:
    """A number as people read it."""
    return f"{value:.3f}" if isinstance(value, float) else value


@contextlib.contextmanager
def served() -> Iterator[str]:
    """The project's server on a free port, for as long as the block lasts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        ["make", "--silent", "serve"],
        cwd=PROJECT,
        env={**ENVIRONMENT, "PORT": str(port)},
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/ping", server)
        yield address
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    """Return when the server answers; end the demo when it will not."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=1):
            return
        time.sleep(0.05)
    sys.exit(f"error: the server does not answer on {address}: see its message above")


class Cloud:
    """What `pulumi up` would make, without an account: installed and run beside the pipeline.

    The pipeline works on one core at a time, and the other would wait.
    """

    def __init__(self) -> None:
        self._said = PROJECT / "build" / "cloud.txt"
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Start, and say nothing yet."""
        tree = "infra/.venv/bin/python -m infra.rehearsal --tree"
        self._said.parent.mkdir(exist_ok=True)
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                ["sh", "-c", f"make --no-print-directory infra/.venv/.ready && exec {tree}"],
                cwd=PROJECT,
                env=ENVIRONMENT,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def show(self) -> None:
        """Wait until it is done, and print what it said; its failure ends the demo."""
        code = self._process.wait() if self._process else 1
        print(self._said.read_text(encoding="utf-8"), end="", flush=True)
        if code:
            sys.exit(f"error: the cloud half failed in {PROJECT}: see its message above")

    def close(self) -> None:
        """Leave no process, however the demo ends."""
        if self._process and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)
            self._process.wait()


def make(*targets: str) -> None:
    """Run targets of the project's Makefile, their output shown as it comes."""
    run("make", "--no-print-directory", *targets)


def run(*command: str) -> None:
    """Run a command in the project; its failure ends the demo."""
    done = subprocess.run(command, cwd=PROJECT, env=ENVIRONMENT)
    if done.returncode:
        sys.exit(f"error: `{' '.join(command)}` failed in {PROJECT}: see its message above")


def list_files() -> list[str]:
    """The project's files in git."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT, check=True, capture_output=True, text=True
    )
    return listed.stdout.splitlines()


def summarise(times: list[tuple[str, float]]) -> None:
    """What was done, how long it took, and where to look."""
    metrics: dict[str, Any] = json.loads(
        (PROJECT / "build" / "evaluate" / "metrics.json").read_text(encoding="utf-8")
    )
    print("\n" + "-" * 78)
    for title, seconds in times:
        print(f"{seconds:6.1f} s  {title}")
    print(f"{sum(seconds for _, seconds in times):6.1f} s  in all\n")
    for name, metric in metrics["test"].items():
        print(f"{name:>20}  {metric['value']:.3f}  ({metric['low']:.3f} to {metric['high']:.3f})")
    print(
        f"""
The report:   {PROJECT / "build" / "report.html"}
The pictures: {PROJECT / "build" / "evaluate" / "plots"}

Next:
  cd {PROJECT.relative_to(Path.cwd()) if PROJECT.is_relative_to(Path.cwd()) else PROJECT}
  make                                    # what else there is
  make test                               # every test: unit, integration, system
  make exp SET="train.max_depth=2"        # an experiment, then: make compare
  make serve                              # the model on http://127.0.0.1:8080"""
    )


if __name__ == "__main__":
    main()
