"""The model card in the form that SageMaker's registry takes and shows.

Its fields and how long they may be: https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-details.html
("Model package model card schema"). SageMaker refuses a card that is too long, and the model with it, so what
is too long is cut here.
"""

import json
from pathlib import Path
from typing import Any

from . import fairness
from .facts import Facts, grounds
from .fairness import Groups
from .files import write_json

# For people; and the same as one text, because that is what a SageMaker pipeline can look up in a file.
FILE, LOOKED_UP = "model_card.json", "card.json"
# In characters: of the whole, of a paragraph, of a remark, of a name.
WHOLE, PARAGRAPH, REMARK, NAME = 100_000, 2048, 1024, 63
CUT = " ..."
CAVEAT = "What ends in ... is longer, and whole in card.md, in the package."


def write(facts: Facts, directory: Path) -> None:
    """Write the card, twice."""
    card = content(facts)
    write_json(directory / FILE, card)
    write_json(directory / LOOKED_UP, {"content": text(card)})


def content(facts: Facts) -> dict[str, Any]:
    """The card. Where it would be too long, groups are left out, from the last column on."""
    shown = list(facts.groups)
    while len(text(card := _card(facts, shown))) > WHOLE:
        shown.pop()
    return card


def text(card: dict[str, Any]) -> str:
    """The card in one line of ASCII, where each character is one, however it is counted."""
    return json.dumps(card, separators=(",", ":"), allow_nan=False)


def cut(words: str, most: int) -> str:
    """Words in one line, of at most so many characters as `text` writes them."""
    line = " ".join(words.split())
    if _written(line) <= most:
        return line
    line = line[: most - len(CUT)]
    while _written(line) > most - len(CUT):
        line = line[:-1]
    return line + CUT


def name(words: str) -> str:
    """The same for a name. Few names are long, and groups can be left out: each character counts one."""
    line = " ".join(words.split())
    return line if len(line) <= NAME else line[: NAME - len(CUT)] + CUT


def _written(line: str) -> int:
    return len(json.dumps(line)) - len('""')


def _card(facts: Facts, shown: list[str]) -> dict[str, Any]:
    return {
        "model_overview": {"model_creator": cut(facts.team, REMARK)},
        "intended_uses": {
            "purpose_of_model": cut(facts.purpose, PARAGRAPH),
            "intended_uses": cut(facts.use, PARAGRAPH),
            "factors_affecting_model_efficiency": cut(" ".join(facts.limits), PARAGRAPH),
        },
        "training_details": {
            "training_observations": cut(f"{facts.learning}.", REMARK),
            "training_job_details": {
                "training_datasets": [cut(f"{facts.source.source}, {facts.data['Version']}", REMARK)],
                "user_provided_hyper_parameters": [
                    {"name": name, "value": str(value)} for name, value in facts.parameters.items()
                ],
            },
        },
        "evaluation_details": [
            _quality(facts),
            *(_groups(column, facts.groups[column]) for column in shown),
        ],
        "additional_information": {
            "ethical_considerations": cut(_ethics(facts), PARAGRAPH),
            "caveats_and_recommendations": cut(_caveats(facts, shown), PARAGRAPH),
            "custom_details": {name: cut(value, REMARK) for name, value in _details(facts).items()},
        },
    }


def _quality(facts: Facts) -> dict[str, Any]:
    """Every metric on the test rows, the baseline's and the released model's."""
    interval = f"{facts.confidence:.0%} interval"
    numbers = {
        "this model": [
            _number(one.name, one.value, f"{interval} {one.low:.4f} to {one.high:.4f}")
            for one in facts.measured
        ],
        "trivial baseline": [_number(one.name, one.baseline) for one in facts.measured],
        "released model": [
            _number(one.name, one.released) for one in facts.measured if one.released is not None
        ],
    }
    return {
        "name": "test rows",
        "evaluation_observation": cut(f"The gate: {facts.judgement}.", PARAGRAPH),
        "metadata": {"rows": str(facts.rows["test"])},
        "metric_groups": [{"name": of, "metric_data": found} for of, found in numbers.items() if found],
    }


def _groups(column: str, groups: Groups) -> dict[str, Any]:
    """Each metric as a chart, with a bar for each group that has it, and the largest differences."""
    charts = [chart for metric in groups.difference if (chart := _chart(metric, groups))]
    differences = [_number(metric, gap) for metric, gap in groups.difference.items() if gap is not None]
    found = {"by group": charts, "largest difference": differences}
    return {
        "name": name(f"groups of {column}"),
        "evaluation_observation": cut(_reliance(groups), PARAGRAPH),
        "metadata": {name(f"rows of {group}"): str(rows) for group, rows in groups.rows.items()},
        "metric_groups": [{"name": of, "metric_data": data} for of, data in found.items() if data],
    }


def _reliance(groups: Groups) -> str:
    small = ", ".join(groups.small)
    return f"Fewer than {fairness.FEW} rows, of which figures say little: {small or 'no group'}."


def _chart(metric: str, groups: Groups) -> dict[str, Any] | None:
    bars = {group: value for group, found in groups.metrics.items() if (value := found[metric]) is not None}
    if not bars:
        return None
    return {
        "name": name(metric),
        "type": "bar_chart",
        "value": list(bars.values()),
        "x_axis_name": [name(group) for group in bars],
        "y_axis_name": name(metric),
    }


def _number(metric: str, value: float, notes: str | None = None) -> dict[str, Any]:
    said = {} if notes is None else {"notes": notes}
    return {"name": name(metric), "type": "number", "value": value, **said}


def _ethics(facts: Facts) -> str:
    bases = list(dict.fromkeys(basis for column in facts.personal for basis in grounds(column)))
    allowed = [f"Legal bases: {'; '.join(bases)}."] * bool(bases)
    return " ".join([f"Personal data: {facts.data['Personal data']}.", *allowed, *facts.protection])


def _caveats(facts: Facts, shown: list[str]) -> str:
    left_out = len(facts.groups) - len(shown)
    return f"{CAVEAT} The groups of {left_out} columns are only there." if left_out else CAVEAT


def _details(facts: Facts) -> dict[str, str]:
    inputs = [column.name for column in facts.inputs]
    return {
        "Predicts": facts.predicts,
        "Package": facts.digest,
        **facts.data,
        "Inputs": f"{len(inputs)}: {', '.join(inputs)}",
        **{f"Lineage: {name}": of for name, of in facts.lineage.items()},
    }
