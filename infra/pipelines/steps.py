"""A stage as a step: its command in a job, its directories as channels.

The keys below `Arguments` are those of the API's CreateProcessingJob and CreateTrainingJob.
"""

import re
from collections.abc import Iterator
from typing import Any

from ..errors import UserError
from ..names import MODELS, RUNS
from .graph import Graph, Stage
from .processing import Job, container, processing, volume_key, vpc
from .references import EXECUTION, PACKAGE, PROPERTIES, Json, join, output_of
from .target import Target

RELEASED = "released.yaml"
# The stage that makes pseudonyms.
INGEST = "ingest"
# Where a training job finds its inputs and leaves its output.
INPUTS = "/opt/ml/input/data"
OUTPUT = "/opt/ml/model"
# How many inputs a job takes: "Array Members" of ProcessingInputs and InputDataConfig in the API.
MOST_INPUTS = {"processing": 10, "training": 20}

# What is tried again, after how many seconds.
RETRIED = (
    (10, ("Step.SERVICE_FAULT", "Step.THROTTLING")),
    (
        60,
        (
            "SageMaker.JOB_INTERNAL_ERROR",
            "SageMaker.CAPACITY_ERROR",
            "SageMaker.RESOURCE_LIMIT",
        ),
    ),
)


def source_parameter(graph: Graph, stage: Stage) -> str:
    """The parameter that says where a stage's external data is; `Source` where there is but one."""
    if sum(1 for other in graph.stages if other.external) == 1:
        return "Source"
    return "Source" + "".join(word.capitalize() for word in re.split(r"[-_]", stage.step))


def step(graph: Graph, stage: Stage, target: Target) -> Json:
    """The step of one stage.

    Raises:
        UserError: it has more inputs than a job takes, or needs a released model that is not in S3.
    """
    job = stage.hints.job
    channels = _channels(graph, stage, target)
    if len(channels) > MOST_INPUTS[job]:
        raise UserError(
            f"dvc.yaml: stage {stage.name} has {len(channels)} inputs, and a {job} job takes "
            f"{MOST_INPUTS[job]}: let a stage before it bring some together"
        )
    arguments = _training if job == "training" else _processing
    made: Json = {
        "Name": stage.step,
        "Type": job.capitalize(),
        "Arguments": arguments(stage, channels, target),
    }
    if stage.description:
        made["Description"] = stage.description
    if stage.hints.retries:
        made["RetryPolicies"] = list(_retries(stage.hints.retries))
    if target.cache_days > 0 and not stage.external and not stage.changes:
        made["CacheConfig"] = {"Enabled": True, "ExpireAfter": f"P{target.cache_days}D"}
    if files := [file for file in PROPERTIES if file.stage == stage.name]:
        made["PropertyFiles"] = [
            {"PropertyFileName": file.name, "OutputName": stage.output, "FilePath": file.path}
            for file in files
        ]
    return made


def _channels(graph: Graph, stage: Stage, target: Target) -> dict[str, Any]:
    """What is mounted below the job's inputs, by name, and its place in S3."""
    channels: dict[str, Any] = {
        before.output: output_of(before) for before in graph.upstream(stage)
    }
    if stage.reads_params:
        params = f"s3://{target.artifacts_bucket}/params"
        channels["params"] = join("/", params, {"Get": "Parameters.Params"})
    if stage.external:
        channels["source"] = {"Get": f"Parameters.{source_parameter(graph, stage)}"}
    if RELEASED in stage.files and target.release:
        channels["released"] = _artifact(target)
    return channels


def _artifact(target: Target) -> str:
    artifact = target.release.artifact if target.release else ""
    if not artifact.startswith("s3://"):
        raise UserError(
            f"released.yaml: {target.compared_with} names {artifact!r}, which no job can read: "
            "name the model.tar.gz in S3 that `make promote` released"
        )
    return artifact


def _environment(stage: Stage, target: Target) -> dict[str, str]:
    """What the stage is told beside its paths; part of what its cached result is known by."""
    told = dict(target.ingest_environment) if stage.name == INGEST else {}
    if RELEASED in stage.files:
        # The image's released.yaml is as old as the image.
        told["RELEASED_ENVIRONMENT"] = target.compared_with
        told["RELEASED_DIGEST"] = target.release.digest if target.release else "none"
    return told


def _role(stage: Stage, target: Target) -> str:
    return target.ingest_role_arn if stage.name == INGEST else target.training_role_arn


def _processing(stage: Stage, channels: dict[str, Any], target: Target) -> Json:
    hints = stage.hints
    return processing(
        Job(
            image=target.train_image,
            command=stage.command,
            environment=_environment(stage, target),
            inputs=channels,
            output=stage.output,
            destination=_destination(stage, target),
            role_arn=_role(stage, target),
            key_arn=target.key_arn,
            subnets=target.subnets,
            security_groups=target.security_groups,
            isolated=_isolated(stage, target),
            instance_type=hints.instance_type,
            instance_count=hints.instance_count,
            volume_gb=hints.volume_gb,
            max_minutes=hints.max_minutes,
        )
    )


def _training(stage: Stage, channels: dict[str, Any], target: Target) -> Json:
    hints = stage.hints
    return {
        "AlgorithmSpecification": {
            "TrainingImage": target.train_image,
            "TrainingInputMode": "File",
            **container(stage.command),
        },
        **(
            {"InputDataConfig": [_channel(n, uri) for n, uri in channels.items()]}
            if channels
            else {}
        ),
        "OutputDataConfig": {
            "S3OutputPath": _destination(stage, target),
            "KmsKeyId": target.key_arn,
            # A prefix, not an archive: the next stage reads a directory, as on a laptop.
            "CompressionType": "NONE",
        },
        "ResourceConfig": {
            "InstanceType": hints.instance_type,
            "InstanceCount": hints.instance_count,
            "VolumeSizeInGB": hints.volume_gb,
            **volume_key(hints.instance_type, target.key_arn),
        },
        **({"VpcConfig": vpc(target.subnets, target.security_groups)} if target.subnets else {}),
        "StoppingCondition": {"MaxRuntimeInSeconds": hints.max_minutes * 60},
        "RoleArn": _role(stage, target),
        "Environment": {
            "STAGE_INPUTS": INPUTS,
            "STAGE_OUTPUT": OUTPUT,
            **_environment(stage, target),
        },
        "EnableInterContainerTrafficEncryption": True,
        "EnableNetworkIsolation": _isolated(stage, target),
    }


def _channel(name: str, uri: Any) -> Json:
    return {
        "ChannelName": name,
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "S3Prefix",
                "S3Uri": uri,
                "S3DataDistributionType": "FullyReplicated",
            }
        },
        "InputMode": "File",
    }


def _isolated(stage: Stage, target: Target) -> bool:
    """Stages write files and nothing else, so none needs a network but one that brings data in."""
    asks_kms = stage.name == INGEST and bool(target.ingest_environment)
    return bool(stage.inputs) and not asks_kms


def _destination(stage: Stage, target: Target) -> Json:
    place = MODELS if stage.name == PACKAGE else RUNS
    return join("/", f"s3://{target.artifacts_bucket}/{place}", EXECUTION, stage.output)


def _retries(attempts: int) -> Iterator[Json]:
    """Again where the fault is SageMaker's own or no machine is free; not where it is ours."""
    for seconds, kinds in RETRIED:
        yield {
            "BackoffRate": 2.0,
            "IntervalSeconds": seconds,
            "MaxAttempts": attempts,
            "ExceptionType": list(kinds),
        }
