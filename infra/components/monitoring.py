"""The scheduled job that looks for drift: `python -m <package>.monitor`, as on a laptop.

It is a pipeline of one step, since a pipeline has what a lone job lacks: a schedule that may start
it, executions to look at, metrics and events to alarm on.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import pulumi

from infra.names import REPORTS
from infra.pipelines.processing import Job, processing
from infra.pipelines.references import EXECUTION, join

from .alarm import AlarmArgs, alarm
from .failure_notice import FailureNotice, FailureNoticeArgs
from .model import Network
from .pipeline import NAMESPACE, Pipeline, PipelineArgs
from .schedule import Schedule, ScheduleArgs

INSTANCE_TYPE = "ml.m5.large"
VOLUME_GB = 30
HOURS = 4
DAY = 24 * 3600
# The alarm on a missing run looks at two days, so that one late run is no alarm.
DAYS = 2
DAILY = re.compile(
    r"^(cron\(\S+ \S+ [*?] \* [*?] \*\)|rate\((1 (day|hour)|([2-9]|1\d|2[0-4]) hours)\))$"
)


@dataclass(frozen=True)
class JobArgs:
    """What the job reads and writes; all plain values, S3 URIs and ARNs.

    `released` is the archive of the model that is served, with the baseline inside it, `captured`
    the prefix of what was asked and answered, `namespace` CloudWatch's for the job's own metrics.
    """

    package: str
    image: str
    role_arn: str
    key_arn: str
    subnets: list[str]
    security_groups: list[str]
    released: str
    captured: str
    results: str
    namespace: str
    endpoint: str


@dataclass(frozen=True)
class MonitoringArgs:
    """`name` is the pipeline's; `roles` are those of the pipeline and of the schedule."""

    name: str
    schedule: str
    package: str
    image: pulumi.Input[str]
    pipeline_arn: str
    pipeline_role_arn: str
    job_role_arn: str
    trigger_role_arn: str
    artifacts_bucket: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    network: Network
    released: str
    captured: pulumi.Input[str]
    namespace: str
    endpoint: str
    topic_arn: pulumi.Input[str]


class Monitoring(pulumi.ComponentResource):
    """The monitoring job on a schedule, with an alarm where it fails and where it does not run."""

    def __init__(
        self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:serving:Monitoring", name, None, opts)
        below = pulumi.ResourceOptions(parent=self)
        pipeline = Pipeline(
            name,
            PipelineArgs(
                name=args.name,
                description=f"Looks for drift in what {args.endpoint} is asked",
                role_arn=args.pipeline_role_arn,
                definition=_compiled(args),
                bucket=args.artifacts_bucket,
                key_arn=args.key_arn,
                parallelism=1,
            ),
            below,
        )
        Schedule(
            f"{name}-schedule",
            ScheduleArgs(
                name=args.name,
                description=f"Starts {args.name}",
                expression=args.schedule,
                pipeline_arn=pipeline.arn,
                role_arn=args.trigger_role_arn,
            ),
            below,
        )
        FailureNotice(
            f"{name}-failed",
            FailureNoticeArgs(
                name=f"{args.name}-failed",
                subject=f"Monitoring of {args.endpoint}",
                pipeline_arn=args.pipeline_arn,
                topic_arn=args.topic_arn,
            ),
            below,
        )
        alarm(
            f"{name}-missing",
            AlarmArgs(
                name=f"{args.name}-missing",
                description=f"{args.endpoint} has not been monitored for {DAYS} days.",
                namespace=NAMESPACE,
                metric="ExecutionSucceeded",
                dimensions={"PipelineName": args.name},
                statistic="Sum",
                comparison="LessThanThreshold",
                threshold=1,
                period=DAY,
                periods=DAYS,
                breaches=DAYS,
                missing="breaching",
                topic_arn=args.topic_arn,
            ),
            below,
        )
        self.register_outputs({})


def _compiled(args: MonitoringArgs) -> pulumi.Output[str]:
    return pulumi.Output.all(
        image=args.image,
        key_arn=args.key_arn,
        subnets=args.network.subnets,
        security_groups=args.network.security_groups,
        captured=args.captured,
        artifacts=args.artifacts_bucket,
    ).apply(
        lambda known: json.dumps(
            definition(
                JobArgs(
                    package=args.package,
                    image=known["image"],
                    role_arn=args.job_role_arn,
                    key_arn=known["key_arn"],
                    subnets=known["subnets"],
                    security_groups=known["security_groups"],
                    released=args.released,
                    captured=known["captured"],
                    results=f"s3://{known['artifacts']}/{REPORTS}",
                    namespace=args.namespace,
                    endpoint=args.endpoint,
                )
            )
        )
    )


def daily(schedule: str) -> bool:
    """Whether a schedule runs each day or oftener."""
    return DAILY.match(schedule) is not None


def definition(job: JobArgs) -> dict[str, Any]:
    """The pipeline of one step. It is never cached: each day has other data at the same place."""
    return {
        "Version": "2020-12-01",
        "Metadata": {},
        "Parameters": [],
        "PipelineExperimentConfig": None,
        "Steps": [{"Name": "monitor", "Type": "Processing", "Arguments": arguments(job)}],
    }


def arguments(job: JobArgs) -> dict[str, Any]:
    """What CreateProcessingJob is told, but the job's name, which the pipeline makes."""
    return processing(
        Job(
            image=job.image,
            command=("python", "-m", f"{job.package}.monitor"),
            environment={"METRICS_NAMESPACE": job.namespace, "ENDPOINT": job.endpoint},
            inputs={"released": job.released, "capture": job.captured},
            output="monitor",
            destination=join("/", job.results, EXECUTION),
            role_arn=job.role_arn,
            key_arn=job.key_arn,
            subnets=tuple(job.subnets),
            security_groups=tuple(job.security_groups),
            # It writes its metrics to CloudWatch.
            isolated=False,
            instance_type=INSTANCE_TYPE,
            instance_count=1,
            volume_gb=VOLUME_GB,
            max_minutes=HOURS * 60,
        )
    )
