"""The three keys of an environment."""

from dataclasses import dataclass

import pulumi

from ..access import resources
from ..access.ground import Keys
from ..components.key import Key, KeyArgs
from .settings import FoundationSettings


@dataclass(frozen=True)
class KeyRing:
    """One key for what must be read together, so that reading logs opens no data."""

    data: Key
    logs: Key
    topic: Key

    @property
    def arns(self) -> pulumi.Output[Keys]:
        """The ARNs, once they are known."""
        return pulumi.Output.all(
            data=self.data.arn, logs=self.logs.arn, topic=self.topic.arn
        ).apply(lambda arns: Keys(**arns))


def keys(settings: FoundationSettings) -> KeyRing:
    """Make the keys."""
    names = settings.names
    policies = {
        "data": resources.data_key(names, settings.registry_readers),
        "logs": resources.logs_key(names),
        "topic": resources.topic_key(names),
    }
    purposes = {"data": "Data and artefacts", "logs": "Log groups and the trail", "topic": "Alarms"}
    made = {
        kind: Key(
            kind, KeyArgs(names.key_alias(kind), f"{purposes[kind]} of {names.prefix}", policy)
        )
        for kind, policy in policies.items()
    }
    return KeyRing(**made)
