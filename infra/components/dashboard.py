"""One page of CloudWatch about what is served and what is trained."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi_aws import cloudwatch

from .guardrails import MICROSECONDS, NAMESPACE
from .pipeline import NAMESPACE as PIPELINES

WIDTH = 24  # columns of a dashboard
HEIGHT = 6  # rows of a graph
TEXT_HEIGHT = 3
ALARM_HEIGHT = 2
MINUTE, HOUR = 60, 3600
Widget = dict[str, Any]


@dataclass(frozen=True)
class DashboardArgs:
    """What the page is about.

    `kind` says which graphs there are: `realtime`, `serverless` or `batch`. `package` is the ARN of
    the released model, if any. `alarm_arns` are shown where they exist, `latency_ms` is drawn as a
    line, `pipelines` are titles by pipeline.
    """

    name: str
    region: str
    endpoint: str
    environment: str
    variant: str
    kind: str
    package: str | None
    latency_ms: int
    alarm_arns: tuple[str, ...] = ()
    pipelines: Mapping[str, str] = field(default_factory=dict)


class Dashboard(pulumi.ComponentResource):
    """The page. `dashboard_name` is its name."""

    def __init__(
        self, name: str, args: DashboardArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:serving:Dashboard", name, None, opts)
        page = cloudwatch.Dashboard(
            f"{name}-page",
            dashboard_name=args.name,
            dashboard_body=json.dumps(body(args)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.dashboard_name = page.dashboard_name
        self.register_outputs({"dashboard_name": self.dashboard_name})


def body(args: DashboardArgs) -> dict[str, Any]:
    """The page as CloudWatch takes it: rows of widgets, from the model down to the pipelines."""
    graphs = {"realtime": _realtime, "serverless": _serverless, "batch": _batch}[args.kind]
    rows = [
        [_text(args)],
        [_alarms(args.alarm_arns)] if args.alarm_arns else [],
        *graphs(args),
        [_pipeline(args, name, title) for name, title in args.pipelines.items()],
    ]
    return {"widgets": list(_laid_out([row for row in rows if row]))}


def _laid_out(rows: list[list[Widget]]) -> list[Widget]:
    """Each row below the one before, its widgets side by side and equally wide."""
    placed, y = [], 0
    for row in rows:
        width = WIDTH // len(row)
        placed += [
            {"x": index * width, "y": y, "width": width, **widget}
            for index, widget in enumerate(row)
        ]
        y += max(widget["height"] for widget in row)
    return placed


def _realtime(args: DashboardArgs) -> list[list[Widget]]:
    fleet = _metrics(args, "/aws/sagemaker/Endpoints", "CPUUtilization", "MemoryUtilization")
    return [
        [_requests(args), _latency(args)],
        [_errors(args), _graph(args, "Instances, % of each", fleet, stat="Maximum")],
    ]


def _serverless(args: DashboardArgs) -> list[list[Widget]]:
    setup = _metrics(args, NAMESPACE, "ModelSetupTime")
    memory = _metrics(args, "/aws/sagemaker/Endpoints", "MemoryUtilization")
    return [
        [_requests(args), _latency(args)],
        [
            _errors(args),
            _graph(args, "Cold starts, microseconds", setup, stat="Maximum"),
            _graph(args, "Memory, %", memory, stat="Maximum"),
        ],
    ]


def _batch(args: DashboardArgs) -> list[list[Widget]]:
    return [
        [
            _graph(
                args,
                f"Transform jobs: {label}, %",
                [[{"expression": _search(metric), "label": ""}]],
                stat="Maximum",
            )
            for metric, label in (("CPUUtilization", "CPU"), ("MemoryUtilization", "memory"))
        ]
    ]


def _search(metric: str) -> str:
    """All hosts of all transform jobs, which have names of their own each time."""
    where = f'{{/aws/sagemaker/TransformJobs,Host}} MetricName="{metric}"'
    return f"SEARCH('{where}', 'Maximum', {MINUTE})"


def _requests(args: DashboardArgs) -> Widget:
    metrics = _metrics(args, NAMESPACE, "Invocations", "Invocation4XXErrors")
    return _graph(args, "Requests a minute", metrics, stat="Sum")


def _errors(args: DashboardArgs) -> Widget:
    metrics = _metrics(args, NAMESPACE, "Invocation5XXErrors", "InvocationModelErrors")
    return _graph(args, "Errors a minute", metrics, stat="Sum")


def _latency(args: DashboardArgs) -> Widget:
    (model,) = _metrics(args, NAMESPACE, "ModelLatency")
    (overhead,) = _metrics(args, NAMESPACE, "OverheadLatency")
    metrics = [
        [*model, {"stat": "p50", "label": "model, p50"}],
        [*model, {"stat": "p99", "label": "model, p99"}],
        [*overhead, {"stat": "p99", "label": "SageMaker, p99"}],
    ]
    widget = _graph(args, "Latency, microseconds", metrics, stat="p99")
    line = {"value": args.latency_ms * MICROSECONDS, "label": f"limit, {args.latency_ms} ms"}
    widget["properties"]["annotations"] = {"horizontal": [line]}
    return widget


def _pipeline(args: DashboardArgs, pipeline: str, title: str) -> Widget:
    metrics = [
        [PIPELINES, metric, "PipelineName", pipeline]
        for metric in ("ExecutionSucceeded", "ExecutionFailed")
    ]
    return _graph(args, f"{title}: executions an hour", metrics, stat="Sum", period=HOUR)


def _metrics(args: DashboardArgs, namespace: str, *names: str) -> list[list[Any]]:
    of = ["EndpointName", args.endpoint, "VariantName", args.variant]
    return [[namespace, name, *of] for name in names]


def _graph(
    args: DashboardArgs, title: str, metrics: list[list[Any]], *, stat: str, period: int = MINUTE
) -> Widget:
    return {
        "type": "metric",
        "height": HEIGHT,
        "properties": {
            "title": title,
            "region": args.region,
            "view": "timeSeries",
            "stat": stat,
            "period": period,
            "metrics": metrics,
            "yAxis": {"left": {"min": 0}},
        },
    }


def _alarms(arns: tuple[str, ...]) -> Widget:
    properties = {"title": "Alarms", "alarms": list(arns)}
    return {"type": "alarm", "height": ALARM_HEIGHT, "properties": properties}


def _text(args: DashboardArgs) -> Widget:
    released = (
        f"Released: `{args.package}`"
        if args.package
        else "No model is released here. "
        f"`make promote MODEL=<package arn> ENV={args.environment}` releases one."
    )
    properties = {"markdown": f"# {args.endpoint}\n{released}"}
    return {"type": "text", "height": TEXT_HEIGHT, "properties": properties}
