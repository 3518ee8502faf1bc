"""What is billed while nothing happens, in each environment, counted in the programs themselves."""

from collections.abc import Callable
from typing import Any

from ..rehearsal.record import Resource

Count = Callable[[list[Resource]], int]


def _number(type_: str, weight: Callable[[dict[str, Any]], int] = lambda _: 1) -> Count:
    def count(resources: list[Resource]) -> int:
        return sum(weight(r.props) for r in resources if r.type == type_)

    return count


def _interfaces(props: dict[str, Any]) -> int:
    """One in each subnet; a gateway has none."""
    return len(props.get("subnetIds") or ()) if props.get("vpcEndpointType") == "Interface" else 0


def _instances(props: dict[str, Any]) -> int:
    return sum(
        int(variant.get("initialInstanceCount", 0)) for variant in props["productionVariants"]
    )


LINES: dict[str, Count] = {
    "KMS keys": _number("aws:kms/key:Key"),
    "interface endpoints, one in each zone": _number(
        "aws:ec2/vpcEndpoint:VpcEndpoint", _interfaces
    ),
    "endpoint instances, with a model released": _number(
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration", _instances
    ),
    "alarms": _number("aws:cloudwatch/metricAlarm:MetricAlarm"),
    "dashboards": _number("aws:cloudwatch/dashboard:Dashboard"),
    "trails of data events": _number("aws:cloudtrail/trail:Trail"),
    "managed MLflow": _number("aws:sagemaker/mlflowApp:MlflowApp"),
}


def table(environments: dict[str, list[Resource]]) -> str:
    """Quantities by environment, as Markdown."""
    rows = [
        f"| {what} | " + " | ".join(str(count(found)) for found in environments.values()) + " |"
        for what, count in LINES.items()
    ]
    head = f"| | {' | '.join(environments)} |"
    return "\n".join([head, "|---|" + "---|" * len(environments), *rows])
