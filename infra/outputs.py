"""What one program hands to the next, by stack reference: written and read by the same class."""

from dataclasses import dataclass, fields
from typing import Self

import pulumi

from . import project
from .settings import Settings


@dataclass(frozen=True)
class Outputs:
    """The outputs of a program. A field is an output's name."""

    PROGRAM = ""

    def export(self) -> None:
        """Make the fields the outputs of this stack."""
        for field in fields(self):
            pulumi.export(field.name, getattr(self, field.name))

    @classmethod
    def read(cls, settings: Settings) -> Self:
        """The outputs of the same environment's stack of that program.

        An output that the other stack lacks fails the update, and names it.
        """
        stack = (
            f"{settings.organization}/{project.load().slug}-{cls.PROGRAM}/{settings.environment}"
        )
        reference = pulumi.StackReference(stack)
        return cls(**{field.name: reference.require_output(field.name) for field in fields(cls)})


@dataclass(frozen=True)
class Foundation(Outputs):
    """What training and serving stand on. Roles are in `infra.names`, as they have fixed names.

    `subnet_ids` and `security_group_ids` are empty where there is no network, `tracking_arn` where
    there is no managed MLflow.
    """

    PROGRAM = "foundation"

    data_bucket: pulumi.Input[str]
    artifacts_bucket: pulumi.Input[str]
    logs_bucket: pulumi.Input[str]
    data_key_arn: pulumi.Input[str]
    logs_key_arn: pulumi.Input[str]
    boundary_arn: pulumi.Input[str]
    topic_arn: pulumi.Input[str]
    subnet_ids: pulumi.Input[list[str]]
    security_group_ids: pulumi.Input[list[str]]
    repository_url: pulumi.Input[str]
    package_group: pulumi.Input[str]
    tracking_arn: pulumi.Input[str]


@dataclass(frozen=True)
class Training(Outputs):
    """What is known of the pipeline. `train_image` is the image of its jobs, by digest."""

    PROGRAM = "training"

    pipeline_name: pulumi.Input[str]
    train_image: pulumi.Input[str]
    definition_digest: pulumi.Input[str]


@dataclass(frozen=True)
class Serving(Outputs):
    """What callers and the promotion need; the endpoint's name is empty where there is none."""

    PROGRAM = "serving"

    endpoint_name: pulumi.Input[str]
    configuration_name: pulumi.Input[str]
    dashboard_name: pulumi.Input[str]
