"""The last run of the pipeline, as its stages left it in `build/`."""

import csv
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from . import lockfile, paths, tools
from .files import flatten, read_json
from .gate import Verdict


class LastRun(msgspec.Struct, frozen=True):
    """What there is to tell of a run, wherever it is told.

    `lock` is the digest of dvc.lock and names the run: two runs with the same inputs, parameters and results
    are one. `params` are by name, as in `train.seed`. `dirty` is whether anything differs from `commit`.
    """

    project: str
    lock: str
    commit: str | None
    dirty: bool
    params: dict[str, Any]
    source: dict[str, Any]
    validation: dict[str, Any]
    manifest: dict[str, Any]
    metrics: dict[str, Any]
    passed: bool
    reasons: tuple[str, ...]
    package: dict[str, Any]

    @property
    def name(self) -> str:
        """For people: the architecture, and enough of the identity to tell runs apart."""
        return f"{self.manifest['architecture']}-{self.lock[:8]}"

    @property
    def data(self) -> str:
        """The digest of the rows that were learned from and tested on."""
        return str(self.package["inputs"]["data"])

    @property
    def verdict(self) -> str:
        """The verdict in a word."""
        return "passed" if self.passed else "refused"


def read() -> LastRun:
    """The last run.

    Raises:
        UserError: there is none, it stopped half-way, or `build/` has changed since.
    """
    lock = lockfile.read()
    verdict = read_json(paths.input_dir("evaluate") / "verdict.json", Verdict)
    commit = tools.commit()
    return LastRun(
        project=project(),
        lock=lockfile.digest(),
        commit=commit,
        dirty=commit is None or bool(tools.uncommitted()),
        params=lock.parameters(),
        source=_json("ingest", "source.json"),
        validation=_json("validate", "report.json"),
        manifest=_json("package", "model/manifest.json"),
        metrics=_json("evaluate", "metrics.json"),
        passed=verdict.passed,
        reasons=verdict.reasons,
        package=_json("package", "package.json"),
    )


def project(field: str = "name") -> str:
    """What pyproject.toml says of the project. Its runs and models are kept under its name."""
    with (paths.ROOT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"][field])


def curve() -> list[dict[str, float]]:
    """The learning curve: round, and the losses in it."""
    with (paths.input_dir("train") / "curve.csv").open(newline="") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def plots() -> list[Path]:
    """The drawings of the evaluation."""
    return sorted((paths.input_dir("evaluate") / "plots").glob("*.svg"))


def package_dir() -> Path:
    """The packaged model."""
    return paths.input_dir("package") / "model"


def numbers(metrics: dict[str, Any]) -> dict[str, float]:
    """Metrics by path: `test/roc_auc`, with `test/roc_auc/low` and `/high` for its interval."""
    flat = flatten(metrics, "/")
    return {
        name.removesuffix("/value"): float(value)
        for name, value in flat.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _json(stage: str, name: str) -> dict[str, Any]:
    return read_json(paths.input_dir(stage) / name, dict[str, Any])
