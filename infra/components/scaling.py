"""As many instances as the requests need."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import appautoscaling

from infra.errors import UserError

NAMESPACE = "sagemaker"
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
# Fast out, slow in: too few instances cost callers, too many cost money.
OUT_SECONDS, IN_SECONDS = 60, 600


@dataclass(frozen=True)
class Bounds:
    """Between `minimum` and `maximum` instances, for `requests_per_minute` on each."""

    minimum: int
    maximum: int
    requests_per_minute: int

    def __post_init__(self) -> None:
        if self.maximum < self.minimum:
            raise UserError(
                f"maxInstances is {self.maximum}, and minInstances {self.minimum} "
                f"(`pulumi config set maxInstances {self.minimum}`)"
            )


@dataclass(frozen=True)
class ScalingArgs:
    """The minimum is the count of the endpoint's configuration too: each deployment starts anew."""

    resource_id: pulumi.Input[str]
    instance_type: str
    bounds: Bounds


class Scaling(pulumi.ComponentResource):
    """Autoscaling of one variant. Another type of instance registers it anew (endpoint hooks)."""

    def __init__(
        self, name: str, args: ScalingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:serving:Scaling", name, None, opts)
        target = appautoscaling.Target(
            f"{name}-target",
            service_namespace=NAMESPACE,
            scalable_dimension=DIMENSION,
            resource_id=args.resource_id,
            min_capacity=args.bounds.minimum,
            max_capacity=args.bounds.maximum,
            opts=pulumi.ResourceOptions(
                parent=self, replacement_trigger=args.instance_type, delete_before_replace=True
            ),
        )
        appautoscaling.Policy(
            f"{name}-policy",
            name=f"{name}-requests",
            policy_type="TargetTrackingScaling",
            service_namespace=NAMESPACE,
            scalable_dimension=DIMENSION,
            resource_id=target.resource_id,
            target_tracking_scaling_policy_configuration=(
                appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                    target_value=float(args.bounds.requests_per_minute),
                    predefined_metric_specification=appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                        predefined_metric_type="SageMakerVariantInvocationsPerInstance"
                    ),
                    scale_out_cooldown=OUT_SECONDS,
                    scale_in_cooldown=IN_SECONDS,
                )
            ),
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.register_outputs({})
