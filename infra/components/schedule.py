"""Start a pipeline at set times."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import scheduler


@dataclass(frozen=True)
class ScheduleArgs:
    """`expression` is EventBridge Scheduler's, `cron(0 3 ? * MON *)` or `rate(1 day)`, in UTC."""

    name: str
    description: str
    expression: str
    pipeline_arn: pulumi.Input[str]
    role_arn: str


class Schedule(pulumi.ComponentResource):
    """Starts a pipeline with its own parameters, at set times."""

    def __init__(
        self, name: str, args: ScheduleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:training:Schedule", name, None, opts)
        scheduler.Schedule(
            f"{name}-schedule",
            name=args.name,
            description=args.description,
            schedule_expression=args.expression,
            schedule_expression_timezone="UTC",
            flexible_time_window=scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            target=scheduler.ScheduleTargetArgs(
                arn=args.pipeline_arn,
                role_arn=args.role_arn,
                retry_policy=scheduler.ScheduleTargetRetryPolicyArgs(
                    maximum_event_age_in_seconds=3600, maximum_retry_attempts=5
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
