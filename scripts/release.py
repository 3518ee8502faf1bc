"""Release the template: `make release VERSION=1.2.0`.

A release is a tag `v1.2.0`, and the branch `stable` moved to it, in one push that happens as a
whole or not at all. copier follows the newest tag and cruft the default branch, which is `stable`:
so both always see the same commit (docs/updates.md says why that matters).
"""

import re
import subprocess
import sys
from pathlib import Path

CHANGELOG = "CHANGELOG.md"


def git(repository: Path, *arguments: str) -> str:
    """Run git; what it says against it ends the program."""
    done = subprocess.run(
        ["git", *arguments], cwd=repository, check=False, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"error: git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()


def number(version: str) -> tuple[int, ...]:
    """1.2.0 as something that can be compared."""
    return tuple(int(part) for part in version.split("."))


def released(repository: Path) -> list[str]:
    """The versions that exist, the newest last."""
    tags = re.findall(r"^v(\d+\.\d+\.\d+)$", git(repository, "tag"), re.MULTILINE)
    return sorted(tags, key=number)


def refuse_unless_ready(repository: Path, version: str) -> None:
    """Every reason not to release, before anything is changed."""
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", version):
        sys.exit(f"error: {version!r} is no version: write three numbers, such as 1.2.0.")
    branch = git(repository, "branch", "--show-current")
    if branch != "main":
        sys.exit(f"error: releases are made on main, this is {branch!r}: run `git switch main`.")
    if git(repository, "status", "--porcelain"):
        sys.exit("error: there are changes that are not committed: commit or stash them first.")
    git(repository, "fetch", "--quiet", "--tags", "origin")
    for existing in released(repository)[-1:]:
        if number(version) <= number(existing):
            sys.exit(f"error: {version} is not newer than {existing}: choose a higher version.")
    changelog = repository / CHANGELOG
    text = changelog.read_text(encoding="utf-8") if changelog.exists() else ""
    if not re.search(rf"^## {re.escape(version)}\b", text, re.MULTILINE):
        sys.exit(f"error: {CHANGELOG} has no section `## {version}`: say there what is new.")


def release(repository: Path, version: str) -> None:
    """Tag the commit, and publish main, stable and the tag together."""
    refuse_unless_ready(repository, version)
    tag = f"v{version}"
    git(repository, "tag", "--annotate", "--message", f"Release {version}", tag)
    push = [
        "git",
        "push",
        "--quiet",
        "--atomic",
        "origin",
        "main",
        "main:stable",
        f"refs/tags/{tag}",
    ]
    done = subprocess.run(push, cwd=repository, check=False, capture_output=True, text=True)
    if done.returncode:
        git(repository, "tag", "--delete", tag)
        sys.exit(f"error: nothing was released, as origin refused it: {done.stderr.strip()}")
    print(f"released {tag}: copier and cruft both see it now")


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1]:
        sys.exit("error: which version? `make release VERSION=1.2.0`")
    release(Path.cwd(), sys.argv[1])
