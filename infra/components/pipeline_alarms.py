"""Who hears of it when executions of a pipeline fail or take too long."""

from dataclasses import dataclass

import pulumi

from .alarm import AlarmArgs, alarm
from .failure_notice import FailureNotice, FailureNoticeArgs
from .pipeline import NAMESPACE

MILLISECONDS = 3600 * 1000  # in an hour: the unit of ExecutionDuration


@dataclass(frozen=True)
class PipelineAlarmsArgs:
    """`max_hours` is what an execution may take; SageMaker tells how long it took when it ends."""

    pipeline: str
    pipeline_arn: str
    max_hours: int
    topic_arn: pulumi.Input[str]


class PipelineAlarms(pulumi.ComponentResource):
    """A message for each failed execution, and an alarm on long ones."""

    def __init__(
        self, name: str, args: PipelineAlarmsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:training:PipelineAlarms", name, None, opts)
        below = pulumi.ResourceOptions(parent=self)
        FailureNotice(
            f"{name}-failed",
            FailureNoticeArgs(
                name=f"{args.pipeline}-training-failed",
                subject=f"Training of {args.pipeline}",
                pipeline_arn=args.pipeline_arn,
                topic_arn=args.topic_arn,
            ),
            below,
        )
        alarm(
            f"{name}-duration",
            AlarmArgs(
                name=f"{args.pipeline}-training-duration",
                description=f"Training of {args.pipeline} took more than {args.max_hours} hours.",
                namespace=NAMESPACE,
                metric="ExecutionDuration",
                dimensions={"PipelineName": args.pipeline},
                statistic="Maximum",
                threshold=args.max_hours * MILLISECONDS,
                period=300,
                topic_arn=args.topic_arn,
            ),
            below,
        )
        self.register_outputs({})
