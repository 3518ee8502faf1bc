"""`make run-pipeline`: start the pipeline in the cloud, follow its steps, and say what came of it.

Exit code 0: a package waits for approval; 1: a step failed; 2: the gate refuses the model.
"""

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from .. import project
from ..errors import UserError
from ..names import Names
from ..pipelines import graph
from . import command, environment, inputs
from .progress import Progress, Step

POLL_SECONDS = 5
RUNNING = ("Executing", "Stopping")
EVALUATION = "evaluate"
REFUSED = 2


@dataclass(frozen=True)
class Evaluation:
    """What the stage `evaluate` wrote: metrics.json and verdict.json."""

    metrics: dict[str, Any]
    passed: bool
    reasons: tuple[str, ...]


def main(root: Path = project.ROOT) -> None:
    """Run the pipeline of an environment."""
    parser = argparse.ArgumentParser(prog="make run-pipeline", description=__doc__)
    parser.add_argument("environment", nargs="?", default="")
    names = environment.names(parser.parse_args().environment, root)
    session = environment.connect(names)
    sys.exit(run(session, names, root))


def run(session: boto3.Session, names: Names, root: Path) -> int:
    """Start, follow, and report; the exit code.

    Raises:
        UserError: there is no pipeline yet, or its inputs are not there.
    """
    sagemaker, s3 = session.client("sagemaker"), session.client("s3")
    values = inputs.upload(s3, names, graph.load(root), declared(sagemaker, names), root)
    execution = start(sagemaker, names, values)
    print(f"run-pipeline: {execution}")
    try:
        last, steps = follow(sagemaker, execution, Progress())
    except KeyboardInterrupt:
        print(
            "\nrun-pipeline: the execution goes on without you; to end it: aws sagemaker "
            f"stop-pipeline-execution --region {names.region} --pipeline-execution-arn {execution}"
        )
        raise
    return report(names, last, steps, evaluation(sagemaker, s3, steps))


def declared(sagemaker: Any, names: Names) -> set[str]:
    """The parameters of the deployed pipeline.

    Raises:
        UserError: there is none.
    """
    try:
        definition = sagemaker.describe_pipeline(PipelineName=names.prefix)["PipelineDefinition"]
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("ResourceNotFound", "ResourceNotFoundException"):
            raise
        raise UserError(
            f"there is no pipeline {names.prefix} yet: "
            f"`cd infra/training && pulumi up --refresh --stack {names.environment}`"
        ) from None
    return {parameter["Name"] for parameter in json.loads(definition).get("Parameters", [])}


def start(sagemaker: Any, names: Names, values: dict[str, str]) -> str:
    """The ARN of the one execution that is started, however often the request has to be sent.

    The client adds a token, by which SageMaker knows a request that comes again.
    """
    started = sagemaker.start_pipeline_execution(
        PipelineName=names.prefix,
        PipelineParameters=[{"Name": name, "Value": value} for name, value in values.items()],
    )
    return str(started["PipelineExecutionArn"])


def follow(sagemaker: Any, execution: str, progress: Progress) -> tuple[dict[str, Any], list[Step]]:
    """The execution and its steps, once it has ended."""
    while True:
        last = sagemaker.describe_pipeline_execution(PipelineExecutionArn=execution)
        steps = steps_of(sagemaker, execution)
        progress.show(steps)
        if last["PipelineExecutionStatus"] not in RUNNING:
            progress.clear()
            return last, steps
        time.sleep(POLL_SECONDS)


def steps_of(sagemaker: Any, execution: str) -> list[Step]:
    """The steps that have begun, in that order."""
    pages = sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
        PipelineExecutionArn=execution, SortOrder="Ascending"
    )
    return [step for page in pages for step in page["PipelineExecutionSteps"]]


def evaluation(sagemaker: Any, s3: Any, steps: list[Step]) -> Evaluation | None:
    """What was measured, if it came to that.

    The job is asked where it wrote: a cached step has its files in another execution's place.
    """
    done = [s for s in steps if s["StepName"] == EVALUATION and s["StepStatus"] == "Succeeded"]
    if not done:
        return None
    job = done[0]["Metadata"]["ProcessingJob"]["Arn"].rpartition("/")[2]
    outputs = sagemaker.describe_processing_job(ProcessingJobName=job)["ProcessingOutputConfig"][
        "Outputs"
    ]
    bucket, _, prefix = outputs[0]["S3Output"]["S3Uri"].removeprefix("s3://").partition("/")

    def read(name: str) -> Any:
        return json.loads(
            s3.get_object(Bucket=bucket, Key=f"{prefix.rstrip('/')}/{name}")["Body"].read()
        )

    verdict = read("verdict.json")
    return Evaluation(read("metrics.json"), verdict["passed"], tuple(verdict["reasons"]))


def report(names: Names, last: dict[str, Any], steps: list[Step], found: Evaluation | None) -> int:
    """Say what came of it, and what to do now; the exit code."""
    if found:
        print("\n".join(table(found.metrics)))
    if found and not found.passed:
        reasons = "".join(f"\n  {reason}" for reason in found.reasons)
        print(
            f"the gate refuses this model; improve it, or change params.yaml:{reasons}",
            file=sys.stderr,
        )
        return REFUSED
    if last["PipelineExecutionStatus"] == "Succeeded":
        print("run-pipeline: passed")
        for package in registered(steps):
            print(waiting(names, package))
        return 0
    failed = [step for step in steps if step["StepStatus"] == "Failed"]
    reasons = (
        "".join(
            f"\n  {step['StepName']}: {step.get('FailureReason', 'no reason given')}"
            for step in failed
        )
        or f"\n  {last.get('FailureReason', 'no reason given')}"
    )
    print(
        f"error: the execution is {last['PipelineExecutionStatus'].lower()}:{reasons}",
        file=sys.stderr,
    )
    return 1


def table(metrics: dict[str, Any]) -> list[str]:
    """The metrics in lines: the model with intervals, the trivial baseline, the released model."""
    champion = metrics["released"] or {}
    lines = [f"  {'metric':<12} {'model':<28} {'baseline':<10} released"]
    for name, measured in metrics["test"].items():
        model = f"{measured['value']:.4f} ({measured['low']:.4f} to {measured['high']:.4f})"
        beside = [metrics["baseline"].get(name), champion.get(name)]
        texts = [f"{value:.4f}" if isinstance(value, int | float) else "-" for value in beside]
        lines.append(f"  {name:<12} {model:<28} {texts[0]:<10} {texts[1]}")
    return lines


def registered(steps: list[Step]) -> list[str]:
    """The ARNs of the model packages that the execution registered."""
    made = [step.get("Metadata", {}).get("RegisterModel", {}).get("Arn") for step in steps]
    return [arn for arn in made if arn]


def waiting(names: Names, package: str) -> str:
    """What happens to a package next."""
    return (
        f"run-pipeline: {package} waits for approval by {names.role('approver')}; then\n"
        f"  make promote MODEL={package} ENV={names.environment}"
    )


if __name__ == "__main__":
    command.run(main)
