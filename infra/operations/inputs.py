"""What an execution is given: parameters and data, each uploaded once, under its digest."""

import hashlib
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from ..errors import UserError
from ..names import Names
from ..pipelines.graph import Graph
from ..pipelines.steps import source_parameter


def upload(s3: Any, names: Names, stages: Graph, declared: set[str], root: Path) -> dict[str, str]:
    """The values of the pipeline's parameters: where what this project reads now is in S3.

    Raises:
        UserError: the deployed pipeline does not read data that the project does.
    """
    values = {"Params": upload_params(s3, names, root)}
    for stage in stages.stages:
        if stage.external is None:
            continue
        parameter = source_parameter(stages, stage)
        if parameter not in declared:
            raise UserError(
                f"{stage.name} reads {stage.external}, unknown to the deployed pipeline: "
                f"`cd infra/training && pulumi up --refresh --stack {names.environment}`"
            )
        is_uri = stage.external.startswith("s3://")
        values[parameter] = (
            stage.external if is_uri else upload_source(s3, names, root, stage.external)
        )
    return values


def upload_params(s3: Any, names: Names, root: Path) -> str:
    """The digest under which params.yaml is in the artefacts' bucket."""
    content = (root / "params.yaml").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    _put_once(s3, names.bucket("artifacts"), f"params/{digest}/params.yaml", root / "params.yaml")
    return digest


def upload_source(s3: Any, names: Names, root: Path, source: str) -> str:
    """The prefix under which a local file, or the files of a folder, are in the data bucket.

    Raises:
        UserError: there is nothing there.
    """
    path = root / source
    files = {file.relative_to(path).as_posix(): file for file in path.rglob("*") if file.is_file()}
    if path.is_file():
        files = {path.name: path}
    if not files:
        raise UserError(f"{source} does not exist: name the data in params.yaml")
    lines = [f"{_digest(file)}  {name}\n" for name, file in sorted(files.items())]
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    for name, file in sorted(files.items()):
        _put_once(s3, names.bucket("data"), f"source/{digest}/{name}", file)
    return f"s3://{names.bucket('data')}/source/{digest}/"


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _put_once(s3: Any, bucket: str, key: str, file: Path) -> None:
    """Upload a file, unless it is there: its digest is in the key, so the bytes are the same."""
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("404", "NoSuchKey"):
            raise
    else:
        print(f"run-pipeline: s3://{bucket}/{key} is there")
        return
    s3.upload_file(str(file), bucket, key)
    print(f"run-pipeline: s3://{bucket}/{key} uploaded")
