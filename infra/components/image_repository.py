"""The repository of the project's images."""

import json
from dataclasses import dataclass

import pulumi
from pulumi_aws import ecr

from ..access import resources
from ..names import Names

# Beside every image that has a tag, this many days of those that lost or never had one.
UNTAGGED_DAYS = 14


@dataclass(frozen=True)
class ImageRepositoryArgs:
    """`names` of the owner; `readers` are other accounts that may pull."""

    names: Names
    key_arn: pulumi.Input[str]
    readers: tuple[str, ...] = ()


class ImageRepository(pulumi.ComponentResource):
    """Tags never move, and pushes are scanned. Protected, since endpoints start from its images."""

    def __init__(
        self, name: str, args: ImageRepositoryArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:registry:ImageRepository", name, None, opts)
        self._name, self._child = name, pulumi.ResourceOptions(parent=self)
        self.repository = ecr.Repository(
            name,
            name=args.names.slug,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=ecr.RepositoryImageScanningConfigurationArgs(
                scan_on_push=True
            ),
            encryption_configurations=[
                ecr.RepositoryEncryptionConfigurationArgs(
                    encryption_type="KMS", kms_key=args.key_arn
                )
            ],
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
        ecr.LifecyclePolicy(
            name,
            repository=self.repository.name,
            policy=json.dumps(lifecycle()),
            opts=self._child,
        )
        if args.readers:
            self._share_with(args.names, list(args.readers))
        self.url = self.repository.repository_url
        self.register_outputs({"url": self.url})

    def _share_with(self, names: Names, readers: list[str]) -> None:
        ecr.RepositoryPolicy(
            self._name,
            repository=self.repository.name,
            policy=json.dumps(resources.repository(names, readers)),
            opts=self._child,
        )


def url(names: Names) -> str:
    """The address of the repository in the registry of its owner."""
    return f"{names.account}.dkr.ecr.{names.region}.{names.domain}/{names.slug}"


def lifecycle() -> dict[str, list[dict[str, object]]]:
    """Untagged images go; a tagged one may be serving, and only `make janitor` knows."""
    return {
        "rules": [
            {
                "rulePriority": 1,
                "description": "Images without a tag",
                "selection": {
                    "tagStatus": "untagged",
                    "countType": "sinceImagePushed",
                    "countUnit": "days",
                    "countNumber": UNTAGGED_DAYS,
                },
                "action": {"type": "expire"},
            }
        ]
    }
