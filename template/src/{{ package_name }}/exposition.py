"""What the server counts of itself, in Prometheus' text format; no value of a request is in it.

A request costs a few additions. Workers write their counts beside one another once a second, and whichever is
asked adds them up; those of a worker that has ended stay, so that no count ever falls.
"""

import asyncio
import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from secrets import token_hex

import msgspec
from prometheus_client import generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric

from .decode import Flag

DIRECTORY_VARIABLE = "COUNTS_DIR"
PERIOD = 1  # seconds between two writings
# Seconds: from below one row's time to SageMaker's limit for a request.
BUCKETS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 10.0, 60.0)


class Counts(msgspec.Struct):
    """What happened to requests: their statuses and times, the rows they brought, what was flagged."""

    statuses: dict[str, int] = msgspec.field(default_factory=Counter)
    flags: dict[str, int] = msgspec.field(default_factory=Counter)
    rows: int = 0
    seconds: float = 0.0
    buckets: list[int] = msgspec.field(default_factory=lambda: [0] * (len(BUCKETS) + 1))

    def add(self, other: "Counts") -> None:
        """Count what another has counted."""
        for mine, theirs in ((self.statuses, other.statuses), (self.flags, other.flags)):
            for name, number in theirs.items():
                mine[name] = mine.get(name, 0) + number
        self.rows += other.rows
        self.seconds += other.seconds
        self.buckets = [mine + theirs for mine, theirs in zip(self.buckets, other.buckets, strict=True)]

    def collect(self) -> Iterator[Metric]:
        """These counts as Prometheus has them."""
        requests = CounterMetricFamily("requests", "Answers to /invocations, by status", labels=["status"])
        for status, number in self.statuses.items():
            requests.add_metric([status], number)
        flags = CounterMetricFamily("flags", "What was let through and flagged, by its name", labels=["name"])
        for name, number in self.flags.items():
            flags.add_metric([name], number)
        total, upto = 0, []
        for bound, number in zip([*map(str, BUCKETS), "+Inf"], self.buckets, strict=True):
            total += number
            upto.append((bound, total))
        taken = HistogramMetricFamily("request_seconds", "From a request's headers to its answer")
        taken.add_metric([], upto, self.seconds)
        yield from (requests, flags, taken, CounterMetricFamily("rows", "Rows that were answered", self.rows))


class Exposition:
    """The counts of one worker, and of all."""

    def __init__(self) -> None:
        directory = os.environ.get(DIRECTORY_VARIABLE)
        self._file = Path(directory) / f"{token_hex(8)}.json" if directory else None
        self._counts = Counts()
        self._timer: asyncio.TimerHandle | None = None

    def request(self, status: int, seconds: float, rows: int = 0, flags: Sequence[Flag] = ()) -> None:
        """Count an answer to a request for predictions."""
        self._counts.rows += rows
        for flag in flags:
            self._counts.flags[flag.name] += 1
        self._counts.statuses[str(status)] += 1
        self._counts.seconds += seconds
        self._counts.buckets[bisect_left(BUCKETS, seconds)] += 1
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PERIOD, self._write)

    def text(self) -> bytes:
        """The counts of all workers."""
        if self._file is None:
            return generate_latest(self._counts)
        self._write()
        total = Counts()
        for file in self._file.parent.glob("*.json"):
            total.add(msgspec.json.decode(file.read_bytes(), type=Counts))
        return generate_latest(total)

    def _write(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._file is not None:
            fresh = self._file.with_suffix(".new")
            fresh.write_bytes(msgspec.json.encode(self._counts))
            fresh.replace(self._file)
