"""References from one step to what another has made, as the pipeline resolves them when it runs."""

from dataclasses import dataclass
from typing import Any

from .graph import Stage

Json = dict[str, Any]

GATE, PACKAGE = "evaluate", "package"
EXECUTION = {"Get": "Execution.PipelineExecutionId"}


@dataclass(frozen=True)
class PropertyFile:
    """A file of a stage's output in which the pipeline itself can look things up."""

    stage: str
    name: str
    path: str


VERDICT = PropertyFile(GATE, "verdict", "verdict.json")
CONTENTS = PropertyFile(PACKAGE, "package", "package.json")
CARD = PropertyFile(PACKAGE, "card", "card.json")
PROPERTIES = (VERDICT, CONTENTS, CARD)


def output_of(stage: Stage) -> Json:
    """Where a step has left its directory: by property, as a cached step has left it elsewhere."""
    if stage.hints.job == "training":
        return {"Get": f"Steps.{stage.step}.ModelArtifacts.S3ModelArtifacts"}
    output = f"ProcessingOutputConfig.Outputs['{stage.output}']"
    return {"Get": f"Steps.{stage.step}.{output}.S3Output.S3Uri"}


def file(stage: Stage, name: str) -> Json:
    """Where a file of a processing step's directory is."""
    return join("/", output_of(stage), name)


def look_up(file: PropertyFile, path: str) -> Json:
    """A value of a property file, such as `$.passed`."""
    properties = {"Get": f"Steps.{file.stage}.PropertyFiles.{file.name}"}
    return {"Std:JsonGet": {"PropertyFile": properties, "Path": path}}


def join(separator: str, *values: Any) -> Json:
    """Texts and references as one text."""
    return {"Std:Join": {"On": separator, "Values": list(values)}}
