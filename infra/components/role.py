"""A role of `infra.access` as a resource."""

import json
from dataclasses import dataclass

import pulumi
from pulumi_aws import iam

from ..access.role import Role as Documents


@dataclass(frozen=True)
class RoleArgs:
    """`documents` may wait for the ARNs of keys; `managed` names the managed policies in it."""

    role: str
    description: str
    documents: pulumi.Output[Documents]
    boundary_arn: pulumi.Input[str]
    managed: tuple[str, ...] = ()


class Role(pulumi.ComponentResource):
    """Under the boundary, with its policies. `ready` is what a user of the role must wait for."""

    def __init__(
        self, name: str, args: RoleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:security:Role", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.role = iam.Role(
            name,
            name=args.role,
            description=args.description,
            assume_role_policy=args.documents.apply(lambda role: json.dumps(role.trust)),
            permissions_boundary=args.boundary_arn,
            opts=child,
        )
        self.ready = iam.RolePolicy(
            name,
            name="access",
            role=self.role.name,
            policy=args.documents.apply(lambda role: json.dumps(role.policy)),
            opts=child,
        )
        for part in args.managed:
            self._attach(name, args, part)
        self.arn = self.role.arn
        self.register_outputs({"arn": self.arn})

    def _attach(self, name: str, args: RoleArgs, part: str) -> None:
        policy = iam.Policy(
            f"{name}-{part}",
            name=f"{args.role}-{part}",
            policy=args.documents.apply(lambda role: json.dumps(role.more[part])),
            opts=pulumi.ResourceOptions(parent=self),
        )
        iam.RolePolicyAttachment(
            f"{name}-{part}",
            role=self.role.name,
            policy_arn=policy.arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
