"""Stage 5: measure the model on rows it has never seen, and judge it.

A model that is not good enough is no error here: the verdict says so, and the gate acts on it. So every
experiment leaves its metrics behind.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from msgspec import to_builtins

from . import fairness, figures, manifest, params, paths, plots, released, task
from .arrays import Matrix, Vector
from .encoding import Feature
from .errors import UserError, run
from .features import load_groups, load_part, matrix
from .files import write_json
from .gate import Verdict
from .measure import Interval, Metric, intervals, point
from .metrics import all_metrics, trivial
from .models import ARCHITECTURES
from .params import Evaluate, Params

SHUFFLES = 5


def main() -> None:
    """Write `metrics.json`, `verdict.json` and `plots/`."""
    settings = params.load()
    metrics = all_metrics(settings.target)
    check_names(settings.evaluate, metrics)
    model_dir, features_dir = paths.input_dir("train"), paths.input_dir("features")
    about = manifest.read(model_dir)
    model = ARCHITECTURES[about.architecture].load(model_dir)
    test = load_part(features_dir, "test")
    predicted = model.predict(test.matrix)

    measured = intervals(
        metrics,
        test.truth,
        predicted,
        resamples=settings.evaluate.resamples,
        confidence=settings.evaluate.confidence,
        seed=settings.train.seed,
    )
    constant = np.full_like(predicted, trivial(load_part(features_dir, "train").truth))
    baseline = {name: point(metric, test.truth, constant) for name, metric in metrics.items()}
    champion = compare_with_released(settings, metrics, features_dir)
    groups = fairness.compare(metrics, test.truth, predicted, load_groups(features_dir, "test"))
    reasons = tuple(objections(settings.evaluate, metrics, measured, baseline, champion))
    verdict = Verdict(not reasons, reasons)

    with paths.output_dir("evaluate") as out:
        results = {"test": measured, "baseline": baseline, "released": champion, "groups": groups}
        write_json(out / "metrics.json", results)
        # As one text, too: SageMaker's pipeline can look up a text, and no list.
        write_json(out / "verdict.json", {**to_builtins(verdict), "reason": "; ".join(reasons)})
        (out / "plots").mkdir()
        plots.write(test.truth, predicted, out / "plots")
        judge = settings.evaluate.metric
        relied_on = importance(
            model.predict, test.matrix, test.truth, about.features, metrics[judge], settings.train.seed
        )
        relied_on.write_csv(out / "plots" / "importance.csv")
        figures.importance(relied_on, judge, out / "plots" / "importance.svg")
        if groups:
            by_group = fairness.table(groups, judge)
            figures.groups(by_group, judge, measured[judge].value, out / "plots" / "groups.svg")
        curve = pl.read_csv(model_dir / "curve.csv")
        figures.learning_curve(curve, task.CURVE_METRIC, out / "plots" / "curve.svg")
    for name, interval in measured.items():
        print(f"evaluate: {name} {interval.value:.4f} ({interval.low:.4f} to {interval.high:.4f})")
    print(f"evaluate: {'passed' if verdict.passed else 'refused: ' + '; '.join(reasons)}")


def check_names(settings: Evaluate, metrics: dict[str, Metric]) -> None:
    """Require that every metric in params.yaml exists."""
    for name in (settings.metric, *settings.thresholds):
        if name not in metrics:
            raise UserError(f"params.yaml: evaluate names {name!r}, and the metrics are {', '.join(metrics)}")


def compare_with_released(
    settings: Params, metrics: dict[str, Metric], features_dir: Path
) -> dict[str, Any] | None:
    """The released model's metrics on the same rows, or why it cannot be scored; None where there is none."""
    release = released.load(settings.evaluate.released)
    if release is None:
        return None
    table = pl.read_parquet(features_dir / "test.parquet")
    truth = load_part(features_dir, "test").truth
    with released.opened(release) as champion:
        about = champion.manifest
        missing = sorted({feature.name for feature in about.features} - set(table.columns))
        if missing:
            reason = f"it needs {', '.join(missing)}, which the contract no longer has"
            return {"scored": False, "reason": reason}
        if about.target != settings.target:
            reason = f"it predicts {about.target}, and this model {settings.target}"
            return {"scored": False, "reason": reason}
        predicted = champion.predict(matrix(table, about.features))
    return {"scored": True, **{name: point(metric, truth, predicted) for name, metric in metrics.items()}}


def objections(
    settings: Evaluate,
    metrics: dict[str, Metric],
    measured: dict[str, Interval],
    baseline: dict[str, float],
    champion: dict[str, Any] | None,
) -> Iterator[str]:
    """Every reason not to let the model pass."""
    for name, bound in settings.thresholds.items():
        if not metrics[name].at_least_as_good(measured[name].value, bound):
            side = "below" if metrics[name].higher_is_better else "above"
            yield f"{name} {measured[name].value:.4f} is {side} the threshold {bound:g}"
    judge, value = metrics[settings.metric], measured[settings.metric].value
    if judge.at_least_as_good(baseline[settings.metric], value):
        trivially = baseline[settings.metric]
        yield f"{settings.metric} {value:.4f} is no better than the trivial baseline's {trivially:.4f}"
    if champion and champion["scored"]:
        best = champion[settings.metric]
        allowed = best - settings.tolerance if judge.higher_is_better else best + settings.tolerance
        if not judge.at_least_as_good(value, allowed):
            yield (
                f"{settings.metric} {value:.4f} is worse than the released model's {best:.4f} by more than "
                f"the tolerance {settings.tolerance:g}"
            )


def importance(
    predict: Callable[[Matrix], Vector],
    rows: Matrix,
    truth: Vector,
    features: tuple[Feature, ...],
    metric: Metric,
    seed: int,
) -> pl.DataFrame:
    """How much the metric worsens when one feature's values are shuffled among the rows.

    Permutation importance: Breiman, Random Forests, Machine Learning 45 (2001), section 10.
    """
    random = np.random.default_rng(seed)
    sign = 1 if metric.higher_is_better else -1
    whole = point(metric, truth, predict(rows))
    losses = []
    for index in range(len(features)):
        shuffled = rows.copy()
        drops = []
        for _ in range(SHUFFLES):
            shuffled[:, index] = random.permutation(rows[:, index])
            drops.append(sign * (whole - point(metric, truth, predict(shuffled))))
        losses.append(float(np.mean(drops)))
    return pl.DataFrame({"feature": [feature.name for feature in features], "importance": losses})


if __name__ == "__main__":
    run(main)
