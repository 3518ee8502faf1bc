"""A program's stack, by way of the Pulumi CLI that a person uses."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import project
from . import command


@dataclass(frozen=True)
class Stack:
    """One program in one environment."""

    program: str
    environment: str
    root: Path

    @property
    def folder(self) -> Path:
        """Where the program is."""
        return self.root / "infra" / self.program

    @property
    def name(self) -> str:
        """The stack's name; with its organisation, where Pulumi Cloud has one."""
        about = project.configuration(self.program, self.environment, self.root)
        key = f"{project.load(self.root).slug}-{self.program}:organization"
        organization = about.get(key, "organization")
        return (
            self.environment
            if organization == "organization"
            else f"{organization}/{self.environment}"
        )

    def exists(self) -> bool:
        """Whether it has been made."""
        listed = json.loads(self._ask("stack", "ls", "--json"))
        return any(stack["name"] in (self.name, self.environment) for stack in listed)

    def outputs(self) -> dict[str, Any]:
        """What the program has exported, secrets left out."""
        return dict(json.loads(self._ask("stack", "output", "--json", "--stack", self.name)))

    def state(self) -> dict[str, Any]:
        """All that Pulumi knows of the stack; secrets stay encrypted."""
        return dict(json.loads(self._ask("stack", "export", "--stack", self.name)))

    def configure(self, values: dict[str, str]) -> None:
        """Write settings into the stack file, all or none."""
        pairs = [
            word for key, value in values.items() for word in ("--plaintext", f"{key}={value}")
        ]
        self._ask("config", "set-all", "--stack", self.name, *pairs)

    def preview(self) -> bool:
        """Show what would change, what was changed behind Pulumi included; whether it could."""
        return self._follow("preview", "--refresh", "--stack", self.name)

    def plan(self) -> list[dict[str, Any]]:
        """What would change, step by step, each with its `op` and `urn`."""
        shown = self._ask("preview", "--refresh", "--json", "--stack", self.name)
        return list(json.loads(shown).get("steps", []))

    def up(self) -> bool:
        """Change it, without asking; whether it went well."""
        return self._follow("up", "--refresh", "--yes", "--skip-preview", "--stack", self.name)

    def _ask(self, *arguments: str) -> str:
        return command.output("pulumi", *arguments, "--non-interactive", cwd=self.folder)

    def _follow(self, *arguments: str) -> bool:
        return command.follow("pulumi", *arguments, cwd=self.folder)
