"""The record of every request for an object in the project's buckets."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudtrail

from .bucket import Bucket


@dataclass(frozen=True)
class TrailArgs:
    """`watched`: ARNs of the buckets whose objects are watched; never the logs bucket, whose every
    write would be recorded by another."""

    trail: str
    watched: tuple[str, ...]
    logs: Bucket
    key_arn: pulumi.Input[str]


class Trail(pulumi.ComponentResource):
    """Validated and encrypted, in the logs bucket. Protected: it is evidence."""

    def __init__(
        self, name: str, args: TrailArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:audit:Trail", name, None, opts)
        selector = cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs
        cloudtrail.Trail(
            name,
            name=args.trail,
            s3_bucket_name=args.logs.bucket_name,
            s3_key_prefix="trail",
            kms_key_id=args.key_arn,
            enable_log_file_validation=True,
            advanced_event_selectors=[
                cloudtrail.TrailAdvancedEventSelectorArgs(
                    name="objects",
                    field_selectors=[
                        selector(field="eventCategory", equals=["Data"]),
                        selector(field="resources.type", equals=["AWS::S3::Object"]),
                        selector(
                            field="resources.ARN",
                            starts_withs=[f"{arn}/" for arn in args.watched],
                        ),
                    ],
                )
            ],
            # CloudTrail tries to write before the trail is made.
            opts=pulumi.ResourceOptions(parent=self, protect=True, depends_on=[args.logs.ready]),
        )
        self.register_outputs({})
