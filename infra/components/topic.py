"""Where alarms, events and the budget are told."""

import json
from dataclasses import dataclass

import pulumi
from pulumi_aws import sns

from ..access.documents import Document


@dataclass(frozen=True)
class TopicArgs:
    """`emails` are asked by SNS to confirm before they are told anything."""

    topic: str
    policy: Document
    key_arn: pulumi.Input[str]
    emails: tuple[str, ...] = ()


class Topic(pulumi.ComponentResource):
    """Encrypted with a key of its own, in whose policy stand those who publish."""

    def __init__(
        self, name: str, args: TopicArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:alerts:Topic", name, None, opts)
        self._name = name
        self.topic = sns.Topic(
            name,
            name=args.topic,
            kms_master_key_id=args.key_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = self.topic.arn
        self.ready = sns.TopicPolicy(
            name,
            arn=self.arn,
            policy=json.dumps(args.policy),
            opts=pulumi.ResourceOptions(parent=self),
        )
        for email in args.emails:
            self._tell(email)
        self.register_outputs({"arn": self.arn})

    def _tell(self, email: str) -> None:
        sns.TopicSubscription(
            f"{self._name}-{email}",
            topic=self.arn,
            protocol="email",
            endpoint=email,
            opts=pulumi.ResourceOptions(parent=self),
        )
