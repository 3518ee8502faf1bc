"""What a release becomes: a model, and around it what the shape has."""

from typing import cast

import pulumi

from .. import project
from ..components.endpoint import Capture, Endpoint, EndpointArgs
from ..components.model import Model, ModelArgs, Network
from ..components.monitoring import Monitoring, MonitoringArgs
from ..components.scaling import Scaling, ScalingArgs
from ..outputs import Foundation, Training
from .settings import ServingSettings


class Service(pulumi.ComponentResource):
    """The released model as the settings say; without a release there is nothing in it.

    `endpoint_name` and `configuration_name` are empty where there is no endpoint.
    """

    def __init__(
        self,
        name: str,
        settings: ServingSettings,
        foundation: Foundation,
        release: project.Release | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("andaime:serving:Service", name, None, opts)
        self.endpoint_name: pulumi.Input[str] = ""
        self.configuration_name: pulumi.Input[str] = ""
        if release is not None:
            model = self._model(settings, foundation, release)
            if settings.has.endpoint:
                self._endpoint(settings, foundation, model)
            if settings.monitoring_schedule is not None:
                self._monitoring(settings, settings.monitoring_schedule, foundation, release)
        self.register_outputs({"endpoint_name": self.endpoint_name})

    def _model(
        self, settings: ServingSettings, foundation: Foundation, release: project.Release
    ) -> Model:
        return Model(
            settings.names.prefix,
            ModelArgs(
                package=cast(str, release.package),
                role_arn=settings.names.role_arn("serving"),
                network=_network(foundation) if settings.has.network else None,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _endpoint(self, settings: ServingSettings, foundation: Foundation, model: Model) -> None:
        name = settings.names.prefix
        endpoint = Endpoint(
            name,
            EndpointArgs(
                name=name,
                region=settings.region,
                model_name=model.model_name,
                capacity=settings.capacity(foundation.data_key_arn),
                capture=_capture(settings, foundation),
                canary=settings.canary,
                latency_ms=settings.latency_alarm_ms,
                topic_arn=foundation.topic_arn,
                log_retention_days=settings.log_retention_days,
                logs_key_arn=foundation.logs_key_arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        if settings.has.instances:
            Scaling(
                f"{name}-scaling",
                ScalingArgs(endpoint.scalable, settings.instance_type, settings.bounds),
                pulumi.ResourceOptions(parent=self),
            )
        self.endpoint_name = endpoint.endpoint_name
        self.configuration_name = endpoint.configuration_name

    def _monitoring(
        self,
        settings: ServingSettings,
        schedule: str,
        foundation: Foundation,
        release: project.Release,
    ) -> None:
        names = settings.names
        Monitoring(
            "monitoring",
            MonitoringArgs(
                name=f"{names.prefix}-monitor",
                schedule=schedule,
                package=project.load().package,
                image=Training.read(settings).train_image,
                pipeline_arn=names.arn("sagemaker", f"pipeline/{names.prefix}-monitor"),
                pipeline_role_arn=names.role_arn("pipeline"),
                job_role_arn=names.role_arn("monitoring"),
                trigger_role_arn=names.role_arn("trigger"),
                artifacts_bucket=foundation.artifacts_bucket,
                key_arn=foundation.data_key_arn,
                network=_network(foundation),
                released=release.artifact,
                captured=pulumi.Output.concat(
                    "s3://", foundation.data_bucket, f"/capture/{names.prefix}/"
                ),
                namespace=names.namespace,
                endpoint=names.prefix,
                topic_arn=foundation.topic_arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )


def _network(foundation: Foundation) -> Network:
    return Network(foundation.subnet_ids, foundation.security_group_ids)


def _capture(settings: ServingSettings, foundation: Foundation) -> Capture | None:
    """SageMaker writes below `<uri>/<endpoint>/<variant>/<year>/...`."""
    if not settings.has.capture or settings.capture_percent is None:
        return None
    uri = pulumi.Output.concat("s3://", foundation.data_bucket, "/capture")
    return Capture(settings.capture_percent, uri, foundation.data_key_arn)
