"""Data scientists: everything that an experiment takes in dev, figures only elsewhere."""

from . import objects, trust
from .documents import Statement, allow, document
from .ground import Ground
from .role import Role
from .running import run

# None of these can be narrowed to a resource.
FIGURES = ["cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics", "cloudwatch:ListMetrics"]


def role(ground: Ground) -> Role:
    """The role of people who train models. In staging and prod it reads metrics, and no data."""
    figures = allow("Figures", FIGURES, ["*"])
    statements = (
        [figures, *_experiments(ground)] if ground.names.environment == "dev" else [figures]
    )
    return Role(trust.people(ground.people.scientists), document(*statements))


def _experiments(ground: Ground) -> list[Statement]:
    names = ground.names
    return [
        *run(ground),
        *objects.read("Data", names, "data", "source/"),
        *objects.read("Outputs", names, "artifacts", "pipeline/"),
        allow(
            "LookUpPackages",
            [
                "sagemaker:DescribeModelPackage",
                "sagemaker:DescribeModelPackageGroup",
                "sagemaker:ListModelPackages",
            ],
            ground.group_arns,
        ),
        allow(
            "ReadLogs",
            ["logs:FilterLogEvents", "logs:GetLogEvents"],
            [names.arn("logs", "log-group:/aws/sagemaker/*Jobs:*")],
        ),
        allow(
            "Track",
            ["sagemaker:CallMlflowAppApi", "sagemaker:CreatePresignedMlflowAppUrl"],
            [names.arn("sagemaker", "mlflow-app/*")],
        ),
    ]
