"""`make report`: one page about the last run, for people. It needs nothing but a browser."""

import base64
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import msgspec

from . import fairness, features, graph, last_run, lockfile, manifest, paths, tools
from .errors import run
from .files import read_yaml
from .last_run import LastRun
from .lockfile import Lock
from .measure import Measured, measured
from .metrics import all_metrics
from .split import PARTS

PAGE = "build/report.html"
TEMPLATE = Path(__file__).with_name("report.html")


class Strip(Measured, frozen=True):
    """A metric's row: its numbers, and where each stands on the metric's own scale, in percent."""

    threshold: float | None

    def at(self, number: float) -> float:
        """The place of a number between the row's least and greatest, with room for the marks."""
        known = (self.low, self.high, self.value, self.baseline, self.released, self.threshold)
        numbers = [float(one) for one in known if one is not None]
        least, greatest = min(numbers), max(numbers)
        return 4 + 92 * (number - least) / ((greatest - least) or 1)


class Step(msgspec.Struct, frozen=True):
    """A stage as it ran: what it read, how much it wrote, and whether it would run again."""

    name: str
    description: str
    upstream: list[str]
    files: list[str]
    params: list[str]
    size: int
    current: bool


def main() -> None:
    """Write the page."""
    this, lock = last_run.read(), lockfile.read()
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    page = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        run=this,
        description=last_run.project("description"),
        commit_date=tools.git("log", "-1", "--format=%cs") if this.commit else None,
        confidence=this.params["evaluate.confidence"],
        champion=champion(this),
        metrics=list(strips(this)),
        groups=fairness.of(this.metrics),
        few=fairness.FEW,
        plots=[(plot.stem.replace("_", " "), embedded(plot)) for plot in last_run.plots()],
        parts=[(part, features.height(paths.input_dir("features"), part)) for part in PARTS],
        rules=rules_by_column(this.validation["rules"]),
        steps=list(steps(lock)),
        picture=graph.layout(lock.upstream()),
        box=(graph.WIDTH, graph.HEIGHT),
    )
    (paths.ROOT / PAGE).write_text(page, encoding="utf-8")
    print(f"report: {PAGE} tells of {this.name} ({this.verdict}); open it in a browser")


def champion(this: LastRun) -> str:
    """What there is to say of the released model beside its numbers."""
    released = this.metrics["released"]
    if released is None:
        return "No model is released yet."
    if released["scored"]:
        return "It is no worse than the released model, within the tolerance." if this.passed else ""
    return f"The released model was not scored: {released['reason']}."


def strips(this: LastRun) -> Iterator[Strip]:
    """Each metric, beside the baseline, the released model and the threshold."""
    target = manifest.read(last_run.package_dir()).target
    for one in measured(this.metrics, all_metrics(target)):
        yield Strip(
            **msgspec.structs.asdict(one), threshold=this.params.get(f"evaluate.thresholds.{one.name}")
        )


def steps(lock: Lock) -> Iterator[Step]:
    """The stages in order, and whether each would run again."""
    described = read_yaml(paths.ROOT / "dvc.yaml", dict[str, Any])["stages"]
    stale = json.loads(tools.dvc("status", "--json"))
    upstream = lock.upstream()
    written = {entry.path for stage in lock.stages.values() for entry in stage.outs}
    for name, stage in lock.stages.items():
        read = [entry.path for entry in stage.deps if entry.path not in written]
        yield Step(
            name=name,
            # A stage made by `foreach` or `matrix` is called name@item.
            description=described.get(name.partition("@")[0], {}).get("desc", ""),
            upstream=upstream[name],
            files=[path for path in read if not path.startswith(("src/", "locks/"))],
            params=[key for values in stage.params.values() for key in values],
            size=sum(entry.size for entry in stage.outs),
            current=name not in stale,
        )


def rules_by_column(rules: list[str]) -> dict[str, list[str]]:
    """The rules, which read `column: what is asked`, by column."""
    grouped = defaultdict(list)
    for rule in rules:
        column, _, words = rule.partition(": ")
        grouped[column].append(words)
    return dict(grouped)


def embedded(picture: Path) -> str:
    """A picture as an address that holds all of it, so that its styles and names stay its own."""
    return "data:image/svg+xml;base64," + base64.b64encode(picture.read_bytes()).decode()


if __name__ == "__main__":
    run(main)
