"""What commands write into stack files, made up: programs are shown before any command has run."""

from pathlib import Path

from infra import project
from infra.names import CIPHERTEXT, DIGEST


def written(program: str, root: Path = project.ROOT) -> dict[str, str]:
    """The settings of a program that `make push` and `make pseudonym-key` write."""
    if program != "training":
        return {}
    images = {"trainImage": DIGEST, "serveImage": DIGEST}
    return images | ({"pseudonymKey": CIPHERTEXT} if project.load(root).pseudonymised else {})
