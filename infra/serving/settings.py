"""What an environment's serving is told."""

from pathlib import Path
from typing import Annotated, ClassVar

import pulumi
from pydantic import Field, ValidationInfo, field_validator

from .. import project
from ..components.endpoint import Instances, Serverless
from ..components.monitoring import daily
from ..components.rollout import LONGEST_WAIT, Canary
from ..components.scaling import Bounds
from ..log_retention import LogRetentionDays
from ..settings import SettingError, Settings, refusing
from .shapes import SHAPES, Name, Shape


class ServingSettings(Settings):
    """How a released model is served. What a shape does not have, its settings do not change."""

    PROGRAM: ClassVar[str] = "serving"

    shape: Name = Field(
        description="realtime (instances), serverless (billed by use) or batch (no endpoint)"
    )
    instance_type: str = Field(
        "ml.m5.large",
        pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$",
        description="realtime: the type of the instances, such as ml.m5.large",
    )
    min_instances: Annotated[int, Field(ge=1)] = Field(
        1, description="realtime: how many instances there are at least, and after a deployment"
    )
    max_instances: Annotated[int, Field(ge=1)] = Field(
        2, validate_default=True, description="realtime: how many instances there may be"
    )
    requests_per_minute: Annotated[int, Field(ge=1)] = Field(
        600, description="realtime: how many requests an instance should get before there are more"
    )
    canary_percent: int | None = Field(
        None,
        description="realtime: what part of the fleet takes a new model first; all of it if absent",
    )
    canary_wait_seconds: int = Field(
        600,
        validate_default=True,
        description="realtime: how long the canary is watched before the rest follows",
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
    log_retention_days: LogRetentionDays = Field(
        365, description="how long the server's logs are kept"
    )
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
        kept = _shape(info).capture and info.data.get("capture_percent", 0) is not None
        if "shape" in info.data and not kept:
            raise SettingError(
                "no requests are kept that it could look at: set shape to realtime and "
                "capturePercent, or take the schedule away",
                surplus=True,
            )
        module = monitor_module()
        if not module.is_file():
            raise SettingError(
                f"there is no {module.relative_to(project.ROOT)} for it to run: write it, or take "
                "the schedule away",
                surplus=True,
            )
        return value

    # What SageMaker would refuse half-way is refused before it is asked.

    @field_validator("instance_type")
    @classmethod
    def _can_be_encrypted(cls, value: str, info: ValidationInfo) -> str:
        if _shape(info).instances:
            with refusing():
                Instances(value, 1, "")
        return value

    @field_validator("max_instances")
    @classmethod
    def _bounds_fit(cls, value: int, info: ValidationInfo) -> int:
        if _shape(info).instances and "min_instances" in info.data:
            with refusing():
                Bounds(info.data["min_instances"], value, 1)
        return value

    @field_validator("canary_percent")
    @classmethod
    def _canary_fits(cls, value: int | None, info: ValidationInfo) -> int | None:
        if _shape(info).canary and value is not None:
            with refusing():
                Canary(value, LONGEST_WAIT, info.data.get("min_instances", 2))
        return value

    @field_validator("canary_wait_seconds")
    @classmethod
    def _canary_is_watched(cls, value: int, info: ValidationInfo) -> int:
        if _shape(info).canary and info.data.get("canary_percent") is not None:
            with refusing():
                Canary(info.data["canary_percent"], value, 2)
        return value

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


def _shape(info: ValidationInfo) -> Shape:
    """What the shape has; where it is itself wrong, that is told alone."""
    return SHAPES[info.data.get("shape", "batch")]


def monitor_module() -> Path:
    """The module of the monitoring job."""
    return project.ROOT / "src" / project.load().package / "monitor.py"
