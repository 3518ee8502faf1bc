"""A template's life in small: releases of a little template, and projects that follow them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from scripts import cookiecutter_json

ROOT = Path(__file__).resolve().parents[2]
COPIER = (sys.executable, "-m", "copier")
Files = dict[str, str | None]


def run(*command: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command; its output, both streams together, is in `stdout`."""
    return subprocess.run(
        command, check=False, cwd=cwd, env={**os.environ, "PWD": str(cwd), **env}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def must(*command: str, cwd: Path) -> str:
    """Run a command that has to succeed, and hand back what it printed."""
    done = run(*command, cwd=cwd)
    assert done.returncode == 0, f"{command}: {done.stdout[-3000:]}"
    return done.stdout


def git(repository: Path, *arguments: str) -> str:
    return must("git", *arguments, cwd=repository).strip()


def commit(repository: Path, message: str) -> None:
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", message)


def write(root: Path, files: Files) -> None:
    """Write files; `None` deletes one."""
    for name, text in files.items():
        path = root / name
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path} does not hold {old!r}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def small_template(target: Path) -> Path:
    """The machinery of this template (questions, hook, answers files) without its content."""
    target.mkdir(parents=True)
    shell = next(ROOT.glob("{{cookiecutter*"))
    for name in ("copier.yml", "cookiecutter.json", "hooks", "macros", shell.name):
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy2
        copy(source, target / name)
    (target / "template").mkdir()
    for pattern in ("*answers_file*", "*.cruft.json*"):
        for source in (ROOT / "template").glob(pattern):
            shutil.copy2(source, target / "template" / source.name)
    git(target, "init", "-q", "-b", "stable")
    return target


def release(repository: Path, version: str, files: Files) -> None:
    """Change the template's content, commit and tag it."""
    write(repository / "template", files)
    commit(repository, version)
    git(repository, "tag", version)


def add_question(repository: Path, name: str, default: str) -> None:
    """A new version asks something new; cruft's copy of the questions follows."""
    question = f'{name}:\n  type: str\n  help: Something new.\n  default: "{default}"\n'
    heading = "# --- Where it runs"
    replace(repository / "copier.yml", heading, f"{question}\n{heading}")
    cruft = next((repository / "template").glob("*cruft.json*"))
    replace(cruft, "'tracking', 'ci'", f"'tracking', '{name}', 'ci'")
    text = cookiecutter_json.text(repository / "copier.yml")
    (repository / "cookiecutter.json").write_text(text, encoding="utf-8")


def copier(tool: str) -> tuple[str, ...]:
    """The command for `copier`, or for an old one such as `copier@9.4.0`."""
    return COPIER if tool == "copier" else ("uvx", "--quiet", tool)


def create(tool: str, source: Path | str, project: Path, **answers: str) -> Path:
    """A new project, committed to git."""
    project.parent.mkdir(parents=True, exist_ok=True)
    if tool.startswith("copier"):
        data = [f"--data={name}={value}" for name, value in answers.items()]
        must(*copier(tool), "copy", "--quiet", "--defaults", *data, str(source), str(project),
             cwd=project.parent)  # fmt: skip
    else:
        answers = {"project_slug": project.name, **answers}
        must(*cruft_create(source, **answers), cwd=project.parent)
    git(project, "init", "-q")
    commit(project, "Start")
    return project


def cruft_create(source: Path | str, **answers: str) -> tuple[str, ...]:
    context = json.dumps(answers)
    return (*CRUFT, "create", str(source), "--no-input", "--extra-context", context)


CRUFT = (sys.executable, "-m", "cruft")


def update(tool: str, project: Path, **answers: str) -> subprocess.CompletedProcess[str]:
    """What a user types for an update; nothing is committed."""
    if tool.startswith("copier"):
        data = [f"--data={name}={value}" for name, value in answers.items()]
        return run(*copier(tool), "update", "--quiet", "--defaults", *data, cwd=project)
    extra = ("--variables-to-update", json.dumps(answers)) if answers else ()
    return run(*CRUFT, "update", "--skip-apply-ask", *extra, cwd=project)


def files(project: Path) -> dict[str, bytes]:
    """Every file of a project but git's own."""
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in sorted(project.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(project).parts
    }


def cruft_state(project: Path) -> Any:
    return json.loads((project / ".cruft.json").read_text(encoding="utf-8"))
