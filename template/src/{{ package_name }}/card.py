"""The model card: what a person should know before relying on the model.

After Mitchell et al., Model Cards for Model Reporting (FAT* 2019).
"""

from collections.abc import Iterator
from typing import Any

from . import contract as contracts
from . import paths
from .contract import Column
from .files import read_json
from .ingest import Ingested
from .lineage import Lineage
from .manifest import Manifest

FILE = "card.md"
LINEAGE = ("data", "params", "contract", "source", "lock")


def write(about: Manifest, digest: str, inputs: Lineage) -> str:
    """The card as Markdown."""
    contract = contracts.load(paths.ROOT / "contract.yaml")
    source = read_json(paths.input_dir("ingest") / "source.json", Ingested)
    results = read_json(paths.input_dir("evaluate") / "metrics.json", dict[str, Any])
    inputs_by_column = {feature.column: contract.column(feature.column) for feature in about.features}
    lines = [
        "# Model card",
        "",
        f"Predicts `{about.target.column}` ({about.task}) with the {about.architecture} architecture.",
        f"Model `{digest}`.",
        "",
        "## Use",
        "",
        f"- Purpose: {contract.purpose or 'not stated in contract.yaml'}",
        f"- Use: {contract.usage or 'not stated in contract.yaml'}",
        f"- Limits: {contract.limitations or 'not stated in contract.yaml'}",
        "- The model knows nothing of rows outside the bounds below, and the server refuses them.",
        "",
        "## Data",
        "",
        f"- Source: {source.source}. {source.description}".rstrip(),
        f"- Licence: {source.licence or 'not stated by the source'}",
        f"- Rows: {source.rows}; contract {contract.name} {contract.version}",
        "",
        "## Quality on the test rows",
        "",
        *_quality(results),
        "",
        "## Inputs",
        "",
        "| column | type | allowed | meaning |",
        "|---|---|---|---|",
        *(_input(column) for column in inputs_by_column.values()),
        "",
        "## Lineage",
        "",
        "| input | SHA-256 |",
        "|---|---|",
        *(f"| {name} | `{getattr(inputs, name)}` |" for name in LINEAGE),
        "",
    ]
    return "\n".join(lines)


def _quality(results: dict[str, Any]) -> Iterator[str]:
    """A row a metric, beside the trivial baseline and the released model."""
    champion = results["released"] or {}
    yield "| metric | value | interval | baseline | released model |"
    yield "|---|---|---|---|---|"
    for name, test in results["test"].items():
        released = f"{champion[name]:.4f}" if name in champion else "-"
        yield (
            f"| {name} | {test['value']:.4f} | {test['low']:.4f} to {test['high']:.4f} "
            f"| {results['baseline'][name]:.4f} | {released} |"
        )
    if reason := champion.get("reason"):
        yield ""
        yield f"The released model was not scored: {reason}."


def _input(column: Column) -> str:
    return f"| {column.name} | {column.type} | {column.allowed} | {column.description} |"
