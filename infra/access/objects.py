"""Objects in buckets, and the keys that they are encrypted with."""

from ..names import MODELS, RUNS, Names
from .documents import Statement, allow
from .ground import Ground

APPROVED = {"s3:ExistingObjectTag/approved": "true"}
# What a run came to, and none of the rows that it worked with.
EVALUATIONS = f"{RUNS}/*/evaluate/"


def read(sid: str, names: Names, kind: str, *prefixes: str) -> list[Statement]:
    """Read and list what begins with these prefixes in a bucket."""
    bucket = names.bucket_arn(kind)
    return [
        allow(f"Read{sid}", ["s3:GetObject"], [f"{bucket}/{prefix}*" for prefix in prefixes]),
        allow(
            f"List{sid}",
            ["s3:ListBucket"],
            [bucket],
            {"StringLike": {"s3:prefix": [f"{prefix}*" for prefix in prefixes]}},
        ),
    ]


def write(sid: str, names: Names, kind: str, *prefixes: str) -> Statement:
    """Write what begins with these prefixes, untagged: nobody approves by writing."""
    bucket = names.bucket_arn(kind)
    return allow(
        f"Write{sid}",
        ["s3:PutObject", "s3:AbortMultipartUpload"],
        [f"{bucket}/{prefix}*" for prefix in prefixes],
    )


def models(ground: Ground) -> list[str]:
    """The ARNs of packaged models, of this environment and of the registry's."""
    return [f"{bucket}/{MODELS}/*" for bucket in _artifacts(ground)]


def read_approved(ground: Ground) -> list[Statement]:
    """Read models that the approver has tagged, of this environment and of the registry's."""
    statements = [
        # IAM cannot see a package's status from an object: the tag stands for it.
        allow("ReadApproved", ["s3:GetObject"], models(ground), {"StringEquals": APPROVED}),
        # SageMaker lists before it reads, even where there is one object.
        allow(
            "ListApproved",
            ["s3:ListBucket"],
            _artifacts(ground),
            {"StringLike": {"s3:prefix": f"{MODELS}/*"}},
        ),
    ]
    if not ground.owns_registry:
        statements.append(_decrypt_registry(ground))
    return statements


def use_key(ground: Ground) -> Statement:
    """Encrypt and decrypt objects of this environment; S3 alone may ask for it."""
    return allow(
        "UseDataKey",
        ["kms:Decrypt", "kms:GenerateDataKey"],
        [ground.keys.data],
        {"StringEquals": {"kms:ViaService": via(ground.names, "s3")}},
    )


def encrypt_volumes(ground: Ground) -> Statement:
    """Let SageMaker encrypt the volumes of jobs and endpoints."""
    return allow(
        "EncryptVolumes",
        ["kms:CreateGrant"],
        [ground.keys.data],
        {"Bool": {"kms:GrantIsForAWSResource": "true"}},
    )


def via(names: Names, service: str) -> str:
    """A service as `kms:ViaService` names it."""
    return f"{service}.{names.region}.{names.domain}"


def _artifacts(ground: Ground) -> list[str]:
    owners = dict.fromkeys((ground.names, ground.registry))
    return [names.bucket_arn("artifacts") for names in owners]


def _decrypt_registry(ground: Ground) -> Statement:
    """Decrypt artefacts of the registry's environment, whose key has an alias we know."""
    return allow(
        "DecryptRegistry",
        ["kms:Decrypt"],
        [ground.registry.arn("kms", "key/*")],
        {
            "StringEquals": {"kms:ViaService": via(ground.registry, "s3")},
            "ForAnyValue:StringEquals": {"kms:ResourceAliases": ground.registry.key_alias("data")},
        },
    )
