"""Draw the pages that `make graph` draws in a project, for every answer: `make page`.

They are shipped so that a new project has them. Only the CI system changes them, since Jenkins has
no identity at AWS.
"""

import difflib
import subprocess
import sys
import tempfile
from pathlib import Path

from copier import run_copy

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("infrastructure.md", "access.md")
PYTHON = ROOT / "infra" / ".venv" / "bin" / "python"


def main() -> None:
    """Write the template's pages."""
    usual = drawn("github")
    if drawn("gitlab") != usual:
        sys.exit("error: GitLab changes the pages too: teach this script to tell three apart")
    jenkins = drawn("jenkins")
    for page in PAGES:
        file = ROOT / "template" / "docs" / f"{page}.jinja"
        file.write_text(merged(usual[page], jenkins[page]))


def drawn(ci: str) -> dict[str, list[str]]:
    """The lines of each page as a project draws it."""
    print(f"drawing with {ci}")
    with tempfile.TemporaryDirectory() as project:
        run_copy(str(ROOT), project, {"ci": ci}, defaults=True, vcs_ref="HEAD", quiet=True)
        command = [str(PYTHON), "-m", "infra.operations.draw"]
        subprocess.run(command, cwd=project, check=True, env={"PYTHONPATH": project})
        docs = Path(project) / "docs"
        return {page: (docs / page).read_text(encoding="utf-8").splitlines() for page in PAGES}


def merged(usual: list[str], jenkins: list[str]) -> str:
    """One page, with a condition around what differs."""
    lines: list[str] = []
    matcher = difflib.SequenceMatcher(None, usual, jenkins, autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag == "equal":
            lines += usual[start:end]
            continue
        # The dash takes all white space before it, so an empty line is said again in each branch.
        empty = [lines.pop()] if lines[-1] == "" else []
        lines += ["{%- if ci != 'jenkins' %}", *empty, *usual[start:end]]
        if other_start < other_end or empty:
            lines += ["{%- else %}", *empty, *jenkins[other_start:other_end]]
        lines += ["{%- endif %}"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
