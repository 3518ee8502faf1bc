"""`make promote`: a version of the model becomes the released one of an environment.

It is checked, written into released.yaml, previewed and, once a person has agreed, opened to the
endpoint and applied. An older version is released in the same way: that is how one goes back.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import boto3

from .. import project
from ..errors import UserError
from ..names import Names
from ..project import Release
from . import command, environment, released_file
from .package import Package
from .stacks import Stack


def main(root: Path = project.ROOT) -> None:
    """Release one version in one environment."""
    parser = argparse.ArgumentParser(prog="make promote", description=__doc__)
    parser.add_argument("environment", nargs="?", default="")
    parser.add_argument("model", nargs="?", default="")
    parser.add_argument("--yes", action="store_true", help="apply without asking")
    given = parser.parse_args()
    if not given.model:
        raise UserError(unnamed(project.load(root).slug))
    names = environment.names(given.environment, root)
    session = environment.connect(names)
    package = checked(session, names, given.model)

    def agreed() -> bool:
        if not (given.yes or ask()):
            return False
        open_up(session, names, package)
        return True

    promote(Stack("serving", given.environment, root), package.release, root, agreed)


def unnamed(group: str) -> str:
    """What to say where no model is named."""
    return (
        "MODEL is missing: add MODEL=<the ARN of an approved version>. `make run-pipeline` ends "
        "with the ARN of the version that it made, and "
        f"`aws sagemaker list-model-packages --model-package-group-name {group} "
        "--model-approval-status Approved` lists those that are approved"
    )


def checked(session: boto3.Session, names: Names, arn: str) -> Package:
    """The version, once everything that can be known beforehand is known.

    Raises:
        UserError: the package may not be released; why, and what to do.
    """
    package = Package.read(session, arn, names)
    package.require_approved(names)
    package.require_image(session)
    package.require_artifact(session, names)
    print(f"promote: {arn} is approved, its image and its artefact are there")
    if not package.tagged(session):
        print(f"promote: {package.artifact} is not tagged approved=true yet: your yes does that")
    return package


def open_up(session: boto3.Session, names: Names, package: Package) -> None:
    """Let the endpoint read the artefact.

    Raises:
        UserError: these credentials may not, as only the approver may.
    """
    if package.tag(session, names):
        print(f"promote: {package.artifact} tagged approved=true, so that the endpoint may read it")


def promote(stack: Stack, release: Release, root: Path, agreed: Callable[[], bool]) -> None:
    """Write, preview, ask, apply. Unless it is applied, released.yaml is as it was.

    Raises:
        UserError: the preview fails, or the update does; with the way back.
    """
    file = root / "released.yaml"
    before = file.read_bytes().decode()
    last = project.release(stack.environment, root)
    if last == release:
        print(
            f"promote: released.yaml names it in {stack.environment} already; it is applied again"
        )
    else:
        released_file.replace(file, released_file.with_release(before, stack.environment, release))
        print(f"promote: written into released.yaml for {stack.environment}")
    kept = False
    try:
        if not stack.preview():
            raise UserError("the preview failed, so nothing is changed: Pulumi says why above")
        if not agreed():
            print("promote: nothing is changed")
            return
        kept = True
    finally:
        if not kept:
            released_file.replace(file, before)
    if not stack.up():
        raise UserError(
            f"the update failed: Pulumi says why above; {way_back(stack.environment, last)}"
        )
    print("promote: done; record it: git commit released.yaml --message 'Release a model'")


def way_back(where: str, last: Release | None) -> str:
    """How to serve what was served before."""
    again = "to try once more, run the same command"
    if last is None or last.package is None:
        undo = (
            "git checkout released.yaml; docs/cloud.md, Taking it down, says how to undo the rest"
        )
    else:
        undo = f"make promote MODEL={last.package} ENV={where}"
    return f"{again}; to go back:\n  {undo}"


def ask() -> bool:
    """Whether a person agrees.

    Raises:
        UserError: nobody is there to answer.
    """
    try:
        return input("promote: apply this? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        raise UserError("nobody is there to say yes: add YES=1") from None


if __name__ == "__main__":
    command.run(main)
