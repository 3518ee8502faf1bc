"""What is missing on a machine is said in one sentence, by this Makefile and by every project's."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Render
from tests.system.machine import must, run

# What make itself and its recipes need, and no more.
BASICS = ("sh", "make", "awk", "dirname", "env", "mkdir", "mv", "rm", "touch", "true")
OLD = f"""#!/bin/sh
exec "{sys.executable}" -c 'import sys; sys.version_info = (3, 10, 14); exec(sys.argv[2])' "$@"
"""


@pytest.fixture(params=["this repository", "a project"])
def directory(request: pytest.FixtureRequest, render: Render, template: Path, tmp_path: Path) -> Path:
    """A copy in which nothing is installed yet."""
    source = template if request.param == "this repository" else render()
    target = tmp_path / "copy"
    shutil.copytree(source, target)
    return target


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The directory of the few commands that the machine has."""
    commands = tmp_path / "bin"
    commands.mkdir()
    for name in (*BASICS, "git"):
        (commands / name).symlink_to(shutil.which(name) or pytest.fail(f"{name} is missing"))
    (commands / "python3").symlink_to(sys.executable)
    return commands


def refusal(directory: Path, machine: Path, *targets: str) -> str:
    """The one sentence on which make ends."""
    before = contents(directory)
    done = run(directory, "make", *targets, PATH=str(machine))
    assert done.returncode != 0
    said = [line for line in done.stdout.splitlines() if not line.startswith("make: ***")]
    assert len(said) == 1, done.stdout
    assert said[0].startswith("error: ")
    assert contents(directory) == before
    return said[0]


def contents(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if ".git" not in path.parts)


def test_no_python(directory: Path, machine: Path) -> None:
    (machine / "python3").unlink()
    assert "python3 is not Python 3.11 or newer: install one" in refusal(directory, machine, "setup")


def test_too_old_a_python(directory: Path, machine: Path) -> None:
    (machine / "python3").unlink()
    (machine / "python3").write_text(OLD)
    (machine / "python3").chmod(0o755)
    assert "python3 is not Python 3.11 or newer: install one" in refusal(directory, machine, "setup")


def test_no_pip_to_install_uv_with(directory: Path, machine: Path) -> None:
    must(machine, sys.executable, "-m", "venv", "--without-pip", str(machine.parent / "bare"))
    bare = machine.parent / "bare" / "bin" / "python"
    said = refusal(directory, machine, f"PYTHON={bare}", "setup")
    assert "has no pip: install it" in said


def test_no_git(directory: Path, machine: Path) -> None:
    (machine / "git").unlink()
    (machine / "uv").symlink_to(machine / "true")  # there already, so that git is the next question
    assert refusal(directory, machine, "setup") == "error: git is missing: install it"


def test_no_such_target(directory: Path, machine: Path) -> None:
    said = refusal(directory, machine, "deploy-all")
    assert said == "error: there is no target 'deploy-all': `make` lists those there are"


def test_no_program_that_builds_images(render: Render, machine: Path) -> None:
    assert "docker is missing: install it, or name another" in refusal(render(), machine, "image")


def test_the_list_of_targets(directory: Path, machine: Path) -> None:
    listed = must(directory, "make", PATH=str(machine)).splitlines()
    assert len(listed) > 6
    assert [line for line in listed if not line.startswith("make ")] == []


def test_uv_is_installed_by_the_machines_python(directory: Path, machine: Path) -> None:
    """The environment's own has no pip, and comes first on the path once there is one."""
    must(directory, sys.executable, "-m", "venv", "--without-pip", ".venv")
    (machine / "python3").unlink()
    (machine / "python3").symlink_to(Path(sys.base_prefix, "bin", "python3"))
    uv = Path(".tools/bin/uv") if (directory / "params.yaml").exists() else directory / ".tools/bin/uv"
    must(directory, "make", str(uv), PATH=str(machine))
    must(directory, str(uv), "--version")
