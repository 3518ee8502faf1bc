"""An endpoint: its configuration, its guard alarms, and how it changes."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import sagemaker

from infra.errors import UserError
from infra.pipelines.processing import OWN_DISKS

from .endpoint_hooks import gives_scaling_up, serves_what_was_deployed
from .guardrails import Guardrails, GuardrailsArgs
from .log_group import LogGroupArgs, LogGroups
from .rollout import Canary, blue_green

# The same in every configuration, or SageMaker refuses to shift traffic.
VARIANT = "main"


@dataclass(frozen=True)
class Instances:
    """A fleet of `count` instances at the start of each deployment; its volumes under `key_arn`."""

    type: str
    count: int
    key_arn: pulumi.Input[str]

    def __post_init__(self) -> None:
        if OWN_DISKS.match(self.type):
            raise UserError(
                f"instanceType is {self.type}, which has local disks, and SageMaker takes no key "
                "for those: choose a type without (`pulumi config set instanceType ml.m5.large`)"
            )


@dataclass(frozen=True)
class Serverless:
    """Memory of a container in MB, and how many requests may run at once."""

    memory_mb: int
    max_concurrency: int


@dataclass(frozen=True)
class Capture:
    """What share of requests and answers is kept, below which S3 prefix, under which key."""

    percent: int
    uri: pulumi.Input[str]
    key_arn: pulumi.Input[str]


@dataclass(frozen=True)
class EndpointArgs:
    """`name` is for ever; the latency limit is in milliseconds."""

    name: str
    region: str
    model_name: pulumi.Input[str]
    capacity: Instances | Serverless
    capture: Capture | None
    canary: Canary | None
    latency_ms: int
    topic_arn: pulumi.Input[str]
    log_retention_days: int
    logs_key_arn: pulumi.Input[str]


class Endpoint(pulumi.ComponentResource):
    """An endpoint that changes in place, and takes a bad model back by itself.

    Its configurations have no name of their own and are kept, for the reasons of `Model`.
    """

    def __init__(
        self, name: str, args: EndpointArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:serving:Endpoint", name, None, opts)
        self.configuration = sagemaker.EndpointConfiguration(
            name,
            production_variants=[_variant(args)],
            data_capture_config=_capture(args.capture) if args.capture else None,
            kms_key_arn=args.capacity.key_arn if isinstance(args.capacity, Instances) else None,
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )
        guards = Guardrails(
            f"{name}-guard",
            GuardrailsArgs(
                endpoint=args.name,
                variant=VARIANT,
                configuration=self.configuration.name,
                latency_ms=args.latency_ms,
                topic_arn=args.topic_arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        # Else SageMaker makes the group itself, without a key, and for ever.
        logs = LogGroups(
            f"{name}-logs",
            LogGroupArgs(
                (f"/aws/sagemaker/Endpoints/{args.name}",),
                args.log_retention_days,
                args.logs_key_arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        check = serves_what_was_deployed(name, args.region)
        self.endpoint = sagemaker.Endpoint(
            name,
            name=args.name,
            endpoint_config_name=self.configuration.name,
            deployment_config=sagemaker.EndpointDeploymentConfigArgs(
                blue_green_update_policy=blue_green(args.canary),
                auto_rollback_configuration=_rollback(guards),
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=True,
                depends_on=[logs],
                hooks=pulumi.ResourceHookBinding(
                    before_update=[gives_scaling_up(name, args.region)],
                    after_create=[check],
                    after_update=[check],
                ),
            ),
        )
        self.endpoint_name = self.endpoint.name
        self.configuration_name = self.configuration.name
        self.scalable = self.endpoint.name.apply(lambda name: f"endpoint/{name}/variant/{VARIANT}")
        self.register_outputs({"endpoint_name": self.endpoint_name})


def _variant(args: EndpointArgs) -> sagemaker.EndpointConfigurationProductionVariantArgs:
    if isinstance(args.capacity, Serverless):
        return sagemaker.EndpointConfigurationProductionVariantArgs(
            variant_name=VARIANT,
            model_name=args.model_name,
            serverless_config=sagemaker.EndpointConfigurationProductionVariantServerlessConfigArgs(
                memory_size_in_mb=args.capacity.memory_mb,
                max_concurrency=args.capacity.max_concurrency,
            ),
        )
    return sagemaker.EndpointConfigurationProductionVariantArgs(
        variant_name=VARIANT,
        model_name=args.model_name,
        instance_type=args.capacity.type,
        initial_instance_count=args.capacity.count,
        initial_variant_weight=1,
    )


def _capture(capture: Capture) -> sagemaker.EndpointConfigurationDataCaptureConfigArgs:
    return sagemaker.EndpointConfigurationDataCaptureConfigArgs(
        enable_capture=True,
        initial_sampling_percentage=capture.percent,
        destination_s3_uri=capture.uri,
        kms_key_id=capture.key_arn,
        capture_options=[
            sagemaker.EndpointConfigurationDataCaptureConfigCaptureOptionArgs(capture_mode=mode)
            for mode in ("Input", "Output")
        ],
        # Kept as text: without this they are written in base64.
        capture_content_type_header=(
            sagemaker.EndpointConfigurationDataCaptureConfigCaptureContentTypeHeaderArgs(
                json_content_types=["application/json"], csv_content_types=["text/csv"]
            )
        ),
    )


def _rollback(
    guards: Guardrails,
) -> sagemaker.EndpointDeploymentConfigAutoRollbackConfigurationArgs:
    return sagemaker.EndpointDeploymentConfigAutoRollbackConfigurationArgs(
        alarms=[
            sagemaker.EndpointDeploymentConfigAutoRollbackConfigurationAlarmArgs(
                alarm_name=alarm.name
            )
            for alarm in guards.alarms
        ]
    )
