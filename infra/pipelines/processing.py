"""A processing job, as a pipeline's step describes it: CreateProcessingJob without a name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .references import Json

INPUTS = "/opt/ml/processing/input"
OUTPUTS = "/opt/ml/processing/output"
# How long a value of a job's environment may be: "ProcessingEnvironmentValue" in the API.
LONGEST_VALUE = 256
# Families with disks of their own, which are encrypted in hardware; SageMaker refuses a key for
# them: "ResourceConfig: VolumeKmsKeyId" in the API.
OWN_DISKS = re.compile(r"ml\.([a-z]+\d+[a-z]*d[a-z]*|g5|g6e?|gr6|p4de|p5e?n?|p6.*|trn\d.*)\.")


@dataclass(frozen=True)
class Job:
    """One command in one container.

    `inputs` are S3 prefixes by channel, each mounted at `INPUTS/<channel>`; what the command leaves
    at `OUTPUTS/<output>` is put to `destination`. Both may be expressions of the pipeline. Without
    subnets the job runs in SageMaker's own network; `isolated`, it can reach nothing at all.
    """

    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    inputs: Mapping[str, Any]
    output: str
    destination: Any
    role_arn: str
    key_arn: str
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]
    isolated: bool
    instance_type: str
    instance_count: int
    volume_gb: int
    max_minutes: int


def processing(job: Job) -> Json:
    """What the API is told."""
    network: Json = {
        "EnableInterContainerTrafficEncryption": True,
        "EnableNetworkIsolation": job.isolated,
    }
    if job.subnets:
        network["VpcConfig"] = vpc(job.subnets, job.security_groups)
    return {
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceType": job.instance_type,
                "InstanceCount": job.instance_count,
                "VolumeSizeInGB": job.volume_gb,
                **volume_key(job.instance_type, job.key_arn),
            }
        },
        "AppSpecification": {"ImageUri": job.image, **container(job.command)},
        "RoleArn": job.role_arn,
        "Environment": {
            "STAGE_INPUTS": INPUTS,
            "STAGE_OUTPUT": f"{OUTPUTS}/{job.output}",
            **job.environment,
        },
        "NetworkConfig": network,
        "StoppingCondition": {"MaxRuntimeInSeconds": job.max_minutes * 60},
        **(
            {"ProcessingInputs": [_input(name, uri) for name, uri in job.inputs.items()]}
            if job.inputs
            else {}
        ),
        "ProcessingOutputConfig": {"Outputs": [_output(job)], "KmsKeyId": job.key_arn},
    }


def container(command: tuple[str, ...]) -> Json:
    """The same command as on a laptop: `python -m <module>`, and its arguments."""
    entrypoint, arguments = list(command[:3]), list(command[3:])
    return {
        "ContainerEntrypoint": entrypoint,
        **({"ContainerArguments": arguments} if arguments else {}),
    }


def vpc(subnets: tuple[str, ...], security_groups: tuple[str, ...]) -> Json:
    """Where in a network a job runs."""
    return {"SecurityGroupIds": list(security_groups), "Subnets": list(subnets)}


def volume_key(instance_type: str, key_arn: str) -> dict[str, str]:
    """The key of a job's volume, where the type of instance takes one."""
    return {} if OWN_DISKS.match(instance_type) else {"VolumeKmsKeyId": key_arn}


def _input(name: str, uri: Any) -> Json:
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"{INPUTS}/{name}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
            "S3CompressionType": "None",
        },
    }


def _output(job: Job) -> Json:
    return {
        "OutputName": job.output,
        "S3Output": {
            "S3Uri": job.destination,
            "LocalPath": f"{OUTPUTS}/{job.output}",
            "S3UploadMode": "EndOfJob",
        },
    }
