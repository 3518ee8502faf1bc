"""The compiled pipeline of an environment: a table for people, JSON for programs."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import project
from ..errors import UserError
from ..names import ACCOUNT, CIPHERTEXT, DIGEST, ENVIRONMENTS, Names
from . import graph
from .references import Json
from .sagemaker import definition
from .target import Target

KEY = "key/00000000-0000-0000-0000-000000000000"
# Of an existing network, as foundation's stack file names them.
NETWORK = ("subnetIds", "securityGroupIds")


@dataclass(frozen=True)
class Known:
    """A target, what in it is only a placeholder, and whether the network is left out."""

    target: Target
    made_up: tuple[str, ...]
    without_network: bool


def run(arguments: list[str]) -> None:
    """Print the pipeline of the environment named, or of `dev`; a UserError becomes one line."""
    try:
        environment = arguments[0] if arguments else ENVIRONMENTS[0]
        known = target(environment)
        stages = graph.load()
        compiled = definition(stages, known.target)
    except UserError as error:
        sys.exit(f"error: {error}")
    print(header(environment, known), file=sys.stderr)
    if not sys.stdout.isatty():
        print(json.dumps(compiled, indent=2))
        return
    print("\n".join(table(compiled)))
    print(f"\nAll of it: make pipeline ENV={environment} | less")


def header(environment: str, known: Known) -> str:
    """What is shown, and what in it is not the environment's own; for stderr, as no part of it."""
    said = f"pipeline: {environment}, with placeholders for {', '.join(known.made_up)}"
    if known.without_network:
        said += "; without a network, whose ids are not in the stack file"
    return said


def target(environment: str, root: Path = project.ROOT) -> Known:
    """What the stack files say of an environment, and placeholders for what they do not.

    Raises:
        UserError: there is no such environment, or its stack file is missing or has no region.
    """
    about, account = project.load(root), project.account(environment, root)
    slug = about.slug
    names = Names(slug, environment, account or ACCOUNT, project.region(environment, root))
    training = project.configuration("training", environment, root)
    images = {kind: training.get(f"{slug}-training:{kind}Image") for kind in ("train", "serve")}
    encrypted = (
        training.get(f"{slug}-training:pseudonymKey", CIPHERTEXT) if about.pseudonymised else ""
    )
    repository = f"{names.account}.dkr.ecr.{names.region}.{names.domain}/{slug}"
    made_up = [] if account else [f"the account ({ACCOUNT})"]
    made_up += ["the key"]
    made_up += [f"the {kind} image" for kind, digest in images.items() if not digest]
    made_up += ["the key of pseudonyms"] if encrypted == CIPHERTEXT else []
    foundation = project.configuration("foundation", environment, root)
    network = foundation.get(f"{slug}-foundation:network")
    subnets, groups = (_ids(foundation, f"{slug}-foundation:{key}") for key in NETWORK)
    known = Target.of(
        names,
        train_image=f"{repository}@{images['train'] or DIGEST}",
        serve_image=f"{repository}@{images['serve'] or DIGEST}",
        key_arn=names.arn("kms", KEY),
        pseudonym_key=encrypted,
        subnets=subnets,
        security_groups=groups,
        root=root,
    )
    return Known(known, tuple(made_up), without_network=network != "none" and not subnets)


def _ids(foundation: dict[str, Any], key: str) -> tuple[str, ...]:
    """The parts of an existing network; those of a new one are known when it is made."""
    named = foundation.get(key)
    return tuple(named) if isinstance(named, list) else ()


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
