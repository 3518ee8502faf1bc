"""What a model says of itself: the file beside it that tells how to feed it and how to read it."""

from pathlib import Path
from typing import Literal

import msgspec

from .encoding import Feature
from .files import read_json, write_json
from .task import Target

FILE = "manifest.json"


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which architecture in which format, what it predicts, and its inputs in order."""

    task: str
    architecture: str
    format: Literal["native", "onnx"]
    target: Target
    features: tuple[Feature, ...]
    contract_version: str

    def write(self, directory: Path) -> None:
        """Put the manifest beside the model in `directory`."""
        write_json(directory / FILE, self)


def read(directory: Path) -> Manifest:
    """The manifest of the model in `directory`.

    Raises:
        UserError: there is none, or it was written for another task or by another version of this code.
    """
    return read_json(directory / FILE, Manifest)
