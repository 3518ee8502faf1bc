"""A model package of the registry, and whether it may be released."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Self

import boto3
from botocore.exceptions import ClientError

from ..errors import UserError
from ..names import Names
from ..project import Release

ARN = re.compile(
    r"arn:[^:]+:sagemaker:(?P<region>[^:]+):(?P<account>\d{12}):model-package/(?P<group>[^/]+)/(?P<version>\d+)"
)
IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[^.]+)\.[^/]+/(?P<name>.+)@(?P<digest>sha256:[0-9a-f]{64})"
)
APPROVED = {"Key": "approved", "Value": "true"}


@dataclass(frozen=True)
class Package:
    """`artifact` is the S3 URI of model.tar.gz, `archive` its SHA-256, `digest` the model's own."""

    arn: str
    region: str
    status: str
    image: str
    artifact: str
    archive: str
    digest: str

    @classmethod
    def read(cls, session: boto3.Session, arn: str, names: Names) -> Self:
        """What the registry says.

        Raises:
            UserError: `arn` is no version of this project's, or the pipeline did not register it.
        """
        found = ARN.fullmatch(arn)
        if not found:
            raise UserError(
                f"MODEL is {arn!r}: name a version's ARN, such as "
                f"{names.arn('sagemaker', f'model-package/{names.slug}/1')}"
            )
        if found["group"] != names.slug:
            raise UserError(
                f"{arn} is in the group {found['group']}, and this project's group is {names.slug}"
            )
        about = _describe(session.client("sagemaker", region_name=found["region"]), arn)
        (container,) = about["InferenceSpecification"]["Containers"]
        said = about.get("CustomerMetadataProperties") or {}
        if missing := sorted({"archive", "digest"} - said.keys()):
            raise UserError(
                f"{arn} has no {', '.join(missing)} in its metadata: register it by the pipeline"
            )
        return cls(
            arn=arn,
            region=found["region"],
            status=about["ModelApprovalStatus"],
            image=container["Image"],
            artifact=container["ModelDataUrl"],
            archive=said["archive"],
            digest=said["digest"],
        )

    @property
    def release(self) -> Release:
        """What released.yaml says of it."""
        return Release(self.artifact, self.digest, self.arn)

    @property
    def place(self) -> dict[str, str]:
        """Where the artefact is, as S3's API has it."""
        bucket, _, key = self.artifact.removeprefix("s3://").partition("/")
        return {"Bucket": bucket, "Key": key}

    def approval(self, names: Names) -> str:
        """The two commands of the approver."""
        where = f"--bucket {self.place['Bucket']} --key {self.place['Key']}"
        tag = f"TagSet=[{{Key={APPROVED['Key']},Value={APPROVED['Value']}}}]"
        return (
            f"with the role {names.role('approver')}:\n"
            f"  aws s3api put-object-tagging --region {self.region} {where} --tagging '{tag}'\n"
            f"  aws sagemaker update-model-package --region {self.region} "
            f"--model-package-arn {self.arn} --model-approval-status Approved"
        )

    def require_approved(self, names: Names) -> None:
        """Raise UserError unless a person has approved it; with who does, and how."""
        if self.status != "Approved":
            raise UserError(f"{self.arn} is {self.status}, not Approved; {self.approval(names)}")

    def require_image(self, session: boto3.Session) -> None:
        """Raise UserError unless its image is named by digest and still in the repository."""
        named = IMAGE.fullmatch(self.image)
        if not named:
            raise UserError(
                f"{self.arn} has the image {self.image}, without a digest: run the pipeline anew"
            )
        ecr = session.client("ecr", region_name=named["region"])
        try:
            ecr.describe_images(
                registryId=named["account"],
                repositoryName=named["name"],
                imageIds=[{"imageDigest": named["digest"]}],
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in (
                "ImageNotFoundException",
                "RepositoryNotFoundException",
            ):
                raise
            raise UserError(
                f"the image {self.image} is gone: check out its commit, and `make push`"
            ) from None

    def require_artifact(self, session: boto3.Session, names: Names) -> None:
        """Raise UserError unless the artefact is there, with the bytes that were registered."""
        try:
            body = session.client("s3").get_object(**self.place)["Body"]
        except ClientError as error:
            # Where releases are made, nothing else can be read.
            if error.response["Error"]["Code"] == "AccessDenied":
                raise UserError(
                    f"{self.artifact} cannot be read, so it is not tagged approved=true; "
                    f"{self.approval(names)}"
                ) from None
            if error.response["Error"]["Code"] not in ("NoSuchKey", "NoSuchBucket"):
                raise
            raise UserError(
                f"{self.artifact} is gone: release a version whose artefact is there"
            ) from None
        digest = hashlib.sha256()
        for chunk in body.iter_chunks(1 << 20):
            digest.update(chunk)
        if digest.hexdigest() != self.archive:
            raise UserError(
                f"{self.artifact} has SHA-256 {digest.hexdigest()}, and the registry says "
                f"{self.archive}: it is not the model that was approved"
            )

    def tagged(self, session: boto3.Session) -> bool:
        """Whether the endpoint may read the artefact."""
        return APPROVED in self._tags(session)

    def tag(self, session: boto3.Session, names: Names) -> bool:
        """Let the endpoint read the artefact, unless the approver has; whether that was to do.

        Raises:
            UserError: these credentials may not, as only the approver may.
        """
        tags = self._tags(session)
        if APPROVED in tags:
            return False
        kept = [tag for tag in tags if tag["Key"] != APPROVED["Key"]]
        try:
            session.client("s3").put_object_tagging(
                **self.place, Tagging={"TagSet": [*kept, APPROVED]}
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "AccessDenied":
                raise
            raise UserError(
                f"{self.artifact} is not tagged approved=true, and these credentials may not "
                f"tag it; {self.approval(names)}"
            ) from None
        return True

    def _tags(self, session: boto3.Session) -> list[dict[str, str]]:
        return list(session.client("s3").get_object_tagging(**self.place)["TagSet"])


def _describe(sagemaker: Any, arn: str) -> dict[str, Any]:
    try:
        return dict(sagemaker.describe_model_package(ModelPackageName=arn))
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("ValidationException", "ResourceNotFound"):
            raise
        raise UserError(
            f"there is no {arn}: `aws sagemaker list-model-packages --model-package-group-name "
            f"{arn.split('/')[1]}` lists those there are"
        ) from None
