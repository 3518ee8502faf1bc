"""What an environment's serving is told."""

from pathlib import Path
from typing import Annotated, Self

import pulumi
from pydantic import Field, ValidationInfo, field_validator, model_validator

from .. import project
from ..components.endpoint import Instances, Serverless
from ..components.log_group import LogGroupArgs
from ..components.monitoring import daily
from ..components.rollout import Canary
from ..components.scaling import Bounds
from ..settings import Settings
from .shapes import SHAPES, Name, Shape


class ServingSettings(Settings):
    """How a released model is served. What a shape does not have, its settings do not change."""

    shape: Name = Field(
        description="realtime (instances), serverless (billed by use) or batch (no endpoint)"
    )
    instance_type: str = Field(
        "ml.m5.large",
        pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$",
        description="realtime: the type of the instances",
    )
    min_instances: Annotated[int, Field(ge=1)] = Field(
        1, description="realtime: how many instances there are at least, and after a deployment"
    )
    max_instances: Annotated[int, Field(ge=1)] = Field(
        2, description="realtime: how many instances there may be"
    )
    requests_per_minute: Annotated[int, Field(ge=1)] = Field(
        600, description="realtime: how many requests an instance should get before there are more"
    )
    canary_percent: int | None = Field(
        None,
        description="realtime: what part of the fleet takes a new model first; all of it if absent",
    )
    canary_wait_seconds: int = Field(
        600, description="realtime: how long the canary is watched before the rest follows"
    )
    capture_percent: Annotated[int, Field(ge=1, le=100)] | None = Field(
        None, description="realtime: what part of requests and answers is kept; none if absent"
    )
    memory_mb: Annotated[int, Field(ge=1024, le=6144, multiple_of=1024)] = Field(
        2048, description="serverless: the memory of a container, in MB"
    )
    max_concurrency: Annotated[int, Field(ge=1, le=200)] = Field(
        5, description="serverless: how many requests may run at once"
    )
    latency_alarm_ms: Annotated[int, Field(ge=1)] = Field(
        description="the milliseconds within which the model must answer 99 of 100 requests"
    )
    log_retention_days: int = Field(365, description="how long the server's logs are kept")
    monitoring_schedule: str | None = Field(
        None,
        description="when to look for drift, in UTC, as EventBridge Scheduler writes it, each day "
        "or oftener: cron(0 5 * * ? *); never if absent",
    )

    @field_validator("monitoring_schedule")
    @classmethod
    def _there_is_something_to_monitor(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return None
        if not daily(value):
            raise ValueError("a day without a run is an alarm: write one that runs each day")
        captures = "shape" in info.data and SHAPES[info.data["shape"]].capture
        if not captures or info.data.get("capture_percent") is None:
            raise ValueError(
                "no requests are kept that it could look at: set shape to realtime, and "
                "capturePercent"
            )
        module = monitor_module()
        if not module.is_file():
            raise ValueError(
                f"there is no {module.relative_to(project.ROOT)} for it to run: write it, or take "
                "the schedule away (`pulumi config rm monitoringSchedule`)"
            )
        return value

    @model_validator(mode="after")
    def _can_be_deployed(self) -> Self:
        """What SageMaker would refuse half-way is refused before it is asked."""
        LogGroupArgs((), self.log_retention_days, "")
        if self.has.instances:
            self.capacity("")
            _ = self.bounds, self.canary
        return self

    @property
    def has(self) -> Shape:
        """What the shape has."""
        return SHAPES[self.shape]

    def capacity(self, key_arn: pulumi.Input[str]) -> Instances | Serverless:
        """What the endpoint runs on; the key is for volumes."""
        if self.has.instances:
            return Instances(self.instance_type, self.min_instances, key_arn)
        return Serverless(self.memory_mb, self.max_concurrency)

    @property
    def bounds(self) -> Bounds:
        """How many instances there may be."""
        return Bounds(self.min_instances, self.max_instances, self.requests_per_minute)

    @property
    def canary(self) -> Canary | None:
        """What takes traffic first, where anything does."""
        if not self.has.canary or self.canary_percent is None:
            return None
        return Canary(self.canary_percent, self.canary_wait_seconds, self.min_instances)


def monitor_module() -> Path:
    """The module of the monitoring job."""
    return project.ROOT / "src" / project.load().package / "monitor.py"
