"""The permissions boundary of every role."""

import json
from dataclasses import dataclass

import pulumi
from pulumi_aws import iam

from ..access.documents import Document


@dataclass(frozen=True)
class BoundaryArgs:
    """`document` may wait for the ARNs of keys."""

    policy: str
    document: pulumi.Output[Document]


class Boundary(pulumi.ComponentResource):
    """A managed policy. CI cannot change it: an administrator applies what changes here."""

    def __init__(
        self, name: str, args: BoundaryArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:security:Boundary", name, None, opts)
        policy = iam.Policy(
            name,
            name=args.policy,
            description="What no role of this environment can exceed",
            policy=args.document.apply(json.dumps),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = policy.arn
        self.register_outputs({"arn": self.arn})
