"""Draw the page of the infrastructure for every answer: `make page`.

It is what `make graph` draws in a project, shipped so that a new one has it. Only the CI system
changes the picture, since Jenkins has no identity at AWS.
"""

import difflib
import subprocess
import sys
import tempfile
from pathlib import Path

from copier import run_copy

ROOT = Path(__file__).resolve().parents[1]
PAGE = Path("docs") / "infrastructure.md"
PYTHON = ROOT / "infra" / ".venv" / "bin" / "python"


def main() -> None:
    """Write the template's page."""
    usual = drawn("github")
    if drawn("gitlab") != usual:
        sys.exit("error: GitLab changes the picture too: teach this script to tell three apart")
    (ROOT / "template" / f"{PAGE}.jinja").write_text(merged(usual, drawn("jenkins")))


def drawn(ci: str) -> list[str]:
    """The lines of the page as a project draws it."""
    print(f"drawing with {ci}")
    with tempfile.TemporaryDirectory() as project:
        run_copy(str(ROOT), project, {"ci": ci}, defaults=True, vcs_ref="HEAD", quiet=True)
        command = [str(PYTHON), "-m", "infra.operations.draw"]
        subprocess.run(command, cwd=project, check=True, env={"PYTHONPATH": project})
        return (Path(project) / PAGE).read_text(encoding="utf-8").splitlines()


def merged(usual: list[str], jenkins: list[str]) -> str:
    """One page, with a condition around what differs."""
    lines: list[str] = []
    matcher = difflib.SequenceMatcher(None, usual, jenkins, autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag == "equal":
            lines += usual[start:end]
            continue
        lines += ["{%- if ci != 'jenkins' %}", *usual[start:end]]
        if other_start < other_end:
            lines += ["{%- else %}", *jenkins[other_start:other_end]]
        lines += ["{%- endif %}"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
