"""The pipelines themselves: they start jobs, and register what comes out as pending."""

from . import objects, trust
from .documents import Statement, allow, deny, document
from .ground import Ground
from .jobs import PULL, pass_role
from .role import Role

PENDING = {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}
KINDS = ("processing-job", "training-job", "transform-job")


def role(ground: Ground) -> Role:
    """The execution role of the pipelines."""
    return Role(
        trust.services(ground, "sagemaker"),
        document(
            *_jobs(ground),
            *_registration(ground),
            pass_role(
                ground,
                "PassJobRoles",
                "sagemaker",
                "training",
                "monitoring",
                *ground.ingest_role,
            ),
            # Verdicts are read between steps, and a package's files are looked at when it is made.
            *objects.read("Outputs", ground.names, "artifacts", "pipeline/"),
            objects.use_key(ground),
            objects.encrypt_volumes(ground),
        ),
    )


def _jobs(ground: Ground) -> list[Statement]:
    # SageMaker begins the names of a pipeline's jobs so.
    jobs = [ground.names.arn("sagemaker", f"{kind}/pipelines-*") for kind in KINDS]
    models = [ground.names.arn("sagemaker", f"model/{ground.names.prefix}-*")]
    return [
        allow(
            "Jobs",
            [
                "sagemaker:AddTags",
                "sagemaker:CreateProcessingJob",
                "sagemaker:CreateTrainingJob",
                "sagemaker:CreateTransformJob",
                "sagemaker:DescribeProcessingJob",
                "sagemaker:DescribeTrainingJob",
                "sagemaker:DescribeTransformJob",
                "sagemaker:StopProcessingJob",
                "sagemaker:StopTrainingJob",
                "sagemaker:StopTransformJob",
            ],
            jobs,
        ),
        allow("Score", ["sagemaker:DescribeModel"], models),
    ]


def _registration(ground: Ground) -> list[Statement]:
    create = ["sagemaker:CreateModelPackage"]
    return [
        allow("Register", create, ground.group_arns, {"StringEquals": PENDING}),
        # Stands whatever is allowed later: who trains does not approve.
        deny("OnlyAsPending", create, ["*"], {"StringNotEquals": PENDING}),
        deny("NeverApprove", ["sagemaker:UpdateModelPackage"], ["*"]),
        allow(
            "LookUpPackages",
            [
                "sagemaker:AddTags",
                "sagemaker:DescribeModelPackage",
                "sagemaker:DescribeModelPackageGroup",
            ],
            ground.group_arns,
        ),
        allow("Image", PULL, [ground.repository_arn]),
    ]
