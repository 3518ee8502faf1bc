"""released.yaml, changed as a person would: one environment, everything else as it was."""

import json
import os
import re
import tempfile
from pathlib import Path

import yaml

from ..errors import UserError
from ..project import Release


def with_release(text: str, environment: str, release: Release) -> str:
    """The file's text with another release in one environment; comments between environments stay.

    Raises:
        UserError: the file does not name the environment, or its layout cannot be changed.
    """
    lines = text.splitlines(keepends=True)
    starts = [at for at, line in enumerate(lines) if re.match(rf"{environment}\s*:", line)]
    if len(starts) != 1:
        raise UserError(
            f"released.yaml names {environment} {len(starts)} times: let it have one line "
            f"`{environment}: none`"
        )
    end = starts[0] + 1
    while end < len(lines) and lines[end][:1] in (" ", "\t"):
        end += 1
    values = {"artifact": release.artifact, "digest": release.digest, "package": release.package}
    block = [
        f"{environment}:\n",
        *(f"  {name}: {_scalar(value)}\n" for name, value in values.items()),
    ]
    changed = "".join([*lines[: starts[0]], *block, *lines[end:]])
    if yaml.safe_load(changed) != {**yaml.safe_load(text), environment: values}:
        raise UserError(
            f"released.yaml cannot be changed safely: write {environment} as its comment shows"
        )
    return changed


def _scalar(value: str | None) -> str:
    """A text as YAML reads it back; quoted where it would be a number, as a digest may be."""
    return str(value) if yaml.safe_load(str(value)) == value else json.dumps(value)


def replace(path: Path, text: str) -> None:
    """Write a file as a whole or not at all."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        Path(name).chmod(path.stat().st_mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
