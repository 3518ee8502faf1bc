"""Texts in a bucket, each named by its own digest, so that what was read once can be read again."""

import hashlib
from dataclasses import dataclass

import pulumi
from pulumi_aws import s3

from infra.errors import UserError


@dataclass(frozen=True)
class StoredTextArgs:
    """`key` holds `{digest}`, where the SHA-256 of the text comes to stand."""

    bucket: pulumi.Input[str]
    key: str
    text: pulumi.Input[str]
    content_type: str
    key_arn: pulumi.Input[str]

    def __post_init__(self) -> None:
        if "{digest}" not in self.key:
            raise UserError(f"the key {self.key!r} does not say {{digest}}: add it to the key")


class StoredText(pulumi.ComponentResource):
    """A text in a bucket. `key` and `digest` are its place and its SHA-256.

    A new text gets a new place, and the former one stays: executions that have begun read it.
    """

    def __init__(
        self, name: str, args: StoredTextArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:storage:StoredText", name, None, opts)
        text = pulumi.Output.from_input(args.text)
        self.digest = text.apply(lambda text: hashlib.sha256(text.encode()).hexdigest())
        self.key = self.digest.apply(lambda digest: args.key.format(digest=digest))
        self.object = s3.BucketObjectv2(
            f"{name}-object",
            bucket=args.bucket,
            key=self.key,
            content=text,
            content_type=args.content_type,
            server_side_encryption="aws:kms",
            kms_key_id=args.key_arn,
            bucket_key_enabled=True,
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )
        self.register_outputs({"digest": self.digest, "key": self.key})
