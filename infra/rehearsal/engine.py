"""Pulumi's engine: the one on PATH, else one in the user's cache, fetched or built once."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pulumi.automation import PulumiCommand
from semver import VersionInfo

from infra.errors import UserError

# From here on an error in a resource hook fails the update.
OLDEST = VersionInfo(3, 238, 0)
# The newest whose source Go's module proxy has.
BUILT = "v3.258.0"
MODULE = f"""module engine

go 1.25.11

require (
	github.com/pulumi/pulumi/pkg/v3 {BUILT}
	github.com/pulumi/pulumi/sdk/v3 {BUILT}
)

replace github.com/atotto/clipboard => \
github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e
"""
# Without it the Automation API refuses the engine.
VERSION_FLAG = f"-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={BUILT}"
PACKAGES = 1700
MISSING = (
    f"Pulumi's engine ({OLDEST} or newer) is not here and could not be had: put `pulumi` on PATH "
    "(https://www.pulumi.com/docs/install), or install Go (https://go.dev/dl) and run "
    "`infra/.venv/bin/python -m infra.rehearsal.engine`, which builds it once (about 5 minutes)"
)

Say = Callable[[str], None]


def at_hand() -> PulumiCommand | None:
    """The engine on PATH, or in the cache; None where neither has one that is new enough."""
    places = ([None] if shutil.which("pulumi") else []) + [str(cache())]
    return next((found for place in places if (found := _of(place))), None)


def get(say: Say) -> PulumiCommand:
    """The engine at hand, else by Pulumi's installer, else built with Go; `say` hears how it goes.

    Raises:
        UserError: none of these works; it names what to install.
    """
    if found := at_hand():
        return found
    for way in (_install, _build):
        if found := way(say):
            return found
    raise UserError(MISSING)


def cache() -> Path:
    """Where an engine is kept that was fetched or built; `bin/pulumi` is below it."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "pulumi-engine"


def _of(root: str | None) -> PulumiCommand | None:
    if root and not (Path(root) / "bin" / "pulumi").exists():
        return None
    try:
        return PulumiCommand(root=root, version=OLDEST)
    except Exception:  # too old, or not a program of this machine: as good as none
        return None


def _install(say: Say) -> PulumiCommand | None:
    say("Pulumi's engine is neither on PATH nor in the cache: asking Pulumi's installer for it")
    try:
        return PulumiCommand.install(root=str(cache()))
    except Exception as error:  # whatever the network, the shell or the script may say
        say(f"the installer did not work ({type(error).__name__}: {error})")
        return None


def _build(say: Say) -> PulumiCommand | None:
    go = shutil.which("go")
    if go is None:
        say("there is no Go to build it with")
        return None
    say(f"building Pulumi's engine {BUILT} with Go; it takes some minutes, once")
    binary = cache() / "bin" / "pulumi"
    binary.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache()) as folder:
        (Path(folder) / "go.mod").write_text(MODULE)
        command = [
            *(go, "build", "-v", "-mod=mod", "-ldflags", f"-s -w {VERSION_FLAG}", "-o", "pulumi"),
            "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        ]
        if not _followed(command, folder, say):
            return None
        # In one step, so that two builds at once do not meet.
        (Path(folder) / "pulumi").replace(binary)
    return _of(str(cache()))


def _followed(command: list[str], folder: str, say: Say) -> bool:
    """Whether a command that prints a line per package ends well; told how far it is."""
    last = ""
    compiled, told = 0, time.monotonic()
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr or ():
            last = line.strip()
            compiled += not last.startswith("go: ")
            if time.monotonic() - told > 15:
                say(f"  {compiled} of about {PACKAGES} packages" if compiled else f"  {last}")
                told = time.monotonic()
    if process.returncode:
        say(f"the build did not work ({last})")
    return process.returncode == 0


if __name__ == "__main__":
    try:
        print(get(lambda text: print(text, file=sys.stderr, flush=True)).command)
    except UserError as error:
        sys.exit(f"error: {error}")
