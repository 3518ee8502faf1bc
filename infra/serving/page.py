"""What the environment's dashboard is about."""

from .. import project
from ..components.dashboard import DashboardArgs
from ..components.endpoint import VARIANT
from ..components.guardrails import alarm_names
from .settings import ServingSettings


def page(settings: ServingSettings, release: project.Release | None) -> DashboardArgs:
    """The page of an endpoint, or of transform jobs; before the first release, too."""
    names = settings.names
    watched = alarm_names(names.prefix) if release and settings.has.endpoint else []
    pipelines = {names.prefix: "Training"}
    if release and settings.monitoring_schedule:
        pipelines[f"{names.prefix}-monitor"] = "Monitoring"
    return DashboardArgs(
        name=names.prefix,
        region=settings.region,
        endpoint=names.prefix,
        environment=settings.environment,
        variant=VARIANT,
        kind=settings.shape,
        package=release.package if release else None,
        latency_ms=settings.latency_alarm_ms,
        alarm_arns=tuple(names.arn("cloudwatch", f"alarm:{alarm}") for alarm in watched),
        pipelines=pipelines,
    )
