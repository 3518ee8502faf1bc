"""Program 2: the pipeline, what starts it, and who hears when it fails."""

from infra import program, project
from infra.components.pipeline import Pipeline, PipelineArgs
from infra.components.pipeline_alarms import PipelineAlarms, PipelineAlarmsArgs
from infra.components.stored_text import StoredText, StoredTextArgs
from infra.outputs import Foundation, Training
from infra.pipelines.target import PARAMS
from infra.training.definition import definition, image
from infra.training.logs import logs
from infra.training.settings import TrainingSettings
from infra.training.triggers import triggers

settings = TrainingSettings.load()
names = settings.names
foundation = Foundation.read(settings)
program.start(settings, foundation.boundary_arn)

logs(settings, foundation)

StoredText(
    "params",
    StoredTextArgs(
        bucket=foundation.artifacts_bucket,
        key="params/{digest}/params.yaml",
        text=(project.ROOT / PARAMS).read_bytes().decode(),
        content_type="application/yaml",
        key_arn=foundation.data_key_arn,
    ),
)
pipeline = Pipeline(
    "training",
    PipelineArgs(
        name=names.prefix,
        description=project.load().description,
        role_arn=names.role_arn("pipeline"),
        definition=definition(settings, foundation),
        bucket=foundation.artifacts_bucket,
        key_arn=foundation.data_key_arn,
        parallelism=settings.parallelism,
    ),
)
triggers(settings, foundation, pipeline)
PipelineAlarms(
    "alarms",
    PipelineAlarmsArgs(
        pipeline=names.prefix,
        pipeline_arn=names.arn("sagemaker", f"pipeline/{names.prefix}"),
        max_hours=settings.max_hours,
        topic_arn=foundation.topic_arn,
    ),
)

Training(
    pipeline_name=pipeline.pipeline.pipeline_name,
    train_image=image(foundation, settings.train_image),
    definition_digest=pipeline.digest,
).export()
