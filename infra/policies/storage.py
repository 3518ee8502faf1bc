"""Rules about buckets and the image repository."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .documents import Statement, statements
from .rule import Found, Props, attached, of_type, rule, whole_rule

if TYPE_CHECKING:
    from infra.rehearsal.record import Resource

BUCKET = "aws:s3/bucket:Bucket"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
ENCRYPTION = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
ACCESS_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
LOGGING = "aws:s3/bucketLogging:BucketLogging"
REPOSITORY = "aws:ecr/repository:Repository"
BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def receives_logs(resources: list[Resource], bucket: Resource) -> bool:
    """Whether S3 writes access logs into it: it cannot log itself, and takes no KMS key."""
    return bool(attached(resources, LOGGING, "targetBucket", bucket))


@whole_rule(
    "bucket-versioned",
    sources=("CKV_AWS_21",),
    reason="What is overwritten or deleted can be had back.",
    remedy="Add a BucketVersioning with the status Enabled.",
)
def bucket_versioned(resources: list[Resource]) -> Iterator[Found]:
    for bucket in of_type(resources, BUCKET):
        found = attached(resources, VERSIONING, "bucket", bucket)
        states = [one.props["versioningConfiguration"]["status"] for one in found]
        if states != ["Enabled"]:
            yield bucket, f"its versioning is {states[0] if states else 'not set'}"


@whole_rule(
    "bucket-logs-access",
    sources=("CKV_AWS_18",),
    reason="After an incident, the access log says what was read.",
    remedy="Add a BucketLogging into the logs bucket.",
)
def bucket_logs_access(resources: list[Resource]) -> Iterator[Found]:
    for bucket in of_type(resources, BUCKET):
        logged = attached(resources, LOGGING, "bucket", bucket)
        if not logged and not receives_logs(resources, bucket):
            yield bucket, "access to it is not logged"


@whole_rule(
    "bucket-encrypted",
    sources=("CKV_AWS_145",),
    reason="With a key of ours, reading an object takes the key's consent too.",
    remedy="Add a BucketServerSideEncryptionConfiguration with aws:kms and the key's ARN "
    "(the bucket that receives access logs: AES256, as S3 delivers them to no other).",
)
def bucket_encrypted(resources: list[Resource]) -> Iterator[Found]:
    for bucket in of_type(resources, BUCKET):
        rules = [
            one.get("applyServerSideEncryptionByDefault") or {}
            for found in attached(resources, ENCRYPTION, "bucket", bucket)
            for one in found.props["rules"]
        ]
        algorithm = rules[0].get("sseAlgorithm") if rules else None
        allowed = ("AES256",) if receives_logs(resources, bucket) else ("aws:kms", "aws:kms:dsse")
        if algorithm not in allowed:
            yield bucket, f"its default encryption is {algorithm or 'not set'}"
        elif algorithm != "AES256" and not rules[0].get("kmsMasterKeyId"):
            yield bucket, "its default encryption names no key of ours"


@whole_rule(
    "bucket-not-public",
    sources=("CKV_AWS_53", "CKV_AWS_54", "CKV_AWS_55", "CKV_AWS_56", "CKV2_AWS_6"),
    reason="No later policy or ACL can then open the bucket to the world.",
    remedy="Add a BucketPublicAccessBlock with all four switches on.",
)
def bucket_not_public(resources: list[Resource]) -> Iterator[Found]:
    for bucket in of_type(resources, BUCKET):
        blocks = attached(resources, ACCESS_BLOCK, "bucket", bucket)
        off = [key for key in BLOCKS if not any(block.props.get(key) for block in blocks)]
        if off:
            yield bucket, f"{', '.join(off)}: off"


@whole_rule(
    "bucket-without-acls",
    sources=("CKV2_AWS_65",),
    reason="Access is then written in one place, the bucket's policy.",
    remedy="Add BucketOwnershipControls with BucketOwnerEnforced.",
)
def bucket_without_acls(resources: list[Resource]) -> Iterator[Found]:
    for bucket in of_type(resources, BUCKET):
        found = attached(resources, OWNERSHIP, "bucket", bucket)
        if [one.props["rule"]["objectOwnership"] for one in found] != ["BucketOwnerEnforced"]:
            yield bucket, "its ACLs are not disabled"


@whole_rule(
    "bucket-has-lifecycle",
    sources=("CKV2_AWS_61",),
    reason="Data is kept as long as the contract says, and no longer.",
    remedy="Add a BucketLifecycleConfiguration.",
)
def bucket_has_lifecycle(resources: list[Resource]) -> Iterator[Found]:
    for bucket in of_type(resources, BUCKET):
        if not attached(resources, LIFECYCLE, "bucket", bucket):
            yield bucket, "nothing in it ever expires"


@rule(
    "bucket-aborts-uploads",
    LIFECYCLE,
    sources=("CKV_AWS_300",),
    reason="The parts of an upload that broke are billed, and listed nowhere.",
    remedy="Add an enabled rule for the whole bucket with abortIncompleteMultipartUpload.",
)
def bucket_aborts_uploads(_type: str, props: Props) -> Iterator[str]:
    def for_all(one: Props) -> bool:
        filtered = [value for value in (one.get("filter") or {}).values() if value]
        return one["status"] == "Enabled" and not filtered and not one.get("prefix")

    if not any(
        for_all(one) and one.get("abortIncompleteMultipartUpload") for one in props["rules"]
    ):
        yield "no rule for the whole bucket aborts incomplete uploads"


@whole_rule(
    "bucket-tls-only",
    sources=("CKV_AWS_379",),
    reason="What travels in clear can be read on its way.",
    remedy="Deny s3:* on the bucket and its objects where aws:SecureTransport is false.",
)
def bucket_tls_only(resources: list[Resource]) -> Iterator[Found]:
    for bucket in of_type(resources, BUCKET):
        arn = bucket.outputs["arn"]
        denied = {
            resource
            for found in attached(resources, BUCKET_POLICY, "bucket", bucket)
            for statement in statements(found.props["policy"])
            if _denies_clear_text(statement)
            for resource in statement.resources
        }
        if not {arn, f"{arn}/*"} <= denied:
            yield bucket, "requests without TLS are not denied on the bucket and all its objects"


@rule(
    "bucket-policy-names-principals",
    BUCKET_POLICY,
    sources=("CKV_AWS_70",),
    reason="A bucket open to every principal is public.",
    remedy="Name the principals, or add a condition.",
)
def bucket_policy_names_principals(_type: str, props: Props) -> Iterator[str]:
    for statement in statements(props["policy"]):
        if statement.allows and statement.anyone and not statement.condition:
            yield f"it allows {', '.join(statement.actions)} to every principal"


@rule(
    "image-tags-immutable",
    REPOSITORY,
    sources=("CKV_AWS_51",),
    reason="A tag that can move names another image tomorrow.",
    remedy="Set imageTagMutability to IMMUTABLE.",
)
def image_tags_immutable(_type: str, props: Props) -> Iterator[str]:
    if props.get("imageTagMutability") != "IMMUTABLE":
        yield f"imageTagMutability is {props.get('imageTagMutability', 'MUTABLE')}"


@rule(
    "images-encrypted",
    REPOSITORY,
    sources=("CKV_AWS_136",),
    reason="Images hold the code, and are guarded like the data.",
    remedy="Set encryptionConfigurations to KMS.",
)
def images_encrypted(_type: str, props: Props) -> Iterator[str]:
    kinds = [one.get("encryptionType") for one in props.get("encryptionConfigurations") or []]
    if kinds not in (["KMS"], ["KMS_DSSE"]):
        yield f"its encryption is {kinds[0] if kinds else 'AES256'}"


@rule(
    "images-scanned",
    REPOSITORY,
    sources=("CKV_AWS_163",),
    reason="Known holes are found when an image is pushed, not when it is used against us.",
    remedy="Set imageScanningConfiguration.scanOnPush.",
)
def images_scanned(_type: str, props: Props) -> Iterator[str]:
    if not (props.get("imageScanningConfiguration") or {}).get("scanOnPush"):
        yield "images are not scanned when they are pushed"


def _denies_clear_text(statement: Statement) -> bool:
    return (
        not statement.allows
        and statement.anyone
        and "s3:*" in statement.actions
        and statement.condition == {"Bool": {"aws:securetransport": ("false",)}}
    )
