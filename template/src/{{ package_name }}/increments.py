"""Data that comes in piece by piece: what is new is added to what came before.

The watermark is the list of files that have been read, kept with the data in `source.json`: a file that has
not been read is new, however late its rows are. Of two rows with one key the one that was changed later
stays, and of two changed at one time the one that came in later. So the result is the same however the data
was cut into pieces, and a piece that comes twice changes nothing.
"""

import polars as pl

ARRIVAL = "#arrival"


def merged(table: pl.LazyFrame, key: tuple[str, ...], updated: str | None) -> pl.LazyFrame:
    """The rows to keep, one a key, in the order of the key.

    Args:
        table: all rows, in the order in which they came in.
        key: the columns that name a row.
        updated: the column that tells when a row was last changed; None where arrival alone decides.
    """
    latest = [ARRIVAL] if updated is None else [updated, ARRIVAL]
    ordered = table.with_row_index(ARRIVAL).sort(*key, *latest, nulls_last=False)
    return ordered.unique(subset=list(key), keep="last", maintain_order=True).drop(ARRIVAL)
