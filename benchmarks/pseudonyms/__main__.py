"""Ten million identifiers become pseudonyms: `make bench`.

The pipeline's way beside the standard library's HMAC, each in a process of its own, from a file to
a file. The memory is the most that the process ever held.
"""

import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import measure
from benchmarks.pipeline import render, run

ROWS = 10_000_000


def main() -> None:
    """Print who took how long, and how much memory."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as scratch:
        root = render(Path(scratch) / "project")
        run(root, "setup")
        python, data = root / ".venv/bin/python", Path(scratch) / "data.parquet"
        measure(python, "pseudonyms/identifiers", data, rows)
        hmac = measure(python, "pseudonyms/with_hmac", data, Path(scratch) / "hmac.parquet")
        ours = measure(python, "pseudonyms/stage", data, Path(scratch) / "ours.parquet")
    for who, found in (("HMAC of SHA-256", hmac), ("the stage", ours)):
        times = f"{found['seconds'] / hmac['seconds']:.2f} times HMAC"
        print(f"{who:<24}{found['seconds']:9.1f} s{found['gigabytes']:8.2f} GB  {times}")


main()
