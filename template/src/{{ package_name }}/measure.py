"""Metrics with their uncertainty."""

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from sklearn import config_context

from .arrays import Vector


def always(truth: Vector, predicted: Vector) -> bool:  # noqa: ARG001
    """There is such a number for any rows."""
    return True


class Metric(msgspec.Struct, frozen=True):
    """A function of truth and predictions, and which way is better.

    `defined` is whether there is such a number for some rows: a share of the positive ones needs a positive.
    """

    function: Callable[[Vector, Vector], float]
    higher_is_better: bool
    defined: Callable[[Vector, Vector], bool] = always

    def at_least_as_good(self, value: float, bound: float) -> bool:
        """Whether `value` is `bound` or better."""
        return value >= bound if self.higher_is_better else value <= bound


class Interval(msgspec.Struct, frozen=True):
    """A metric on the test rows, and where it would lie on other rows of the same kind."""

    value: float
    low: float
    high: float


class Measured(msgspec.Struct, frozen=True):
    """A metric on the test rows, with its interval, beside the trivial baseline and the released model."""

    name: str
    higher_is_better: bool
    value: float
    low: float
    high: float
    baseline: float
    released: float | None


def measured(results: dict[str, Any], metrics: dict[str, Metric]) -> list[Measured]:
    """What `metrics.json` says of each metric."""
    released = results["released"] or {}
    return [
        Measured(
            name=name,
            higher_is_better=metric.higher_is_better,
            **results["test"][name],
            baseline=results["baseline"][name],
            released=released.get(name),
        )
        for name, metric in metrics.items()
    ]


def point(metric: Metric, truth: Vector, predicted: Vector) -> float:
    """The metric's value."""
    return float(metric.function(truth, predicted))


def intervals(
    metrics: dict[str, Metric],
    truth: Vector,
    predicted: Vector,
    *,
    resamples: int,
    confidence: float,
    seed: int,
) -> dict[str, Interval]:
    """Each metric with its percentile bootstrap interval over the rows.

    Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13. A resample in which the truth
    is one and the same everywhere says nothing, and is drawn again.
    """
    draws = _draws(metrics, truth, predicted, resamples, np.random.default_rng(seed))
    tail = (1 - confidence) / 2
    low, high = np.quantile(draws, [tail, 1 - tail], axis=0)
    return {
        name: Interval(point(metric, truth, predicted), float(low[i]), float(high[i]))
        for i, (name, metric) in enumerate(metrics.items())
    }


def _draws(
    metrics: dict[str, Metric],
    truth: Vector,
    predicted: Vector,
    resamples: int,
    random: np.random.Generator,
) -> list[list[float]]:
    rows = len(truth)
    drawn: list[list[float]] = []
    with config_context(assume_finite=True, skip_parameter_validation=True):
        while len(drawn) < resamples:
            pick = random.integers(rows, size=rows)
            if np.ptp(truth[pick]) == 0:
                continue
            drawn.append([point(metric, truth[pick], predicted[pick]) for metric in metrics.values()])
    return drawn
