"""The released models: `released.yaml`, and how a new model compares with one of them.

A job is told of the release instead, and has its archive as a channel: the `released.yaml` in its image is
as old as the image.
"""

import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from . import paths, predictor
from .digests import digest_package
from .errors import UserError
from .files import read_yaml
from .predictor import Predictor

ENVIRONMENT_VARIABLE = "RELEASED_ENVIRONMENT"
DIGEST_VARIABLE = "RELEASED_DIGEST"
CHANNEL = "released"


class Release(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A released model.

    `artifact`: a package's directory or its `model.tar.gz`, here or at an `s3://` address; `digest`: as
    `register` prints it; `package`: its ARN in the cloud's registry, where it is there.
    """

    artifact: str
    digest: str
    package: str | None = None


Releases = dict[str, Release | Literal["none"]]


def load(environment: str) -> Release | None:
    """What is released in an environment, if anything.

    Raises:
        UserError: `released.yaml` does not name the environment, or does not fit; or the job was made for
            another one.
    """
    if ENVIRONMENT_VARIABLE in os.environ:
        return _of_job(environment)
    releases = read_yaml(paths.ROOT / "released.yaml", Releases)
    if environment not in releases:
        raise UserError(f"released.yaml has no environment {environment!r}: it has {', '.join(releases)}")
    release = releases[environment]
    return None if release == "none" else release


@contextmanager
def opened(release: Release) -> Iterator[Predictor]:
    """The released model, its digest checked.

    Raises:
        UserError: as `unpacked`.
    """
    with unpacked(release) as directory:
        yield predictor.load(directory)


@contextmanager
def unpacked(release: Release) -> Iterator[Path]:
    """The directory of the released package, its digest checked.

    Raises:
        UserError: the artefact is missing, or is not the one that was released.
    """
    with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryDirectory() as download:
        artifact = _here(release.artifact, Path(download))
        if not artifact.exists():
            raise UserError(f"{release.artifact}, which released.yaml names, is missing: bring it back")
        directory = _unpacked(artifact, Path(scratch))
        if (digest := digest_package(directory)) != release.digest:
            raise UserError(
                f"{release.artifact} has digest {digest}, and released.yaml says {release.digest}: it is not "
                "the model that was released"
            )
        yield directory


def _of_job(environment: str) -> Release | None:
    """The release that this job was made for."""
    told, digest = os.environ[ENVIRONMENT_VARIABLE], os.environ[DIGEST_VARIABLE]
    if told != environment:
        raise UserError(
            f"this job compares with the model released in {told}, and evaluate.released is {environment}: "
            "deploy the pipeline anew"
        )
    if digest == "none":
        return None
    return Release(str(paths.input_dir(CHANNEL) / "model.tar.gz"), digest)


def _here(artifact: str, scratch: Path) -> Path:
    """Where an artefact is on this machine, after a download if need be."""
    if not artifact.startswith("s3://"):
        return paths.ROOT / artifact
    # It comes with DVC's S3 support; jobs do without, as they have the artefact already.
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, _, key = artifact.removeprefix("s3://").partition("/")
    target = scratch / Path(key).name
    try:
        boto3.client("s3").download_file(bucket, key, str(target))
    except (BotoCoreError, ClientError) as error:
        raise UserError(f"{artifact}, which released.yaml names, cannot be read ({error})") from error
    return target


def _unpacked(artifact: Path, scratch: Path) -> Path:
    """The files of a package. Its archive is flat, so nothing in it can reach another directory."""
    if artifact.is_dir():
        return artifact
    try:
        with tarfile.open(artifact) as archive:
            for member in archive:
                content = archive.extractfile(member) if Path(member.name).name == member.name else None
                if content is None:
                    raise UserError(f"{artifact} holds {member.name!r}, which no package does: bring it back")
                (scratch / member.name).write_bytes(content.read())
    except (tarfile.TarError, EOFError, OSError) as error:
        raise UserError(f"{artifact} cannot be read ({error}): bring it back") from error
    return scratch
