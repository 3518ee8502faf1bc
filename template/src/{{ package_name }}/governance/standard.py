"""The contract against the Open Data Contract Standard's own schema."""

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft201909Validator
from jsonschema.exceptions import ValidationError, best_match

from ..errors import UserError


def check(path: Path) -> None:
    """Hold a contract against the standard.

    Raises:
        UserError: it is no YAML, or departs from the standard; every place is named, with its line.
    """
    text = path.read_text(encoding="utf-8")
    try:
        root = yaml.compose(text)
    except yaml.YAMLError as error:
        raise UserError(f"{path.name} is no YAML: {' '.join(str(error).split())}") from None
    schema = json.loads((files("open_data_contract_standard") / "schema.json").read_text(encoding="utf-8"))
    # By way of JSON, which the standard's schema is written for, and which has no dates.
    document = json.loads(json.dumps(yaml.safe_load(text), default=str))
    problems = [best_match([problem]) for problem in Draft201909Validator(schema).iter_errors(document)]
    if found := {_told(path.name, root, problem) for problem in problems if problem}:
        raise UserError("the contract departs from the standard:\n  " + "\n  ".join(sorted(found)))


def _told(name: str, root: Any, problem: ValidationError) -> str:
    """Where a departure is, and what it is."""
    # A key that the standard does not know is told of the thing that it is in.
    unknown = re.search(r"'([^']+)' (?:was|were) unexpected", problem.message)
    place = [*problem.absolute_path, *([unknown[1]] if unknown else [])]
    where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return f"{name}:{line(root, place)}: {where.lstrip('.') or 'the document'}: {problem.message}"


def line(node: Any, place: list[str | int]) -> int:
    """The line, from 1, of what is at a place in a YAML document, or of the nearest thing around it."""
    for step in place:
        below = dict(_children(node)).get(step)
        if below is None:
            break
        node = below
    return int(node.start_mark.line) + 1 if node is not None else 1


def _children(node: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((key.value, value) for key, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        yield from enumerate(node.value)
