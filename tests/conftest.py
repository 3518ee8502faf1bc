"""What every test needs: an environment of its own, and rendered projects that are shared."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from copier import run_copy
from filelock import FileLock

ROOT = Path(__file__).resolve().parents[1]
Render = Callable[..., Path]


@pytest.fixture(autouse=True, scope="session")
def plain_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nobody's own git or cookiecutter settings decide a test, and what tools forget is removed."""
    settings = tmp_path_factory.mktemp("settings")
    (settings / "cookiecutter.yaml").write_text("default_context: {}\n")
    (settings / "gitconfig").write_text(
        "[user]\nname = Test\nemail = test@example.com\n[init]\ndefaultBranch = main\n"
        "[commit]\ngpgsign = false\n[tag]\ngpgsign = false\n"
    )
    os.environ["GIT_CONFIG_GLOBAL"] = str(settings / "gitconfig")
    os.environ["GIT_CONFIG_NOSYSTEM"] = "1"
    os.environ["COOKIECUTTER_CONFIG"] = str(settings / "cookiecutter.yaml")
    for name in [name for name in os.environ if name.startswith("GIT_") and "CONFIG" not in name]:
        del os.environ[name]  # as when a git hook runs the tests
    with tempfile.TemporaryDirectory(prefix="andaime-") as scratch:
        os.environ["TMPDIR"] = os.environ["DVC_SITE_CACHE_DIR"] = tempfile.tempdir = scratch
        yield
        tempfile.tempdir = None


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that all workers of a run see."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def template(shared: Path) -> Path:
    """The work tree, committed and tagged in a repository of its own."""
    target = shared / "template"
    with FileLock(shared / "template.lock"):
        if not target.exists():
            copy_template(shared / "template.partial")
            (shared / "template.partial").rename(target)
    return target


def copy_template(target: Path) -> None:
    """Commit what git sees in the work tree, and call it v1.0.0."""
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    for name in sorted(set(listed.stdout.split("\0")) - {""}):
        path = ROOT / name
        there = path.is_file() or path.is_symlink()
        if there and not name.startswith(("tests/", "docs/", "benchmarks/")):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target / name, follow_symlinks=False)
    for command in ("init -q", "add -A", "commit -qm Template", "tag v1.0.0"):
        subprocess.run(["git", *command.split()], cwd=target, check=True)


@pytest.fixture(scope="session")
def render(shared: Path, template: Path) -> Render:
    """Render the template in process; equal answers share one project, so do not change it."""

    def rendered(**answers: str) -> Path:
        name = sha256(json.dumps(answers, sort_keys=True).encode()).hexdigest()[:16]
        target = shared / "rendered" / name
        (shared / "rendered").mkdir(exist_ok=True)
        with FileLock(shared / "rendered" / f"{name}.lock"):
            if not target.exists():
                partial = target.with_suffix(".partial")
                run_copy(str(template), partial, answers, defaults=True, quiet=True)
                partial.rename(target)
        return target

    return rendered
