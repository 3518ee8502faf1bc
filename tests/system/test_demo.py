"""What the README promises first: `make demo`, in a clean clone, on a machine that has nothing."""

import re
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from .machine import must, oldest_python, processes_in, started

pytestmark = pytest.mark.xdist_group("demo")

STEPS = ("render", "install", "run its pipeline", "judge", "unit tests", "report", "serve")
UI, MODELS = "http://127.0.0.1:5000", "/ajax-api/2.0/mlflow/registered-models/search"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nothing in it, caches neither."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def clone(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("demo") / "clone"
    must(template, "git", "clone", "--quiet", str(template), str(target))
    return target


@pytest.fixture(scope="module")
def project(clone: Path, home: Path) -> Path:
    """What a first `make demo` leaves behind, on the oldest Python there is here."""
    check(clone, must(clone, "make", "demo", HOME=str(home), PYTHON=oldest_python()))
    return clone / "build" / "demo"


def check(clone: Path, printed: str) -> None:
    """The demo printed answers and a summary, and left nothing that runs or is not committed."""
    summary = printed[printed.index("-" * 78) :]
    assert re.search(r"mean_radius=\d+.* -> probability=[01]\.\d+, label=malignant\n", printed)
    assert [step for step in STEPS if not re.search(rf"\d\.\d s  .*{step}", summary)] == []
    assert re.search(r"roc_auc +0\.9\d\d  \(0\.\d+ to [01]\.\d+\)", summary)
    for name in ("report", "pictures"):
        (place,) = re.findall(rf"The {name}: +(.+)", summary)
        assert Path(place).exists()
    assert "make serve" in summary
    assert processes_in(clone) == []
    for repository in (clone, clone / "build" / "demo"):
        assert must(repository, "git", "status", "--porcelain") == ""


def test_the_demo_works_twice(project: Path, clone: Path, home: Path) -> None:
    assert project.exists()
    check(clone, must(clone, "make", "demo", HOME=str(home)))


def test_all_tests_of_its_project_pass(project: Path) -> None:
    must(project, "make", "test")
    assert must(project, "git", "status", "--porcelain") == ""


def test_from_there_one_goes_on(project: Path) -> None:
    """An experiment, the comparison, the registry and its page, as the README tells it."""
    must(project, "make", "exp", "SET=train.max_depth=2")
    table = must(project, "make", "compare")
    assert re.findall(r"^\S.*? +([23]) +0\.9\d+ \(", table, re.MULTILINE) == ["3", "2"]  # depths
    must(project, "git", "checkout", "--quiet", ".")
    must(project, "make", "repro")  # back to the committed model
    assert "waiting for approval" in must(project, "make", "register")
    assert "already" in must(project, "make", "register")
    with started(project, "make", "ui"):
        assert '"tumour-triage"' in first_answer(f"{UI}{MODELS}")
    assert processes_in(project) == []


def first_answer(address: str) -> str:
    """What an address answers as soon as it does."""
    deadline = time.monotonic() + 120
    while True:
        with suppress(OSError), urllib.request.urlopen(address, timeout=5) as response:
            text: str = response.read().decode()
            return text
        assert time.monotonic() < deadline, f"{address} does not answer"
        time.sleep(0.5)
