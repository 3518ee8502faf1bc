"""The state's bucket and key are made once, whatever interrupted the first run."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID

from infra.names import PROGRAMS
from infra.operations import bootstrap

from .machine import ACCOUNT, REGION, invoke, make_project, names, refusal

BUCKET = f"{names().slug}-state-{ACCOUNT}"
ALIAS = f"alias/{names().slug}-state"


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    assert DEFAULT_ACCOUNT_ID == ACCOUNT
    with mock_aws():
        yield make_project(tmp_path)


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


def keys() -> list[str]:
    return [key["KeyArn"] for key in client("kms").list_keys()["Keys"]]


def test_the_bucket_is_versioned_encrypted_closed_and_for_tls_only(root: Path) -> None:
    invoke(lambda: bootstrap.main(root))
    s3 = client("s3")
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    rule = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == keys()[0]
    closed = s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    assert set(closed.values()) == {True}
    assert len(closed) == 4
    (statement,) = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
    assert s3.get_bucket_location(Bucket=BUCKET)["LocationConstraint"] == REGION


def test_the_key_rotates_and_has_the_alias(root: Path) -> None:
    invoke(lambda: bootstrap.main(root))
    (key,) = keys()
    assert client("kms").get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
    assert client("kms").describe_key(KeyId=ALIAS)["KeyMetadata"]["Arn"] == key


def test_twice_is_once(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    invoke(lambda: bootstrap.main(root))
    policy = client("s3").get_bucket_policy(Bucket=BUCKET)["Policy"]
    capsys.readouterr()
    invoke(lambda: bootstrap.main(root))
    assert len(keys()) == 1
    assert client("s3").get_bucket_policy(Bucket=BUCKET)["Policy"] == policy
    said = capsys.readouterr().out
    assert "made" not in said
    assert "is there" in said


@pytest.mark.parametrize(
    "broken", ["create_alias", "create_bucket", "put_bucket_versioning", "put_bucket_policy"]
)
def test_a_run_that_was_interrupted_goes_on(
    root: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    real = boto3.Session.client

    def cut(self: boto3.Session, *args: Any, **kwargs: Any) -> Any:
        made = real(self, *args, **kwargs)
        if hasattr(made, broken):
            monkeypatch.setattr(made, broken, interrupt)
        return made

    def interrupt(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "Cut", "Message": "the line is cut"}}, broken)

    monkeypatch.setattr(boto3.Session, "client", cut)
    assert "the line is cut" in refusal(lambda: bootstrap.main(root))
    monkeypatch.setattr(boto3.Session, "client", real)
    invoke(lambda: bootstrap.main(root))
    assert len(keys()) == 1
    assert client("kms").describe_key(KeyId=ALIAS)["KeyMetadata"]["Arn"] == keys()[0]
    assert client("s3").get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    assert "SecureTransport" in client("s3").get_bucket_policy(Bucket=BUCKET)["Policy"]


def test_a_key_that_waits_for_its_end_is_not_taken_up(root: Path) -> None:
    invoke(lambda: bootstrap.main(root))
    (old,) = keys()
    client("kms").delete_alias(AliasName=ALIAS)
    client("kms").schedule_key_deletion(KeyId=old.rpartition("/")[2])
    invoke(lambda: bootstrap.main(root))
    assert client("kms").describe_key(KeyId=ALIAS)["KeyMetadata"]["Arn"] != old


def test_a_bucket_of_another_account_is_refused(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = {"LocationConstraint": REGION}
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "210987654321")
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    monkeypatch.delenv("MOTO_ACCOUNT_ID")
    said = refusal(lambda: bootstrap.main(root))
    assert said.startswith(f"the bucket {BUCKET} belongs to another account")


def test_a_policy_that_allows_plain_http_is_not_overwritten(root: Path) -> None:
    invoke(lambda: bootstrap.main(root))
    theirs = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:DeleteBucket",
                "Resource": f"arn:aws:s3:::{BUCKET}",
            }
        ],
    }
    client("s3").put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(theirs))
    assert "allows plain HTTP" in refusal(lambda: bootstrap.main(root))
    assert json.loads(client("s3").get_bucket_policy(Bucket=BUCKET)["Policy"]) == theirs


def test_what_to_do_next_names_bucket_key_and_every_program(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    invoke(lambda: bootstrap.main(root))
    said = capsys.readouterr().out
    assert f"pulumi login 's3://{BUCKET}?region={REGION}'" in said
    assert f"--secrets-provider 'awskms://{ALIAS}?region={REGION}'" in said
    for program in PROGRAMS:
        assert f"cd infra/{program}" in said


@pytest.mark.parametrize(
    ("given", "named"), [((), "dev"), (("staging",), "staging"), (("prod",), "prod")]
)
def test_what_to_do_next_is_about_the_environment_that_is_named(
    root: Path, capsys: pytest.CaptureFixture[str], given: tuple[str, ...], named: str
) -> None:
    invoke(lambda: bootstrap.main(root), *given)
    said = capsys.readouterr().out
    assert said.count(f"pulumi stack init {named} ") == said.count("stack init") == len(PROGRAMS)
    assert said.count(f"'aws:allowedAccountIds[0]' {ACCOUNT}") == len(PROGRAMS)
    assert said.endswith(f"pulumi up --stack {named}\n")


def test_environments_share_bucket_and_key(root: Path) -> None:
    for environment in ("dev", "prod"):
        invoke(lambda: bootstrap.main(root), environment)
    assert [found["Name"] for found in client("s3").list_buckets()["Buckets"]] == [BUCKET]
    assert len(keys()) == 1


def test_the_region_is_that_of_the_environment(root: Path) -> None:
    file = root / "infra" / "foundation" / "Pulumi.prod.yaml"
    file.write_text(file.read_text().replace(REGION, "eu-central-1"))
    invoke(lambda: bootstrap.main(root), "prod")
    place = client("s3").get_bucket_location(Bucket=BUCKET)["LocationConstraint"]
    assert place == "eu-central-1"


@pytest.mark.parametrize("name", ["", "production"])
def test_an_environment_that_is_none_is_refused(root: Path, name: str) -> None:
    said = refusal(lambda: bootstrap.main(root), name)
    assert "add one of ENV=dev, ENV=staging, ENV=prod" in said
    assert client("s3").list_buckets()["Buckets"] == []
