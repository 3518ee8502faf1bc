"""The contract against the Open Data Contract Standard's own schema."""

import json
import re
from importlib.resources import files
from pathlib import Path

from jsonschema import Draft201909Validator
from jsonschema.exceptions import ValidationError, best_match

from ..errors import UserError
from ..yaml_file import YamlFile


def check(path: Path) -> None:
    """Hold a contract against the standard.

    Raises:
        UserError: it is no YAML, or departs from the standard; every place is named, with its line.
    """
    file = YamlFile(path)
    schema = json.loads((files("open_data_contract_standard") / "schema.json").read_text(encoding="utf-8"))
    # By way of JSON, which the standard's schema is written for, and which has no dates.
    document = json.loads(json.dumps(file.value, default=str))
    problems = [best_match([problem]) for problem in Draft201909Validator(schema).iter_errors(document)]
    if found := {_told(file, problem) for problem in problems if problem}:
        raise UserError("the contract departs from the standard:\n  " + "\n  ".join(sorted(found)))


def _told(file: YamlFile, problem: ValidationError) -> str:
    """Where a departure is, and what it is."""
    # A key that the standard does not know is told of the thing that it is in.
    unknown = re.search(r"'([^']+)' (?:was|were) unexpected", problem.message)
    place = [*problem.absolute_path, *([unknown[1]] if unknown else [])]
    where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return f"{file.name}:{file.line(*place)}: {where.lstrip('.') or 'the document'}: {problem.message}"
