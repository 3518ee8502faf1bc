"""Schedules and events: they start the pipelines, and nothing else."""

from . import trust
from .documents import allow, document
from .ground import Ground
from .role import Role


def role(ground: Ground) -> Role:
    """The role that EventBridge and its scheduler take on."""
    names = ground.names
    pipelines = [names.prefix, f"{names.prefix}-monitor"]
    return Role(
        trust.services(ground, "events", "scheduler"),
        document(
            allow(
                "Start",
                ["sagemaker:StartPipelineExecution"],
                [names.arn("sagemaker", f"pipeline/{pipeline}") for pipeline in pipelines],
            )
        ),
    )
