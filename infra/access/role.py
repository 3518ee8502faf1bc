"""A role: who may take it on, and what it may do then."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .documents import Document


@dataclass(frozen=True)
class Role:
    """A trust policy, and identity policies.

    `policy` is inline, at most 10,240 characters; `more` holds managed policies of at most 6,144 by
    name, for what does not fit.
    """

    trust: Document
    policy: Document
    more: Mapping[str, Document] = field(default_factory=dict)

    @property
    def policies(self) -> list[Document]:
        """All that the role may do."""
        return [self.policy, *self.more.values()]
