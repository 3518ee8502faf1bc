"""The standard library's HMAC of SHA-256, cut to the same length, from file to file."""

import hmac
import sys

import polars as pl
from measuring import report

KEY = bytes(32)


def work() -> None:
    """One call a value."""
    who = pl.read_parquet(sys.argv[1])["who"].cast(pl.Binary).to_list()
    hashed = [hmac.digest(KEY, value, "sha256")[:16] for value in who]
    pl.DataFrame({"who": pl.Series(hashed).bin.encode("hex")}).write_parquet(sys.argv[2])


report(work)
