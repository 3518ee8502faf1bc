"""Tell people which execution of a pipeline has failed."""

import json
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch


@dataclass(frozen=True)
class FailureNoticeArgs:
    """`name` is the rule's; `subject` is how the pipeline is called in the message."""

    name: str
    subject: str
    pipeline_arn: str
    topic_arn: pulumi.Input[str]


class FailureNotice(pulumi.ComponentResource):
    """A message for each execution that fails, with the execution's ARN.

    A gate that refuses a model ends an execution as failed, too.
    """

    def __init__(
        self, name: str, args: FailureNoticeArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:observability:FailureNotice", name, None, opts)
        rule = cloudwatch.EventRule(
            f"{name}-rule",
            name=args.name,
            description=f"An execution of {args.subject} has failed",
            event_pattern=json.dumps(pattern(args.pipeline_arn)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        cloudwatch.EventTarget(
            f"{name}-target",
            rule=rule.name,
            arn=args.topic_arn,
            input_transformer=cloudwatch.EventTargetInputTransformerArgs(
                input_paths={
                    "execution": "$.detail.pipelineExecutionArn",
                    "region": "$.region",
                    "time": "$.time",
                },
                input_template=json.dumps(
                    f"{args.subject} failed at <time>. For the reason: aws sagemaker "
                    "describe-pipeline-execution --region <region> "
                    "--pipeline-execution-arn <execution>"
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})


def pattern(pipeline_arn: str) -> dict[str, object]:
    """The events that SageMaker sends when an execution of a pipeline fails."""
    return {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Building Pipeline Execution Status Change"],
        "detail": {"pipelineArn": [pipeline_arn], "currentPipelineExecutionStatus": ["Failed"]},
    }
