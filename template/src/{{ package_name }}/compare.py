"""`make compare`: every experiment beside the others, as a table and a picture."""

import textwrap
from collections.abc import Iterator
from typing import Any

import msgspec

from . import params, paths, tools
from .errors import UserError, run
from .figures import BLUE, GREY, figure
from .files import flatten
from .layout import aligned, text
from .metrics import all_metrics
from .params import Evaluate

METRICS = "build/evaluate/metrics.json"
VERDICT = "build/evaluate/verdict.json"
PICTURE = "build/compare.svg"
HINT = 'no experiment yet: run one with `make exp SET="train.max_depth=4"`'


class Experiment(msgspec.Struct, frozen=True):
    """One row: a commit, an experiment that started from it, or the workspace.

    `metrics` are those of the test rows, each with its value and the bounds of its interval.
    """

    name: str
    kind: str
    params: dict[str, Any]
    metrics: dict[str, dict[str, float]]
    passed: bool | None

    @property
    def verdict(self) -> str:
        """The verdict in a word, or a dash where the run did not come so far."""
        return {True: "passed", False: "refused", None: "-"}[self.passed]


def main() -> None:
    """Print the table, and draw the metric that decides."""
    if tools.commit() is None:
        raise UserError(
            "experiments are compared with a commit, and there is none yet: "
            'run `git add --all && git commit --message "First model"`'
        )
    settings = params.load()
    higher = all_metrics(settings.target)[settings.evaluate.metric].higher_is_better
    found = best_first(merged(collect()), settings.evaluate.metric, higher_is_better=higher)
    if not found:
        raise UserError("nothing has been run yet: run `make repro`")
    print("\n".join(table(found, settings.evaluate)))
    draw(found, settings.evaluate.metric, higher_is_better=higher)
    print(f"\nThe picture is in {PICTURE}.")
    if all(experiment.kind != "experiment" for experiment in found):
        print(f"There is {HINT}.")


def collect() -> list[Experiment]:
    """What DVC knows: the workspace, the commit, every branch, and all experiments and their commits."""
    references = tools.git("for-each-ref", "--format=%(refname)", "refs/exps").splitlines()
    # refs/exps/<2 digits of the commit>/<38 digits>/<name>
    parts = [reference.split("/") for reference in references]
    origins = {part[2] + part[3] for part in parts if len(part) == 5}
    revisions = [option for origin in sorted(origins) for option in ("--rev", origin)]
    shown = tools.dvc("exp", "show", "--json", "--all-branches", "--rev", "HEAD", *revisions)
    return list(_experiments(msgspec.json.decode(shown)))


def _experiments(shown: list[dict[str, Any]]) -> Iterator[Experiment]:
    for state in shown:
        kind = "workspace" if state["rev"] == "workspace" else "commit"
        yield from _experiment(state, kind)
        for group in state["experiments"] or ():
            for revision in group["revs"]:
                yield from _experiment(revision, "experiment")


def _experiment(state: dict[str, Any], kind: str) -> Iterator[Experiment]:
    """The row of one revision, if its pipeline has been run."""
    data = state["data"] or {}
    metrics = data.get("metrics") or {}
    test = metrics.get(METRICS, {}).get("data", {}).get("test")
    if test is None:
        return
    yield Experiment(
        name=state["name"] or state["rev"][:9],
        kind=kind,
        params=flatten(data["params"]["params.yaml"]["data"]),
        metrics=test,
        passed=metrics.get(VERDICT, {}).get("data", {}).get("passed"),
    )


def merged(found: list[Experiment]) -> list[Experiment]:
    """Each experiment once. The workspace is a row of its own only where it equals no other."""
    workspace = [experiment for experiment in found if experiment.kind == "workspace"]
    others = {experiment.name: experiment for experiment in found if experiment.kind != "workspace"}
    rows: list[Experiment] = []
    for experiment in others.values():
        here = any(_same(experiment, mine) for mine in workspace)
        rows.append(msgspec.structs.replace(experiment, name=f"{experiment.name} *") if here else experiment)
    return rows + [mine for mine in workspace if not any(_same(mine, other) for other in others.values())]


def _same(one: Experiment, other: Experiment) -> bool:
    return one.params == other.params and one.metrics == other.metrics


def best_first(found: list[Experiment], metric: str, *, higher_is_better: bool) -> list[Experiment]:
    """Those with the metric, the best on top."""
    measured = [experiment for experiment in found if metric in experiment.metrics]
    return sorted(measured, key=lambda one: one.metrics[metric]["value"], reverse=higher_is_better)


def table(found: list[Experiment], settings: Evaluate) -> Iterator[str]:
    """Aligned lines: name, the parameters that differ, the metrics that decide, the verdict."""
    varied = _varied(found)
    judged = list(dict.fromkeys([settings.metric, *settings.thresholds]))
    heading = f"{judged[0]} ({settings.confidence:.0%} interval)"
    rows = [["experiment", *varied, heading, *judged[1:], "verdict"]]
    for one in found:
        interval = one.metrics[judged[0]]
        rows.append(
            [
                one.name,
                *(text(one.params.get(name, "-")) for name in varied),
                f"{interval['value']:.4f} ({interval['low']:.4f} to {interval['high']:.4f})",
                *(f"{one.metrics[name]['value']:.4f}" if name in one.metrics else "-" for name in judged[1:]),
                one.verdict,
            ]
        )
    yield from aligned(rows)
    if any(one.name.endswith(" *") for one in found):
        yield "* is in the workspace now"


def _varied(found: list[Experiment]) -> list[str]:
    """The parameters that are not the same everywhere."""
    names = dict.fromkeys(name for one in found for name in one.params)
    return [name for name in names if len({text(one.params.get(name)) for one in found}) > 1]


def draw(found: list[Experiment], metric: str, *, higher_is_better: bool) -> None:
    """A dot and an interval each, best on top; under it, how its parameters differ from the commit's."""
    picture = paths.ROOT / PICTURE
    picture.parent.mkdir(exist_ok=True)
    side = "higher" if higher_is_better else "lower"
    refused = "; hollow: refused" if any(one.passed is False for one in found) else ""
    with figure(
        picture, "Experiments", f"{metric} ({side} is better{refused})", "", 1.0 + 0.45 * len(found)
    ) as axes:
        for row, one in enumerate(reversed(found)):
            interval = one.metrics[metric]
            # Hollow as well as grey, for those who do not tell colours apart.
            colour, fill = (GREY, "white") if one.passed is False else (BLUE, BLUE)
            axes.plot([interval["low"], interval["high"]], [row, row], color=colour, linewidth=2)
            axes.plot(interval["value"], row, "o", color=colour, markerfacecolor=fill, markersize=7)
            under = textwrap.shorten(", ".join(_changes(one, found)), 70, placeholder=" ...")
            axes.annotate(
                under, (0.01, row - 0.4), xycoords=("axes fraction", "data"), fontsize=7, color=GREY
            )
        axes.set_yticks(range(len(found)), [one.name for one in reversed(found)])
        axes.set_ylim(-0.6, len(found) - 0.4)
        axes.grid(axis="x", alpha=0.3)


def _changes(one: Experiment, found: list[Experiment]) -> list[str]:
    """The parameters in which a run differs from the commit, or from the best run where there is none."""
    commits = [other for other in found if other.kind == "commit"] or found
    base = commits[0].params
    return [
        f"{name}={text(one.params.get(name, '-'))}"
        for name in _varied(found)
        if one.params.get(name) != base.get(name)
    ]


if __name__ == "__main__":
    run(main)
