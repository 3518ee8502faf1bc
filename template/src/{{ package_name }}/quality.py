"""What became of a batch under the contract's rules: counts, shares and places, never a value."""

from collections.abc import Iterator

import msgspec

from .markdown import table

SHOWN_ROWS = 5


class Broken(msgspec.Struct, frozen=True):
    """A rule that rows break: how many, which share of all, and the first of them, counted from 0."""

    rule: str
    words: str
    severity: str
    rows: int
    share: float
    first: tuple[int, ...]

    def __str__(self) -> str:
        shown = ", ".join(str(row) for row in self.first) + (", ..." if self.rows > len(self.first) else "")
        verb = "row does not" if self.rows == 1 else "rows do not"
        return f"{self.words}: {self.rows} {verb} ({shown})"


class Report(msgspec.Struct, frozen=True):
    """A batch against a contract.

    `rows` came in, `kept` went on; the rest is in quarantine. `absent` are columns that may be missing, and
    that the batch does not have at all. `rules` are what the contract says; that a model can hold the numbers
    is asked too, and is among the `broken` where it is broken.
    """

    contract: str
    version: str
    rows: int
    kept: int
    absent: tuple[str, ...]
    rules: tuple[str, ...]
    broken: tuple[Broken, ...]

    @property
    def quarantined(self) -> int:
        """How many rows were set aside."""
        return self.rows - self.kept

    def page(self) -> str:
        """The report for people, in Markdown."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield "# Data quality"
        yield ""
        yield from self.results()
        yield ""
        yield from (f"- {words}" for words in self.rules)
        yield ""

    def results(self) -> Iterator[str]:
        """What became of the batch, in lines of Markdown."""
        yield f"Contract {self.contract} {self.version}: {self.rows} rows came in, {self.kept} went on,"
        yield f"{self.quarantined} were set aside with their reasons, in `quarantine.parquet`."
        yield ""
        if self.absent:
            yield f"Absent from the data, as they may be: {', '.join(self.absent)}."
            yield ""
        if self.broken:
            yield from table(
                ("rule", "what came of it", "rows", "share", "the first, from 0"),
                (
                    (one.words, one.severity, one.rows, f"{one.share:.2%}", ", ".join(map(str, one.first)))
                    for one in self.broken
                ),
            )
            yield ""
        kept = set(self.rules) - {broken.words for broken in self.broken}
        yield f"The contract has {len(self.rules)} rules, {len(kept)} kept by every row."
