"""Generated projects, installed from their own locks and put to work by their own targets."""

import json
import re
from pathlib import Path

import pytest
from copier import run_copy

from .machine import must, run

# Every pair of two answers that change structure occurs in at least one of these.
PAIRWISE = [
    ("classification", "github", "mlflow", "yes"),
    ("classification", "gitlab", "wandb", "yes"),
    ("classification", "jenkins", "mlflow", "no"),
    ("regression", "github", "wandb", "no"),
    ("regression", "gitlab", "mlflow", "no"),
    ("regression", "jenkins", "wandb", "yes"),
]
KEY = "5eed" * 16
NAMES = {"project_name": "Préparé à tout", "project_slug": "ready", "package_name": "ready_made"}


def made(template: Path, target: Path, *answers: str) -> Path:
    """A new project with its environment and its first commit."""
    chosen = dict(zip(("task", "ci", "tracking", "personal_data"), answers, strict=True))
    run_copy(str(template), target, {**NAMES, **chosen}, defaults=True, quiet=True)
    must(target, "make", "setup")
    must(target, "git", "add", "--all")
    must(target, "git", "commit", "-qm", "Start")  # its hooks agree, or this fails
    return target


@pytest.mark.parametrize("answers", PAIRWISE, ids="-".join)
def test_a_fresh_project_passes_its_own_check(
    answers: tuple[str, ...], template: Path, tmp_path: Path
) -> None:
    project = made(template, tmp_path / "project", *answers)
    must(project, "make", "check")
    assert must(project, "git", "status", "--porcelain") == ""


@pytest.fixture(scope="module")
def regression(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("a place") / "regression"  # its path holds a space
    project = made(template, place, "regression", "gitlab", "wandb", "yes")
    must(project, "make", "key", PSEUDONYM_KEY=KEY)
    return project


@pytest.mark.xdist_group("regression")
def test_the_other_task_with_the_other_tracker_goes_all_the_way(regression: Path) -> None:
    """`make demo` goes this way with classification, MLflow and data that is about nobody."""
    refused = run(regression, "make", "repro", PSEUDONYM_KEY="")
    assert "PSEUDONYM_KEY is not set" in refused.stdout
    first = must(regression, "make", "repro", PSEUDONYM_KEY=KEY)
    assert "Running stage 'evaluate'" in first
    metrics = json.loads((regression / "build/evaluate/metrics.json").read_text())
    assert metrics["test"]["r2"]["value"] > 0.4
    must(regression, "git", "add", "--all")
    must(regression, "git", "commit", "-qm", "The first model")
    for target in ("gate", "report", "test"):
        must(regression, "make", target)
    refused = run(regression, "make", "register")
    assert refused.returncode != 0
    assert "WANDB_MODE=online" in refused.stdout  # a registry is shared, and W&B is offline here
    assert "Running stage" not in must(regression, "make", "repro")
    assert must(regression, "git", "status", "--porcelain") == ""


def test_renewed_locks_are_hashed_and_name_no_index(template: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    run_copy(str(template), project, NAMES, defaults=True, quiet=True)
    locks = [*sorted(project.glob("locks/*.txt")), project / "infra/lock.txt"]
    for lock in locks:
        lock.write_text(lock.read_text() if lock.name == "uv.txt" else "")  # uv comes from its own
    must(project, "make", "lock")
    for lock in locks:
        text = lock.read_text()
        packages = re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]
        assert packages
        assert [package for package in packages if "--hash=sha256:" not in package] == []
        assert "://" not in text
