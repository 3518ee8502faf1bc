"""What may be removed, and what Pulumi says is still in use."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from ..names import ENVIRONMENTS
from .stacks import Stack

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
CONFIGURATION, MODEL, IMAGE = "endpoint configuration", "model", "image"


@dataclass(frozen=True)
class Leftover:
    """Something that nothing refers to."""

    kind: str
    name: str
    reason: str


@dataclass(frozen=True)
class States:
    """What Pulumi's stacks hold, as text: a name or a digest that is in it is in use."""

    texts: tuple[str, ...]

    @classmethod
    def read(cls, root: Path) -> "States":
        """The states of the programs that name models and images, in every environment."""
        stacks = [Stack(p, e, root) for p in ("training", "serving") for e in ENVIRONMENTS]
        return cls(tuple(json.dumps(stack.state()) for stack in stacks if stack.exists()))

    def name(self, word: str) -> bool:
        """Whether a resource of this name is in a stack."""
        return any(f'"{word}"' in text for text in self.texts)

    def digests(self) -> set[str]:
        """The digests of images in the stacks."""
        return {digest for text in self.texts for digest in DIGEST.findall(text)}
