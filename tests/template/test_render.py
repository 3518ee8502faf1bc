"""Every project that the answers can give is whole: nothing left over, nothing missing."""

import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from tests.conftest import Render

from .parse import parse

# The answers that change structure in every combination in which they share a file, the others one at
# a time.
COMBINATIONS = [
    *(
        {"task": task, "ci": ci, "tracking": tracking}
        for task, ci, tracking in product(
            ("classification", "regression"), ("github", "gitlab", "jenkins"), ("mlflow", "wandb")
        )
    ),
    *(
        {"task": task, "ci": ci, "personal_data": "yes"}
        for task, ci in product(("classification", "regression"), ("github", "gitlab", "jenkins"))
    ),
    {"licence": "Apache-2.0"},
    {"licence": "MIT"},
    {"python_version": "3.11"},
    {"python_version": "3.13"},
    {"project_slug": "x", "package_name": "y"},
    {"project_slug": "a" * 32, "package_name": "b" * 32},
]

# What looks left over and is not: double braces of the file's own language, our name in a token.
ALLOWED = {
    ".github/workflows/*.yml": r"\$\{\{[^{}]*\}\}",
    "src/*/*.html": r"\{\{[^{}]*\}\}|\{%[^{}]*%\}|\{#.*?#\}",
    "Makefile": r"\{\{\.[A-Za-z.]+\}\}",  # docker's --format
    "*.py": r"\{\{|\}\}|%\}|\bandaime:",
    ".cruft.json": r"\}\}",
}
RESIDUE = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}|\.jinja\b|cookiecutter|andaime", re.IGNORECASE)
MAY_NAME_COOKIECUTTER = {".cruft.json"}
MAY_BE_EMPTY = {"__init__.py", "py.typed", ".gitkeep"}


@pytest.fixture(params=COMBINATIONS, ids=lambda answers: "-".join(answers.values())[:40])
def project(request: pytest.FixtureRequest, render: Render) -> Path:
    return render(**request.param)


def texts(project: Path) -> dict[str, str]:
    """Every file, as text."""
    return {
        path.relative_to(project).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(project.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def residue(name: str, text: str) -> str | None:
    """What the template left in a file, if anything."""
    if RESIDUE.search(name):
        return name
    for pattern, allowed in ALLOWED.items():
        if Path(name).match(pattern):
            text = re.sub(allowed, "", text, flags=re.DOTALL)
    if name in MAY_NAME_COOKIECUTTER:
        text = text.replace("cookiecutter", "")
    found = RESIDUE.search(text)
    return f"{name}: {text[max(0, found.start() - 40) : found.end() + 40]!r}" if found else None


def test_a_project_is_whole(project: Path) -> None:
    """One test for all that is only read, so that each project is read once."""
    faults = []
    for name, text in texts(project).items():
        if left := residue(name, text):
            faults.append(f"left over from the template: {left}")
        faults += [f"{name}: {fault}" for fault in untidy(name, text)]
        try:
            parse(project / name)
        except Exception as error:
            faults.append(f"{name} does not parse: {error}")
    for path in project.rglob("*"):
        if path.is_symlink() and not path.exists():
            faults.append(f"{path.relative_to(project)} points nowhere")
        if path.is_dir() and not any(path.iterdir()):
            faults.append(f"{path.relative_to(project)} is an empty directory")
    assert not faults, "\n".join(faults)


def untidy(name: str, text: str) -> list[str]:
    """The traces that a condition in a template leaves behind."""
    if not text.strip():
        return [] if Path(name).name in MAY_BE_EMPTY else ["is empty"]
    faults = []
    if not text.endswith("\n") or text.endswith("\n\n"):
        faults.append("does not end with one newline")
    if text.startswith("\n"):
        faults.append("begins with a blank line")
    if re.search(r"[ \t]+$", text, re.MULTILINE):
        faults.append("has spaces at the end of a line")
    if not name.endswith(".py") and "\n\n\n" in text:
        faults.append("has two blank lines in a row")
    return faults


def test_ruff_has_nothing_to_say(project: Path) -> None:
    for arguments in (["check"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--no-cache", "--quiet", "."]
        done = subprocess.run(command, cwd=project, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_links_inside_the_markdown_lead_somewhere(project: Path) -> None:
    broken = []
    for page in sorted(project.rglob("*.md")):
        text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)", text, re.MULTILINE):
            link = target[0] or target[1]
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("#")
            file = (page.parent / path) if path else page
            if not file.exists() or (anchor and anchor not in anchors(file)):
                broken.append(f"{page.relative_to(project)}: {link}")
    assert not broken


def anchors(page: Path) -> set[str]:
    """The headings of a page, as GitHub and GitLab make anchors of them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("ci", ["github", "gitlab", "jenkins"])
def test_only_the_chosen_ci_is_there(ci: str, render: Render) -> None:
    project = render(task="classification", ci=ci, tracking="mlflow")
    there = {
        "github": (project / ".github/workflows/ci.yml").exists(),
        "gitlab": (project / ".gitlab-ci.yml").exists(),
        "jenkins": (project / "Jenkinsfile").exists(),
    }
    assert [name for name, exists in there.items() if exists] == [ci]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("README.md", "# {{ project_name }}\n"),
        ("README.md", "{% if x %}\n"),
        (".github/workflows/ci.yml", "name: {{ project_name }}\n"),
        ("src/a/{% if x %}b.py", "x = 1\n"),
        ("Makefile", "See Makefile.jinja.\n"),
    ],
)
def test_a_residue_is_seen(name: str, text: str) -> None:
    assert residue(name, text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "is empty"),
        ("a", "does not end with one newline"),
        ("a\n\n", "does not end with one newline"),
        ("\na\n", "begins with a blank line"),
        ("a \n", "has spaces at the end of a line"),
        ("a\n\n\nb\n", "has two blank lines in a row"),
    ],
)
def test_an_untidy_file_is_seen(text: str, fault: str) -> None:
    assert untidy("README.md", text) == [fault]
