"""A compiled pipeline, executed here: each step is a process, its paths below a chosen root.

It stands in for SageMaker in tests: steps run in the order of their references, the condition
chooses a branch, requests are held against the service model, and a model card against its schema.
What it does not do is what only an account can show: it has no containers, no roles, no retries and
no cache.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..rehearsal.shapes import violations
from . import local_job, model_card
from .execution import Execution
from .local_job import Image, StepError
from .references import Json

# The operation behind a step, and the key that the service fills in itself.
OPERATIONS = {
    "Processing": ("CreateProcessingJob", "ProcessingJobName"),
    "Training": ("CreateTrainingJob", "TrainingJobName"),
    "RegisterModel": ("CreateModelPackage", "ClientToken"),
}
REFERENCE = re.compile(r'"Get": "Steps\.([A-Za-z0-9_-]+)\.')


def execute(
    definition: Json,
    image: Image,
    root: Path,
    s3: Any,
    parameters: Mapping[str, str] | None = None,
    identity: str = "execution1",
) -> Execution:
    """Run a definition to its end.

    Args:
        definition: as `sagemaker.definition` makes it.
        image: what the steps run in.
        root: the file system of each step begins at `<root>/<step>`.
        s3: a boto3 client; its buckets hold the parameters and the external data.
        parameters: values other than the defaults.
        identity: of the execution, part of where outputs are.

    Raises:
        StepError: the service would refuse a step's request, or its command fails.
    """
    defaults = {one["Name"]: one["DefaultValue"] for one in definition["Parameters"]}
    execution = Execution(identity, {**defaults, **(parameters or {})})
    _run(definition["Steps"], execution, image, root, s3)
    return execution


def _run(steps: list[Json], execution: Execution, image: Image, root: Path, s3: Any) -> None:
    for step in in_order(steps):
        if step["Type"] == "Condition":
            branch = (
                "IfSteps" if _holds(step["Arguments"]["Conditions"], execution) else "ElseSteps"
            )
            execution.record(step["Name"])
            _run(step["Arguments"][branch], execution, image, root, s3)
            continue
        request = execution.value(step["Arguments"])
        if step["Type"] == "Fail":
            execution.refusal = request["ErrorMessage"]
            execution.record(step["Name"])
            return
        if problems := refused(step, request):
            raise StepError(f"{step['Name']}: {'; '.join(problems)}")
        if step["Type"] == "RegisterModel":
            execution.packages.append(request)
            execution.record(step["Name"])
        else:
            done = local_job.run(step, request, image, root / step["Name"], s3)
            execution.record(step["Name"], done)


def in_order(steps: list[Json]) -> list[Json]:
    """Each step after those that it refers to: their order in the definition means nothing."""
    names = {step["Name"] for step in steps}
    waiting = list(steps)
    done: list[Json] = []
    while waiting:
        placed = {step["Name"] for step in done}
        ready = next(step for step in waiting if _referred(step) & names <= placed)
        waiting.remove(ready)
        done.append(ready)
    return done


def refused(step: Json, request: Json) -> list[str]:
    """What the service would say against a step's request, all references in it replaced."""
    operation, own = OPERATIONS[step["Type"]]
    found = violations("sagemaker", operation, {**request, own: f"pipelines-{step['Name']}"})
    if not found and "ModelCard" in request:
        # To the service model a card is any text.
        content = request["ModelCard"]["ModelCardContent"]
        found = [f"ModelCard: {fault}" for fault in model_card.faults(content)]
    return found


def _referred(step: Json) -> set[str]:
    return set(REFERENCE.findall(json.dumps(step["Arguments"]))) - {step["Name"]}


def _holds(conditions: list[Json], execution: Execution) -> bool:
    if unknown := {one["Type"] for one in conditions} - {"Equals"}:
        raise StepError(f"a condition of type {unknown.pop()} is not known here")
    return all(
        execution.value(one["LeftValue"]) == execution.value(one["RightValue"])
        for one in conditions
    )
