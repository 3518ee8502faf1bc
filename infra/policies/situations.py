"""The situations in which the rules must hold: each environment as its stack files have it, with
other choices, and with a released model in each shape of serving."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra import project
from infra.names import ACCOUNT, PROGRAMS, Names
from infra.rehearsal import record
from infra.rehearsal.record import Resource
from infra.rehearsal.written import written

from . import violations
from .rule import Violation

SHAPES = ("realtime", "serverless", "batch")
# What stack files may choose otherwise; None takes away what goes with another choice.
OTHER_CHOICES = {
    "tracking": "managed",
    "oidc": "create",
    "ciProvider": "gitlab",
    "network": "none",
    "availabilityZones": None,
    "subnetIds": None,
    "securityGroupIds": None,
}


@dataclass(frozen=True)
class Situation:
    """`settings` are laid over the stack files, by program."""

    environment: str
    name: str
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    released: bool = False


def situations(environment: str) -> list[Situation]:
    """What an environment can be like. The first is what its stack files say."""
    training = {"training": written("training")}
    return [
        Situation(environment, "as configured", training),
        Situation(environment, "other choices", {**training, "foundation": OTHER_CHOICES}),
        *(
            Situation(environment, shape, {**training, "serving": {"shape": shape}}, released=True)
            for shape in SHAPES
        ),
    ]


class Recorder:
    """Runs programs, each only once for the same settings."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], list[Resource]] = {}

    def resources(self, situation: Situation) -> list[Resource]:
        """Everything that the three programs register."""
        return [one for program in PROGRAMS for one in self._program(program, situation)]

    def found(self, environment: str) -> Iterator[tuple[str, Violation]]:
        """What breaks a rule in any situation of an environment, each thing once."""
        seen: set[Violation] = set()
        for situation in situations(environment):
            for violation in violations(self.resources(situation)):
                if violation not in seen:
                    seen.add(violation)
                    yield environment, violation

    def _program(self, program: str, situation: Situation) -> list[Resource]:
        settings = situation.settings.get(program, {})
        released = situation.released and program == "serving"
        key = (program, situation.environment, tuple(settings.items()), released)
        if key not in self._known:
            release = a_release(situation.environment) if released else None
            self._known[key] = record.record(program, situation.environment, settings, release)
        return self._known[key]


def a_release(environment: str) -> project.Release:
    """A released model, as `released.yaml` would name it."""
    names = Names(project.load().slug, environment, ACCOUNT, project.region(environment))
    return project.Release(
        artifact=f"s3://{names.bucket('artifacts')}/pipeline/models/1/package/model.tar.gz",
        digest="0" * 64,
        package=names.arn("sagemaker", f"model-package/{names.slug}/1"),
    )
