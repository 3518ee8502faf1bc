"""What a container needs in SageMaker, whatever it does: its image, its logs, its network."""

from .documents import Statement, allow
from .ground import Ground

PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
INTERFACES = [
    "ec2:CreateNetworkInterface",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
]
LOOK = [
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
]


def container(ground: Ground, *log_groups: str) -> list[Statement]:
    """Pull the image, write logs and SageMaker's own metrics, attach to the network.

    Args:
        log_groups: what follows `/aws/sagemaker/`.
    """
    names = ground.names
    kinds = ("network-interface", "security-group", "subnet")
    groups = [names.arn("logs", f"log-group:/aws/sagemaker/{group}") for group in log_groups]
    return [
        allow("Pull", PULL, [ground.repository_arn]),
        allow(
            "WriteLogs",
            [
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            ],
            [arn for group in groups for arn in (group, f"{group}:*")],
        ),
        allow("Attach", INTERFACES, [names.arn("ec2", f"{kind}/*") for kind in kinds]),
        # None of these can be narrowed to a resource.
        allow("Look", ["ecr:GetAuthorizationToken", *LOOK], ["*"]),
        publish("PublishMetrics", "/aws/sagemaker/*"),
    ]


def publish(sid: str, namespace: str) -> Statement:
    """Publish metrics in a namespace, which is all that can be said of PutMetricData's target."""
    return allow(
        sid,
        ["cloudwatch:PutMetricData"],
        ["*"],
        {"StringLike": {"cloudwatch:namespace": namespace}},
    )


def pass_role(ground: Ground, sid: str, service: str, *kinds: str) -> Statement:
    """Hand roles of this environment to one service."""
    return allow(
        sid,
        ["iam:PassRole"],
        [ground.names.role_arn(kind) for kind in kinds],
        {"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}},
    )
