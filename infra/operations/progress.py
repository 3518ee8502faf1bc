"""The steps of an execution on a terminal: what ends stays, what runs is on the last line."""

import sys
from datetime import UTC, datetime
from typing import Any, TextIO

Step = dict[str, Any]
ENDED = ("Succeeded", "Failed", "Stopped")


class Progress:
    """Say what is new since the last look. Piped, there are plain lines and no last line."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self.stream = stream
        self.live = stream.isatty()
        self.said: dict[str, str] = {}

    def show(self, steps: list[Step]) -> None:
        """Look at the steps as ListPipelineExecutionSteps gives them."""
        self.clear()
        for step in steps:
            name, status = step["StepName"], step["StepStatus"]
            if self.said.get(name) != status and (status in ENDED or not self.live):
                self._line(name, status.lower(), step)
            self.said[name] = status
        running = [step for step in steps if step["StepStatus"] not in ENDED]
        if self.live and running:
            words = ", ".join(f"{step['StepName']} {_took(step)}".strip() for step in running)
            self.stream.write(f"  ... {words}")
            self.stream.flush()

    def clear(self) -> None:
        """Take the last line away."""
        if self.live:
            self.stream.write("\r\x1b[2K")

    def _line(self, name: str, status: str, step: Step) -> None:
        cached = " (from an earlier execution)" if "CacheHitResult" in step else ""
        took = f", {_took(step)}" if "EndTime" in step else ""
        self.stream.write(f"  {name}: {status}{took}{cached}\n")
        self.stream.flush()


def _took(step: Step) -> str:
    """Minutes and seconds since the step began, `2:05`."""
    if "StartTime" not in step:
        return ""
    seconds = int((step.get("EndTime", datetime.now(UTC)) - step["StartTime"]).total_seconds())
    return f"{seconds // 60}:{seconds % 60:02}"
