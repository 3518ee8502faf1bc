"""Whether the model is as good for one group as for another: every metric, group by group.

After Barocas, Hardt and Narayanan, Fairness and Machine Learning (2023), chapter 3; counted by fairlearn.
"""

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec
import polars as pl

from .arrays import Vector
from .features import names_of
from .measure import Metric, point

# Of fewer rows than these, a figure says little.
FEW = 20


class Groups(msgspec.Struct, frozen=True):
    """The groups of one column: the rows of each, its metrics, and how far apart the groups are.

    A metric that a group cannot have is None, such as the recall where nothing is positive; so is the largest
    difference between groups where fewer than two have the metric.
    """

    rows: dict[str, int]
    metrics: dict[str, dict[str, float | None]]
    difference: dict[str, float | None]

    @property
    def small(self) -> list[str]:
        """The groups of which the figures say little."""
        return [name for name, rows in self.rows.items() if rows < FEW]


def compare(
    metrics: dict[str, Metric], truth: Vector, predicted: Vector, groups: Mapping[str, pl.Series]
) -> dict[str, Groups]:
    """The metrics by group, for each column whose group of each row is given, as an enumeration."""
    return {column: _compared(metrics, truth, predicted, values) for column, values in groups.items()}


def of(results: dict[str, Any]) -> dict[str, Groups]:
    """What `metrics.json` says of groups, by column."""
    return msgspec.convert(results.get("groups", {}), dict[str, Groups])


def table(groups: dict[str, Groups], metric: str) -> pl.DataFrame:
    """One metric of all groups of all columns, a row a group; `small` where the value says little."""
    return pl.DataFrame(
        [
            (f"{column}: {name}", rows, found.metrics[name][metric], name in found.small)
            for column, found in groups.items()
            for name, rows in found.rows.items()
        ],
        schema={"group": pl.String, "rows": pl.Int64, "value": pl.Float64, "small": pl.Boolean},
        orient="row",
    )


def _compared(metrics: dict[str, Metric], truth: Vector, predicted: Vector, values: pl.Series) -> Groups:
    # Not at the top: it brings pandas and takes seconds, and most contracts protect no column.
    from fairlearn.metrics import MetricFrame

    frame = MetricFrame(
        metrics={name: partial(_value, metric) for name, metric in metrics.items()},
        y_true=truth,
        y_pred=predicted,
        sensitive_features=values.to_list(),
    )
    measured, gaps = frame.by_group.to_dict("index"), frame.difference().to_dict()
    names = names_of(values)
    by_group = {
        name: {metric: _known(measured.get(name, {}).get(metric)) for metric in metrics} for name in names
    }
    having = {metric: sum(found[metric] is not None for found in by_group.values()) for metric in metrics}
    return Groups(
        rows={name: int((values == name).sum()) for name in names},
        metrics=by_group,
        difference={metric: float(gaps[metric]) if having[metric] > 1 else None for metric in metrics},
    )


def _value(metric: Metric, truth: Vector, predicted: Vector) -> float:
    return point(metric, truth, predicted) if metric.defined(truth, predicted) else math.nan


def _known(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)
