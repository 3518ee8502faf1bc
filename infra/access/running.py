"""Starting the pipeline by hand, and following it: what `make run-pipeline` does."""

from . import objects
from .documents import Statement, allow
from .ground import Ground
from .pipeline import KINDS


def run(ground: Ground) -> list[Statement]:
    """Upload source data and parameters, start an execution, follow it, fetch what it came to."""
    names = ground.names
    pipeline = names.arn("sagemaker", f"pipeline/{names.prefix}")
    return [
        *objects.read("Runs", names, "artifacts", objects.EVALUATIONS, "params/"),
        objects.write("Params", names, "artifacts", "params/"),
        objects.write("Source", names, "data", "source/"),
        objects.use_key(ground),
        allow(
            "Run",
            [
                "sagemaker:DescribePipeline",
                "sagemaker:DescribePipelineDefinitionForExecution",
                "sagemaker:DescribePipelineExecution",
                "sagemaker:ListPipelineExecutionSteps",
                "sagemaker:ListPipelineExecutions",
                "sagemaker:StartPipelineExecution",
                "sagemaker:StopPipelineExecution",
            ],
            [pipeline, f"{pipeline}/execution/*"],
        ),
        allow(
            "Follow",
            [
                "sagemaker:DescribeProcessingJob",
                "sagemaker:DescribeTrainingJob",
                "sagemaker:DescribeTransformJob",
            ],
            [names.arn("sagemaker", f"{kind}/pipelines-*") for kind in KINDS],
        ),
    ]
