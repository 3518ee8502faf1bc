"""The model card: what a person should know before relying on the model.

After Mitchell et al., Model Cards for Model Reporting (FAT* 2019).
"""

from collections.abc import Iterator

from . import data_card, fairness
from .facts import Facts
from .fairness import Groups
from .markdown import table

FILE = "card.md"


def page(facts: Facts) -> str:
    """The card as Markdown."""
    return "\n".join(_lines(facts))


def _lines(facts: Facts) -> Iterator[str]:
    yield from ("# Model card", "")
    yield f"Predicts {facts.predicts}."
    yield f"Model `{facts.digest}`. Team: {facts.team}. Verdict: {facts.judgement}."
    yield from ("", "## Intended use", "")
    yield f"- Purpose: {facts.purpose}"
    yield f"- Use: {facts.use}"
    yield from ("", "## Limits", "")
    yield from (f"- {limit}" for limit in facts.limits)
    yield from ("", "## Data", "")
    yield from (f"- {heading}: {text}" for heading, text in facts.data.items())
    yield from (f"- {sentence}" for sentence in facts.protection)
    yield f"- More is in the data card, `{data_card.FILE}` beside the package."
    yield from ("", "## Training", "")
    yield f"{facts.rows['train']} rows learned from, {facts.rows['valid']} watched; {facts.learning}."
    yield ""
    yield from table(("parameter", "value"), facts.parameters.items())
    yield from ("", "## Quality on the test rows", "")
    yield from _quality(facts)
    if facts.groups:
        yield from ("", "## Groups", "")
        yield from _groups(facts.groups)
    yield from ("", "## Inputs", "")
    rows = ((column.name, column.type, column.allowed, column.description) for column in facts.inputs)
    yield from table(("column", "type", "allowed", "meaning"), rows)
    yield from ("", "## Lineage", "")
    yield from table(("input", "digest, or name"), ((name, f"`{of}`") for name, of in facts.lineage.items()))
    yield ""


def _quality(facts: Facts) -> Iterator[str]:
    """A row a metric, beside the trivial baseline and the released model."""
    interval = f"{facts.confidence:.0%} interval"
    yield from table(
        ("metric", "value", interval, "baseline", "released model", "better"),
        (
            (
                one.name,
                number(one.value),
                f"{one.low:.4f} to {one.high:.4f}",
                number(one.baseline),
                number(one.released),
                "higher" if one.higher_is_better else "lower",
            )
            for one in facts.measured
        ),
    )
    if reason := facts.released.get("reason"):
        yield from ("", f"The released model was not scored: {reason}.")


def _groups(groups: dict[str, Groups]) -> Iterator[str]:
    """A table a protected column, with a row a group."""
    yield f"Of fewer than {fairness.FEW} rows a figure says little, and so does a difference with it; `-` is"
    yield "where a group cannot have the metric, such as the recall where nothing is positive."
    for column, found in groups.items():
        yield ""
        yield from table(
            (column, "rows", *found.difference),
            [
                *(
                    (name, found.rows[name], *(number(value) for value in values.values()))
                    for name, values in found.metrics.items()
                ),
                ("largest difference", "", *(number(value) for value in found.difference.values())),
            ],
        )


def number(value: float | None) -> str:
    """A number for people, or that there is none."""
    return "-" if value is None else f"{value:.4f}"
