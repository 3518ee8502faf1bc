"""Policies of resources: who is let in by a bucket, a key, the topic, the registry."""

from ..names import MODELS, Names
from .documents import Document, Statement, document, grant, refuse
from .jobs import PULL
from .objects import APPROVED, via

TLS = {"Bool": {"aws:SecureTransport": "false"}}
# What an administrator needs of a key that no IAM policy alone lets anybody use. There is no
# CreateGrant: a grant would hand on its use.
ADMINISTER = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
]


def bucket(names: Names, kind: str, *statements: Statement) -> Document:
    """A bucket's policy: TLS only, and what else is said."""
    arn = names.bucket_arn(kind)
    return document(refuse("OnlyByTls", ["s3:*"], [arn, f"{arn}/*"], TLS), *statements)


def approved_artifacts(names: Names, readers: list[str]) -> list[Statement]:
    """Other accounts may read the artefacts of approved models."""
    if not readers:
        return []
    models = f"{names.bucket_arn('artifacts')}/{MODELS}/*"
    return [
        grant(
            "ReadersGetApproved",
            accounts(names, readers),
            ["s3:GetObject"],
            [models],
            {"StringEquals": APPROVED},
        ),
        grant(
            "ReadersList",
            accounts(names, readers),
            ["s3:ListBucket"],
            [names.bucket_arn("artifacts")],
            {"StringLike": {"s3:prefix": f"{MODELS}/*"}},
        ),
        # The status is public to readers, so that a promotion can say what is missing.
        grant("ReadersGetTags", accounts(names, readers), ["s3:GetObjectTagging"], [models]),
    ]


def log_delivery(names: Names) -> list[Statement]:
    """S3's access logs, the network's flow logs and the trail arrive in the logs bucket."""
    bucket = names.bucket_arn("logs")
    account = {"aws:SourceAccount": names.account}
    owned = {"s3:x-amz-acl": "bucket-owner-full-control"}
    sources = [names.bucket_arn(kind) for kind in ("data", "artifacts")]
    trail = {"aws:SourceArn": trail_arn(names)}
    return [
        grant(
            "AccessLogs",
            {"Service": "logging.s3.amazonaws.com"},
            ["s3:PutObject"],
            [f"{bucket}/access/*"],
            {"StringEquals": account, "ArnLike": {"aws:SourceArn": sources}},
        ),
        grant(
            "FlowLogs",
            {"Service": "delivery.logs.amazonaws.com"},
            ["s3:PutObject"],
            [f"{bucket}/flow/AWSLogs/{names.account}/*"],
            {
                "StringEquals": {**account, **owned},
                "ArnLike": {"aws:SourceArn": names.arn("logs", "*")},
            },
        ),
        grant(
            "FlowLogsCheck",
            {"Service": "delivery.logs.amazonaws.com"},
            ["s3:GetBucketAcl"],
            [bucket],
            {"StringEquals": account, "ArnLike": {"aws:SourceArn": names.arn("logs", "*")}},
        ),
        grant(
            "Trail",
            {"Service": "cloudtrail.amazonaws.com"},
            ["s3:PutObject"],
            [f"{bucket}/trail/AWSLogs/{names.account}/*"],
            {"StringEquals": {**trail, **owned}},
        ),
        grant(
            "TrailCheck",
            {"Service": "cloudtrail.amazonaws.com"},
            ["s3:GetBucketAcl"],
            [bucket],
            {"StringEquals": trail},
        ),
    ]


def data_key(names: Names, readers: list[str]) -> Document:
    """The key of data and artefacts: readers of approved models use it through S3."""
    if not readers:
        return document(_administration(names))
    return document(
        _administration(names),
        grant(
            "ReadersDecrypt",
            accounts(names, readers),
            ["kms:Decrypt"],
            ["*"],
            {"StringEquals": {"kms:ViaService": via(names, "s3")}},
        ),
    )


def logs_key(names: Names) -> Document:
    """The key of log groups and of the trail."""
    groups = [names.arn("logs", "log-group:/aws/sagemaker/*")]
    trail = {"aws:SourceArn": trail_arn(names)}
    return document(
        _administration(names),
        grant(
            "LogGroups",
            {"Service": f"logs.{names.region}.{names.domain}"},
            [
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey*",
                "kms:ReEncrypt*",
            ],
            ["*"],
            {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
        ),
        grant(
            "Trail",
            {"Service": "cloudtrail.amazonaws.com"},
            ["kms:GenerateDataKey*"],
            ["*"],
            {
                "StringEquals": trail,
                "StringLike": {
                    "kms:EncryptionContext:aws:cloudtrail:arn": names.arn("cloudtrail", "trail/*")
                },
            },
        ),
        grant(
            "TrailLooks",
            {"Service": "cloudtrail.amazonaws.com"},
            ["kms:DescribeKey"],
            ["*"],
            {"StringEquals": trail},
        ),
    )


def topic_key(names: Names) -> Document:
    """The topic's own key, since what publishes must be in the policy of the key that it uses."""
    use = ["kms:Decrypt", "kms:GenerateDataKey*"]
    account = {"StringEquals": {"aws:SourceAccount": names.account}}
    return document(
        _administration(names),
        grant("Alarms", {"Service": "cloudwatch.amazonaws.com"}, use, ["*"], account),
        grant("Budgets", {"Service": "budgets.amazonaws.com"}, use, ["*"], account),
        # With conditions on aws:Source keys, messages of EventBridge are lost unseen.
        grant("Events", {"Service": "events.amazonaws.com"}, use, ["*"]),
    )


def pseudonym_key(names: Names) -> Document:
    """The key under which the key of pseudonyms is kept: who sets it up cannot decrypt it.

    For every action this policy and the IAM policy of who asks must both allow it. So an
    administrator decrypts as little as anybody else, and only `ingest` does, in one environment.
    """
    account = accounts(names, [names.account])
    context = in_context(names)
    ingest = {"aws:PrincipalArn": names.role_arn("ingest")}
    return document(
        grant("Administration", account, ADMINISTER, ["*"]),
        grant("SetUp", account, ["kms:Encrypt"], ["*"], {"StringEquals": context}),
        grant("Ingest", account, ["kms:Decrypt"], ["*"], {"StringEquals": {**context, **ingest}}),
    )


def in_context(names: Names) -> dict[str, str | list[str]]:
    """The context of the key of pseudonyms, as a condition compares it."""
    return {f"kms:EncryptionContext:{k}": said for k, said in names.pseudonym_context.items()}


def topic(names: Names) -> Document:
    """Who may publish: alarms, the budget, events. Over TLS only."""
    arn = [names.arn("sns", names.topic)]
    publish = ["sns:Publish"]
    account = {"StringEquals": {"aws:SourceAccount": names.account}}
    return document(
        refuse("OnlyByTls", publish, arn, TLS),
        grant("Alarms", {"Service": "cloudwatch.amazonaws.com"}, publish, arn, account),
        grant("Budgets", {"Service": "budgets.amazonaws.com"}, publish, arn, account),
        # As with the key: no conditions on aws:Source keys.
        grant("Events", {"Service": "events.amazonaws.com"}, publish, arn),
    )


def repository(names: Names, readers: list[str]) -> Document:
    """Other accounts may pull images."""
    statement = grant("ReadersPull", accounts(names, readers), [*PULL, "ecr:DescribeImages"], [])
    # ECR refuses a policy that names the repository.
    del statement["Resource"]
    return document(statement)


def package_group(names: Names, readers: list[str]) -> Document:
    """Other accounts may look packages up, and make models from them."""
    group = names.arn("sagemaker", f"model-package-group/{names.slug}")
    return document(
        grant(
            "ReadersLook",
            accounts(names, readers),
            ["sagemaker:DescribeModelPackageGroup"],
            [group],
        ),
        grant(
            "ReadersUse",
            accounts(names, readers),
            [
                "sagemaker:CreateModel",
                "sagemaker:DescribeModelPackage",
                "sagemaker:ListModelPackages",
            ],
            [names.arn("sagemaker", f"model-package/{names.slug}/*")],
        ),
    )


def trail_arn(names: Names) -> str:
    """The ARN of the trail."""
    return names.arn("cloudtrail", f"trail/{names.prefix}")


def accounts(names: Names, numbers: list[str]) -> dict[str, str | list[str]]:
    """The accounts as principals: each decides itself which of its roles may."""
    return {"AWS": [f"arn:{names.partition}:iam::{number}:root" for number in numbers]}


def _administration(names: Names) -> Statement:
    # Without it IAM policies do not count, and a key whose policy is wrong is lost.
    return grant("Administration", accounts(names, [names.account]), ["kms:*"], ["*"])
