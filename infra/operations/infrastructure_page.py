"""docs/infrastructure.md: the pipeline and the programs, drawn from themselves."""

from pathlib import Path

from .. import project
from ..names import ACCOUNT, ENVIRONMENTS, Names
from ..pipelines import graph
from ..project import Release
from ..rehearsal.record import Resource, record
from ..rehearsal.written import written
from . import at_rest, diagram

# Each program where it has most: dev owns what exists once, prod starts the pipeline by itself.
SHOWN = {"foundation": "dev", "training": "prod", "serving": "prod"}
INTRODUCTION = """\
# Infrastructure

Drawn by `make graph` from the programs in `infra/` and from `dvc.yaml`: change those, and run it
again. How to bring it up, and how to work with it, is in [cloud.md](cloud.md).

## The pipeline
"""
ABOUT = {
    "foundation": "What the other two stand on; as in {shown}, the owner of what exists once.",
    "training": "The pipeline, what starts it, and who hears when it fails; as in {shown}.",
    "serving": "The released model and how it is watched; as in {shown}, with a model released.",
}


def page(root: Path) -> str:
    """The whole page; the same for the same programs."""
    everything = {name: _all(name, root) for name in ENVIRONMENTS}
    slug = project.load(root).slug
    parts = [INTRODUCTION, _picture(diagram.pipeline(graph.load(root)))]
    for program, shown in SHOWN.items():
        resources = everything[shown][program]
        count = sum(resource.custom for resource in resources)
        drawn = diagram.program(resources, f"{slug}-{shown}")
        parts.append(f"\n## {program.capitalize()}\n\n{ABOUT[program].format(shown=shown)}")
        parts.append(f"{count} resources; an arrow means `needs`.\n\n{_picture(drawn)}")
    flat = {
        name: [r for some in found.values() for r in some] for name, found in everything.items()
    }
    parts.append(
        "\n## What is billed at rest\n\nQuantities by environment, besides storage and logs.\n"
    )
    return "\n".join([*parts, at_rest.table(flat), ""])


def _all(name: str, root: Path) -> dict[str, list[Resource]]:
    """What each program registers in an environment once images are pushed and a model released."""
    return {
        program: record(program, name, written(program, root), _released(name, root), root=root)
        for program in SHOWN
    }


def _released(name: str, root: Path) -> Release:
    slug = project.load(root).slug
    names = Names(slug, name, ACCOUNT, project.region(name, root))
    package = names.arn("sagemaker", f"model-package/{slug}/1")
    return Release(f"s3://{names.bucket('artifacts')}/model.tar.gz", "0" * 64, package)


def _picture(drawn: str) -> str:
    return f"```mermaid\n{drawn}\n```"
