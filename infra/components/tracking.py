"""Managed MLflow, where runs are recorded."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import sagemaker

from .role import Role


@dataclass(frozen=True)
class TrackingArgs:
    """`store` is the S3 prefix that files of runs are kept under."""

    app: str
    store: pulumi.Input[str]
    role: Role


class Tracking(pulumi.ComponentResource):
    """Models are registered by the pipeline, not by MLflow. Protected, since it holds the runs."""

    def __init__(
        self, name: str, args: TrackingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:tracking:Tracking", name, None, opts)
        app = sagemaker.MlflowApp(
            name,
            name=args.app,
            artifact_store_uri=args.store,
            role_arn=args.role.arn,
            model_registration_mode="AutoModelRegistrationDisabled",
            account_default_status="DISABLED",
            # The role is tried when the app starts.
            opts=pulumi.ResourceOptions(parent=self, protect=True, depends_on=[args.role.ready]),
        )
        self.arn = app.arn
        self.register_outputs({"arn": self.arn})
