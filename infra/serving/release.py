"""The model that is released in the environment, in a form that SageMaker can serve."""

from .. import project
from ..errors import UserError
from .settings import ServingSettings


def released(settings: ServingSettings) -> project.Release | None:
    """What released.yaml names, if anything.

    Raises:
        UserError: it was released without a package in the registry, or as what the shape cannot
            serve.
    """
    release = project.release(settings.environment)
    if release is None:
        return None
    if release.package is None:
        raise UserError(
            f"released.yaml names no package for {settings.environment}, so SageMaker cannot serve "
            f"{release.artifact}: run `make promote MODEL=<package arn> ENV={settings.environment}`"
        )
    if settings.has.archive and not release.artifact.endswith(".tar.gz"):
        raise UserError(
            f"released.yaml names {release.artifact} for {settings.environment}: the shape "
            f"{settings.shape} serves a model only from one .tar.gz; promote such a package, or "
            "`pulumi config set shape realtime`"
        )
    return release
