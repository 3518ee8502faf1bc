"""The parameters of the pipeline: `params.yaml`, typed. A name it does not know is an error."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from . import paths
from .errors import UserError
from .files import read_yaml
from .task import Target

Share = Annotated[float, Meta(gt=0, lt=1)]
Count = Annotated[int, Meta(ge=1)]
Positive = Annotated[float, Meta(gt=0)]


LATEST = "latest"
INCREMENTS = "increments"
NO_KEY = "none"


class Ingest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the data comes from, and how.

    `source`: a .csv or .parquet file, a folder or `s3://` prefix of them, a Delta table, or a .py file with
    `load()`. `mode`: `whole`, or `increments`, which adds what is new to what came in before and keeps one
    row a key: by the column `updated`, the one that was changed last. `version`: of a Delta table, a number
    or a time. `pseudonym_key`: the identifier of the key behind the pseudonyms, not the key.
    """

    source: str
    mode: Literal["whole", "increments"] = "whole"
    updated: str | None = None
    version: int | str = LATEST
    pseudonym_key: str = NO_KEY


class Split(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`by`: `key` (a hash of the contract's key), or a date column (the newest rows are the test)."""

    by: str
    valid: Share
    test: Share


class Features(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`exclude`: columns of the contract that the model must not see."""

    exclude: tuple[str, ...] = ()


class Train(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The architecture and its hyperparameters; all from `max_depth` on are for xgboost alone."""

    model: Literal["xgboost", "linear"]
    seed: int
    l2: Annotated[float, Meta(ge=0)]
    max_depth: Count
    learning_rate: Positive
    max_rounds: Count
    early_stopping_rounds: Count
    subsample: Annotated[float, Meta(gt=0, le=1)]


class Evaluate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is measured, and what a model must reach to pass the gate.

    `thresholds` are floors where higher is better and ceilings where lower is. `tolerance` is how much
    worse than the released model, in `metric`, a model may be.
    """

    metric: str
    thresholds: dict[str, float]
    tolerance: Annotated[float, Meta(ge=0)]
    released: str
    resamples: Count
    confidence: Share


class Params(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All parameters, one section a concept."""

    ingest: Ingest
    target: Target
    split: Split
    features: Features
    train: Train
    evaluate: Evaluate


def load() -> Params:
    """Read `params.yaml`, in a job the one that it was started with.

    Raises:
        UserError: it is missing, is not YAML, lacks a parameter or has one too many.
    """
    params = read_yaml(paths.params_file(), Params)
    if params.split.valid + params.split.test >= 1:
        raise UserError(
            f"params.yaml: split.valid {params.split.valid} and split.test {params.split.test} leave no row "
            "to train on; together they must stay below 1"
        )
    return params
