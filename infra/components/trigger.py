"""Start a pipeline when there is new data."""

import json
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch

from .alarm import AlarmArgs, alarm

# Written last, when all files of a delivery are there: were every object to trigger, each would
# start an execution.
MANIFEST = "source/current/manifest.json"


@dataclass(frozen=True)
class NewDataTriggerArgs:
    """`name` is the rule's; `bucket` sends its events to EventBridge."""

    name: str
    bucket: pulumi.Input[str]
    pipeline_arn: pulumi.Input[str]
    role_arn: str
    topic_arn: pulumi.Input[str]


class NewDataTrigger(pulumi.ComponentResource):
    """Starts a pipeline, with its own parameters, when the manifest is written.

    An alarm tells of a start that was refused.
    """

    def __init__(
        self, name: str, args: NewDataTriggerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:training:NewDataTrigger", name, None, opts)
        below = pulumi.ResourceOptions(parent=self)
        rule = cloudwatch.EventRule(
            f"{name}-rule",
            name=args.name,
            description=f"{MANIFEST} has been written: there is new data",
            event_pattern=pulumi.Output.from_input(args.bucket).apply(
                lambda bucket: json.dumps(pattern(bucket))
            ),
            opts=below,
        )
        cloudwatch.EventTarget(
            f"{name}-target",
            rule=rule.name,
            arn=args.pipeline_arn,
            role_arn=args.role_arn,
            retry_policy=cloudwatch.EventTargetRetryPolicyArgs(
                maximum_event_age_in_seconds=3600, maximum_retry_attempts=5
            ),
            opts=below,
        )
        alarm(
            f"{name}-refused",
            AlarmArgs(
                name=f"{args.name}-refused",
                description="New data has arrived and the pipeline could not be started.",
                namespace="AWS/Events",
                metric="FailedInvocations",
                dimensions={"RuleName": rule.name},
                statistic="Sum",
                threshold=0,
                period=300,
                topic_arn=args.topic_arn,
            ),
            below,
        )
        self.register_outputs({})


def pattern(bucket: str) -> dict[str, object]:
    """The events that S3 sends when the manifest is written."""
    return {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [bucket]}, "object": {"key": [MANIFEST]}},
    }
