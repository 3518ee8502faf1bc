"""`make bootstrap`: where Pulumi keeps its state, for a team that does not use Pulumi Cloud.

Before any program can run, a person's own credentials make a bucket for the state and a key for the
secrets in it. What is there is kept, so it can be run again at any time.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from .. import project
from ..errors import UserError
from ..names import PROGRAMS, Names
from . import command

PURPOSE = {"Key": "purpose", "Value": "pulumi-state"}


def main(root: Path = project.ROOT) -> None:
    """Make what is missing in the account of these credentials, and say what to do next."""
    parser = argparse.ArgumentParser(prog="make bootstrap", description=__doc__)
    parser.add_argument("environment", nargs="?", default="dev", help="which is put there next")
    environment = parser.parse_args().environment
    region = project.region(environment, root)
    session = boto3.Session(region_name=region)
    account = session.client("sts").get_caller_identity()["Account"]
    bootstrap(session, Names(project.load(root).slug, environment, account, region))


def bootstrap(session: boto3.Session, names: Names) -> None:
    """Make the key and the bucket.

    Raises:
        UserError: the bucket's name is taken by another account, or its policy allows plain HTTP.
    """
    key = make_key(session.client("kms"), names.slug, names.state_key_alias)
    made = make_bucket(session.client("s3"), names, key)
    print(f"bootstrap: bucket {names.state_bucket} {'made' if made else 'is there'}")
    print(next_steps(names))


def make_key(kms: Any, slug: str, alias: str) -> str:
    """The ARN of the key behind the alias; a key that an interrupted run left is taken up."""
    for page in kms.get_paginator("list_aliases").paginate():
        for found in page["Aliases"]:
            if found["AliasName"] == alias:
                print(f"bootstrap: key {alias} is there")
                return str(kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"])
    tags = [
        {"TagKey": "project", "TagValue": slug},
        {"TagKey": "purpose", "TagValue": PURPOSE["Value"]},
    ]
    key = _left_behind(kms, tags) or str(
        kms.create_key(Description=f"Secrets in the Pulumi state of {slug}", Tags=tags)[
            "KeyMetadata"
        ]["Arn"]
    )
    kms.enable_key_rotation(KeyId=key)
    kms.create_alias(AliasName=alias, TargetKeyId=key)
    print(f"bootstrap: key {alias} made")
    return key


def _left_behind(kms: Any, tags: list[dict[str, str]]) -> str | None:
    """A key with these tags, which has no alias yet."""
    for page in kms.get_paginator("list_keys").paginate():
        for key in page["Keys"]:
            try:
                found = kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]
            except ClientError:  # Another team's key, whose policy keeps us out.
                continue
            state = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"]
            if state == "Enabled" and all(tag in found for tag in tags):
                return str(key["KeyArn"])
    return None


def make_bucket(s3: Any, names: Names, key: str) -> bool:
    """Whether the bucket is new. Its settings are put right in any case."""
    bucket = names.state_bucket
    place = {} if names.region == "us-east-1" else {"LocationConstraint": names.region}
    new = True
    try:
        s3.create_bucket(Bucket=bucket, **({"CreateBucketConfiguration": place} if place else {}))
    except ClientError as error:
        if error.response["Error"]["Code"] == "BucketAlreadyExists":
            raise UserError(
                f"the bucket {bucket} belongs to another account: choose another project slug, "
                "or keep the state in Pulumi Cloud"
            ) from None
        if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
            raise
        new = False
    ours: dict[str, Any] = {"Bucket": bucket, "ExpectedBucketOwner": names.account}
    closed = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    s3.put_public_access_block(**ours, PublicAccessBlockConfiguration=dict.fromkeys(closed, True))
    owner = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    s3.put_bucket_ownership_controls(**ours, OwnershipControls=owner)
    s3.put_bucket_versioning(**ours, VersioningConfiguration={"Status": "Enabled"})
    by_key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules = [{"ApplyServerSideEncryptionByDefault": by_key, "BucketKeyEnabled": True}]
    s3.put_bucket_encryption(**ours, ServerSideEncryptionConfiguration={"Rules": rules})
    _require_tls(s3, ours, names.state_bucket_arn)
    tags = [{"Key": "project", "Value": names.slug}, PURPOSE]
    s3.put_bucket_tagging(**ours, Tagging={"TagSet": tags})
    return new


def _require_tls(s3: Any, ours: dict[str, Any], arn: str) -> None:
    """Refuse plain HTTP, unless a policy is there that does."""
    try:
        if "aws:SecureTransport" in s3.get_bucket_policy(**ours)["Policy"]:
            return
        raise UserError(
            f"the policy of bucket {ours['Bucket']} allows plain HTTP: add a statement that "
            "denies s3:* where aws:SecureTransport is false, or delete the policy and run it again"
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucketPolicy":
            raise
    statement = {
        "Sid": "OnlyTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3.put_bucket_policy(
        **ours, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )


def next_steps(names: Names) -> str:
    """The commands that put the environment's three stacks there."""
    secrets = f"awskms://{names.state_key_alias}?region={names.region}"
    lines = [
        "next, in this order:",
        f"  pulumi login 's3://{names.state_bucket}?region={names.region}'",
    ]
    for program in PROGRAMS:
        lines += [
            f"  cd infra/{program}",
            f"  pulumi stack init {names.environment} --secrets-provider '{secrets}'",
            f"  pulumi config set --path '{project.ACCOUNTS}[0]' {names.account}",
            "  cd ../..",
        ]
    return "\n".join([*lines, f"  cd infra/foundation && pulumi up --stack {names.environment}"])


if __name__ == "__main__":
    command.run(main)
