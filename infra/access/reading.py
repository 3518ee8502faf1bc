"""Reading what the programs manage, which is what a preview does; never the data."""

from .documents import Statement, allow
from .ground import Ground
from .objects import via

# None of these can be narrowed to a resource.
LOOK = [
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingPolicies",
    "cloudtrail:DescribeTrails",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeFlowLogs",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribePrefixLists",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroupRules",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
    "ecr:GetAuthorizationToken",
    "kms:ListAliases",
    "logs:DescribeLogGroups",
]


def reading(ground: Ground) -> list[Statement]:
    """The settings of every resource of this environment."""
    return [
        allow("Look", LOOK, ["*"]),
        _buckets(ground),
        _identity(ground),
        _sagemaker(ground),
        *_others(ground),
    ]


def _buckets(ground: Ground) -> Statement:
    buckets = [ground.names.bucket_arn(kind) for kind in ("data", "artifacts", "logs")]
    return allow(
        "ReadBuckets",
        [
            "s3:GetAccelerateConfiguration",
            "s3:GetBucket*",
            "s3:GetEncryptionConfiguration",
            "s3:GetLifecycleConfiguration",
            "s3:GetReplicationConfiguration",
            "s3:ListBucket",
        ],
        buckets,
    )


def _identity(ground: Ground) -> Statement:
    names = ground.names
    policies = names.arn("iam", f"policy/{names.prefix}-*", region=False)
    federation = [ground.federation.arn(names)] if ground.federation else []
    return allow(
        "ReadRoles",
        [
            "iam:GetOpenIDConnectProvider",
            "iam:GetPolicy",
            "iam:GetPolicyVersion",
            "iam:GetRole",
            "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies",
            "iam:ListInstanceProfilesForRole",
            "iam:ListPolicyVersions",
            "iam:ListRolePolicies",
        ],
        [names.role_arn("*"), policies, ground.boundary_arn, *federation],
    )


def _sagemaker(ground: Ground) -> Statement:
    names = ground.names
    return allow(
        "ReadSageMaker",
        ["sagemaker:Describe*", "sagemaker:GetModelPackageGroupPolicy", "sagemaker:ListTags"],
        [*sagemaker_arns(ground), names.arn("sagemaker", "mlflow-app/*"), *ground.group_arns],
    )


def sagemaker_arns(ground: Ground) -> list[str]:
    """What SageMaker runs of this environment."""
    prefix = ground.names.prefix
    patterns = [
        f"pipeline/{prefix}",
        f"pipeline/{prefix}-monitor",
        f"model/{prefix}-*",
        f"endpoint-config/{prefix}-*",
        f"endpoint/{prefix}",
    ]
    return [ground.names.arn("sagemaker", pattern) for pattern in patterns]


def _others(ground: Ground) -> list[Statement]:
    names = ground.names
    return [
        allow(
            "ReadKeys",
            [
                "kms:DescribeKey",
                "kms:GetKeyPolicy",
                "kms:GetKeyRotationStatus",
                "kms:ListResourceTags",
            ],
            ground.keys.all,
        ),
        allow(
            "ReadRepository",
            [
                "ecr:DescribeImages",
                "ecr:DescribeRepositories",
                "ecr:GetLifecyclePolicy",
                "ecr:GetRepositoryPolicy",
                "ecr:ListTagsForResource",
            ],
            [ground.repository_arn],
        ),
        allow(
            "ReadOthers",
            [
                "budgets:ListTagsForResource",
                "budgets:ViewBudget",
                "cloudtrail:GetEventSelectors",
                "cloudtrail:GetTrail",
                "cloudtrail:GetTrailStatus",
                "cloudtrail:ListTags",
                "cloudwatch:DescribeAlarms",
                "cloudwatch:GetDashboard",
                "cloudwatch:ListTagsForResource",
                "events:DescribeRule",
                "events:ListTagsForResource",
                "events:ListTargetsByRule",
                "logs:ListTagsForResource",
                "scheduler:GetSchedule",
                "sns:GetSubscriptionAttributes",
                "sns:GetTopicAttributes",
                "sns:ListSubscriptionsByTopic",
                "sns:ListTagsForResource",
            ],
            other_arns(ground),
        ),
        allow("ReadNetwork", ["ec2:DescribeVpcAttribute"], [names.arn("ec2", "vpc/*")]),
        allow(
            "ReadScaling",
            ["application-autoscaling:ListTagsForResource"],
            [names.arn("application-autoscaling", "scalable-target/*")],
        ),
        allow(
            "ReadDefinitions",
            ["s3:GetObject", "s3:GetObjectTagging"],
            [f"{names.bucket_arn('artifacts')}/{prefix}/*" for prefix in ("definitions", "params")],
        ),
        allow(
            "UseDataKey",
            ["kms:Decrypt"],
            [ground.keys.data],
            {"StringEquals": {"kms:ViaService": via(names, "s3")}},
        ),
    ]


def other_arns(ground: Ground) -> list[str]:
    """What watches, tells and starts: its names begin with the project's."""
    names, prefix = ground.names, ground.names.prefix
    return [
        names.arn("budgets", f"budget/{prefix}", region=False),
        names.arn("cloudtrail", f"trail/{prefix}"),
        names.arn("cloudwatch", f"alarm:{prefix}-*"),
        names.arn("cloudwatch", f"dashboard/{prefix}*", region=False),
        names.arn("events", f"rule/{prefix}-*"),
        names.arn("logs", "log-group:/aws/sagemaker/*"),
        names.arn("scheduler", f"schedule/default/{prefix}-*"),
        names.arn("sns", names.topic),
    ]
