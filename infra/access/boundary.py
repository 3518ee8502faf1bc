"""The permissions boundary: what no role of this environment can do, whatever its policy says.

It allows much, as a boundary grants nothing: a role may do what its policy and the boundary both
allow. What it leaves out is other environments' data, models and roles, and the boundary itself.
"""

from .documents import Document, Statement, allow, deny, document
from .ground import Ground
from .pipeline import KINDS
from .reading import other_arns, sagemaker_arns

WATCHING = ("budgets", "cloudtrail", "cloudwatch", "events", "logs", "scheduler", "sns")
# What cannot be narrowed to a resource, or not by a name that is known beforehand.
ANYWHERE = [
    "application-autoscaling:*",
    "cloudtrail:DescribeTrails",
    "cloudwatch:GetMetric*",
    "cloudwatch:ListMetrics",
    "cloudwatch:PutMetricData",
    "ec2:*",
    "ecr:GetAuthorizationToken",
    "kms:ListAliases",
    "logs:DescribeLogGroups",
]


def boundary(ground: Ground) -> Document:
    """The policy that stands above every role of this environment."""
    return document(*_allowed(ground), *_denied(ground))


def _allowed(ground: Ground) -> list[Statement]:
    names = ground.names
    buckets = [names.bucket_arn(kind) for kind in ("data", "artifacts", "logs")]
    buckets.append(names.state_bucket_arn)
    policies = names.arn("iam", f"policy/{names.prefix}-*", region=False)
    registry = ground.registry.bucket_arn("artifacts")
    roles = [names.role_arn("*"), ground.boundary_arn, policies]
    provider = [ground.federation.arn(names)] if ground.federation else []
    linked = names.arn("iam", "role/aws-service-role/*", region=False)
    return [
        allow(
            "Storage",
            ["s3:*"],
            [arn for bucket in buckets for arn in (bucket, f"{bucket}/*")],
        ),
        allow(
            "Registry",
            ["s3:GetObject", "s3:GetObjectTagging", "s3:ListBucket"],
            [registry, f"{registry}/pipeline/*"],
        ),
        allow(
            "Models",
            ["sagemaker:*"],
            [
                *sagemaker_arns(ground),
                *ground.group_arns,
                names.arn("sagemaker", f"pipeline/{names.prefix}/*"),
                # IAM takes no wildcard in the word that names a resource's type.
                *(names.arn("sagemaker", f"{kind}/pipelines-*") for kind in KINDS),
                names.arn("sagemaker", "mlflow-app/*"),
            ],
        ),
        allow("Images", ["ecr:*"], [ground.repository_arn]),
        allow("Keys", ["kms:*"], ground.keys.all),
        allow(
            "KeysByAlias",
            ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
            [names.arn("kms", "key/*"), ground.registry.arn("kms", "key/*")],
            {
                "ForAnyValue:StringEquals": {
                    "kms:ResourceAliases": [
                        names.state_key_alias,
                        ground.registry.key_alias("data"),
                    ]
                }
            },
        ),
        allow(
            "Watching",
            [f"{service}:*" for service in WATCHING],
            other_arns(ground),
        ),
        allow("Anywhere", ANYWHERE, ["*"]),
        allow("Roles", ["iam:*"], [*roles, *provider, linked]),
    ]


def _denied(ground: Ground) -> list[Statement]:
    return [
        deny(
            "KeepTheBoundary",
            [
                "iam:CreatePolicyVersion",
                "iam:DeletePolicy",
                "iam:DeletePolicyVersion",
                "iam:SetDefaultPolicyVersion",
            ],
            [ground.boundary_arn],
        ),
        deny("KeepItOnRoles", ["iam:DeleteRolePermissionsBoundary"], ["*"]),
        deny(
            "OnlyUnderTheBoundary",
            [
                "iam:AttachRolePolicy",
                "iam:CreateRole",
                "iam:PutRolePermissionsBoundary",
                "iam:PutRolePolicy",
            ],
            ["*"],
            {"StringNotEquals": {"iam:PermissionsBoundary": ground.boundary_arn}},
        ),
        deny(
            "PassToOurServices",
            ["iam:PassRole"],
            ["*"],
            {
                "StringNotEquals": {
                    "iam:PassedToService": [
                        f"{service}.amazonaws.com"
                        for service in ("sagemaker", "events", "scheduler")
                    ]
                }
            },
        ),
    ]
