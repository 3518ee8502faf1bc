"""A SageMaker pipeline from a compiled definition."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import sagemaker

from .stored_text import StoredText, StoredTextArgs

# SageMaker takes a longer definition from S3 only.
INLINE_BYTES = 100 * 1024
# Of a pipeline's metrics, as the service spells it.
NAMESPACE = "AWS/Sagemaker/ModelBuildingPipeline"


@dataclass(frozen=True)
class PipelineArgs:
    """`definition` is JSON; `bucket` and `key_arn` are where it is kept, whatever its size.

    `parallelism` is how many steps may run at once.
    """

    name: str
    description: str
    role_arn: str
    definition: pulumi.Input[str]
    bucket: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    parallelism: int


class Pipeline(pulumi.ComponentResource):
    """A pipeline that can be started. `digest` is the SHA-256 of its definition."""

    def __init__(
        self, name: str, args: PipelineArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:training:Pipeline", name, None, opts)
        definition = pulumi.Output.from_input(args.definition)
        stored = StoredText(
            f"{name}-definition",
            StoredTextArgs(
                bucket=args.bucket,
                key="definitions/{digest}.json",
                text=definition,
                content_type="application/json",
                key_arn=args.key_arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.digest = stored.digest
        self.pipeline = sagemaker.Pipeline(
            f"{name}-pipeline",
            pipeline_name=args.name,
            pipeline_display_name=args.name,
            pipeline_description=args.description,
            role_arn=args.role_arn,
            pipeline_definition=definition.apply(lambda text: text if is_inline(text) else None),
            pipeline_definition_s3_location=pulumi.Output.all(
                definition, args.bucket, stored.key
            ).apply(lambda known: _location(*known)),
            parallelism_configuration=sagemaker.PipelineParallelismConfigurationArgs(
                max_parallel_execution_steps=args.parallelism
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[stored.object]),
        )
        self.arn = self.pipeline.arn
        self.register_outputs({"arn": self.arn, "digest": self.digest})


def is_inline(definition: str) -> bool:
    """Whether a definition may be part of the request."""
    return len(definition.encode()) <= INLINE_BYTES


def _location(
    definition: str, bucket: str, key: str
) -> sagemaker.PipelinePipelineDefinitionS3LocationArgs | None:
    if is_inline(definition):
        return None
    return sagemaker.PipelinePipelineDefinitionS3LocationArgs(bucket=bucket, object_key=key)
