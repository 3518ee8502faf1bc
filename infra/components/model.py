"""A model that is released: what SageMaker starts, by the ARN of its package."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import sagemaker


@dataclass(frozen=True)
class Network:
    """Where containers run. With `subnets` empty they are in no VPC of ours."""

    subnets: pulumi.Input[list[str]]
    security_groups: pulumi.Input[list[str]]


@dataclass(frozen=True)
class ModelArgs:
    """`package` is the ARN of an approved model package, `role_arn` reads its artefact.

    With `network` None the container has the network of its platform, which serverless demands.
    """

    package: str
    role_arn: str
    network: Network | None


class Model(pulumi.ComponentResource):
    """A model from its package. `model_name` is made anew for each package.

    It has no name of its own: SageMaker cannot change a model, so a fixed name would be deleted
    first, under a running endpoint. It is kept when another takes its place, since AWS may roll
    back to it.
    """

    def __init__(
        self, name: str, args: ModelArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:serving:Model", name, None, opts)
        self.model = sagemaker.Model(
            name,
            execution_role_arn=args.role_arn,
            primary_container=sagemaker.ModelPrimaryContainerArgs(model_package_name=args.package),
            enable_network_isolation=args.network is not None,
            vpc_config=_vpc(args.network),
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )
        self.model_name = self.model.name
        self.register_outputs({"model_name": self.model_name})


def _vpc(
    network: Network | None,
) -> pulumi.Output[sagemaker.ModelVpcConfigArgs | None] | None:
    if network is None:
        return None
    return pulumi.Output.all(network.subnets, network.security_groups).apply(
        lambda known: (
            sagemaker.ModelVpcConfigArgs(subnets=known[0], security_group_ids=known[1])
            if known[0]
            else None
        )
    )
