"""The three buckets of an environment."""

from dataclasses import dataclass

from .. import project
from ..access import resources
from ..components.bucket import Bucket, BucketArgs
from ..names import REPORTS, RUNS
from .keys import KeyRing
from .settings import FoundationSettings


@dataclass(frozen=True)
class Buckets:
    """`data` comes from outside, `artifacts` from the pipeline, `logs` from AWS."""

    data: Bucket
    artifacts: Bucket
    logs: Bucket


def buckets(settings: FoundationSettings, keys: KeyRing) -> Buckets:
    """Make the buckets. The contract's retention holds for data and what steps make of it."""
    names = settings.names
    retention = project.load().retention_days
    logs = Bucket(
        "logs",
        BucketArgs(
            names.bucket("logs"),
            resources.bucket(names, "logs", *resources.log_delivery(names)),
            settings.log_retention_days,
        ),
    )
    data = Bucket(
        "data",
        BucketArgs(
            names.bucket("data"),
            resources.bucket(names, "data"),
            retention,
            key_arn=keys.data.arn,
            access_logs=logs,
            events=True,
        ),
    )
    readers = resources.approved_artifacts(names, settings.registry_readers)
    artifacts = Bucket(
        "artifacts",
        BucketArgs(
            names.bucket("artifacts"),
            resources.bucket(names, "artifacts", *readers),
            retention,
            key_arn=keys.data.arn,
            access_logs=logs,
            expires=(f"{RUNS}/", f"{REPORTS}/"),
        ),
    )
    return Buckets(data, artifacts, logs)
