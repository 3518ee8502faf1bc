"""The graph as a SageMaker pipeline.

Nothing of SageMaker's SDK is imported. The keys are those of the pipelines' JSON schema, version
2020-12-01.
"""

from collections.abc import Iterator

from ..errors import UserError
from . import registration, steps
from .graph import Graph, Stage
from .references import GATE, PACKAGE, VERDICT, Json, join, look_up
from .target import Target


def definition(graph: Graph, target: Target) -> Json:
    """The pipeline as CreatePipeline takes it, once it is text.

    Raises:
        UserError: the graph has no gate or no package, or it needs what no job can have.
    """
    stages = {stage.name: stage for stage in graph.stages}
    behind = _behind_the_gate(graph, stages)
    before = [steps.step(graph, stage, target) for stage in graph.stages if stage not in behind]
    inside = [steps.step(graph, stage, target) for stage in behind]
    register = registration.step(stages, target)
    return {
        "Version": "2020-12-01",
        "Metadata": {},
        "Parameters": list(_parameters(graph, target)),
        "PipelineExperimentConfig": None,
        "Steps": [*before, _gate([*inside, register])],
    }


def _behind_the_gate(graph: Graph, stages: dict[str, Stage]) -> tuple[Stage, ...]:
    """The stages that run only for a model that is good enough."""
    for name in (GATE, PACKAGE):
        if name not in stages:
            raise UserError(
                f"dvc.yaml has no stage {name}, which SageMaker's pipeline is built around: "
                "restore it with `git checkout dvc.yaml`"
            )
        if stages[name].hints.job != "processing":
            raise UserError(
                f"dvc.yaml: stage {name} is a {stages[name].hints.job} job, and SageMaker looks "
                "into the files of processing jobs alone: write `meta: {job: processing}`"
            )
    behind = graph.downstream(GATE)
    if stages[PACKAGE] not in behind:
        raise UserError(
            f"dvc.yaml: stage {PACKAGE} does not read build/{stages[GATE].output}, so nothing "
            "keeps back a model that is not good enough: add it to its deps"
        )
    return behind


def _parameters(graph: Graph, target: Target) -> Iterator[Json]:
    yield _parameter("Params", target.params)
    for stage in graph.stages:
        if stage.external:
            is_uri = stage.external.startswith("s3://")
            default = stage.external if is_uri else target.source
            yield _parameter(steps.source_parameter(graph, stage), default)


def _parameter(name: str, default: str) -> Json:
    return {"Name": name, "Type": "String", "DefaultValue": default}


def _gate(inside: list[Json]) -> Json:
    condition = {
        "Type": "Equals",
        "LeftValue": look_up(VERDICT, "$.passed"),
        "RightValue": True,
    }
    message = join("", "The gate refuses this model: ", look_up(VERDICT, "$.reason"))
    refused = {"Name": "refused", "Type": "Fail", "Arguments": {"ErrorMessage": message}}
    return {
        "Name": "gate",
        "Type": "Condition",
        "Arguments": {"Conditions": [condition], "IfSteps": inside, "ElseSteps": [refused]},
    }
