"""What starts the pipeline besides people, as the settings say."""

from ..components.pipeline import Pipeline
from ..components.schedule import Schedule, ScheduleArgs
from ..components.trigger import NewDataTrigger, NewDataTriggerArgs
from ..outputs import Foundation
from .settings import TrainingSettings


def triggers(settings: TrainingSettings, foundation: Foundation, pipeline: Pipeline) -> None:
    """A schedule where there is one in the settings, a trigger for new data where it is on."""
    names = settings.names
    if settings.schedule:
        Schedule(
            "schedule",
            ScheduleArgs(
                name=f"{names.prefix}-training",
                description=f"Trains {names.prefix}",
                expression=settings.schedule,
                pipeline_arn=pipeline.arn,
                role_arn=names.role_arn("trigger"),
            ),
        )
    if settings.new_data_trigger:
        NewDataTrigger(
            "new-data",
            NewDataTriggerArgs(
                name=f"{names.prefix}-new-data",
                bucket=foundation.data_bucket,
                pipeline_arn=pipeline.arn,
                role_arn=names.role_arn("trigger"),
                topic_arn=foundation.topic_arn,
            ),
        )
