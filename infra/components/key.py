"""A KMS key with its alias."""

import json
from dataclasses import dataclass

import pulumi
from pulumi_aws import kms

from ..access.documents import Document


@dataclass(frozen=True)
class KeyArgs:
    """`policy` says who may use it; `alias` is its name, `alias/...`."""

    alias: str
    description: str
    policy: Document


class Key(pulumi.ComponentResource):
    """Rotates once a year. Protected: without it nothing that it encrypted can be read again."""

    def __init__(
        self, name: str, args: KeyArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:security:Key", name, None, opts)
        self.key = kms.Key(
            name,
            description=args.description,
            enable_key_rotation=True,
            deletion_window_in_days=30,
            policy=json.dumps(args.policy),
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
        kms.Alias(
            name,
            name=args.alias,
            target_key_id=self.key.key_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = self.key.arn
        self.register_outputs({"arn": self.arn})
