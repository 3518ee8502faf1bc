"""One run of a pipeline: its parameters, what its steps have left, what references mean by now."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .references import Json

STEP = re.compile(r"Steps\.([A-Za-z0-9_-]+)\.(.+)")


@dataclass
class Execution:
    """`steps` are the names of those that ran, in order, `packages` the requests to the registry.

    `refusal` is the message of the step that ended the run, where one did.
    """

    identity: str
    parameters: dict[str, str]
    steps: list[str] = field(default_factory=list)
    packages: list[Json] = field(default_factory=list)
    refusal: str | None = None
    properties: dict[str, dict[str, Any]] = field(default_factory=dict)

    def record(self, step: str, properties: dict[str, Any] | None = None) -> None:
        """Note that a step ran, and what later ones may refer to."""
        self.steps.append(step)
        self.properties[step] = properties or {}

    def value(self, argument: Any) -> Any:
        """What an argument is by now: parameters, references, joins and look-ups replaced."""
        if isinstance(argument, list):
            return [self.value(item) for item in argument]
        if not isinstance(argument, Mapping):
            return argument
        match dict(argument):
            case {"Get": name}:
                return self._get(name)
            case {"Std:Join": {"On": separator, "Values": values}}:
                return separator.join(str(self.value(item)) for item in values)
            case {"Std:JsonGet": {"PropertyFile": {"Get": name}, "Path": path}}:
                return _look_up(self._get(name), path)
        return {name: self.value(item) for name, item in argument.items()}

    def _get(self, name: str) -> Any:
        if name == "Execution.PipelineExecutionId":
            return self.identity
        if name.startswith("Parameters."):
            return self.parameters[name.removeprefix("Parameters.")]
        found = STEP.fullmatch(name)
        if found is None:
            raise KeyError(f"{name} is no reference that is known here")
        step, path = found.groups()
        return self.properties[step][path]


def _look_up(content: Any, path: str) -> Any:
    """A value by its JSONPath: names after `$`, with dots between them."""
    for name in path.removeprefix("$.").split("."):
        content = content[name]
    return content
