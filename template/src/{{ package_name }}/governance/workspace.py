"""The tables in the project's folder: sources, what stages have written, and copies that somebody made."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .. import delta, paths
from ..source import KINDS

# Git's and DVC's own stores are searched as such; environments hold no data.
SKIPPED = {".git", ".venv", ".tools", "node_modules", "__pycache__"}


def tables() -> Iterator[Path]:
    """All files that may be tables by their names, and all Delta tables."""
    cache = paths.ROOT / ".dvc" / "cache"
    for name, folders, files in os.walk(paths.ROOT):
        folder = Path(name)
        if delta.LOG in folders:
            folders.clear()
            yield folder
            continue
        folders[:] = [one for one in folders if one not in SKIPPED and folder / one != cache]
        yield from (folder / file for file in files if Path(file).suffix in KINDS)


def tracked(repo: Any) -> dict[Path, str]:
    """What `dvc add` has put under DVC's care, and the name of its object."""
    outs = [out for out in repo.index.outs if out.stage.is_data_source and out.hash_info]
    return {Path(out.fs_path): str(out.hash_info.value) for out in outs}


def track_again(repo: Any, changed: Iterable[Path], gone: Iterable[str]) -> None:
    """Bring DVC's notes up to date where a table has changed, or where they still name what is to go."""
    changed, gone = list(changed), set(gone)
    for path, oid in tracked(repo).items():
        if oid in gone or any(table.is_relative_to(path) for table in changed):
            repo.add(str(path))
