"""A model card is held against the schema that the registry has for it."""

import json
from typing import Any

import pytest

from infra.pipelines.model_card import faults

WHOLE: dict[str, Any] = {
    "model_overview": {"model_creator": "@team", "model_artifact": ["s3://bucket/model.tar.gz"]},
    "intended_uses": {
        "purpose_of_model": "It sorts samples.",
        "intended_uses": "A first look.",
        "factors_affecting_model_efficiency": "Blurred samples.",
        "risk_rating": "High",
        "explanations_for_risk_rating": "People rely on it.",
    },
    "business_details": {
        "business_problem": "Too many samples.",
        "business_stakeholders": "The laboratory.",
        "line_of_business": "Diagnostics.",
    },
    "training_details": {
        "training_observations": "It converged.",
        "training_job_details": {
            "training_datasets": ["s3://bucket/rows"],
            "training_environment": {"container_image": ["registry/image@sha256:0"]},
            "user_provided_training_metrics": [{"name": "rounds", "value": 40}],
            "user_provided_hyper_parameters": [{"name": "depth", "value": "6"}],
        },
    },
    "evaluation_details": [
        {
            "name": "test",
            "evaluation_observation": "It passes the gate.",
            "datasets": ["test.parquet"],
            "metadata": {"rows": "1000"},
            "metric_groups": [
                {
                    "name": "quality",
                    "metric_data": [
                        {"name": "auc", "type": "number", "value": 0.9, "notes": "0.88 to 0.92"},
                        {"name": "better", "type": "boolean", "value": True},
                        {"name": "verdict", "type": "string", "value": "passed"},
                        {"name": "curve", "type": "linear_graph", "value": [[0, 0], [1, 1]]},
                        {
                            "name": "by group",
                            "type": "bar_chart",
                            "value": [0.8, 0.9],
                            "x_axis_name": ["f", "m"],
                            "y_axis_name": "auc",
                        },
                        {
                            "name": "confusion",
                            "type": "matrix",
                            "value": [[9, 1], [2, 8]],
                            "x_axis_name": ["no", "yes"],
                            "y_axis_name": ["no", "yes"],
                        },
                    ],
                }
            ],
        }
    ],
    "additional_information": {
        "ethical_considerations": "None is decided by it alone.",
        "caveats_and_recommendations": "Not for children.",
        "custom_details": {"digest": "0" * 64},
    },
}


def test_a_card_may_say_all_of_this_and_may_say_nothing() -> None:
    assert faults(json.dumps(WHOLE)) == []
    assert faults("{}") == []


JOB = "training_details.training_job_details"
GROUP = "evaluation_details.0.metric_groups.0"
METRIC = f"{GROUP}.metric_data"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("model_overview.model_name", "x", "Extra inputs"),
        ("model_overview.model_artifact", ["x"] * 16, "at most 15 items"),
        ("intended_uses.risk_rating", "high", "'High', 'Medium', 'Low' or 'Unknown'"),
        ("intended_uses.purpose_of_model", "x" * 2049, "at most 2048 characters"),
        ("intended_uses.purpose_of_model", None, "valid string"),
        ("business_details.owner", "x", "Extra inputs"),
        (f"{JOB}.user_provided_hyper_parameters", [{"name": "a", "value": 6}], "valid string"),
        (f"{JOB}.user_provided_training_metrics", [{"name": "a", "value": "6"}], "valid number"),
        (f"{JOB}.hyper_parameters", [{"name": "a", "value": "b"}] * 101, "at most 100 items"),
        ("evaluation_details.0.name", "x" * 64, "match pattern"),
        ("evaluation_details.0.evaluation_observation", "x" * 2097, "at most 2096 characters"),
        (f"{GROUP}.name", "two\nlines", "match pattern"),
        (f"{METRIC}.0.type", "integer", "does not match any of the expected tags: 'number'"),
        (f"{METRIC}.0.value", float("nan"), "finite number"),
        (f"{METRIC}.0.value", [1], "valid number"),
        (f"{METRIC}.2.value", "x" * 64, "at most 63 characters"),
        (f"{METRIC}.3.value", [[0, 0, 0]], "at most 2 items"),
        (f"{METRIC}.4.x_axis_name", "f, m", "valid array"),
        (f"{METRIC}.5.value", [[0] * 21], "at most 20 items"),
        ("additional_information.custom_details.digest", 7, "valid string"),
        ("additional_information.custom_details.digest", "x" * 1025, "at most 1024 characters"),
    ],
)
def test_what_the_registry_would_refuse_is_told_with_its_place(
    path: str, value: Any, said: str
) -> None:
    card = json.loads(json.dumps(WHOLE))
    *before, last = path.split(".")
    inner = card
    for key in before:
        inner = inner[int(key)] if key.isdigit() else inner[key]
    inner[int(last) if last.isdigit() else last] = value
    found = faults(json.dumps(card))
    # The kind of a metric stands between the metric and its key.
    place, _, key = path.rpartition(".")
    assert any(one.startswith(place) and key in one and said in one for one in found), found


def test_what_is_no_json_is_told() -> None:
    assert "Invalid JSON" in faults("a card")[0]
