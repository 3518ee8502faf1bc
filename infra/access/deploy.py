"""CI on a change that was accepted: it applies the three programs to one environment.

What holds data, and what access stands on, is not its to take away: buckets, keys, the image
repository, the trail, the boundary and the identity provider are deleted, and the last two changed,
by an administrator, who also applies the first time.
"""

from . import objects, trust
from .documents import Conditions, Statement, allow, deny, document
from .ground import Federation, Ground
from .jobs import PULL, pass_role
from .reading import other_arns, reading, sagemaker_arns
from .role import Role
from .running import run
from .state import read_state, write_state

PUSH = [
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
]
NETWORK = ("route-table", "security-group", "security-group-rule", "subnet", "vpc", "vpc-endpoint")


def role(ground: Ground, federation: Federation) -> Role:
    """The role of `pulumi up`, `make push`, `make promote` and `make run-pipeline` in CI."""
    return Role(
        trust.continuous_integration(ground, federation, "deploy"),
        document(
            *read_state(ground),
            *write_state(ground),
            *_foundation(ground),
            *_roles(ground),
            *_registry(ground),
            *_network(ground),
        ),
        {
            "reading": document(*reading(ground)),
            "training": document(*_training(ground)),
            "serving": document(*_serving(ground)),
        },
    )


def _foundation(ground: Ground) -> list[Statement]:
    names = ground.names
    return [
        allow(
            "ChangeBuckets",
            [
                "s3:PutBucket*",
                "s3:PutEncryptionConfiguration",
                "s3:PutLifecycleConfiguration",
            ],
            [names.bucket_arn(kind) for kind in ("data", "artifacts", "logs")],
        ),
        allow(
            "ChangeKeys",
            [
                "kms:EnableKeyRotation",
                "kms:PutKeyPolicy",
                "kms:TagResource",
                "kms:UntagResource",
                "kms:UpdateKeyDescription",
            ],
            ground.keys.all,
        ),
        allow(
            "ChangeOthers",
            [
                "budgets:ModifyBudget",
                "budgets:TagResource",
                "cloudtrail:AddTags",
                "cloudtrail:PutEventSelectors",
                "cloudtrail:UpdateTrail",
                "sns:SetTopicAttributes",
                "sns:Subscribe",
                "sns:TagResource",
                "sns:Unsubscribe",
            ],
            other_arns(ground),
        ),
        allow(
            "Tracking",
            ["sagemaker:AddTags", "sagemaker:CreateMlflowApp", "sagemaker:UpdateMlflowApp"],
            [names.arn("sagemaker", "mlflow-app/*")],
        ),
    ]


def _roles(ground: Ground) -> list[Statement]:
    names = ground.names
    roles = [names.role_arn("*")]
    provider = [ground.federation.arn(names)] if ground.federation else []
    return [
        allow(
            "RolesUnderTheBoundary",
            ["iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePolicy"],
            roles,
            {"StringEquals": {"iam:PermissionsBoundary": ground.boundary_arn}},
        ),
        allow(
            "Roles",
            [
                "iam:DeleteRole",
                "iam:TagRole",
                "iam:UntagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
            ],
            roles,
        ),
        allow(
            "OwnPolicies",
            [
                "iam:CreatePolicyVersion",
                "iam:DeletePolicyVersion",
                "iam:GetPolicy",
                "iam:GetPolicyVersion",
                "iam:ListPolicyVersions",
                "iam:TagPolicy",
            ],
            [names.arn("iam", f"policy/{names.role('deploy')}-*", region=False)],
        ),
        allow(
            "TagAccess",
            ["iam:TagOpenIDConnectProvider", "iam:TagPolicy"],
            [names.boundary_arn, *provider],
        ),
        pass_role(
            ground,
            "PassToSageMaker",
            "sagemaker",
            "pipeline",
            "training",
            "serving",
            "monitoring",
            "tracking",
            *ground.ingest_role,
        ),
        pass_role(ground, "PassToEvents", "events", "trigger"),
        pass_role(ground, "PassToScheduler", "scheduler", "trigger"),
    ]


def _registry(ground: Ground) -> list[Statement]:
    """Images and the package group are changed where they are owned, and read elsewhere."""
    # Approval is the approver's, whatever is allowed later.
    never = deny(
        "NeverApprove",
        ["s3:PutObjectTagging", "sagemaker:UpdateModelPackage"],
        [f"{ground.names.bucket_arn('artifacts')}/pipeline/*", *ground.group_arns],
    )
    pull = allow("Pull", PULL, [ground.repository_arn])
    if not ground.owns_registry:
        return [never, pull]
    return [
        never,
        allow(
            "ChangeRepository",
            [
                *PULL,
                *PUSH,
                "ecr:PutImageScanningConfiguration",
                "ecr:PutLifecyclePolicy",
                "ecr:SetRepositoryPolicy",
                "ecr:TagResource",
            ],
            [ground.repository_arn],
        ),
        allow(
            "ChangeGroup",
            ["sagemaker:AddTags", "sagemaker:PutModelPackageGroupPolicy"],
            ground.group_arns[:1],
        ),
    ]


def _network(ground: Ground) -> list[Statement]:
    names = ground.names
    changes = [
        "ec2:AuthorizeSecurityGroupEgress",
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:CreateTags",
        "ec2:DeleteTags",
        "ec2:ModifySecurityGroupRules",
        "ec2:ModifyVpcEndpoint",
        "ec2:RevokeSecurityGroupEgress",
        "ec2:RevokeSecurityGroupIngress",
    ]
    ours: Conditions = {
        "StringEquals": {
            "aws:ResourceTag/project": names.slug,
            "aws:ResourceTag/environment": names.environment,
        }
    }
    return [
        allow("ChangeNetwork", changes, [names.arn("ec2", f"{kind}/*") for kind in NETWORK], ours)
    ]


def _training(ground: Ground) -> list[Statement]:
    names = ground.names
    bucket = names.bucket_arn("artifacts")
    pipelines = sagemaker_arns(ground)[:2]
    return [
        allow(
            "Pipelines",
            [
                "sagemaker:AddTags",
                "sagemaker:CreatePipeline",
                "sagemaker:DeletePipeline",
                "sagemaker:DeleteTags",
                "sagemaker:UpdatePipeline",
            ],
            pipelines,
        ),
        allow(
            "Definitions",
            ["s3:PutObject", "s3:DeleteObject"],
            [f"{bucket}/definitions/*", f"{bucket}/params/*"],
        ),
        *run(ground),
        allow(
            "Watch",
            [
                "cloudwatch:DeleteAlarms",
                "cloudwatch:DeleteDashboards",
                "cloudwatch:PutCompositeAlarm",
                "cloudwatch:PutDashboard",
                "cloudwatch:PutMetricAlarm",
                "cloudwatch:TagResource",
                "events:DeleteRule",
                "events:PutRule",
                "events:PutTargets",
                "events:RemoveTargets",
                "events:TagResource",
                "logs:AssociateKmsKey",
                "logs:CreateLogGroup",
                "logs:DeleteLogGroup",
                "logs:PutRetentionPolicy",
                "logs:TagResource",
                "scheduler:CreateSchedule",
                "scheduler:DeleteSchedule",
                "scheduler:UpdateSchedule",
            ],
            other_arns(ground),
        ),
    ]


def _serving(ground: Ground) -> list[Statement]:
    names = ground.names
    scaling: Conditions = {
        "StringEquals": {"application-autoscaling:service-namespace": "sagemaker"}
    }
    linked = "sagemaker.application-autoscaling.amazonaws.com"
    return [
        allow(
            "Serve",
            [
                "sagemaker:AddTags",
                "sagemaker:CreateEndpoint",
                "sagemaker:CreateEndpointConfig",
                "sagemaker:CreateModel",
                "sagemaker:DeleteEndpoint",
                "sagemaker:DeleteEndpointConfig",
                "sagemaker:DeleteModel",
                "sagemaker:UpdateEndpoint",
                "sagemaker:UpdateEndpointWeightsAndCapacities",
            ],
            sagemaker_arns(ground),
        ),
        # A model is made from a package, which may be in another account.
        allow("FromPackage", ["sagemaker:CreateModel"], ground.group_arns),
        *objects.read_approved(ground),
        # A promotion says that the approval is missing before it reads.
        allow("ReadTags", ["s3:GetObjectTagging"], objects.models(ground)),
        objects.encrypt_volumes(ground),
        allow(
            "Scale",
            [
                "application-autoscaling:DeleteScalingPolicy",
                "application-autoscaling:DeregisterScalableTarget",
                "application-autoscaling:PutScalingPolicy",
                "application-autoscaling:RegisterScalableTarget",
                "application-autoscaling:TagResource",
            ],
            [names.arn("application-autoscaling", "scalable-target/*")],
            scaling,
        ),
        allow(
            "ScalingRole",
            ["iam:CreateServiceLinkedRole"],
            [names.arn("iam", f"role/aws-service-role/{linked}/*", region=False)],
            {"StringEquals": {"iam:AWSServiceName": linked}},
        ),
    ]
