"""A bucket: encrypted, versioned, private, and emptied of what is older than is allowed."""

import json
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import s3

from ..access.documents import Document

# A version that was replaced or deleted can be brought back this long, in days.
UNDO_DAYS = 30
# An upload that was begun and not ended is thrown away after this many days.
UPLOAD_DAYS = 7


@dataclass(frozen=True)
class BucketArgs:
    """`retention_days` is how long an object may be kept, old versions included.

    `key_arn`: None only for the bucket that S3 writes its access logs to, which takes no KMS key.
    `access_logs`: the bucket that records who reads and writes this one.
    `expires`: what the keys of the objects begin with that the retention is about; all by default.
    Old versions go wherever they are.
    `events`: whether EventBridge hears of new objects.
    """

    bucket: str
    policy: Document
    retention_days: int
    key_arn: pulumi.Input[str] | None = None
    access_logs: "Bucket | None" = None
    expires: tuple[str, ...] = ("",)
    events: bool = False

    def __post_init__(self) -> None:
        if self.retention_days < 2:
            raise ValueError(f"{self.bucket}: objects are kept at least 2 days")


class Bucket(pulumi.ComponentResource):
    """Protected, since it holds data. `ready` is what a writer must wait for."""

    def __init__(
        self, name: str, args: BucketArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:storage:Bucket", name, None, opts)
        self._name, self._child = name, pulumi.ResourceOptions(parent=self)
        self.bucket = s3.Bucket(
            name,
            bucket=args.bucket,
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
        self.arn = self.bucket.arn
        self.bucket_name = self.bucket.bucket
        self._encrypt(args.key_arn)
        self._close()
        self._expire(args.retention_days, args.expires)
        self.ready = s3.BucketPolicy(
            name,
            bucket=self.bucket_name,
            policy=json.dumps(args.policy),
            # S3 looks whether a policy is public, which the block decides.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._block]),
        )
        if args.access_logs is not None:
            s3.BucketLogging(
                name,
                bucket=self.bucket_name,
                target_bucket=args.access_logs.bucket_name,
                target_prefix=f"access/{name}/",
                # Before its policy lets S3 in, what S3 writes there is lost.
                opts=pulumi.ResourceOptions(parent=self, depends_on=[args.access_logs.ready]),
            )
        if args.events:
            s3.BucketNotification(name, bucket=self.bucket_name, eventbridge=True, opts=self._child)
        self.register_outputs({"arn": self.arn})

    def _encrypt(self, key_arn: pulumi.Input[str] | None) -> None:
        kms_key = {} if key_arn is None else {"kms_master_key_id": key_arn}
        default = (
            s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                sse_algorithm="AES256" if key_arn is None else "aws:kms", **kms_key
            )
        )
        rule = s3.BucketServerSideEncryptionConfigurationRuleArgs(
            apply_server_side_encryption_by_default=default, bucket_key_enabled=key_arn is not None
        )
        s3.BucketServerSideEncryptionConfiguration(
            self._name, bucket=self.bucket_name, rules=[rule], opts=self._child
        )

    def _close(self) -> None:
        s3.BucketOwnershipControls(
            self._name,
            bucket=self.bucket_name,
            rule=s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=self._child,
        )
        self._block = s3.BucketPublicAccessBlock(
            self._name,
            bucket=self.bucket_name,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._child,
        )

    def _expire(self, retention_days: int, prefixes: tuple[str, ...]) -> None:
        versioning = s3.BucketVersioning(
            self._name,
            bucket=self.bucket_name,
            versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(
                status="Enabled"
            ),
            opts=self._child,
        )
        s3.BucketLifecycleConfiguration(
            self._name,
            bucket=self.bucket_name,
            rules=_rules(retention_days, prefixes),
            # Old versions can be named only where there are versions.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[versioning]),
        )


def _rules(
    retention_days: int, prefixes: tuple[str, ...]
) -> list[s3.BucketLifecycleConfigurationRuleArgs]:
    current, old = expiry(retention_days)
    expiration = s3.BucketLifecycleConfigurationRuleExpirationArgs
    noncurrent = s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs
    abort = s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs
    return [
        *(
            _rule(f"retention {prefix}".strip(), prefix, expiration=expiration(days=current))
            for prefix in prefixes
        ),
        _rule("old-versions", noncurrent_version_expiration=noncurrent(noncurrent_days=old)),
        _rule(
            "uploads", abort_incomplete_multipart_upload=abort(days_after_initiation=UPLOAD_DAYS)
        ),
        _rule("delete-markers", expiration=expiration(expired_object_delete_marker=True)),
    ]


def _rule(name: str, prefix: str = "", **what: Any) -> s3.BucketLifecycleConfigurationRuleArgs:
    # S3 refuses a rule without a filter.
    under = s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=prefix)
    return s3.BucketLifecycleConfigurationRuleArgs(id=name, status="Enabled", filter=under, **what)


def expiry(retention_days: int) -> tuple[int, int]:
    """When an object expires, and how long its old version stays then: together the retention."""
    old = min(UNDO_DAYS, retention_days // 2)
    return retention_days - old, old
