"""The contract as code sees it: columns, rules about several columns, expectations of the whole."""

import math
from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ..errors import UserError

LogicalType = Literal["integer", "number", "string", "boolean", "date", "timestamp"]
Classification = Literal["public", "internal", "personal", "sensitive"]
# Both from the strictest to the mildest.
Severity = Literal["fail", "quarantine", "warn"]
Outside = Literal["reject", "clip", "flag"]
# What ingest does with a column: see `Column.stored`.
Handling = Literal["keep", "drop", "pseudonym", "subject"]
PERSONAL: tuple[Classification, ...] = ("personal", "sensitive")
# Integers above it are not all numbers of double precision, in which JSON's readers and models compute.
LARGEST_INTEGER = 2**53
# The largest single-precision number, which is what a model's input can hold.
LARGEST_NUMBER = (2 - 2**-23) * 2.0**127
# What an identifier becomes; see `pseudonym`.
PSEUDONYM_PATTERN = "[0-9a-f]{32}"


class Tolerance(msgspec.Struct, frozen=True):
    """What a broken rule does to a batch.

    `fail` refuses the batch, `quarantine` takes the rows out of it, `warn` counts them. More than `percent`
    of all rows refuse the batch in any case.
    """

    severity: Severity = "fail"
    percent: Annotated[float, Meta(ge=0, le=100)] = 100.0


class Column(msgspec.Struct, frozen=True):
    """One column: its type, whether it must be there, the values it may take, and what law says of it.

    Bounds are inclusive; `values` is the closed list of an enumeration; `pattern` is matched in full.
    `outside` is what the server does with a value out of bounds or of no known category. `handling` is what
    ingest does with the column: keep it, drop it, or put a pseudonym in the place of each value; `subject` is
    the pseudonym that tells whose the row is. Results are compared across the groups of a `protected` column,
    which is no input of a model. `line` is where the column is in its file.
    """

    name: str
    type: LogicalType
    description: str = ""
    required: bool = False
    key: bool = False
    unique: bool = False
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] | None = None
    pattern: str | None = None
    classification: Classification = "internal"
    legal_basis: tuple[str, ...] = ()
    purpose: str = ""
    tolerance: Tolerance = Tolerance()
    outside: Outside = "reject"
    handling: Handling = "keep"
    protected: bool = False
    line: int = 0

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """The least and the largest value of a column of numbers, whether or not the contract names them."""
        match self.type:
            case "integer":
                low, high = _within(self, LARGEST_INTEGER)
                return math.ceil(low), math.floor(high)
            case "number":
                return _within(self, LARGEST_NUMBER)
        return None, None

    @property
    def personal(self) -> bool:
        """Whether the law protects it."""
        return self.classification in PERSONAL

    @property
    def pseudonymised(self) -> bool:
        """Whether ingest replaces its values."""
        return self.handling in ("pseudonym", "subject")

    @property
    def stored(self) -> "Column":
        """The column as it is after ingest."""
        if not self.pseudonymised:
            return self
        return msgspec.structs.replace(self, type="string", pattern=PSEUDONYM_PATTERN)

    @property
    def allowed(self) -> str:
        """The values that it may have, in words."""
        if self.values is not None:
            allowed = ", ".join(self.values)
        else:
            low = "" if self.minimum is None else f"from {self.minimum:g}"
            high = "" if self.maximum is None else f"to {self.maximum:g}"
            allowed = f"{low} {high}".strip() or self.pattern or "any"
        return allowed if self.required else f"{allowed}, may be missing"


def _within(column: Column, largest: float) -> tuple[float, float]:
    low = -largest if column.minimum is None else max(column.minimum, -largest)
    high = largest if column.maximum is None else min(column.maximum, largest)
    return low, high


class Rule(msgspec.Struct, frozen=True):
    """A condition that every row must meet, such as `discharged >= admitted`; see `conditions`."""

    name: str
    condition: str
    description: str = ""
    tolerance: Tolerance = Tolerance()
    line: int = 0


class Latency(msgspec.Struct, frozen=True):
    """How old the newest value of a date or timestamp column may be when the data comes in."""

    column: str
    hours: int


class Expectations(msgspec.Struct, frozen=True):
    """What holds for a batch as a whole: how many rows there are at least and at most, how late it may be."""

    least_rows: int | None = None
    most_rows: int | None = None
    latency: Latency | None = None


class Contract(msgspec.Struct, frozen=True):
    """The one table that the model learns from."""

    name: str
    version: str
    columns: tuple[Column, ...]
    purpose: str = ""
    usage: str = ""
    limitations: str = ""
    team: str = ""
    rules: tuple[Rule, ...] = ()
    expectations: Expectations = Expectations()
    retention_days: int | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that together name a row."""
        return tuple(column.name for column in self.columns if column.key)

    @property
    def subject(self) -> Column | None:
        """The column that tells whose a row is."""
        return next((column for column in self.columns if column.handling == "subject"), None)

    @property
    def personal(self) -> bool:
        """Whether the law protects any column."""
        return any(column.personal for column in self.columns)

    @property
    def pseudonymised(self) -> bool:
        """Whether ingest replaces the values of any column."""
        return any(column.pseudonymised for column in self.columns)

    @property
    def handled(self) -> bool:
        """Whether ingest drops or replaces any column."""
        return any(column.handling != "keep" for column in self.columns)

    @property
    def stored(self) -> "Contract":
        """The contract of the data after ingest: no dropped columns, and pseudonyms where there are any."""
        kept = tuple(column.stored for column in self.columns if column.handling != "drop")
        return msgspec.structs.replace(self, columns=kept)

    @property
    def types(self) -> dict[str, LogicalType]:
        """The type of each column, by name."""
        return {column.name: column.type for column in self.columns}

    def strangers(self, found: Iterable[str]) -> str:
        """The names that no column has, for a message; of all, only how many they are.

        A file without a header has somebody's values in the place of names.
        """
        known, names = {column.name for column in self.columns}, set(found)
        if names and known.isdisjoint(names):
            return f"all {len(names)} columns of the data (does its first line name them?)"
        strange = sorted(names - known)
        return ", ".join(name if name.strip() and name.isprintable() else repr(name) for name in strange)

    def column(self, name: str) -> Column:
        """The column called `name`.

        Raises:
            UserError: there is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        names = ", ".join(column.name for column in self.columns)
        raise UserError(f"contract.yaml has no column {name!r}: it has {names}")
