"""Stage 3: rows of the contract become rows of numbers, in three parts."""

from pathlib import Path
from typing import cast

import msgspec
import numpy as np
import polars as pl
import polars.selectors as cs

from . import contract as contracts
from . import params, paths, task
from .arrays import Matrix, Vector
from .contract import Column, Contract
from .encoding import Feature, layout
from .errors import run
from .files import read_json, write_json
from .split import PARTS, split

TRUTH = "#truth"
# Before the name of a protected column: the group of each row, which no model sees.
GROUP = "#group:"
# The groups of rows without a value, and with one that the contract does not list: it shows in no report.
MISSING, OTHER = "missing", "other"


class Part(msgspec.Struct, frozen=True):
    """Model inputs, shape (rows, features), missing values NaN; and the truth, shape (rows,)."""

    matrix: Matrix
    truth: Vector


def main() -> None:
    """Write `train.parquet`, `valid.parquet`, `test.parquet` and `features.json`."""
    settings = params.load()
    contract = contracts.load(paths.ROOT / "contract.yaml")
    features = layout(contract, settings.target.column, settings.features.exclude)
    table = pl.read_parquet(paths.input_dir("validate") / "data.parquet")
    personal = contract.column(settings.target.column).personal
    parts = split(table, contract, settings.split)
    with paths.output_dir("features") as out:
        for name, rows in parts.items():
            truth = task.truth(rows[settings.target.column], settings.target, personal=personal)
            task.check(name, truth.to_numpy())
            encoded = encode(rows, features).with_columns(truth.alias(TRUTH), *groups(rows, contract))
            encoded.write_parquet(out / f"{name}.parquet")
        write_json(out / "features.json", features)
    sizes = ", ".join(f"{parts[name].height} {name}" for name in PARTS)
    print(f"features: {len(features)} inputs; {sizes} rows")


def encode(table: pl.DataFrame, features: tuple[Feature, ...]) -> pl.DataFrame:
    """One Float32 column for each feature, under the feature's name."""
    # By way of doubles, which is what requests are read as: large integers are then rounded in the same way.
    return table.select(
        _expression(feature).cast(pl.Float64).cast(pl.Float32).alias(feature.name) for feature in features
    )


def groups(table: pl.DataFrame, contract: Contract) -> list[pl.Series]:
    """For each protected column the group of each row, as an enumeration that has the empty groups, too."""
    return [_group(table[column.name], column) for column in contract.columns if column.protected]


def _group(values: pl.Series, column: Column) -> pl.Series:
    known = column.values or ("true", "false")
    texts = values.cast(pl.String)
    listed = texts.set(texts.is_in(known).not_(), OTHER).fill_null(MISSING)
    unforeseen = [name for name in (OTHER, MISSING) if name in listed]
    categories = pl.Enum(list(dict.fromkeys([*known, *unforeseen])))
    return listed.cast(categories).alias(f"{GROUP}{column.name}")


def matrix(table: pl.DataFrame, features: tuple[Feature, ...]) -> Matrix:
    """The columns of encoded features as an array, missing values NaN."""
    columns = table.select(pl.col(feature.name) for feature in features)
    return np.ascontiguousarray(columns.fill_null(float("nan")).to_numpy(), dtype=np.float32)


def load_features(directory: Path) -> tuple[Feature, ...]:
    """The model's inputs, in order, as this stage wrote them."""
    return read_json(directory / "features.json", tuple[Feature, ...])


def height(directory: Path, name: str) -> int:
    """How many rows one of the parts has."""
    table = pl.scan_parquet(directory / f"{name}.parquet")
    return int(table.select(pl.len()).collect().item())


def load_part(directory: Path, name: str) -> Part:
    """One of `train`, `valid` and `test`, as this stage wrote it."""
    table = pl.read_parquet(directory / f"{name}.parquet")
    return Part(matrix(table, load_features(directory)), table[TRUTH].to_numpy())


def load_groups(directory: Path, name: str) -> dict[str, pl.Series]:
    """The groups of a part's rows, by protected column, as this stage wrote them."""
    table = pl.scan_parquet(directory / f"{name}.parquet").select(cs.starts_with(GROUP)).collect()
    return {column.name.removeprefix(GROUP): column for column in table}


def names_of(groups: pl.Series) -> list[str]:
    """The groups there are, in the contract's order, whether or not a row is in them."""
    return cast(pl.Enum, groups.dtype).categories.to_list()


def _expression(feature: Feature) -> pl.Expr:
    column = pl.col(feature.column)
    return column if feature.value is None else column == feature.value


if __name__ == "__main__":
    run(main)
