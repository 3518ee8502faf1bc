"""The dashboard as CloudWatch takes it."""

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.components.dashboard import DashboardArgs, body

ALARM = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:triage-dev-latency"
ABOUT = {
    "name": "triage-dev",
    "region": "eu-west-1",
    "endpoint": "triage-dev",
    "environment": "dev",
    "variant": "main",
    "kind": "realtime",
    "package": None,
    "latency_ms": 250,
}
KINDS = ("realtime", "serverless", "batch")


def widgets(**about: Any) -> list[dict[str, Any]]:
    """The widgets of a page."""
    return list(body(DashboardArgs(**{**ABOUT, **about}))["widgets"])


def metrics(page: list[dict[str, Any]]) -> set[str]:
    """The names of the metrics of a page."""
    graphs = [one["properties"]["metrics"] for one in page if one["type"] == "metric"]
    return {line[1] for graph in graphs for line in graph if isinstance(line[0], str)}


def test_without_a_release_says_how_to_make_one() -> None:
    text = widgets()[0]["properties"]["markdown"]
    assert "No model is released" in text
    assert "make promote MODEL=<package arn> ENV=dev" in text


def test_with_a_release_names_its_package() -> None:
    text = widgets(package="arn:aws:sagemaker:eu-west-1:1:model-package/triage/7")[0]
    assert "model-package/triage/7" in text["properties"]["markdown"]


def test_latency_is_drawn_in_the_unit_of_its_metric() -> None:
    (line,) = [
        one["properties"]["annotations"]["horizontal"]
        for one in widgets()
        if "annotations" in one["properties"]
    ]
    assert line == [{"value": 250_000, "label": "limit, 250 ms"}]


def test_a_fleet_shows_its_instances_and_serverless_its_cold_starts() -> None:
    fleet, serverless = metrics(widgets()), metrics(widgets(kind="serverless"))
    assert {"Invocations", "ModelLatency", "Invocation5XXErrors"} <= fleet & serverless
    assert fleet - serverless == {"CPUUtilization"}
    assert serverless - fleet == {"ModelSetupTime"}


def test_batch_shows_its_jobs_and_no_endpoint() -> None:
    page = widgets(kind="batch")
    searches = [
        line[0]["expression"]
        for one in page
        if one["type"] == "metric"
        for line in one["properties"]["metrics"]
    ]
    assert len(searches) == 2
    assert all("/aws/sagemaker/TransformJobs" in search for search in searches)


def test_alarms_are_shown_where_there_are_any() -> None:
    assert not [one for one in widgets() if one["type"] == "alarm"]
    (shown,) = [one for one in widgets(alarm_arns=(ALARM,)) if one["type"] == "alarm"]
    assert shown["properties"]["alarms"] == [ALARM]


def test_each_pipeline_has_a_graph_of_its_own() -> None:
    page = widgets(pipelines={"triage-dev": "Training", "triage-dev-monitor": "Monitoring"})
    titles = [one["properties"].get("title", "") for one in page]
    assert [title for title in titles if "executions" in title] == [
        "Training: executions an hour",
        "Monitoring: executions an hour",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_graph_says_region_statistic_and_period(kind: str) -> None:
    for one in widgets(kind=kind, pipelines={"triage-dev": "Training"}):
        if one["type"] == "metric":
            assert one["properties"]["region"] == "eu-west-1"
            assert one["properties"]["stat"]
            assert one["properties"]["period"] % 60 == 0


@given(
    st.sampled_from(KINDS),
    st.lists(st.just(ALARM), max_size=3),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=4),
)
def test_widgets_stay_on_the_page_and_never_overlap(
    kind: str, alarms: list[str], pipelines: dict[str, str]
) -> None:
    page = widgets(kind=kind, alarm_arns=tuple(alarms), pipelines=pipelines)
    for one in page:
        assert 0 <= one["x"] < one["x"] + one["width"] <= 24
    for one, other in combinations(page, 2):
        beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
        above = one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
        assert beside or above
