"""Rules about the network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .rule import Found, Props, attached, of_type, rule, whole_rule

if TYPE_CHECKING:
    from infra.rehearsal.record import Resource

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
VPC_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
# What Pulumi writes where a description is not given.
NO_DESCRIPTION = (None, "", "Managed by Pulumi")


@rule(
    "group-described",
    GROUP,
    INGRESS,
    EGRESS,
    sources=("CKV_AWS_23",),
    reason="A rule nobody can explain is a rule nobody dares to remove.",
    remedy="Set the description, of the group and of each rule.",
)
def group_described(_type: str, props: Props) -> Iterator[str]:
    if props.get("description") in NO_DESCRIPTION:
        yield "it has no description"
    for way in ("ingress", "egress"):
        if any(one.get("description") in NO_DESCRIPTION for one in props.get(way) or []):
            yield f"a rule of its {way} has no description"


@rule(
    "subnet-private",
    SUBNET,
    sources=("CKV_AWS_130",),
    reason="Jobs and models need no address in the internet.",
    remedy="Leave mapPublicIpOnLaunch off.",
)
def subnet_private(_type: str, props: Props) -> Iterator[str]:
    if props.get("mapPublicIpOnLaunch"):
        yield "it gives public addresses"


@whole_rule(
    "group-used",
    sources=("CKV2_AWS_5",),
    reason="A group attached to nothing is a hole waiting for something behind it.",
    remedy="Attach it to a VPC endpoint, name it in another group's rule, or remove it.",
)
def group_used(resources: list[Resource]) -> Iterator[Found]:
    used = {
        identity
        for endpoint in of_type(resources, VPC_ENDPOINT)
        for identity in endpoint.props.get("securityGroupIds") or []
    } | {
        # Jobs and models get their group by stack reference; what they reach admits it by a rule.
        one.props.get("referencedSecurityGroupId")
        for one in of_type(resources, INGRESS, EGRESS)
    }
    for group in of_type(resources, GROUP):
        if group.outputs["id"] not in used:
            yield group, "nothing uses it"


@whole_rule(
    "vpc-has-flow-log",
    sources=("CKV2_AWS_11",),
    reason="Flow logs say what talked to what.",
    remedy="Add a FlowLog with the VPC's id.",
)
def vpc_has_flow_log(resources: list[Resource]) -> Iterator[Found]:
    for vpc in of_type(resources, VPC):
        if not attached(resources, FLOW_LOG, "vpcId", vpc):
            yield vpc, "it has no flow log"


@whole_rule(
    "vpc-default-group-closed",
    sources=("CKV2_AWS_12",),
    reason="What names no group lands in the default one, which is open within itself.",
    remedy="Add a DefaultSecurityGroup of the VPC without rules.",
)
def vpc_default_group_closed(resources: list[Resource]) -> Iterator[Found]:
    for vpc in of_type(resources, VPC):
        groups = attached(resources, DEFAULT_GROUP, "vpcId", vpc)
        if not groups:
            yield vpc, "its default security group is left as AWS makes it"
        for group in groups:
            rules = attached(resources, INGRESS, "securityGroupId", group)
            rules += attached(resources, EGRESS, "securityGroupId", group)
            if rules or group.props.get("ingress") or group.props.get("egress"):
                yield group, "the default security group has rules"
