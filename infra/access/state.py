"""The state of an environment's stacks, where a bucket keeps it (`make bootstrap`)."""

from .documents import Statement, allow
from .ground import Ground


def read_state(ground: Ground) -> list[Statement]:
    """Read the state, and decrypt the secrets in it."""
    bucket = ground.names.state_bucket_arn
    return [
        allow("ListState", ["s3:ListBucket"], [bucket]),
        allow("ReadState", ["s3:GetObject"], [_objects(ground), f"{bucket}/.pulumi/meta.yaml"]),
        _use_key(ground, "ReadSecrets", "kms:Decrypt"),
    ]


def write_state(ground: Ground) -> list[Statement]:
    """Write the state, its locks and its history."""
    return [
        allow("WriteState", ["s3:PutObject", "s3:DeleteObject"], [_objects(ground)]),
        _use_key(ground, "WriteSecrets", "kms:Encrypt", "kms:GenerateDataKey"),
    ]


def _objects(ground: Ground) -> str:
    # `.pulumi/stacks/PROJECT/STACK.json`, `.pulumi/locks/organization/PROJECT/STACK/...` and so on.
    names = ground.names
    return f"{names.state_bucket_arn}/.pulumi/*/{names.slug}-*/{names.environment}*"


def _use_key(ground: Ground, sid: str, *actions: str) -> Statement:
    return allow(
        sid,
        list(actions),
        [ground.names.arn("kms", "key/*")],
        {"ForAnyValue:StringEquals": {"kms:ResourceAliases": ground.names.state_key_alias}},
    )
