"""The compiler says what SageMaker's SDK says of the same graph: see sdk/README.md."""

import dataclasses
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from infra.names import Names
from infra.pipelines import graph, sagemaker
from infra.pipelines.graph import Graph, Hints, Stage
from infra.pipelines.target import Target
from infra.project import Release
from infra.tests import small_project

from ..conftest import Render
from .sdk import environment
from .sdk.definitions import plain

NAMES = Names("a-project", "dev", "123456789012", "eu-west-1")
RELEASE = Release("s3://prod/pipeline/models/x/package/model.tar.gz", "c" * 64, None)
# Everything that a graph may say: data from outside, foreach, arguments, stages never cached.
RICH = """
stages:
  ingest:
    cmd: python -m small.ingest
    deps: [data/rows.csv]
    outs: [build/ingest]
  ingest-prices:
    desc: Prices of the day
    cmd: python -m small.ingest
    deps: [s3://prices/today]
    params: [ingest]
    outs: [build/prices]
    meta: {retries: 0, volume_gb: 100}
  train:
    foreach: [small, large]
    do:
      cmd: python -m small.train --size ${item}
      deps: [build/ingest, build/prices]
      params: [train.seed]
      outs: ["build/train-${item}"]
      meta: {instance_count: 2, max_minutes: 10, instance_type: ml.c5.xlarge}
  evaluate:
    cmd: python -m small.evaluate all
    always_changed: true
    deps: [build/train-small, build/train-large, released.yaml]
    params: [evaluate]
    outs: [build/evaluate]
  package:
    cmd: python -m small.package
    deps: [build/evaluate, params.yaml]
    outs: [build/package]
"""
CASES = (
    "classification",
    "regression",
    "in a network",
    "with a released model",
    "with pseudonyms",
    "rich",
)

pytestmark = pytest.mark.xdist_group("sdk")


def target_of(root: Path, pseudonym_key: str = "", **changes: Any) -> Target:
    made = Target.of(
        NAMES,
        train_image=f"registry/a-project@sha256:{'a' * 64}",
        serve_image=f"registry/a-project@sha256:{'b' * 64}",
        key_arn=NAMES.arn("kms", "key/1"),
        pseudonym_key=pseudonym_key,
        root=root,
    )
    return dataclasses.replace(made, **changes)


@dataclasses.dataclass(frozen=True)
class Case:
    """A graph and a target, and what the SDK makes of them."""

    graph: Graph
    target: Target
    expected: dict[str, Any]


@pytest.fixture(scope="module")
def cases(render: Render, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    scratch = tmp_path_factory.mktemp("projects")
    roots = {}
    for kind in ("classification", "regression"):
        # A copy, as reading the graph leaves its cache in the project.
        roots[kind] = shutil.copytree(render(task=kind), scratch / kind, symlinks=True)
    (scratch / "rich").mkdir()
    rich = small_project.write(scratch / "rich", dvc_yaml=RICH)
    one = roots["classification"]
    network: dict[str, Any] = {"subnets": ("subnet-1", "subnet-2"), "security_groups": ("sg-1",)}
    targets = [
        (one, target_of(one)),
        (roots["regression"], target_of(roots["regression"])),
        (one, target_of(one, **network)),
        (one, target_of(one, release=RELEASE)),
        (one, target_of(one, pseudonym_key="AQID")),
        (rich, target_of(rich, release=RELEASE, cache_days=7, **network)),
    ]
    built = environment.build(targets, scratch)
    return {
        name: Case(graph.load(root), target, plain(definition))
        for name, (root, target), definition in zip(CASES, targets, built.definitions, strict=True)
    }


@pytest.mark.parametrize("name", CASES)
def test_the_definitions_are_equal(cases: dict[str, Case], name: str) -> None:
    case = cases[name]
    assert sagemaker.definition(case.graph, case.target) == case.expected


# --- The comparison sees faults -------------------------------------------------------------------

OTHER: dict[str, Any] = {
    "subnets": ("subnet-9",),
    "security_groups": ("sg-9",),
    "release": Release("s3://other/model.tar.gz", "d" * 64, None),
    "ingest_environment": {"OTHER": "1"},
    "cache_days": 3,
}


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Target)])
def test_a_wrong_value_of_any_field_of_the_target_is_seen(
    cases: dict[str, Case], field: str
) -> None:
    case = cases["rich"]
    wrong = dataclasses.replace(case.target, **{field: OTHER.get(field, "other")})
    assert sagemaker.definition(case.graph, wrong) != case.expected


def hinted(stage: Stage, name: str) -> dict[str, Any]:
    """Another value of a hint."""
    words = {"job": "processing", "instance_type": "ml.m5.24xlarge"}
    other: Any = words[name] if name in words else getattr(stage.hints, name) + 1
    return {"hints": dataclasses.replace(stage.hints, **{name: other})}


Change = Callable[[Stage], dict[str, Any]]
# The stage that is spoilt, and how.
FAULTS: dict[str, tuple[str, Change]] = {
    "step": ("ingest", lambda _: {"step": "other"}),
    "description": ("ingest-prices", lambda _: {"description": "other"}),
    "command": ("ingest", lambda stage: {"command": (*stage.command, "--other")}),
    "input": ("train@small", lambda stage: {"inputs": stage.inputs[1:]}),
    "files": ("evaluate", lambda _: {"files": ()}),
    "external": ("ingest-prices", lambda _: {"external": "s3://other"}),
    "no external": ("ingest", lambda _: {"external": None}),
    "params": ("ingest-prices", lambda _: {"params": ()}),
    "whole params": ("package", lambda _: {"whole_params": False}),
    "changes": ("evaluate", lambda _: {"changes": False}),
    **{
        f"hint {field.name}": ("train@large", partial(hinted, name=field.name))
        for field in dataclasses.fields(Hints)
    },
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_a_stage_is_seen(cases: dict[str, Case], fault: str) -> None:
    name, change = FAULTS[fault]
    case = cases["rich"]
    stages = tuple(
        dataclasses.replace(stage, **change(stage)) if stage.name == name else stage
        for stage in case.graph.stages
    )
    assert stages != case.graph.stages
    assert sagemaker.definition(Graph(stages), case.target) != case.expected


def test_only_what_is_empty_and_named_is_taken_out() -> None:
    definition = {
        "MlflowConfig": None,
        "PipelineExperimentConfig": None,
        "Steps": [{"Arguments": {"HyperParameters": {}, "Environment": {"A": "1"}, "Tags": {}}}],
    }
    assert plain(definition) == {
        "PipelineExperimentConfig": None,
        "Steps": [{"Arguments": {"Environment": {"A": "1"}, "Tags": {}}}],
    }
