"""How a command starts other programs, and how it ends: a mistake is told in one sentence."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from ..errors import UserError

INSTALL = {
    "git": "install it from https://git-scm.com",
    "pulumi": "install it as https://www.pulumi.com/docs/install says",
}
LOG_IN = "log in first, for instance with `aws sso login`"
INTERRUPTED = 130


def run(main: Callable[[], None]) -> None:
    """Run a command; what a person can mend becomes one line on stderr and exit code 1."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    try:
        main()
    except UserError as error:
        sys.exit(f"error: {error}")
    except ClientError as error:
        about = error.response["Error"]
        sys.exit(
            f"error: AWS refuses {error.operation_name}: {about.get('Message') or about['Code']}"
        )
    except BotoCoreError as error:
        sys.exit(f"error: AWS cannot be asked ({str(error).rstrip('.')}): {LOG_IN}")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def output(*command: str, cwd: Path, given: str | None = None) -> str:
    """What a program prints, without the last line's end; `given` is its standard input.

    Raises:
        UserError: it is not installed, or fails; with its last words.
    """
    done = _start(command, cwd, given=given, capture=True)
    if done.returncode:
        words = [line for line in done.stderr.splitlines() if line.strip()] or [
            "it says nothing more"
        ]
        raise UserError(f"`{' '.join(command[:3])}` failed: {words[-1].strip()}")
    return str(done.stdout).rstrip("\n")


def follow(*command: str, cwd: Path, environment: Mapping[str, str] | None = None) -> bool:
    """Run a program that talks to the terminal itself; whether it succeeded.

    Raises:
        UserError: it is not installed.
    """
    sys.stdout.flush()
    return _start(command, cwd, environment=environment).returncode == 0


def _start(
    command: tuple[str, ...],
    cwd: Path,
    *,
    given: str | None = None,
    capture: bool = False,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            input=given,
            capture_output=capture,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        remedy = INSTALL.get(command[0], "install it, or name another with CONTAINER=")
        raise UserError(f"{command[0]} is missing: {remedy}") from None
