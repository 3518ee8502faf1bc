"""`make push`: send the images of this commit, and write their digests into the stack file.

A tag never moves, and names the last commit that changed what images hold. So what has been pushed
is not built again, not even after a commit that pins it in a stack file.
"""

import argparse
import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import boto3
from botocore.exceptions import ClientError

from .. import project
from ..errors import UserError
from . import command, environment
from .stacks import Stack

IMAGES = ("train", "serve")
# What an image may depend on, as git names it.
SOURCES = (".", ":(exclude)infra")
# SageMaker refuses the list of manifests that docker makes for its attestations, and podman's own
# format; and its instances are not a laptop's.
BUILD = {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1", "BUILDAH_FORMAT": "docker"}
PLATFORM = "linux/amd64"


@dataclass(frozen=True)
class Repository:
    """Where images go, as `url` says: `<account>.dkr.ecr.<region>.amazonaws.com/<name>`."""

    url: str

    @classmethod
    def read(cls, environment: str, root: Path) -> Self:
        """The one that an environment uses.

        Raises:
            UserError: its foundation has not been applied.
        """
        outputs = Stack("foundation", environment, root).outputs()
        if "repository_url" not in outputs:
            raise UserError(
                f"infra/foundation has no repository in {environment} yet: "
                f"`cd infra/foundation && pulumi up --stack {environment}`"
            )
        return cls(outputs["repository_url"])

    @property
    def registry(self) -> str:
        """The host to log in to."""
        return self.url.partition("/")[0]

    @property
    def key(self) -> dict[str, str]:
        """How ECR's API names it; it may be another account's."""
        return {
            "registryId": self.url.partition(".")[0],
            "repositoryName": self.url.partition("/")[2],
        }

    @property
    def region(self) -> str:
        """Where it is."""
        return self.registry.split(".")[3]


def main(root: Path = project.ROOT) -> None:
    """Push both images and note their digests."""
    parser = argparse.ArgumentParser(prog="make push", description=__doc__)
    parser.add_argument("environment", nargs="?", default="")
    parser.add_argument("--container", default="docker")
    given = parser.parse_args()
    session = environment.connect(environment.names(given.environment, root))
    commit = clean_commit(root)
    repository = Repository.read(given.environment, root)
    digests = push(session, repository, commit, given.container, root)
    Stack("training", given.environment, root).configure(
        {f"{image}Image": digest for image, digest in digests.items()}
    )
    print(f"push: written to infra/training/Pulumi.{given.environment}.yaml; commit it, then")
    print(f"  cd infra/training && pulumi up --refresh --stack {given.environment}")


def clean_commit(root: Path) -> str:
    """The last commit that changed anything but infra/, which is in neither image.

    Raises:
        UserError: the files differ from it.
    """
    changed = command.output("git", "status", "--porcelain", "--", *SOURCES, cwd=root).splitlines()
    if changed:
        shown = ", ".join(line[3:] for line in changed[:3]) + (", ..." if len(changed) > 3 else "")
        raise UserError(
            f"{len(changed)} files differ from the last commit ({shown}): commit them "
            "first, since the images are named after it"
        )
    return command.output("git", "rev-list", "--max-count=1", "HEAD", "--", *SOURCES, cwd=root)


def push(
    session: boto3.Session, repository: Repository, commit: str, container: str, root: Path
) -> dict[str, str]:
    """The digests of the images of a commit, as the repository has them.

    Raises:
        UserError: a build or a push fails, or there is no such repository.
    """
    ecr = session.client("ecr", region_name=repository.region)
    tags = {image: f"{image}-{commit[:12]}" for image in IMAGES}
    missing = [image for image in IMAGES if digest_of(ecr, repository, tags[image]) is None]
    if missing:
        log_in(ecr, repository, container, root)
    for image in missing:
        name = f"{repository.url}:{tags[image]}"
        print(f"push: {image} is built")
        build = ("build", "--platform", PLATFORM, "--target", image, "--tag", name, ".")
        if not command.follow(container, *build, cwd=root, environment=BUILD):
            raise UserError(f"{image} was not built: {container} says why above")
        print(f"push: {image} is sent")
        if not command.follow(container, "push", name, cwd=root, environment=BUILD):
            raise UserError(f"{image} was not sent to {repository.url}: {container} says why above")
    digests = {}
    for image in IMAGES:
        digest = digest_of(ecr, repository, tags[image])
        if digest is None:
            raise UserError(f"{repository.url} lacks {tags[image]} after the push: run it again")
        sent = "sent" if image in missing else "was there"
        print(f"push: {image} {sent}, {digest}")
        digests[image] = digest
    return digests


def digest_of(ecr: Any, repository: Repository, tag: str) -> str | None:
    """The digest that a tag names in the repository, if it does.

    Raises:
        UserError: there is no such repository.
    """
    try:
        found = ecr.describe_images(**repository.key, imageIds=[{"imageTag": tag}])
    except ClientError as error:
        if error.response["Error"]["Code"] == "ImageNotFoundException":
            return None
        if error.response["Error"]["Code"] == "RepositoryNotFoundException":
            raise UserError(
                f"there is no repository {repository.url}: apply infra/foundation"
            ) from None
        raise
    return str(found["imageDetails"][0]["imageDigest"])


def log_in(ecr: Any, repository: Repository, container: str, root: Path) -> None:
    """Log in for some hours. The password goes through standard input: no process list shows it."""
    answer = ecr.get_authorization_token(registryIds=[repository.key["registryId"]])
    (granted,) = answer["authorizationData"]
    user, _, password = base64.b64decode(granted["authorizationToken"]).decode().partition(":")
    login = ("login", "--username", user, "--password-stdin", repository.registry)
    command.output(container, *login, cwd=root, given=password)


if __name__ == "__main__":
    command.run(main)
