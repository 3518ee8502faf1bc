"""The keys of an environment."""

from dataclasses import dataclass

import pulumi

from .. import project
from ..access import resources
from ..access.ground import Keys
from ..components.key import Key, KeyArgs
from .settings import FoundationSettings


@dataclass(frozen=True)
class KeyRing:
    """One key for what must be read together, so that reading logs opens no data.

    There is one for the key of pseudonyms only where the contract asks for pseudonyms.
    """

    data: Key
    logs: Key
    topic: Key
    pseudonym: Key | None = None

    @property
    def arns(self) -> pulumi.Output[Keys]:
        """The ARNs, once they are known."""
        arns = {"data": self.data.arn, "logs": self.logs.arn, "topic": self.topic.arn}
        if self.pseudonym is not None:
            arns["pseudonym"] = self.pseudonym.arn
        return pulumi.Output.all(**arns).apply(lambda known: Keys(**known))


def keys(settings: FoundationSettings) -> KeyRing:
    """Make the keys."""
    names = settings.names
    policies = {
        "data": resources.data_key(names, settings.registry_readers),
        "logs": resources.logs_key(names),
        "topic": resources.topic_key(names),
    }
    if project.load().pseudonymised:
        policies["pseudonym"] = resources.pseudonym_key(names)
    purposes = {
        "data": "Data and artefacts",
        "logs": "Log groups and the trail",
        "topic": "Alarms",
        "pseudonym": "The key of pseudonyms",
    }
    made = {
        kind: Key(
            kind, KeyArgs(names.key_alias(kind), f"{purposes[kind]} of {names.prefix}", policy)
        )
        for kind, policy in policies.items()
    }
    return KeyRing(**made)
