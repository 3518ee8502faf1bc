"""The cloud half, as it travels with a project: its own proofs pass in a project of its own."""

from pathlib import Path

import pytest
from copier import run_copy

from .machine import must

pytestmark = pytest.mark.xdist_group("infra")


@pytest.fixture(scope="module")
def project(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("infra") / "project"
    answers = {"project_name": "Ocean heat", "task": "regression", "aws_region": "sa-east-1"}
    run_copy(str(template), target, answers, defaults=True, quiet=True)
    must(target, "make", "setup")
    must(target, "git", "add", "--all")
    must(target, "git", "commit", "-qm", "Start")
    return target


def test_every_proof_of_the_cloud_half_passes_in_a_project(project: Path) -> None:
    printed = must(project, "make", "test-infra")
    assert " passed" in printed
    assert "skipped" not in printed, printed[-3000:]
    assert must(project, "git", "status", "--porcelain") == ""
