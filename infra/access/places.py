"""Where data and models are, in words, and the requests that read, write and delete them there."""

from dataclasses import dataclass

from ..names import MODELS, REPORTS, RUNS, Names

# In words, in which bucket, and what the key of an example begins with.
STORED = (
    ("training data", "data", "source/"),
    ("captured requests", "data", "capture/"),
    ("batches to score", "data", "score/input/"),
    ("scores", "data", "score/output/"),
    ("rows that runs work with", "artifacts", f"{RUNS}/1/features/"),
    ("metrics and verdicts of runs", "artifacts", f"{RUNS}/1/evaluate/"),
    ("drift reports", "artifacts", f"{REPORTS}/"),
    ("packaged models", "artifacts", f"{MODELS}/"),
    ("parameters", "artifacts", "params/"),
    ("pipeline definitions", "artifacts", "definitions/"),
    ("files of tracked runs", "artifacts", "mlflow/"),
    ("records of access", "logs", ""),
)
VERBS = ("read", "write", "delete")
# In words, and as IAM's condition keys; the first under which a request is permitted is told.
CIRCUMSTANCES: dict[str, dict[str, str]] = {
    "": {},
    "once approved": {"s3:ExistingObjectTag/approved": "true"},
    "as pending": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"},
}


@dataclass(frozen=True)
class Request:
    """An action on one thing, named by its ARN."""

    action: str
    resource: str


@dataclass(frozen=True)
class Place:
    """Something of an environment, and a request of each verb that it knows."""

    words: str
    requests: dict[str, Request]


def places(names: Names, registry: Names) -> list[Place]:
    """Every place that roles of an environment reach; `registry` has the names of its owner."""
    jobs = names.arn("logs", "log-group:/aws/sagemaker/ProcessingJobs")
    endpoints = names.arn("logs", f"log-group:/aws/sagemaker/Endpoints/{names.prefix}")
    package = registry.arn("sagemaker", f"model-package/{registry.slug}/1")
    image = registry.arn("ecr", f"repository/{registry.slug}")
    endpoint = names.arn("sagemaker", f"endpoint/{names.prefix}")
    data = names.bucket_arn("data")
    found = [_objects(words, names, bucket, prefix) for words, bucket, prefix in STORED]
    if registry != names:
        words = f"packaged models of {registry.environment}"
        found.append(_objects(words, registry, "artifacts", f"{MODELS}/"))
    return [
        *found,
        _logs("logs of jobs", jobs),
        _logs("logs of the endpoint", endpoints),
        Place(
            "versions in the registry",
            {
                "read": Request("sagemaker:DescribeModelPackage", package),
                "write": Request("sagemaker:CreateModelPackage", package),
                "delete": Request("sagemaker:DeleteModelPackage", package),
            },
        ),
        Place("approvals", {"write": Request("sagemaker:UpdateModelPackage", package)}),
        Place(
            "images",
            {
                "read": Request("ecr:BatchGetImage", image),
                "write": Request("ecr:PutImage", image),
                "delete": Request("ecr:BatchDeleteImage", image),
            },
        ),
        Place("answers of the endpoint", {"read": Request("sagemaker:InvokeEndpoint", endpoint)}),
        Place("figures", {"read": Request("cloudwatch:GetMetricData", "*")}),
        Place("lifecycle of the buckets", {"write": Request("s3:PutLifecycleConfiguration", data)}),
    ]


def _objects(words: str, names: Names, bucket: str, prefix: str) -> Place:
    one = f"{names.bucket_arn(bucket)}/{prefix}one"
    actions = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")
    return Place(words, {verb: Request(a, one) for verb, a in zip(VERBS, actions, strict=True)})


def _logs(words: str, group: str) -> Place:
    stream = f"{group}:log-stream:one"
    return Place(
        words,
        {
            "read": Request("logs:GetLogEvents", stream),
            "write": Request("logs:PutLogEvents", stream),
            "delete": Request("logs:DeleteLogGroup", group),
        },
    )
