"""Log groups that SageMaker would otherwise make itself: without a key, and for ever."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch

from infra.errors import UserError

# What CloudWatch Logs accepts.
RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


@dataclass(frozen=True)
class LogGroupArgs:
    """Groups by the name that SageMaker writes to; `key_arn` is the key for logs."""

    names: tuple[str, ...]
    retention_days: int
    key_arn: pulumi.Input[str]

    def __post_init__(self) -> None:
        if self.retention_days not in RETENTION_DAYS:
            raise UserError(
                f"logRetentionDays is {self.retention_days}: CloudWatch Logs keeps logs for one of "
                f"{', '.join(map(str, RETENTION_DAYS))} days "
                "(`pulumi config set logRetentionDays 365`)"
            )


class LogGroups(pulumi.ComponentResource):
    """Log groups with a key and an end."""

    def __init__(
        self, name: str, args: LogGroupArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:observability:LogGroups", name, None, opts)
        for group in args.names:
            cloudwatch.LogGroup(
                f"{name}-{group.rpartition('/')[2]}",
                name=group,
                retention_in_days=args.retention_days,
                kms_key_id=args.key_arn,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})
