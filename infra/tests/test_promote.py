"""A version is released only where it was approved and is unaltered."""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.exceptions import ClientError
from moto import mock_aws

from infra import project
from infra.errors import UserError
from infra.operations import package, promote, released_file
from infra.project import Release

from .machine import ACCOUNT, REGION, Program, invoke, make_project, names, refusal

NAMES = names("prod")
BUCKET = NAMES.bucket("artifacts")
ARCHIVE = b"the archive of a model"
IMAGE = f"sha256:{'5' * 64}"
MANIFEST = json.dumps(
    {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json"}
)
PULUMI = "if argv[0] == os.environ.get('FAILING'): sys.exit(1)"


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


def register(status: str = "Approved", digest: str = "d" * 64, **changes: Any) -> str:
    """A version whose archive is in S3, as the pipeline would have it; its ARN."""
    key = f"pipeline/{digest[:12]}/package/model.tar.gz"
    client("s3").put_object(Bucket=BUCKET, Key=key, Body=ARCHIVE)
    about = {
        "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{NAMES.slug}@{IMAGE}",
        "metadata": {"digest": digest, "archive": hashlib.sha256(ARCHIVE).hexdigest()},
        "group": NAMES.slug,
        **changes,
    }
    made = client("sagemaker").create_model_package(
        ModelPackageGroupName=about["group"],
        ModelApprovalStatus=status,
        CustomerMetadataProperties=about["metadata"],
        InferenceSpecification={
            "Containers": [{"Image": about["image"], "ModelDataUrl": f"s3://{BUCKET}/{key}"}],
            "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    )
    return str(made["ModelPackageArn"])


KEY = "pipeline/dddddddddddd/package/model.tar.gz"


def tags() -> list[dict[str, str]]:
    """The tags of the artefact that `register` makes."""
    return list(client("s3").get_object_tagging(Bucket=BUCKET, Key=KEY)["TagSet"])


class Machine:
    """A project, what AWS has, and a `pulumi` that takes notes."""

    def __init__(self, folder: Path) -> None:
        (folder / "project").mkdir()
        self.root = make_project(folder / "project")
        self.pulumi = Program(folder / "bin", "pulumi", PULUMI)

    @property
    def text(self) -> str:
        return (self.root / "released.yaml").read_text()

    def promote(self, arn: str, environment: str = "prod") -> None:
        invoke(lambda: promote.main(self.root), environment, arn, "--yes")

    def refusal(self, arn: str) -> str:
        before = self.text
        said = refusal(lambda: promote.main(self.root), "prod", arn, "--yes")
        assert self.text == before
        assert self.pulumi.calls == []
        return said


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    with mock_aws():
        monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
        place = {"LocationConstraint": REGION}
        client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
        client("sagemaker").create_model_package_group(ModelPackageGroupName=NAMES.slug)
        client("ecr").create_repository(repositoryName=NAMES.slug)
        client("ecr").put_image(
            repositoryName=NAMES.slug, imageManifest=MANIFEST, imageDigest=IMAGE, imageTag="serve-1"
        )
        yield Machine(tmp_path)


# --- What is released -----------------------------------------------------------------------------


def test_an_approved_version_is_written_previewed_and_applied(machine: Machine) -> None:
    arn = register()
    machine.promote(arn)
    released = project.release("prod", machine.root)
    assert released == Release(
        f"s3://{BUCKET}/pipeline/dddddddddddd/package/model.tar.gz", "d" * 64, arn
    )
    assert machine.pulumi.lines == [
        "preview --refresh --stack prod",
        "up --refresh --yes --skip-preview --stack prod",
    ]
    assert {call["cwd"] for call in machine.pulumi.calls} == {
        str(machine.root / "infra" / "serving")
    }


def test_the_artefact_is_opened_to_the_endpoint(machine: Machine) -> None:
    machine.promote(register())
    assert tags() == [package.APPROVED]


def test_an_artefact_that_the_approver_opened_is_left_alone(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    arn = register()
    kept = [{"Key": "owner", "Value": "me"}, package.APPROVED]
    client("s3").put_object_tagging(Bucket=BUCKET, Key=KEY, Tagging={"TagSet": kept})
    machine.promote(arn)
    assert tags() == kept
    assert "tagged" not in capsys.readouterr().out


def test_only_one_environment_changes_and_comments_stay(machine: Machine) -> None:
    before = yaml.safe_load(machine.text)
    comments = [line for line in machine.text.splitlines() if line.startswith("#")]
    machine.promote(register())
    after = yaml.safe_load(machine.text)
    assert {name for name in before if before[name] != after[name]} == {"prod"}
    assert [line for line in machine.text.splitlines() if line.startswith("#")] == comments


def test_an_older_version_is_released_by_the_same_command(machine: Machine) -> None:
    old, new = register(digest="a" * 64), register(digest="b" * 64)
    machine.promote(old)
    first = machine.text
    machine.promote(new)
    assert machine.text != first
    machine.promote(old)
    assert machine.text == first


def test_the_same_release_again_is_applied_again(machine: Machine) -> None:
    arn = register()
    machine.promote(arn)
    first = machine.text
    machine.promote(arn)
    assert machine.text == first
    assert machine.pulumi.lines[2:] == machine.pulumi.lines[:2]


# --- What is not ----------------------------------------------------------------------------------


def test_a_version_that_nobody_approved_is_refused_with_who_may(machine: Machine) -> None:
    said = machine.refusal(register("PendingManualApproval"))
    assert "is PendingManualApproval, not Approved" in said
    assert NAMES.role("approver") in said
    assert "aws sagemaker update-model-package" in said
    assert "aws s3api put-object-tagging" in said


def test_a_rejected_version_is_refused(machine: Machine) -> None:
    assert "is Rejected, not Approved" in machine.refusal(register("Rejected"))


def test_an_altered_artefact_is_refused(machine: Machine) -> None:
    arn = register()
    key = "pipeline/dddddddddddd/package/model.tar.gz"
    client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"another model")
    assert "it is not the model that was approved" in machine.refusal(arn)


def test_a_missing_artefact_is_refused(machine: Machine) -> None:
    arn = register()
    client("s3").delete_object(Bucket=BUCKET, Key="pipeline/dddddddddddd/package/model.tar.gz")
    assert "model.tar.gz is gone" in machine.refusal(arn)


def test_a_missing_image_is_refused(machine: Machine) -> None:
    arn = register()
    client("ecr").batch_delete_image(repositoryName=NAMES.slug, imageIds=[{"imageDigest": IMAGE}])
    assert machine.refusal(arn).startswith("the image ")


def test_an_image_without_a_digest_is_refused(machine: Machine) -> None:
    tagged = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{NAMES.slug}:latest"
    assert "without a digest" in machine.refusal(register(image=tagged))


def test_a_version_that_the_pipeline_did_not_register_is_refused(machine: Machine) -> None:
    assert "has no archive in its metadata" in machine.refusal(
        register(metadata={"digest": "d" * 64})
    )


def test_a_version_of_another_project_is_refused(machine: Machine) -> None:
    client("sagemaker").create_model_package_group(ModelPackageGroupName="theirs")
    said = machine.refusal(register(group="theirs"))
    assert f"is in the group theirs, and this project's group is {NAMES.slug}" in said


def test_a_version_that_does_not_exist_is_refused(machine: Machine) -> None:
    arn = NAMES.arn("sagemaker", f"model-package/{NAMES.slug}/99")
    assert machine.refusal(arn).startswith(f"there is no {arn}")


@pytest.mark.parametrize("environment", ["prod", "production", ""])
def test_without_a_model_that_is_told_first(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, environment: str
) -> None:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "210987654321")
    said = refusal(lambda: promote.main(machine.root), environment, "", "--yes")
    assert said.startswith("MODEL is missing")
    assert "make run-pipeline" in said
    assert f"list-model-packages --model-package-group-name {NAMES.slug} " in said


@pytest.mark.parametrize("arn", ["the-best-one", "arn:aws:s3:::bucket"])
def test_what_is_no_arn_of_a_version_is_refused(machine: Machine, arn: str) -> None:
    assert machine.refusal(arn).startswith(f"MODEL is {arn!r}")


def test_who_may_not_tag_is_told_who_may(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    arn = register()
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObjectTagging")
    real = boto3.Session.client

    def guarded(self: boto3.Session, service: str, **more: Any) -> Any:
        made = real(self, service, **more)
        if service == "s3":

            def refuse(**_: Any) -> None:
                raise denied

            made.put_object_tagging = refuse
        return made

    monkeypatch.setattr(boto3.Session, "client", guarded)
    before = machine.text
    said = refusal(lambda: promote.main(machine.root), "prod", arn, "--yes")
    assert machine.text == before
    assert machine.pulumi.lines == ["preview --refresh --stack prod"]
    assert "may not tag it" in said
    assert NAMES.role("approver") in said


# --- When it does not go well ---------------------------------------------------------------------


def test_a_preview_that_fails_leaves_released_yaml_as_it_was(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = machine.text
    monkeypatch.setenv("FAILING", "preview")
    said = refusal(lambda: promote.main(machine.root), "prod", register(), "--yes")
    assert said.startswith("the preview failed")
    assert machine.text == before
    assert tags() == []
    assert len(machine.pulumi.calls) == 1


def test_a_no_changes_nothing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    before = machine.text
    monkeypatch.setattr("builtins.input", lambda _: "n")
    invoke(lambda: promote.main(machine.root), "prod", register())
    assert machine.text == before
    assert machine.pulumi.lines == ["preview --refresh --stack prod"]
    assert tags() == []


def test_what_a_yes_does_is_told_before_the_question(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def answer(_: str) -> str:
        asked.append((tags(), capsys.readouterr().out))
        return "y"

    monkeypatch.setattr("builtins.input", answer)
    invoke(lambda: promote.main(machine.root), "prod", register())
    ((before, told),) = asked
    assert before == []
    assert "is not tagged approved=true yet" in told
    assert tags() == [package.APPROVED]


def test_where_nobody_can_answer_yes_is_named(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(_: str) -> str:
        raise EOFError

    before = machine.text
    monkeypatch.setattr("builtins.input", ended)
    assert "YES=1" in refusal(lambda: promote.main(machine.root), "prod", register())
    assert machine.text == before


def test_an_update_that_fails_says_how_to_go_back(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = register(digest="a" * 64), register(digest="b" * 64)
    machine.promote(old)
    monkeypatch.setenv("FAILING", "up")
    said = refusal(lambda: promote.main(machine.root), "prod", new, "--yes")
    assert f"make promote MODEL={old} ENV=prod" in said
    # What is written is what was asked of the cloud, so the same command goes on.
    assert (
        project.release("prod", machine.root)
        == promote.checked(boto3.Session(region_name=REGION), NAMES, new).release
    )


# --- released.yaml --------------------------------------------------------------------------------

TEXT = """\
# Before.
dev: none   # not yet
# Between.
staging:
  # Of last week.
  artifact: s3://old/model.tar.gz
  digest: "00"
  package: arn
# After.
prod: {artifact: a, digest: b}
"""
NEW = Release("s3://new/model.tar.gz", "11" * 32, "arn:new")


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_every_layout_of_an_environment_can_be_changed(environment: str) -> None:
    after = released_file.with_release(TEXT, environment, NEW)
    values = {"artifact": NEW.artifact, "digest": NEW.digest, "package": NEW.package}
    assert yaml.safe_load(after) == {**yaml.safe_load(TEXT), environment: values}
    for comment in ("# Before.", "# Between.", "# After."):
        assert comment in after


def test_a_release_can_be_released_over() -> None:
    once = released_file.with_release(TEXT, "prod", NEW)
    assert released_file.with_release(once, "prod", NEW) == once


def test_an_environment_that_is_not_there_is_refused() -> None:
    with pytest.raises(UserError, match="names qa 0 times"):
        released_file.with_release(TEXT, "qa", NEW)


def test_a_file_that_cannot_be_written_stays_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "released.yaml"
    file.write_text(TEXT)

    def full(*_: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no space"):
        released_file.replace(file, "half")
    assert file.read_text() == TEXT
    assert list(tmp_path.iterdir()) == [file]
