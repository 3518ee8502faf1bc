"""SHA-256 digests of files and directories: what tells one version from another."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

CARD = "card.md"


def digest_file(path: Path) -> str:
    """The digest of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_files(root: Path, files: Iterable[Path]) -> str:
    """The digest of some files under `root`: of their names and bytes, not of their order, times or modes."""
    lines = sorted(f"{digest_file(file)}  {file.relative_to(root).as_posix()}\n" for file in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def digest_tree(root: Path) -> str:
    """The digest of every file under `root`, compiled Python left out."""
    return digest_files(root, (f for f in root.rglob("*") if f.is_file() and "__pycache__" not in f.parts))


def digest_package(directory: Path) -> str:
    """The digest of a packaged model. The card is prose about the model, and no part of it."""
    return digest_files(directory, (f for f in directory.rglob("*") if f.is_file() and f.name != CARD))
