"""What the compiler must know of the place that a pipeline runs in; plain strings throughout."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import yaml

from .. import project
from ..errors import UserError
from ..names import ENVIRONMENTS, Names
from ..project import Release
from ..pseudonym_key import CONTEXT_VARIABLE, ENCRYPTED_VARIABLE

PARAMS = "params.yaml"
# How long the result of a step may be used again, at most.
CACHE_DAYS = 30


@dataclass(frozen=True)
class Target:
    """One environment of one account.

    Images are `<repository>@sha256:<digest>`: a step's cached result is known by the digest, too.
    `source` is the S3 prefix of the external data that an execution reads unless told otherwise,
    `params` the SHA-256 of the params.yaml that it reads unless told otherwise. `compared_with` is
    the environment whose released model the evaluation compares with, `release` that model.
    `ingest_environment` is what the stage `ingest` is told besides, so that KMS gives it the key of
    pseudonyms, which it does for `ingest_role_arn`; where there are none, it is empty, and the role
    that of all jobs.
    Without subnets, jobs run in SageMaker's own network. With 0 `cache_days` nothing is cached.
    """

    train_image: str
    serve_image: str
    training_role_arn: str
    artifacts_bucket: str
    key_arn: str
    package_group: str
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]
    source: str
    params: str
    compared_with: str
    release: Release | None
    ingest_role_arn: str
    ingest_environment: Mapping[str, str]
    cache_days: int

    @classmethod
    def of(
        cls,
        names: Names,
        *,
        train_image: str,
        serve_image: str,
        key_arn: str,
        pseudonym_key: str = "",
        package_group: str = "",
        subnets: tuple[str, ...] = (),
        security_groups: tuple[str, ...] = (),
        root: Path = project.ROOT,
    ) -> Self:
        """An environment's target: what is given, what follows from names, what the files say.

        `package_group` is a name or an ARN; without one it is the project's, in the same account.
        `pseudonym_key` is the key of pseudonyms as KMS has encrypted it, in base64.

        Raises:
            UserError: params.yaml or released.yaml is missing or does not fit.
        """
        params = (root / PARAMS).read_bytes() if (root / PARAMS).exists() else b""
        compared_with = _compared_with(params)
        return cls(
            train_image=train_image,
            serve_image=serve_image,
            training_role_arn=names.role_arn("training"),
            artifacts_bucket=names.bucket("artifacts"),
            key_arn=key_arn,
            package_group=package_group or names.slug,
            subnets=subnets,
            security_groups=security_groups,
            source=f"s3://{names.bucket('data')}/source/current/",
            params=hashlib.sha256(params).hexdigest(),
            compared_with=compared_with,
            release=project.release(compared_with, root),
            ingest_role_arn=names.role_arn("ingest" if pseudonym_key else "training"),
            ingest_environment=_key_by_kms(names, pseudonym_key) if pseudonym_key else {},
            # Results are objects in a bucket, which deletes what is older than the retention.
            cache_days=min(CACHE_DAYS, project.load(root).retention_days - 1),
        )


def _key_by_kms(names: Names, encrypted: str) -> dict[str, str]:
    return {
        ENCRYPTED_VARIABLE: encrypted,
        CONTEXT_VARIABLE: json.dumps(names.pseudonym_context, separators=(",", ":")),
        # SageMaker tells a job its region in a variable that boto3 does not read.
        "AWS_DEFAULT_REGION": names.region,
    }


def _compared_with(params: bytes) -> str:
    try:
        named = str(yaml.safe_load(params)["evaluate"]["released"])
    except (KeyError, TypeError, yaml.YAMLError):
        raise UserError(
            f"{PARAMS} does not say which environment's released model a new one is compared with: "
            "write `evaluate: {released: prod}`"
        ) from None
    if named not in ENVIRONMENTS:
        raise UserError(
            f"{PARAMS}: evaluate.released is {named!r}, and there is no such environment: "
            f"write one of {', '.join(ENVIRONMENTS)}"
        )
    return named
