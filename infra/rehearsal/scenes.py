"""What `make rehearse` plays on the real engine, and what it tells of it."""

import time

from infra import project
from infra.errors import UserError
from infra.names import ACCOUNT, PROGRAMS

from . import tree
from .record import record
from .rehearsal import Done, Rehearsal
from .written import written

# The requests that shift an endpoint to a model.
ROLLOUT = ("CreateModel", "CreateEndpointConfig", "CreateEndpoint", "UpdateEndpoint")
PACKAGE = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:model-package/made-up/1"
UNPROVEN = (
    "which change the real provider makes in place, and which by replacement",
    "quotas, service control policies, and whether the roles' rights are enough",
    "how long AWS takes, and a real rollback by a real alarm",
    "that the containers run as SageMaker starts them",
)


def say(text: str = "") -> None:
    """Tell how far it is, at once."""
    print(text, flush=True)


def show(stage: Rehearsal) -> None:
    """Bring each program up once, and print the tree of what would exist, a released model too."""
    _announce(stage)
    for program in PROGRAMS[:-1]:
        _told(program, "up", stage.up(program), show_tree=True)
    _told("serving", "up", stage.up("serving"))
    stage.release(stage.package(1))
    _told("serving", "promote", stage.preview("serving"), show_tree=True)


def sketch(environment: str) -> None:
    """The tree by Pulumi's mocks, where the engine is not at hand."""
    say("Pulumi's engine is not at hand, so the programs run under its mocks. `make rehearse` gets")
    say(f"the engine (some minutes, once) and runs them on it. Here is {environment}:")
    release = project.Release("s3://made-up/model.tar.gz", "0" * 64, PACKAGE)
    for program in PROGRAMS:
        began = time.monotonic()
        about = written(program)
        resources = record(program, environment, about, release if program == "serving" else None)
        size = f"{tree.count(resources):>3} resources"
        say(f"{program:<11} mocks     {size} {time.monotonic() - began:20.1f} s")
        for line in tree.lines(resources):
            say(line)


def play(stage: Rehearsal) -> None:
    """Preview, up, up again, two promotions, a refused destroy.

    Raises:
        UserError: one of them does not go as it must; the engine's own words are in it.
    """
    began = time.monotonic()
    _announce(stage)
    for program in PROGRAMS:
        _told(program, "preview", stage.preview(program))
        _told(program, "up", stage.up(program), show_tree=True)
        _unchanged(program, _told(program, "up again", stage.up(program)))
    for version in (1, 2):
        _promote(stage, version)
    for program in PROGRAMS:
        _refused(program, stage.destroy(program))
    say(f"\nAll of it went as it must, in {time.monotonic() - began:.0f} s.")
    say("Not proven without an account:")
    for line in UNPROVEN:
        say(f"  - {line}")
    say("`make prove` proves it in a real one.")


def _announce(stage: Rehearsal) -> None:
    say(f"{stage.environment} on Pulumi's real engine, with a provider of our own and no account:")


def _told(program: str, act: str, done: Done, *, show_tree: bool = False) -> Done:
    if done.error:
        raise UserError(f"{program}: {act} failed:\n{done.error}")
    size = f"{tree.count(done.steps):>3} resources, {len(done.calls):>3} requests"
    say(f"{program:<11} {act:<9} {size} {done.seconds:6.1f} s")
    if show_tree:
        for line in tree.lines(done.steps):
            say(line)
    return done


def _unchanged(program: str, done: Done) -> None:
    if touched := sorted(done.touched()):
        raise UserError(f"{program}: a second up, nothing changed, touches {', '.join(touched)}")


def _promote(stage: Rehearsal, version: int) -> None:
    stage.release(stage.package(version))
    done = stage.up("serving", refresh=True)
    _told("serving", f"promote {version}", done, show_tree=version == 1)
    say(f"  {' -> '.join(name for name in done.operations if name in ROLLOUT)}")


def _refused(program: str, done: Done) -> None:
    refused = "because it is protected" in (done.error or "")
    if not refused and program == "foundation":
        raise UserError("foundation: a destroy is not refused: nothing in it is protected")
    answer = f"refused, {done.protected} protected" if refused else "done, as nothing is protected"
    say(f"{program:<11} destroy   {answer}")
