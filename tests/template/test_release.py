"""Releases and branches: neither tool may lead a user where the other cannot follow."""

import sys
from pathlib import Path

import pytest

from . import journey
from .journey import ROOT, commit, create, cruft_state, git, must, run, update, write


def release(work: Path, version: str) -> tuple[int, str]:
    done = run(sys.executable, "-m", "scripts.release", version, cwd=work, PYTHONPATH=str(ROOT))
    return done.returncode, done.stdout


def announce(work: Path, version: str) -> None:
    """A change, and its section in the changelog."""
    changelog = work / "CHANGELOG.md"
    before = changelog.read_text() if changelog.exists() else "# Changelog\n"
    write(work, {
        "CHANGELOG.md": f"{before}\n## {version}\n\nNews.\n",
        "template/news.txt": f"{version}\n",
    })  # fmt: skip
    commit(work, f"News of {version}")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A maintainer's clone; the default branch of its origin is `stable`."""
    work = journey.small_template(tmp_path / "work")
    git(work, "checkout", "-q", "-b", "main")
    announce(work, "1.0.0")
    git(tmp_path, "init", "-q", "--bare", "-b", "stable", "origin.git")
    git(work, "remote", "add", "origin", str(tmp_path / "origin.git"))
    assert release(work, "1.0.0")[0] == 0
    return work


@pytest.fixture
def origin(work: Path) -> Path:
    return work.parent / "origin.git"


def test_a_release_moves_main_stable_and_the_tag_together(work: Path, origin: Path) -> None:
    announce(work, "1.1.0")
    assert release(work, "1.1.0") == (0, "released v1.1.0: copier and cruft both see it now\n")
    here = git(work, "rev-parse", "HEAD")
    for name in ("main", "stable", "v1.1.0^{commit}"):
        assert git(origin, "rev-parse", name) == here


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("1.1", "is no version"),
        ("v1.1.0", "is no version"),
        ("1.1.0rc1", "is no version"),
        ("1.0.0", "is not newer than 1.0.0"),
        ("0.9.0", "is not newer than 1.0.0"),
        ("1.2.0", "has no section `## 1.2.0`"),
    ],
)
def test_a_version_that_cannot_be_is_refused(
    version: str, reason: str, work: Path, origin: Path
) -> None:
    announce(work, "1.1.0")
    code, said = release(work, version)
    assert code == 1
    assert reason in said
    assert git(origin, "tag") == git(work, "tag") == "v1.0.0"


def test_ten_is_newer_than_nine(work: Path) -> None:
    for version in ("1.9.0", "1.10.0"):
        announce(work, version)
        assert release(work, version)[0] == 0


def test_changes_that_are_not_committed_stop_a_release(work: Path, origin: Path) -> None:
    announce(work, "1.1.0")
    write(work, {"template/forgotten.txt": "Not committed.\n"})
    code, said = release(work, "1.1.0")
    assert (code, "not committed" in said) == (1, True)
    assert git(origin, "tag") == "v1.0.0"


def test_releases_are_made_on_main(work: Path) -> None:
    git(work, "checkout", "-q", "-b", "feature")
    announce(work, "1.1.0")
    code, said = release(work, "1.1.0")
    assert (code, "run `git switch main`" in said) == (1, True)


def test_a_push_that_origin_refuses_releases_nothing(work: Path, origin: Path) -> None:
    """Somebody else pushed to main meanwhile: neither the tag nor stable may move."""
    git(work.parent, "clone", "-q", "-b", "main", str(origin), "other")
    announce(work.parent / "other", "9.9.9")
    git(work.parent / "other", "push", "-q", "origin", "main")
    stable = git(origin, "rev-parse", "stable")

    announce(work, "1.1.0")
    code, said = release(work, "1.1.0")
    assert (code, "nothing was released" in said) == (1, True)
    assert git(origin, "rev-parse", "stable") == stable
    assert git(origin, "tag") == git(work, "tag") == "v1.0.0"


def test_both_tools_see_the_same_commit_while_main_is_ahead(work: Path, origin: Path) -> None:
    announce(work, "1.1.0")
    git(work, "push", "-q", "origin", "main")  # developed, not released

    by_cruft = create("cruft", origin, work.parent / "by-cruft")
    by_copier = create("copier", origin, work.parent / "by-copier")
    released = git(origin, "rev-parse", "v1.0.0^{commit}")
    assert cruft_state(by_cruft)["commit"] == cruft_state(by_copier)["commit"] == released

    assert release(work, "1.1.0")[0] == 0
    for tool, project in (("copier", by_cruft), ("cruft", by_copier)):
        assert update(tool, project).returncode == 0
        assert (project / "news.txt").read_text() == "1.1.0\n"


def test_the_trap_that_the_policy_avoids(work: Path, origin: Path) -> None:
    """Were main the default branch, a project made by cruft could not be updated by copier."""
    announce(work, "1.1.0")
    git(work, "push", "-q", "origin", "main")
    git(origin, "symbolic-ref", "HEAD", "refs/heads/main")
    project = create("cruft", origin, work.parent / "trapped")
    done = update("copier", project)
    assert done.returncode != 0
    assert "Downgrades are not supported" in done.stdout

    # The way out that docs/updates.md gives: the next release is newer than where the project is.
    git(origin, "symbolic-ref", "HEAD", "refs/heads/stable")
    assert release(work, "1.1.0")[0] == 0
    assert update("copier", project).returncode == 0
    must("git", "diff", "--exit-code", "--", "news.txt", cwd=project)
