"""Render the project through copier: cruft's half of the template is this hook and an empty folder.

cookiecutter fills in the line marked below and runs the file inside the new project, in its own
environment. copier then asks no questions but checks every answer, so that both tools accept the
same answers and give the same project. `.cruft.json` is left to cruft, which writes it itself.
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

CONTEXT = json.loads({{cookiecutter | jsonify | jsonify}})  # type: ignore # noqa: F821 (filled in)


def copier() -> list[str]:
    """The command that starts copier here."""
    found = importlib.util.find_spec("copier")
    if found and found.origin:  # not merely a directory of that name
        return [sys.executable, "-m", "copier"]
    if shutil.which("copier"):
        return ["copier"]
    if shutil.which("uvx"):
        return ["uvx", "copier"]
    sys.exit(
        "error: cruft renders this template through copier, which is not here: "
        "run `pip install copier` (or install uv) and try again."
    )


def source(template: str) -> str:
    """The template's address for copier, which wants git+ before an https address it cannot guess."""
    guessed = ("https://github.com/", "https://gitlab.com/")
    if "://" not in template or template.endswith(".git") or template.startswith(guessed):
        return template
    return f"git+{template}"


def unescape(answer: str) -> str:
    r"""Braces and backslashes again, which macros/source.jinja keeps as \u007b and \u005c."""
    return re.sub(r"\\u00(7b|5c)", lambda found: chr(int(found[1], 16)), answer)


def lend_to(project: Path) -> None:
    """Put the rendered files into the git of the project that is being updated, without a trace in it.

    cruft merges with `git apply -3`, which needs the old version of every file that has changed. After
    `copier update` git has never seen it, and edits next to the template's would be rejected.
    """
    state = project / ".cruft.json"
    if not state.is_file() or json.loads(state.read_text())["template"] != CONTEXT["_template"]:
        return
    paths = "".join(f"{path.absolute()}\n" for path in Path().rglob("*") if path.is_file())
    command = ["git", "-C", str(project), "hash-object", "-w", "--no-filters", "--stdin-paths"]
    subprocess.run(command, check=False, input=paths, capture_output=True, text=True)


def main() -> None:
    if "_commit" not in CONTEXT:
        sys.exit("error: cookiecutter alone cannot update a project: use `cruft create` instead.")
    Path(".gitkeep").unlink()
    answers = {name: unescape(CONTEXT[name]) for name in CONTEXT if not name.startswith("_")}
    command = [*copier(), "copy", "--defaults", "--overwrite", "--quiet"]
    command += ["--vcs-ref", CONTEXT["_commit"], "--exclude", "/.cruft.json"]
    command += [f"--data={name}={answer}" for name, answer in answers.items()]
    command += [source(CONTEXT["_template"]), "."]
    done = subprocess.run(command, check=False, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["copier gave no reason"])[-1]
        sys.exit(f"error: {last.removeprefix('ValueError: ')}")
    lend_to(Path(os.environ.get("PWD", "")))  # cruft does not say where it updates: the shell does


main()
