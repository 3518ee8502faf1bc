"""The process in which programs run: reads a command a line, and answers each with one line.

It holds the provider, so everything that was made is there for the next command.
"""

import json
import runpy
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pulumi import automation

from infra import project

from .cloud import Cloud
from .provider import Provider, serve

Stack = automation.Stack
# As at the command line, nothing is taken away before the engine has looked at all of it: otherwise
# it stops at what is protected with half of the rest gone.
ACTS: dict[str, tuple[Callable[..., Any], ...]] = {
    "preview": (Stack.preview,),
    "up": (Stack.up,),
    "destroy": (Stack.preview_destroy, Stack.destroy),
}


class Worker:
    """Runs the programs of the project in the current directory, as `rehearsal` tells it."""

    def __init__(self, cli: str, state: str, slug: str, cloud: Cloud) -> None:
        self.cloud = cloud
        self.provider = Provider(slug, cloud)
        self.server, port = serve(self.provider)
        self.engine = automation.PulumiCommand(root=cli or None)
        self.environment = {
            "PULUMI_BACKEND_URL": f"file://{state}",
            "PULUMI_CONFIG_PASSPHRASE": "rehearsal",
            "PULUMI_DEBUG_PROVIDERS": f"aws:{port}",
            # Or the engine fetches the real provider, which is of no use here, five times over.
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_HOME": f"{state}/home",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        self.stacks: dict[tuple[str, str], automation.Stack] = {}

    def answer(self, command: dict[str, Any]) -> dict[str, Any]:
        """Do what a command says, and tell how it went."""
        if command["do"] == "roll back":
            self.cloud.rolls_back = command["on"]
            return {"error": None}
        sent, began = len(self.cloud.sent), time.monotonic()
        steps: list[dict[str, Any]] = []
        error = self._run(command, steps)
        return {
            "error": error,
            "seconds": time.monotonic() - began,
            "steps": steps,
            "calls": [asdict(call) for call in self.cloud.sent[sent:]],
        }

    def _run(self, command: dict[str, Any], steps: list[dict[str, Any]]) -> str | None:
        stack = self._stack(command["program"], command["environment"])
        said: list[str] = []

        def heard(event: automation.EngineEvent) -> None:
            if (before := event.resource_pre_event) is not None:
                steps.append(_step(before.metadata))
            if (told := event.diagnostic_event) is not None and told.severity == "error":
                said.append(told.message)

        if command["do"] == "unprotect":
            arguments = ["state", "unprotect", "--all", "--yes", "--stack", stack.name]
            self.engine.run(arguments, stack.workspace.work_dir, self.environment)
            return None
        try:
            for act in ACTS[command["do"]]:
                steps.clear()
                act(stack, on_event=heard, **command["options"])
        except automation.CommandError as error:
            # The Automation API may miss the last events; the output has them all.
            return "\n".join([*said, str(error)])
        return None

    def _stack(self, program: str, environment: str) -> automation.Stack:
        key = (program, environment)
        if key not in self.stacks:
            self.stacks[key] = stack = automation.create_stack(
                environment,
                project_name=f"{self.provider.slug}-{program}",
                program=lambda: _program(program),
                opts=automation.LocalWorkspaceOptions(
                    work_dir=str(Path("infra") / program),
                    env_vars=self.environment,
                    pulumi_command=self.engine,
                ),
            )
            for question in ("outputs", "info"):
                # Asked of the engine after every operation, 0.5 s each, and read by nobody here.
                setattr(stack, question, lambda *_: {})
        return self.stacks[key]


def _program(program: str) -> None:
    # A module that was written twice within a second and is as long as before would pass for the
    # one that was compiled.
    shutil.rmtree(Path("infra") / program / "__pycache__", ignore_errors=True)
    # The project's files may have changed since the last program ran.
    project.load.cache_clear()
    runpy.run_module(f"infra.{program}", run_name="__main__")


def _step(about: Any) -> dict[str, Any]:
    state = about.new or about.old
    return {
        "op": about.op.value if hasattr(about.op, "value") else str(about.op),
        "type": about.type,
        "urn": about.urn,
        "parent": state.parent if state else "",
    }


def main() -> None:
    """Serve the commands of the parent process until it closes the pipe."""
    answers, sys.stdout = sys.stdout, sys.stderr
    cli, state, region, cloud = sys.argv[1:]
    worker = Worker(cli, state, project.load().slug, Cloud(region, answers=cloud == "moto"))
    for line in sys.stdin:
        print(json.dumps(worker.answer(json.loads(line)), default=str), file=answers, flush=True)


if __name__ == "__main__":
    main()
