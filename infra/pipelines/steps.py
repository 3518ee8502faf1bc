"""A stage as a step: its command in a job, its directories as channels.

The keys below `Arguments` are those of the API's CreateProcessingJob and CreateTrainingJob.
"""

import re
from collections.abc import Iterator
from typing import Any

from ..errors import UserError
from ..names import MODELS, RUNS
from .graph import Graph, Stage
from .references import EXECUTION, PACKAGE, PROPERTIES, Json, join, output_of
from .target import Target

RELEASED = "released.yaml"
# Where a job finds its inputs and leaves its output, by kind.
INPUTS = {"processing": "/opt/ml/processing/input", "training": "/opt/ml/input/data"}
OUTPUTS = {"processing": "/opt/ml/processing/output/{stage}", "training": "/opt/ml/model"}
# How many inputs a job takes: "Array Members" of ProcessingInputs and InputDataConfig in the API.
MOST_INPUTS = {"processing": 10, "training": 20}
# Families with disks of their own, which are encrypted in hardware; SageMaker refuses a key for
# them: "ResourceConfig: VolumeKmsKeyId" in the API.
OWN_DISKS = re.compile(r"ml\.([a-z]+\d+[a-z]*d[a-z]*|g5|g6e?|gr6|p4de|p5e?n?|p6.*|trn\d.*)\.")

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
    if file := PROPERTIES.get(stage.name):
        property_file = {
            "PropertyFileName": file.name,
            "OutputName": stage.output,
            "FilePath": file.path,
        }
        made["PropertyFiles"] = [property_file]
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
    """What the stage is told; part of what its cached result is known by."""
    job = stage.hints.job
    told = {"STAGE_INPUTS": INPUTS[job], "STAGE_OUTPUT": OUTPUTS[job].format(stage=stage.output)}
    if RELEASED in stage.files:
        # The image's released.yaml is as old as the image.
        told["RELEASED_ENVIRONMENT"] = target.compared_with
        told["RELEASED_DIGEST"] = target.release.digest if target.release else "none"
    return told


def _processing(stage: Stage, channels: dict[str, Any], target: Target) -> Json:
    hints = stage.hints
    network: Json = {
        "EnableInterContainerTrafficEncryption": True,
        "EnableNetworkIsolation": _isolated(stage),
    }
    if target.subnets:
        network["VpcConfig"] = _vpc(target)
    return {
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceType": hints.instance_type,
                "InstanceCount": hints.instance_count,
                "VolumeSizeInGB": hints.volume_gb,
                **_volume_key(stage, target),
            }
        },
        "AppSpecification": {"ImageUri": target.train_image, **_container(stage)},
        "RoleArn": target.training_role_arn,
        "Environment": _environment(stage, target),
        "NetworkConfig": network,
        "StoppingCondition": {"MaxRuntimeInSeconds": hints.max_minutes * 60},
        **(
            {"ProcessingInputs": [_input(n, uri) for n, uri in channels.items()]}
            if channels
            else {}
        ),
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": stage.output,
                    "S3Output": {
                        "S3Uri": _destination(stage, target),
                        "LocalPath": OUTPUTS["processing"].format(stage=stage.output),
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ],
            "KmsKeyId": target.key_arn,
        },
    }


def _input(name: str, uri: Any) -> Json:
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"{INPUTS['processing']}/{name}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
            "S3CompressionType": "None",
        },
    }


def _training(stage: Stage, channels: dict[str, Any], target: Target) -> Json:
    hints = stage.hints
    return {
        "AlgorithmSpecification": {
            "TrainingImage": target.train_image,
            "TrainingInputMode": "File",
            **_container(stage),
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
            **_volume_key(stage, target),
        },
        **({"VpcConfig": _vpc(target)} if target.subnets else {}),
        "StoppingCondition": {"MaxRuntimeInSeconds": hints.max_minutes * 60},
        "RoleArn": target.training_role_arn,
        "Environment": _environment(stage, target),
        "EnableInterContainerTrafficEncryption": True,
        "EnableNetworkIsolation": _isolated(stage),
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


def _container(stage: Stage) -> Json:
    """The same command as on a laptop."""
    entrypoint, arguments = list(stage.command[:3]), list(stage.command[3:])
    return {
        "ContainerEntrypoint": entrypoint,
        **({"ContainerArguments": arguments} if arguments else {}),
    }


def _isolated(stage: Stage) -> bool:
    """Stages write files and nothing else, so none needs a network but one that brings data in."""
    return bool(stage.inputs)


def _vpc(target: Target) -> Json:
    return {"SecurityGroupIds": list(target.security_groups), "Subnets": list(target.subnets)}


def _volume_key(stage: Stage, target: Target) -> dict[str, str]:
    own = OWN_DISKS.match(stage.hints.instance_type)
    return {} if own else {"VolumeKmsKeyId": target.key_arn}


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
