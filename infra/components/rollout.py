"""How an endpoint goes from one model to the next."""

from dataclasses import dataclass

from pulumi_aws import sagemaker

from infra.errors import UserError

from .guardrails import SECONDS

# The provider waits an hour for an endpoint, and no longer.
TIMEOUT_SECONDS = 55 * 60
# How long the old fleet stays when all traffic is on the new one: rolling back is then instant.
BAKE_SECONDS = 5 * 60
# What is left of the time-out, at least, for instances to start.
START_SECONDS = 20 * 60
LONGEST_WAIT = TIMEOUT_SECONDS - BAKE_SECONDS - START_SECONDS


@dataclass(frozen=True)
class Canary:
    """A share of the new fleet that takes traffic first, alone, for a while."""

    percent: int
    wait_seconds: int
    instances: int

    def __post_init__(self) -> None:
        if not 1 <= self.percent <= 50:
            raise UserError(
                f"canaryPercent is {self.percent}: a canary is 1 to 50 percent, half the fleet at "
                "most (`pulumi config set canaryPercent 10`)"
            )
        if self.instances < 2:
            raise UserError(
                f"minInstances is {self.instances}: a canary needs two instances at least "
                "(`pulumi config set minInstances 2`, or `pulumi config rm canaryPercent`)"
            )
        if not SECONDS < self.wait_seconds <= LONGEST_WAIT:
            raise UserError(
                f"canaryWaitSeconds is {self.wait_seconds}: the alarms need more than {SECONDS} "
                f"seconds, and Pulumi's provider gives up unless it is at most {LONGEST_WAIT} "
                "(`pulumi config set canaryWaitSeconds 600`)"
            )


def blue_green(
    canary: Canary | None,
) -> sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyArgs:
    """A second fleet beside the first; all traffic at once, or first a canary's."""
    return sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyArgs(
        traffic_routing_configuration=_canary(canary) if canary else _at_once(),
        termination_wait_in_seconds=BAKE_SECONDS,
        maximum_execution_timeout_in_seconds=TIMEOUT_SECONDS,
    )


def _at_once() -> (
    sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfigurationArgs
):
    return sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfigurationArgs(
        type="ALL_AT_ONCE", wait_interval_in_seconds=0
    )


def _canary(
    canary: Canary,
) -> sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfigurationArgs:
    size = sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfigurationCanarySizeArgs(  # noqa: E501
        type="CAPACITY_PERCENT", value=canary.percent
    )
    return sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfigurationArgs(
        type="CANARY", wait_interval_in_seconds=canary.wait_seconds, canary_size=size
    )
