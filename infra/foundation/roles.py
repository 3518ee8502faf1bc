"""Every role of an environment, under the boundary."""

from collections.abc import Mapping

import pulumi

from ..access import all_roles, boundary
from ..access.ground import Keys
from ..access.role import Role as Documents
from ..components.boundary import Boundary, BoundaryArgs
from ..components.role import Role, RoleArgs
from .keys import KeyRing
from .settings import FoundationSettings

PURPOSES = {
    "pipeline": "Pipelines: they start jobs and register models as pending",
    "training": "Jobs of the training pipeline",
    "ingest": "The job that makes pseudonyms, which alone may have their key",
    "serving": "Endpoints and batch transforms",
    "monitoring": "The scheduled monitoring job",
    "trigger": "Schedules and events that start pipelines",
    "caller": "Applications that ask the endpoint",
    "scientist": "People who experiment",
    "approver": "People who approve models",
    "tracking": "Managed MLflow",
    "plan": "CI, to show what would change",
    "deploy": "CI, to apply what was accepted",
}


def roles(
    settings: FoundationSettings, keys: KeyRing, boundary_arn: pulumi.Input[str]
) -> dict[str, Role]:
    """Make the roles, by kind."""
    # Which roles there are, and with which policies, does not hang on the keys' ARNs.
    shapes = documents(settings, Keys("", "", "", "" if keys.pseudonym else None))
    known = keys.arns.apply(lambda arns: documents(settings, arns))
    return {
        kind: Role(
            kind,
            RoleArgs(
                settings.names.role(kind),
                PURPOSES[kind],
                _of(known, kind),
                boundary_arn,
                managed=tuple(shape.more),
            ),
        )
        for kind, shape in shapes.items()
    }


def documents(settings: FoundationSettings, keys: Keys) -> dict[str, Documents]:
    """What each role may do, by kind; those of CI, tracking and pseudonyms where there are such."""
    return {
        kind: role
        for kind, role in all_roles(settings.ground(keys)).items()
        if kind != "tracking" or settings.tracking == "managed"
    }


def boundary_arn(settings: FoundationSettings, keys: KeyRing) -> pulumi.Input[str]:
    """The ARN of the boundary, which is made unless the organisation has one."""
    if settings.boundary == "existing":
        return settings.boundary_arn
    document = keys.arns.apply(lambda arns: boundary.boundary(settings.ground(arns)))
    name = settings.names.boundary_arn.rpartition("/")[2]
    return Boundary("boundary", BoundaryArgs(name, document)).arn


def _of(known: pulumi.Output[Mapping[str, Documents]], kind: str) -> pulumi.Output[Documents]:
    return known.apply(lambda roles: roles[kind])
