"""The alarms that roll a deployment back, and that watch the endpoint ever after."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch

from .alarm import AlarmArgs, alarm

NAMESPACE = "AWS/SageMaker"
# The error metrics average to a share of the requests.
SERVER_ERRORS = 0.01
# Higher, as it counts requests too that the contract refuses, and those are the callers' fault.
MODEL_ERRORS = 0.2
MICROSECONDS = 1000  # in a millisecond: the unit of ModelLatency
SUFFIXES = ("server-errors", "model-errors", "latency")
# An alarm needs two bad minutes of three: a deployment waits longer than that at each step.
PERIODS, BREACHES = 3, 2
SECONDS = PERIODS * 60


@dataclass(frozen=True)
class GuardrailsArgs:
    """`configuration` is the name of the configuration that is being deployed.

    `latency_ms` is what 99 of 100 answers of the model must keep to.
    """

    endpoint: str
    variant: str
    configuration: pulumi.Input[str]
    latency_ms: int
    topic_arn: pulumi.Input[str]


class Guardrails(pulumi.ComponentResource):
    """Alarms on the fleet of one configuration alone; `alarms` in the order of SUFFIXES.

    The dimension EndpointConfigName keeps the old fleet's traffic out: a canary's errors would
    drown in it, and an old fleet's errors would stop the very deployment that mends them.
    """

    def __init__(
        self, name: str, args: GuardrailsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:serving:Guardrails", name, None, opts)
        dimensions = {
            "EndpointName": args.endpoint,
            "VariantName": args.variant,
            "EndpointConfigName": args.configuration,
        }
        limits = (
            ("Invocation5XXErrors", "Average", SERVER_ERRORS, "more than 1% of requests fail"),
            ("InvocationModelErrors", "Average", MODEL_ERRORS, "the model refuses 20% of requests"),
            (
                "ModelLatency",
                "p99",
                args.latency_ms * MICROSECONDS,
                f"1 of 100 answers takes longer than {args.latency_ms} ms",
            ),
        )
        self.alarms: list[cloudwatch.MetricAlarm] = [
            alarm(
                f"{name}-{suffix}",
                AlarmArgs(
                    name=alarm_name,
                    description=f"Endpoint {args.endpoint}: {said}.",
                    namespace=NAMESPACE,
                    metric=metric,
                    dimensions=dimensions,
                    statistic=statistic,
                    threshold=threshold,
                    periods=PERIODS,
                    breaches=BREACHES,
                    topic_arn=args.topic_arn,
                ),
                pulumi.ResourceOptions(parent=self),
            )
            for suffix, alarm_name, (metric, statistic, threshold, said) in zip(
                SUFFIXES, alarm_names(args.endpoint), limits, strict=True
            )
        ]
        self.register_outputs({})


def alarm_names(endpoint: str) -> list[str]:
    """What the alarms of an endpoint are called: never anything else, as a new name in the
    rollback block would replace the endpoint."""
    return [f"{endpoint}-{suffix}" for suffix in SUFFIXES]
