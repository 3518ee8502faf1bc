"""What each script shares: the rules, and how a piece of work is measured."""

import json
import resource
import time
from collections.abc import Callable

NUMBERS = [f"n{i}" for i in range(20)]
INTEGERS = [f"i{i}" for i in range(6)]
TEXTS = [f"s{i}" for i in range(3)]
VALUES = ["a", "b", "c"]
KEY = "id"
LOW, HIGH, MOST = 0.0, 1.0, 100


def report(work: Callable[[], object]) -> None:
    """Do the work and print its seconds, and the most memory that this process ever held."""
    began = time.monotonic()
    work()
    seconds = time.monotonic() - began
    gigabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"seconds": seconds, "gigabytes": gigabytes}))
