"""Alarms on one metric. Every one of them tells somebody."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_aws import cloudwatch

from infra.errors import UserError

PERCENTILE = "p"


@dataclass(frozen=True)
class AlarmArgs:
    """An alarm that goes off where `metric` is beyond `threshold`, in the metric's own unit.

    `statistic` is CloudWatch's name, or a percentile such as `p99`. A period is in seconds;
    `breaches` of the last `periods` periods must be beyond the threshold. `missing` says what a
    period without data means.
    """

    name: str
    description: str
    namespace: str
    metric: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: str
    threshold: float
    topic_arn: pulumi.Input[str]
    comparison: Literal["GreaterThanThreshold", "LessThanThreshold"] = "GreaterThanThreshold"
    period: int = 60
    periods: int = 1
    breaches: int = 1
    missing: Literal["notBreaching", "breaching"] = "notBreaching"

    def __post_init__(self) -> None:
        if not 1 <= self.breaches <= self.periods:
            raise UserError(
                f"alarm {self.name}: {self.breaches} of {self.periods} periods cannot be: "
                f"set breaches to 1 to {self.periods}"
            )


def alarm(
    resource_name: str, args: AlarmArgs, opts: pulumi.ResourceOptions
) -> cloudwatch.MetricAlarm:
    """Make an alarm that tells its topic when it goes off, and when all is well again."""
    percentile = args.statistic if args.statistic.startswith(PERCENTILE) else None
    return cloudwatch.MetricAlarm(
        resource_name,
        name=args.name,
        alarm_description=args.description,
        namespace=args.namespace,
        metric_name=args.metric,
        dimensions=args.dimensions,
        statistic=None if percentile else args.statistic,
        extended_statistic=percentile,
        comparison_operator=args.comparison,
        threshold=args.threshold,
        period=args.period,
        evaluation_periods=args.periods,
        datapoints_to_alarm=args.breaches,
        treat_missing_data=args.missing,
        alarm_actions=[args.topic_arn],
        ok_actions=[args.topic_arn],
        opts=opts,
    )
