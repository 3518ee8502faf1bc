"""The schema of a package's model card agrees with that of SageMaker's SDK, where that says more
than a type: see sdk/README.md."""

import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from infra.pipelines.model_card import ModelCard

from .sdk import environment

Schema = dict[str, Any]
# What only a card of its own has, and a package says elsewhere: the API reference of
# ModelPackageModelCard lets model_overview have model_creator and model_artifact alone.
NOT_OF_A_PACKAGE = {
    f"model_overview.{name}"
    for name in ("model_description", "model_owner", "algorithm_type", "problem_type")
}
# The developer guide's schema leaves it open; the SDK's versions do not agree on its form.
OPEN = "training_details.objective_function."

pytestmark = pytest.mark.xdist_group("sdk")


@pytest.fixture(scope="module")
def sdk() -> dict[str, Schema]:
    """Every place of the SDK's card, and what may be there."""
    command = [str(environment.python()), str(environment.HERE / "model_card.py")]
    own = {key: os.environ[key] for key in os.environ if key != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        command, env={**own, **environment.OFFLINE}, capture_output=True, text=True, check=True
    )
    return places(json.loads(done.stdout.splitlines()[-1]))


def places(schema: Schema) -> dict[str, Schema]:
    return dict(_places(schema, schema["$defs"], ""))


def _places(schema: Schema, shared: dict[str, Schema], place: str) -> Iterator[tuple[str, Schema]]:
    """Each place below a schema; `[]` is an item, and a metric's kind stands between bars."""
    if "$ref" in schema:
        schema = shared[schema["$ref"].rpartition("/")[2]]
    options = [one for one in schema.get("anyOf") or schema.get("oneOf") or () if one != NOTHING]
    kinds = [shared[one["$ref"].rpartition("/")[2]] for one in options if "$ref" in one]
    if len(options) == 1:
        yield from _places(options[0], shared, place)
    elif kinds:
        for kind in kinds:
            about = kind["properties"]["type"]
            word = about.get("const") or "simple"
            yield from _places(kind, shared, f"{place}|{word}|")
    else:
        yield place, schema
        for name, inner in schema.get("properties", {}).items():
            yield from _places(inner, shared, f"{place}.{name}".lstrip("."))
        if isinstance(schema.get("items"), dict):
            yield from _places(schema["items"], shared, f"{place}[]")


NOTHING = {"type": "null"}


def limits(schema: Schema) -> Schema:
    """What may be there, without what is only said of it."""
    words = ("maxLength", "maxItems", "enum")
    found: Schema = {word: schema[word] for word in words if word in schema}
    if "pattern" in schema:
        found["pattern"] = schema["pattern"].removeprefix(r"\A").removesuffix(r"\z")
    return found


def test_a_package_says_what_the_sdk_knows_and_nothing_else(sdk: dict[str, Schema]) -> None:
    ours = places(ModelCard.model_json_schema())
    assert len(ours) > 50
    # Of a graph's value the SDK says that it is a list.
    assert {one for one in ours.keys() - sdk.keys() if ".value[]" not in one} == set()
    missing = {one for one in sdk.keys() - ours.keys() if not one.startswith(OPEN)}
    assert missing == NOT_OF_A_PACKAGE


def test_what_the_sdk_limits_is_limited_so(sdk: dict[str, Schema]) -> None:
    ours = places(ModelCard.model_json_schema())
    theirs = {place: limits(schema) for place, schema in sdk.items() if place in ours}
    # The guide has no empty value of a hyperparameter.
    for kind in ("hyper_parameters", "user_provided_hyper_parameters"):
        value = theirs[f"training_details.training_job_details.{kind}[].value"]
        assert value.pop("pattern") == ".{0,255}"
    mine = {place: limits(ours[place]) for place in theirs}
    assert {place: {**mine[place], **said} for place, said in theirs.items()} == mine
    assert sum(map(len, theirs.values())) > 30


def test_what_the_sdk_requires_is_required(sdk: dict[str, Schema]) -> None:
    ours = places(ModelCard.model_json_schema())
    required = {place: set(schema.get("required", ())) for place, schema in sdk.items()}
    assert sum(map(len, required.values())) > 10
    for place in required.keys() & ours.keys():
        assert required[place] <= set(ours[place].get("required", ())), place
