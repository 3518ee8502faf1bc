"""How a row of the contract becomes a row of numbers.

The order and meaning of the model's inputs follow from the contract alone, so that training and serving
cannot disagree: a number is itself, a boolean is 0 or 1, and an enumerated string is one 0/1 input for
each value it may have. Missing values are NaN in all of a column's inputs.
"""

from collections.abc import Iterable, Iterator

import msgspec

from .contract import Column, Contract
from .errors import UserError


class Feature(msgspec.Struct, frozen=True):
    """One input of the model: a column, or whether a column has one `value`."""

    column: str
    value: str | None = None

    @property
    def name(self) -> str:
        """For people and plots: `age`, or `colour=red`."""
        return self.column if self.value is None else f"{self.column}={self.value}"


def layout(contract: Contract, target: str, exclude: Iterable[str] = ()) -> tuple[Feature, ...]:
    """The model's inputs, in order.

    The key, the target, pseudonyms, protected and excluded columns, dates and timestamps are no inputs.

    Raises:
        UserError: a name is not in the contract, a column cannot be encoded, or nothing is left.
    """
    contract.column(target)
    left_out = {
        target,
        *contract.key,
        *(contract.column(name).name for name in exclude),
        *(column.name for column in contract.columns if column.handling != "keep" or column.protected),
    }
    features = tuple(
        feature for column in contract.columns if column.name not in left_out for feature in _features(column)
    )
    if not features:
        raise UserError("no column is left to learn from: shorten features.exclude in params.yaml")
    return features


def _features(column: Column) -> Iterator[Feature]:
    match column.type:
        case "integer" | "number" | "boolean":
            yield Feature(column.name)
        case "string" if column.values is not None:
            yield from (Feature(column.name, value) for value in column.values)
        case "string":
            raise UserError(
                f"column {column.name!r} is free text, which the model cannot read: list its values in "
                "contract.yaml (validValues), or its name under features.exclude in params.yaml"
            )
