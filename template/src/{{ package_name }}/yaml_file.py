"""YAML that people write: its values, and the line of each, so that a mistake can be found."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from .errors import UserError

T = TypeVar("T")
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlFile:
    """A YAML file as it is.

    Raises:
        UserError: it is missing, is empty, is no YAML, or says a thing twice.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            raise UserError(f"{path} is missing: restore it with `git checkout {path.name}`") from None
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise self.error(line, "not UTF-8: save the file with that encoding") from None
        self.value, self._root = self._parsed(text)

    def fits(self, kind: type[T]) -> T:
        """The values as a `kind`.

        Raises:
            UserError: they are none.
        """
        try:
            return msgspec.convert(self.value, kind, builtin_types=(datetime, date))
        except msgspec.ValidationError as error:
            raise self.error(self.line(*_place(str(error))), str(error)) from None

    def line(self, *place: str | int) -> int:
        """The line, from 1, of what is at a place such as `"schema", 0`, or of the nearest around it."""
        node, line = self._root, 1
        for step in place:
            below = next(((name, value) for name, value in _children(node) if _key(name) == step), None)
            if below is None:
                break
            name, node = below
            line = int((node if isinstance(step, int) else name).start_mark.line) + 1
        return line

    def error(self, line: int, message: str) -> UserError:
        """A mistake at a line."""
        return UserError(f"{self.name}:{line}: {message}")

    def _parsed(self, text: str) -> tuple[Any, Any]:
        """The values, and the tree that knows their lines."""
        loader = Loader(text)
        try:
            root = loader.get_single_node()
            if root is None:
                raise UserError(f"{self.name} is empty: restore it with `git checkout {self.name}`")
            for node in _nodes(root):
                self._check(node, loader)
            return loader.construct_document(root), root
        except yaml.MarkedYAMLError as error:
            raise self.error(error.problem_mark.line + 1, f"no YAML: {_told(error)}") from None
        except yaml.reader.ReaderError as error:
            line = text[: error.position].count("\n") + 1
            raise self.error(line, "no YAML: it has a character that no text has") from None
        finally:
            loader.dispose()

    def _check(self, node: Any, loader: Any) -> None:
        """YAML takes the second of two things with one name, and would lose the first in silence."""
        if isinstance(node, yaml.MappingNode):
            seen: dict[tuple[str, str], int] = {}
            for key, _ in node.value:
                name, line = (key.tag, _key(key)), key.start_mark.line + 1
                if name in seen and key.tag != "tag:yaml.org,2002:merge":
                    raise self.error(line, f"`{name[1]}` is there already, in line {seen[name]}: keep one")
                seen[name] = line
        elif isinstance(node, yaml.ScalarNode):
            try:
                loader.construct_object(node)
            except ValueError as error:
                raise self.error(node.start_mark.line + 1, f"`{node.value}` is no date: {error}") from None


def _told(error: Any) -> str:
    if error.context_mark is None:
        return str(error.problem)
    return f"{error.problem} {error.context}, begun in line {error.context_mark.line + 1}"


def _nodes(root: Any) -> Iterator[Any]:
    """Every node once, however often it is referred to."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        waiting += [value for _, value in _children(node)]


def _children(node: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(node, yaml.MappingNode):
        yield from node.value
    elif isinstance(node, yaml.SequenceNode):
        yield from enumerate(node.value)


def _key(name: Any) -> Any:
    """What a child is called: its place in a list, or the text of its key."""
    return name if isinstance(name, int) else str(name.value)


def _place(message: str) -> list[str | int]:
    """The place that a message of msgspec ends with, as in ``... - at `$.schema[0].name` ``."""
    place: list[str | int] = []
    if found := re.search(r"at `\$(.*)`$", message):
        # `[...]` is a key of a dictionary, and it does not say which.
        known = found[1].partition("[...]")[0]
        place += [int(i) if i else name for name, i in re.findall(r"\.([^.\[]+)|\[(\d+)\]", known)]
    if unknown := re.search(r"unknown field `(.+?)`", message):
        place.append(unknown[1])
    return place
