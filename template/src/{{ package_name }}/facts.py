"""What there is to say of a model and its data, gathered once for all cards.

The model card and the data card tell it to people, `sagemaker_card` to SageMaker's registry. Nothing here is
a value of a row: what is said of personal columns is what the contract says of them, and counts.
"""

from typing import Any

import msgspec
import polars as pl

from . import contract as contracts
from . import fairness, features, params, paths, train
from .contract import Column, Contract, legal_basis
from .fairness import Groups
from .files import read_json
from .gate import Verdict
from .ingest import RECORD, Ingested
from .lineage import Lineage
from .manifest import Manifest
from .measure import Measured, measured
from .metrics import all_metrics
from .models import ARCHITECTURES
from .quality import Report
from .split import PARTS

UNSAID = "not stated in contract.yaml"
HANDLING = {
    "keep": "kept as it is",
    "drop": "dropped when it comes in",
    "pseudonym": "replaced by a pseudonym",
    "subject": "replaced by a pseudonym, which tells whose the row is",
}


class Facts(msgspec.Struct, frozen=True):
    """What the stages have left, and what follows from it.

    `parameters` are those that the architecture obeys, `learning` is how the learning went, `rows` how many
    there are in each part; `sizes` are the rows in each part of each group of each protected column.
    """

    contract: Contract
    source: Ingested
    quality: Report
    manifest: Manifest
    digest: str
    lineage: dict[str, str]
    parameters: dict[str, Any]
    learning: str
    rows: dict[str, int]
    sizes: dict[str, dict[str, dict[str, int]]]
    measured: list[Measured]
    confidence: float
    released: dict[str, Any]
    groups: dict[str, Groups]
    verdict: Verdict

    @property
    def purpose(self) -> str:
        """What the contract says that it is for."""
        return _said(self.contract.purpose)

    @property
    def use(self) -> str:
        """How the contract says that it is used."""
        return _said(self.contract.usage)

    @property
    def limitations(self) -> str:
        """What the contract says that it is not for."""
        return _said(self.contract.limitations)

    @property
    def team(self) -> str:
        """Who answers for it."""
        return _said(self.contract.team)

    @property
    def predicts(self) -> str:
        """What the model does, in a few words."""
        about = self.manifest
        return f"{about.target.column} ({about.task}) with the {about.architecture} architecture"

    @property
    def judgement(self) -> str:
        """What the gate says."""
        return "passed" if self.verdict.passed else f"refused: {'; '.join(self.verdict.reasons)}"

    @property
    def inputs(self) -> list[Column]:
        """The columns that the model reads, in order."""
        names = dict.fromkeys(feature.column for feature in self.manifest.features)
        return [self.contract.column(name) for name in names]

    @property
    def personal(self) -> list[Column]:
        """The columns that the law protects."""
        return [column for column in self.contract.columns if column.personal]

    @property
    def data(self) -> dict[str, str]:
        """The data in a few lines, each with its heading."""
        contract, report = self.contract, self.quality
        days = contract.retention_days
        return {
            "Source": _line(f"{self.source.source}. {self.source.description}"),
            "Licence": self.source.licence or "not stated by the source",
            "Version": _version(self.source),
            "Contract": f"{contract.name} {contract.version}",
            "Rows": f"{report.rows} came in, {report.kept} keep the contract: "
            + ", ".join(f"{count} {part}" for part, count in self.rows.items()),
            "Retention": UNSAID if days is None else f"{days} days at most",
            "Personal data": "; ".join(f"{one.name}, {HANDLING[one.handling]}" for one in self.personal)
            or "none, says the contract",
        }

    @property
    def protection(self) -> list[str]:
        """What else was done for the people whose data it is."""
        said = []
        if self.source.key:
            said.append(f"The pseudonyms are made under key {self.source.key}.")
        if self.source.forgotten:
            said.append(f"{self.source.forgotten} rows of people who asked to be forgotten are left out.")
        return said

    @property
    def limits(self) -> list[str]:
        """What the model is not for, and what is not known of it."""
        return [
            self.limitations,
            "It knows nothing of rows that break the contract. The server refuses them, unless the contract "
            "says under `outside` what else to do.",
            *_limits_of_groups(self.groups),
            *([] if self.verdict.passed else [f"The gate {self.judgement}."]),
        ]


def gather(about: Manifest, digest: str, lineage: Lineage) -> Facts:
    """The facts of this run: of the model that `about` describes, packaged under `digest`."""
    settings = params.load()
    evaluation, learned = paths.input_dir("evaluate"), paths.input_dir("train")
    results = read_json(evaluation / "metrics.json", dict[str, Any])
    return Facts(
        contract=contracts.load(paths.ROOT / "contract.yaml"),
        source=read_json(paths.input_dir("ingest") / RECORD, Ingested),
        quality=read_json(paths.input_dir("validate") / "report.json", Report),
        manifest=about,
        digest=digest,
        lineage=msgspec.structs.asdict(lineage),
        parameters={
            name: getattr(settings.train, name) for name in ARCHITECTURES[about.architecture].parameters
        },
        learning=train.story(pl.read_csv(learned / "curve.csv").rows()),
        rows={part: features.height(paths.input_dir("features"), part) for part in PARTS},
        sizes=_sizes(),
        measured=measured(results, all_metrics(about.target)),
        confidence=settings.evaluate.confidence,
        released=results["released"] or {},
        groups=fairness.of(results),
        verdict=read_json(evaluation / "verdict.json", Verdict),
    )


def grounds(column: Column) -> list[str]:
    """The legal bases of a column, in words."""
    return [f"{basis} ({legal_basis.ALL[basis]})" for basis in column.legal_basis]


def _line(text: str) -> str:
    return " ".join(text.split())


def _said(text: str) -> str:
    return _line(text) or UNSAID


def _version(source: Ingested) -> str:
    """Which of the source's data it is."""
    table = [] if source.version is None else [f"version {source.version} of the table"]
    files = [f"{len(source.files)} files"] if source.files else []
    return ", ".join([*table, *files, f"SHA-256 of its rows {source.sha256}"])


def _sizes() -> dict[str, dict[str, dict[str, int]]]:
    groups = {part: features.load_groups(paths.input_dir("features"), part) for part in PARTS}
    names = {
        column: dict.fromkeys(name for part in PARTS for name in features.names_of(groups[part][column]))
        for column in groups["train"]
    }
    return {
        column: {name: {part: int((groups[part][column] == name).sum()) for part in PARTS} for name in found}
        for column, found in names.items()
    }


def _limits_of_groups(groups: dict[str, Groups]) -> list[str]:
    if not groups:
        return ["No column is protected, so nobody has looked whether it is as good for every group."]
    small = [f"{column} {name}" for column, found in groups.items() for name in found.small]
    if not small:
        return []
    return [f"Fewer than {fairness.FEW} test rows, of which figures say little: {', '.join(small)}."]
