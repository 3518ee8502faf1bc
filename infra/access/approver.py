"""Approvers: they look at a model, set its status, and open it to the server."""

from ..names import MODELS
from . import objects, trust
from .documents import allow, document
from .ground import Ground
from .role import Role


def role(ground: Ground) -> Role:
    """The role of people who approve. It reads models and what they came to, and no rows."""
    models = f"{ground.names.bucket_arn('artifacts')}/{MODELS}/*"
    return Role(
        trust.people(ground.people.approvers),
        document(
            allow(
                "Decide",
                [
                    "sagemaker:DescribeModelPackage",
                    "sagemaker:DescribeModelPackageGroup",
                    "sagemaker:ListModelPackages",
                    "sagemaker:UpdateModelPackage",
                ],
                ground.group_arns,
            ),
            *objects.read("Outputs", ground.names, "artifacts", objects.EVALUATIONS, f"{MODELS}/"),
            allow("ReadTags", ["s3:GetObjectTagging"], [models]),
            allow(
                "Open",
                ["s3:PutObjectTagging"],
                [models],
                {
                    "StringEquals": {"s3:RequestObjectTag/approved": ["true", "false"]},
                    "ForAllValues:StringEquals": {"s3:RequestObjectTagKeys": ["approved"]},
                },
            ),
            objects.use_key(ground),
        ),
    )
