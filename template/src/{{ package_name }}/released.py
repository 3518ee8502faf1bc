"""The released models: `released.yaml`, and how a new model compares with one of them."""

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


class Release(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`artifact`: a package's directory or its `model.tar.gz`; `digest`: as `register` prints it."""

    artifact: str
    digest: str


def load(environment: str) -> Release | None:
    """What is released in an environment, if anything.

    Raises:
        UserError: `released.yaml` does not name the environment, or does not fit.
    """
    releases = read_yaml(paths.ROOT / "released.yaml", dict[str, Release | Literal["none"]])
    if environment not in releases:
        raise UserError(f"released.yaml has no environment {environment!r}: it has {', '.join(releases)}")
    release = releases[environment]
    return None if release == "none" else release


@contextmanager
def opened(release: Release) -> Iterator[Predictor]:
    """The released model, its digest checked.

    Raises:
        UserError: the artefact is missing, or is not the one that was released.
    """
    artifact = paths.ROOT / release.artifact
    if not artifact.exists():
        raise UserError(f"{release.artifact}, which released.yaml names, is missing: bring it back")
    with tempfile.TemporaryDirectory() as scratch:
        directory = _unpacked(artifact, Path(scratch))
        if (digest := digest_package(directory)) != release.digest:
            raise UserError(
                f"{release.artifact} has digest {digest}, and released.yaml says {release.digest}: it is not "
                "the model that was released"
            )
        yield predictor.load(directory)


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
