"""`make graph`: the pages in docs/ that are drawn from the programs, dvc.yaml and the policies.

With `--check` nothing is written, and a page that is not current is an error.
"""

import argparse
from pathlib import Path

from .. import project
from ..errors import UserError
from . import access_page, command, infrastructure_page
from .released_file import replace

PAGES = {"infrastructure.md": infrastructure_page.page, "access.md": access_page.page}


def main(root: Path = project.ROOT) -> None:
    """Write the pages, or check them."""
    parser = argparse.ArgumentParser(prog="make graph", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether they are current")
    check = parser.parse_args().check
    for name, page in PAGES.items():
        text, file = page(root), root / "docs" / name
        if not check:
            file.parent.mkdir(exist_ok=True)
            file.touch()
            replace(file, text)
            print(f"graph: docs/{name} written")
        elif not file.exists() or file.read_text(encoding="utf-8") != text:
            raise UserError(f"docs/{name} is not what infra/ says: run `make graph`")


if __name__ == "__main__":
    command.run(main)
