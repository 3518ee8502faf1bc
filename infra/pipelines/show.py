"""The compiled pipeline of an environment: a table for people, JSON for programs."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .. import project
from ..errors import UserError
from ..names import Names
from . import graph
from .references import Json
from .sagemaker import definition
from .target import Target

ENVIRONMENTS = ("dev", "staging", "prod")
# Stands for what no stack file says yet; AWS uses this number in its own examples.
ACCOUNT = "123456789012"
DIGEST = "sha256:" + "0" * 64
KEY = "key/00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Known:
    """A target, and what in it is only a placeholder."""

    target: Target
    made_up: tuple[str, ...]


def run(arguments: list[str]) -> None:
    """Print the pipeline of the environment named, or of `dev`; a UserError becomes one line."""
    try:
        environment = arguments[0] if arguments else ENVIRONMENTS[0]
        known = target(environment)
        stages = graph.load()
        compiled = definition(stages, known.target)
    except UserError as error:
        sys.exit(f"error: {error}")
    if not sys.stdout.isatty():
        print(json.dumps(compiled, indent=2))
        return
    print("\n".join(table(compiled)))
    print(f"\nPlaceholders, for what no stack file says: {', '.join(known.made_up)}.")
    print(f"All of it: make pipeline ENV={environment} | less")


def target(environment: str, root: Path = project.ROOT) -> Known:
    """What the stack files say of an environment, and placeholders for what they do not.

    Raises:
        UserError: there is no such environment, or no stack file for it.
    """
    if environment not in ENVIRONMENTS:
        raise UserError(f"ENV is {environment!r}: it is one of {', '.join(ENVIRONMENTS)}")
    config = _config(root, environment)
    slug = project.load(root).slug
    account = str((config.get("aws:allowedAccountIds") or [""])[0])
    names = Names(slug, environment, account or ACCOUNT, config["aws:region"])
    images = {kind: config.get(f"{slug}-training:{kind}Image") for kind in ("train", "serve")}
    repository = f"{names.account}.dkr.ecr.{names.region}.amazonaws.com/{slug}"
    made_up = ["the key", "the network"]
    made_up += [f"the {kind} image" for kind, digest in images.items() if not digest]
    made_up += [] if account else ["the account"]
    known = Target.of(
        names,
        train_image=f"{repository}@{images['train'] or DIGEST}",
        serve_image=f"{repository}@{images['serve'] or DIGEST}",
        key_arn=names.arn("kms", KEY),
        root=root,
    )
    return Known(known, tuple(made_up))


def _config(root: Path, environment: str) -> dict[str, Any]:
    """What the stack files say of the place and of the images."""
    found: dict[str, Any] = {}
    for program in ("foundation", "training"):
        name = f"infra/{program}/Pulumi.{environment}.yaml"
        try:
            found |= yaml.safe_load((root / name).read_text(encoding="utf-8"))["config"]
        except FileNotFoundError:
            raise UserError(f"{name} is missing: restore it with `git checkout {name}`") from None
    return found


def table(compiled: Json) -> list[str]:
    """The steps, one a line: what each is, runs on and reads."""
    lines = [_line("step", "type", "machine", "cached", "reads")]
    for step in compiled["Steps"]:
        lines += _lines(step, "")
    parameters = [f"{one['Name']} = {one['DefaultValue']}" for one in compiled["Parameters"]]
    return [*lines, "", "Parameters of an execution: " + ", ".join(parameters)]


def _lines(step: Json, indent: str) -> list[str]:
    arguments = step["Arguments"]
    cached = step.get("CacheConfig", {}).get("ExpireAfter", "-")
    reads = ", ".join(_reads(arguments))
    return [
        _line(indent + step["Name"], step["Type"], _machine(arguments), cached, reads),
        *(line for one in arguments.get("IfSteps", []) for line in _lines(one, "  ")),
        *(line for one in arguments.get("ElseSteps", []) for line in _lines(one, "  else ")),
    ]


def _line(step: str, kind: str, machine: str, cached: str, reads: str) -> str:
    return f"{step:<18}{kind:<15}{machine:<18}{cached:<8}{reads}".rstrip()


def _reads(arguments: Json) -> list[str]:
    if "Conditions" in arguments:
        return [arguments["Conditions"][0]["LeftValue"]["Std:JsonGet"]["Path"]]
    return [one["InputName"] for one in arguments.get("ProcessingInputs", [])] + [
        one["ChannelName"] for one in arguments.get("InputDataConfig", [])
    ]


def _machine(arguments: Json) -> str:
    resources = arguments.get("ResourceConfig") or arguments.get("ProcessingResources", {}).get(
        "ClusterConfig"
    )
    return f"{resources['InstanceCount']} {resources['InstanceType']}" if resources else "-"
