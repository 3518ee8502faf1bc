"""The log groups of SageMaker's jobs, which an account has once."""

from ..components.log_group import LogGroupArgs, LogGroups
from ..outputs import Foundation
from .settings import TrainingSettings

GROUPS = tuple(f"/aws/sagemaker/{jobs}Jobs" for jobs in ("Processing", "Training", "Transform"))


def logs(settings: TrainingSettings, foundation: Foundation) -> None:
    """Make the groups, unless another environment of the account has."""
    if settings.log_groups == "create":
        LogGroups(
            "logs", LogGroupArgs(GROUPS, settings.log_retention_days, foundation.logs_key_arn)
        )
