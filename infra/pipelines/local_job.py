"""A processing or training job as a process here: inputs copied from S3, the output copied back."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .references import Json


class StepError(Exception):
    """A step that SageMaker would have refused, or whose command failed."""


@dataclass(frozen=True)
class Image:
    """What a container would hold: its `python`, and the directory of the image's files."""

    python: Path
    app: Path


def run(step: Json, request: Json, image: Image, root: Path, s3: Any) -> dict[str, Any]:
    """Run the job of a step, and say what later steps may refer to.

    Args:
        step: the step as compiled.
        request: its arguments, every reference in them replaced.
        image: what it runs in.
        root: its file system begins here.
        s3: a boto3 client.

    Raises:
        StepError: an input is not there, or the command fails.
    """
    training = step["Type"] == "Training"
    for place, uri in _mounts(request, training):
        _download(s3, uri, _below(root, place))
    specification = request["AlgorithmSpecification" if training else "AppSpecification"]
    local, output = ("/opt/ml/model", _artifacts(request)) if training else _destination(request)
    _below(root, local).mkdir(parents=True)
    _start(step["Name"], specification, request["Environment"], image, root)
    _upload(s3, _below(root, local), output)
    return _properties(step, request, output, s3)


def _mounts(request: Json, training: bool) -> Iterator[tuple[str, str]]:
    """Each input's directory, as the service chooses or is told it, and its place in S3."""
    if training:
        for channel in request.get("InputDataConfig", []):
            uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
            yield f"/opt/ml/input/data/{channel['ChannelName']}", uri
    else:
        for one in request.get("ProcessingInputs", []):
            yield one["S3Input"]["LocalPath"], one["S3Input"]["S3Uri"]


def _destination(request: Json) -> tuple[str, str]:
    (output,) = request["ProcessingOutputConfig"]["Outputs"]
    return output["S3Output"]["LocalPath"], output["S3Output"]["S3Uri"]


def _artifacts(request: Json) -> str:
    """Where SageMaker puts a model that is not compressed."""
    if request["OutputDataConfig"].get("CompressionType") != "NONE":
        raise StepError("a compressed model is one archive, and the next stage reads a directory")
    return f"{request['OutputDataConfig']['S3OutputPath']}/pipelines-train/output/model/"


def _properties(step: Json, request: Json, output: str, s3: Any) -> dict[str, Any]:
    if step["Type"] == "Training":
        return {"ModelArtifacts.S3ModelArtifacts": output}
    name = request["ProcessingOutputConfig"]["Outputs"][0]["OutputName"]
    found: dict[str, Any] = {f"ProcessingOutputConfig.Outputs['{name}'].S3Output.S3Uri": output}
    for file in step.get("PropertyFiles", []):
        if file["OutputName"] != name:
            raise StepError(f"{step['Name']}: {file['OutputName']} is no output of it")
        content = s3.get_object(**_address(f"{output.rstrip('/')}/{file['FilePath']}"))["Body"]
        found[f"PropertyFiles.{file['PropertyFileName']}"] = json.loads(content.read())
    return found


def _start(
    name: str, specification: Json, environment: dict[str, str], image: Image, root: Path
) -> None:
    command: list[str] = specification["ContainerEntrypoint"]
    arguments: list[str] = specification.get("ContainerArguments", [])
    # A container has the image's variables and the job's, none of this process.
    inherited = {key: os.environ[key] for key in ("HOME", "LANG", "TMPDIR") if key in os.environ}
    placed = {
        key: str(_below(root, value)) if value.startswith("/opt/ml/") else value
        for key, value in environment.items()
    }
    done = subprocess.run(
        # The first word is `python`, of the image.
        [str(image.python), *command[1:], *arguments],
        cwd=image.app,
        env={
            **inherited,
            "PATH": f"{image.python.parent}{os.pathsep}{os.defpath}",
            "PYTHONPATH": str(image.app / "src"),
            **placed,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StepError(f"{name} exited with {done.returncode}\n{done.stdout}\n{done.stderr}")


def _below(root: Path, place: str) -> Path:
    return root / place.lstrip("/")


def _address(uri: str) -> dict[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return {"Bucket": bucket, "Key": key}


def _download(s3: Any, uri: str, target: Path) -> None:
    """The objects of a prefix, or the one object of that name, as a directory."""
    where = _address(uri)
    folder = where["Key"].rstrip("/") + "/"
    pages = s3.get_paginator("list_objects_v2")
    found = [
        entry["Key"]
        for page in pages.paginate(Bucket=where["Bucket"], Prefix=where["Key"])
        for entry in page.get("Contents", [])
    ]
    names = {
        key: key.removeprefix(folder) if key.startswith(folder) else Path(key).name
        for key in found
        if key.startswith(folder) or key == where["Key"]
    }
    if not names:
        raise StepError(f"{uri} holds nothing")
    shutil.rmtree(target, ignore_errors=True)
    for key, name in names.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(where["Bucket"], key, str(target / name))


def _upload(s3: Any, directory: Path, uri: str) -> None:
    where = _address(uri.rstrip("/"))
    for file in sorted(directory.rglob("*")):
        if file.is_file():
            key = f"{where['Key']}/{file.relative_to(directory).as_posix()}"
            s3.upload_file(str(file), where["Bucket"], key)
