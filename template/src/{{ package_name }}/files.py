"""Typed YAML and JSON files."""

from pathlib import Path
from typing import Any, TypeVar

import msgspec

from .errors import UserError
from .yaml_file import YamlFile

T = TypeVar("T")


def read_yaml(path: Path, kind: type[T]) -> T:
    """The content of a file that people write, as a `kind`.

    Raises:
        UserError: the file is missing, is not YAML, or does not fit; with the line.
    """
    return YamlFile(path).fits(kind)


def read_json(path: Path, kind: type[T]) -> T:
    """The content of a file that a stage has written, as a `kind`.

    Raises:
        UserError: the file is missing, or was written by another version of this code.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        raise UserError(f"{path} is missing: run `make repro` to make it") from None
    except msgspec.MsgspecError as error:
        raise UserError(f"{path} does not fit this version of the code: {error}") from error


def write_json(path: Path, value: Any) -> None:
    """Write a file that people can read and git can compare."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(value)) + b"\n")


def flatten(tree: dict[str, Any], separator: str = ".") -> dict[str, Any]:
    """One level instead of many: `{"train": {"seed": 7}}` becomes `{"train.seed": 7}`."""
    flat: dict[str, Any] = {}
    for name, value in tree.items():
        if isinstance(value, dict):
            flat |= {f"{name}{separator}{rest}": leaf for rest, leaf in flatten(value, separator).items()}
        else:
            flat[name] = value
    return flat
