"""What `create`, `existing` and `none` come to."""

from dataclasses import dataclass, replace

import pulumi

from ..components import image_repository
from ..components.identity import IdentityProvider, IdentityProviderArgs
from ..components.image_repository import ImageRepository, ImageRepositoryArgs
from ..components.network import Network, NetworkArgs
from ..components.package_group import PackageGroup, PackageGroupArgs
from ..components.role import Role
from ..components.tracking import Tracking, TrackingArgs
from ..components.trail import Trail, TrailArgs
from ..names import ENVIRONMENTS
from .buckets import Buckets
from .keys import KeyRing
from .settings import SUBNET_BITS, FoundationSettings


@dataclass(frozen=True)
class Place:
    """Where jobs and endpoints run; both empty where they run outside a network of ours."""

    subnet_ids: pulumi.Input[list[str]]
    security_group_ids: pulumi.Input[list[str]]


@dataclass(frozen=True)
class Registry:
    """Where images and models are; the group of another account is named by its ARN."""

    repository_url: pulumi.Input[str]
    package_group: pulumi.Input[str]


def place(settings: FoundationSettings, buckets: Buckets) -> Place:
    """The network: ours, one that exists, or none."""
    if settings.network != "create":
        return Place(settings.subnet_ids, settings.security_group_ids)
    network = Network(
        "network",
        NetworkArgs(
            names=settings.names,
            cidr=settings.vpc_cidr,
            zones=tuple(settings.availability_zones),
            subnet_bits=SUBNET_BITS,
            logs=buckets.logs,
        ),
    )
    return Place(network.subnet_ids, network.security_group_ids)


def registry(settings: FoundationSettings, keys: KeyRing) -> Registry:
    """The image repository and the model package group: ours, or another environment's."""
    names = settings.registry_names
    if settings.registry == "existing":
        group = names.arn("sagemaker", f"model-package-group/{names.slug}")
        near = names.account == settings.account
        return Registry(image_repository.url(names), names.slug if near else group)
    readers = tuple(settings.registry_readers)
    repository = ImageRepository("images", ImageRepositoryArgs(names, keys.data.arn, readers))
    packages = PackageGroup("models", PackageGroupArgs(names, readers))
    return Registry(repository.url, packages.group_name)


def identity(settings: FoundationSettings) -> None:
    """The account's identity provider for CI, where it is ours to make."""
    if settings.oidc == "create" and settings.federation is not None:
        IdentityProvider("ci", IdentityProviderArgs(settings.federation))


def trail(settings: FoundationSettings, buckets: Buckets, keys: KeyRing) -> None:
    """The record of who reads and writes the buckets of every environment in the account."""
    if settings.trail != "create":
        return
    everyone = [replace(settings.names, environment=environment) for environment in ENVIRONMENTS]
    watched = tuple(names.bucket_arn(kind) for names in everyone for kind in ("data", "artifacts"))
    Trail("trail", TrailArgs(settings.names.prefix, watched, buckets.logs, keys.logs.arn))


def tracking_arn(
    settings: FoundationSettings, buckets: Buckets, roles: dict[str, Role]
) -> pulumi.Input[str]:
    """The ARN of managed MLflow, empty where there is none."""
    if settings.tracking == "none":
        return ""
    store = pulumi.Output.concat("s3://", buckets.artifacts.bucket_name, "/mlflow")
    return Tracking("tracking", TrackingArgs(settings.names.prefix, store, roles["tracking"])).arn
