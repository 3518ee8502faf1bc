"""A private network: jobs and endpoints in it reach AWS's services, and nothing else."""

import ipaddress
import json
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2, vpc

from ..access import endpoints
from ..names import Names
from .bucket import Bucket

# Endpoints by the end of their names, with the prefix of their actions in IAM.
SERVICES = {
    "ecr.api": "ecr",
    "ecr.dkr": "ecr",
    "kms": "kms",
    "logs": "logs",
    "monitoring": "cloudwatch",
    "sagemaker.api": "sagemaker",
    "sagemaker.runtime": "sagemaker",
    "sts": "sts",
}
HTTPS, ALL = (443, 443), (0, 65535)


@dataclass(frozen=True)
class NetworkArgs:
    """`cidr` is divided among the zones, `subnet_bits` more bits each.

    `logs` is the bucket that records every connection.
    """

    names: Names
    cidr: str
    zones: tuple[str, ...]
    subnet_bits: int
    logs: Bucket

    def __post_init__(self) -> None:
        if len(self.zones) < 2:
            raise ValueError("a network needs two zones: one may fail")

    @property
    def blocks(self) -> list[str]:
        """The addresses of each zone's subnet."""
        parts = ipaddress.ip_network(self.cidr).subnets(prefixlen_diff=self.subnet_bits)
        return [str(part) for part, _ in zip(parts, self.zones, strict=False)]


class Network(pulumi.ComponentResource):
    """No internet gateway and no route out: S3 by a gateway endpoint, the rest by interfaces."""

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:network:Network", name, None, opts)
        self._name, self._args, self._child = name, args, pulumi.ResourceOptions(parent=self)
        self.vpc = ec2.Vpc(
            name,
            cidr_block=args.cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags={"Name": args.names.prefix},
            opts=self._child,
        )
        # AWS makes it with every door open: it is emptied, so that nobody uses it by mistake.
        ec2.DefaultSecurityGroup(name, vpc_id=self.vpc.id, opts=self._child)
        self.subnets = self._subnets()
        self.jobs = self._group("jobs", "Jobs and endpoints of SageMaker")
        self.interfaces = self._group("interfaces", "Endpoints of AWS services")
        self._endpoints()
        self._flow_logs(args.logs)
        self.subnet_ids: pulumi.Output[list[str]] = pulumi.Output.all(
            *[subnet.id for subnet in self.subnets]
        )
        self.security_group_ids: pulumi.Output[list[str]] = pulumi.Output.all(self.jobs.id)
        self.register_outputs({"vpcId": self.vpc.id})

    def _subnets(self) -> list[ec2.Subnet]:
        self._routes = ec2.RouteTable(self._name, vpc_id=self.vpc.id, opts=self._child)
        subnets = []
        for zone, block in zip(self._args.zones, self._args.blocks, strict=True):
            subnet = ec2.Subnet(
                f"{self._name}-{zone}",
                vpc_id=self.vpc.id,
                availability_zone=zone,
                cidr_block=block,
                map_public_ip_on_launch=False,
                tags={"Name": f"{self._args.names.prefix}-{zone}"},
                opts=self._child,
            )
            ec2.RouteTableAssociation(
                f"{self._name}-{zone}",
                subnet_id=subnet.id,
                route_table_id=self._routes.id,
                opts=self._child,
            )
            subnets.append(subnet)
        return subnets

    def _group(self, kind: str, description: str) -> ec2.SecurityGroup:
        # Rules are resources of their own, and none stands in the group itself.
        return ec2.SecurityGroup(
            f"{self._name}-{kind}",
            description=description,
            vpc_id=self.vpc.id,
            revoke_rules_on_delete=True,
            opts=self._child,
        )

    def _endpoints(self) -> None:
        region = self._args.names.region
        storage = ec2.VpcEndpoint(
            f"{self._name}-s3",
            vpc_id=self.vpc.id,
            service_name=f"com.amazonaws.{region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[self._routes.id],
            policy=json.dumps(endpoints.storage(self._args.names)),
            opts=self._child,
        )
        for service, prefix in SERVICES.items():
            ec2.VpcEndpoint(
                f"{self._name}-{service.replace('.', '-')}",
                vpc_id=self.vpc.id,
                service_name=f"com.amazonaws.{region}.{service}",
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=[subnet.id for subnet in self.subnets],
                security_group_ids=[self.interfaces.id],
                policy=json.dumps(endpoints.interface(self._args.names, prefix)),
                opts=self._child,
            )
        self._rules(storage)

    def _rules(self, storage: ec2.VpcEndpoint) -> None:
        jobs, interfaces = self.jobs.id, self.interfaces.id
        ingress, egress = vpc.SecurityGroupIngressRule, vpc.SecurityGroupEgressRule
        for rule, name, description, group, other, ports in (
            (ingress, "interfaces-from-jobs", "HTTPS from jobs", interfaces, jobs, HTTPS),
            (egress, "jobs-to-interfaces", "HTTPS to AWS services", jobs, interfaces, HTTPS),
            # The hosts of one distributed job talk to each other on ports of their choice.
            (ingress, "jobs-from-jobs", "Hosts of one distributed job", jobs, jobs, ALL),
            (egress, "jobs-to-jobs", "Hosts of one distributed job", jobs, jobs, ALL),
        ):
            rule(
                f"{self._name}-{name}",
                description=description,
                security_group_id=group,
                referenced_security_group_id=other,
                ip_protocol="tcp",
                from_port=ports[0],
                to_port=ports[1],
                opts=self._child,
            )
        egress(
            f"{self._name}-jobs-to-s3",
            description="HTTPS to S3",
            security_group_id=jobs,
            prefix_list_id=storage.prefix_list_id,
            ip_protocol="tcp",
            from_port=HTTPS[0],
            to_port=HTTPS[1],
            opts=self._child,
        )

    def _flow_logs(self, logs: Bucket) -> None:
        ec2.FlowLog(
            self._name,
            vpc_id=self.vpc.id,
            traffic_type="ALL",
            log_destination_type="s3",
            log_destination=pulumi.Output.concat(logs.arn, "/flow"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[logs.ready]),
        )
