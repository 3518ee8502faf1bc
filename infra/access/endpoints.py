"""Policies of the network's endpoints: this account's own requests pass, and no others."""

from ..names import Names
from .documents import Document, document, grant


def interface(names: Names, service: str) -> Document:
    """An interface endpoint passes requests of this account's roles."""
    return document(
        grant(
            "OwnAccount",
            "*",
            [f"{service}:*"],
            ["*"],
            {"StringEquals": {"aws:PrincipalAccount": names.account}},
        )
    )


def storage(names: Names) -> Document:
    """The gateway to S3: the project's buckets, and the one where ECR keeps layers of images."""
    projects = f"arn:{names.partition}:s3:::{names.slug}-*"
    layers = f"arn:{names.partition}:s3:::prod-{names.region}-starport-layer-bucket/*"
    return document(
        grant(
            "Project",
            "*",
            ["s3:*"],
            [projects],
            {"StringEquals": {"aws:PrincipalAccount": names.account}},
        ),
        # Signed by ECR, not by this account.
        grant("Layers", "*", ["s3:GetObject"], [layers]),
    )
