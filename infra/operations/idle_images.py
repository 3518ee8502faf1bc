"""Images in the repository that no stack, release or package names."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3

from ..errors import UserError
from .leftover import DIGEST, IMAGE, Leftover
from .push import Repository


def digests_in_git(root: Path) -> set[str]:
    """The digests of images in the stack files."""
    files = sorted((root / "infra").glob("*/Pulumi.*.yaml"))
    return {digest for file in files for digest in DIGEST.findall(file.read_text(encoding="utf-8"))}


def digests_of_packages(session: boto3.Session, group: str) -> set[str]:
    """The digests of the images of all versions but the rejected: any may yet be released."""
    sagemaker = session.client("sagemaker")
    found = set()
    for page in sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=group
    ):
        for summary in page["ModelPackageSummaryList"]:
            if summary["ModelApprovalStatus"] != "Rejected":
                about = sagemaker.describe_model_package(
                    ModelPackageName=summary["ModelPackageArn"]
                )
                found |= set(DIGEST.findall(json.dumps(about["InferenceSpecification"])))
    return found


def idle_images(
    session: boto3.Session, repository: Repository, used: set[str], before: datetime
) -> Iterator[Leftover]:
    """The images that were pushed before a time and are not in `used`, nor part of one that is."""
    ecr = session.client("ecr", region_name=repository.region)
    images = [
        image
        for page in ecr.get_paginator("describe_images").paginate(**repository.key)
        for image in page["imageDetails"]
    ]
    fresh = {image["imageDigest"] for image in images if image["imagePushedAt"] >= before}
    there = {image["imageDigest"] for image in images}
    kept = _with_parts(ecr, repository, (used | fresh) & there)
    for image in sorted(images, key=lambda image: image["imagePushedAt"]):
        if image["imageDigest"] not in kept:
            tags = ", ".join(image.get("imageTags", [])) or "no tag"
            reason = f"{tags}; no stack, release or package names it"
            yield Leftover(IMAGE, image["imageDigest"], reason)


def _with_parts(ecr: Any, repository: Repository, digests: set[str]) -> set[str]:
    """The digests, and those of the parts of images for several platforms."""
    parts = set()
    for some in _batches(sorted(digests)):
        found = ecr.batch_get_image(
            **repository.key, imageIds=[{"imageDigest": digest} for digest in some]
        )
        for image in found["images"]:
            parts |= {
                part["digest"] for part in json.loads(image["imageManifest"]).get("manifests", [])
            }
    return digests | parts


def remove(session: boto3.Session, repository: Repository, leftovers: list[Leftover]) -> None:
    """Remove what `idle_images` found.

    Raises:
        UserError: an image would not go.
    """
    ecr = session.client("ecr", region_name=repository.region)
    for some in _batches([leftover.name for leftover in leftovers if leftover.kind == IMAGE]):
        done = ecr.batch_delete_image(
            **repository.key, imageIds=[{"imageDigest": digest} for digest in some]
        )
        for failure in done["failures"]:
            raise UserError(
                f"{failure['imageId'].get('imageDigest')} stays: {failure['failureReason']}"
            )


def _batches(items: list[str], size: int = 100) -> Iterable[list[str]]:
    """At most so many at once as ECR takes."""
    return (items[at : at + size] for at in range(0, len(items), size))
