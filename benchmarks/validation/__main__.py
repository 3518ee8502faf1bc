"""Ten million rows of thirty columns, and one request, against a contract: `make bench`.

The same data and rules for all, each in a process of its own, one after the other: the pipeline's
stage, polars with the same checks written by hand, and two libraries on pandas. What is timed is
the work without imports; the memory is the most that the process ever held.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measuring import environment, measure
from benchmarks.pipeline import render, run

ROWS = 10_000_000
PEERS = {
    "pandera": ["pandera[pandas]", "pyarrow"],
    "great_expectations": ["great_expectations", "pyarrow"],
}


def main() -> None:
    """Print a table: who, seconds, gigabytes, times polars."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as scratch:
        root = render(Path(scratch) / "project")
        run(root, "setup")
        own = root / ".venv/bin/python"
        data = Path(scratch) / "data.parquet"
        measure(own, "validation/made_data", data, rows)
        polars = measure(own, "validation/by_hand", data)
        told("polars, by hand", polars, polars)
        told("the stage", measure(own, "validation/stage", data), polars)
        for peer, packages in PEERS.items():
            python = environment(root, Path(scratch) / peer, packages)
            told(peer, measure(python, f"validation/with_{peer}", data), polars)
        of_one = measure(own, "validation/one_request", root)
        pydantic = environment(root, Path(scratch) / "pydantic", ["pydantic", "pyyaml"])
        of_pydantic = measure(pydantic, "validation/with_pydantic", root)
        for count, ours in of_one.items():
            theirs = of_pydantic[count]
            print(
                f"{count:>4} rows in a request {ours * 1e6:9.1f} us; pydantic {theirs * 1e6:.1f} us"
            )


def told(who: str, found: dict[str, Any], polars: dict[str, Any]) -> None:
    """Print a line."""
    times = f"{found['seconds'] / polars['seconds']:.2f} times polars"
    print(f"{who:<24}{found['seconds']:9.1f} s{found['gigabytes']:8.2f} GB  {times}", flush=True)


main()
