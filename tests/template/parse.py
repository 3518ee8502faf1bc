"""Read the formats that the template writes, strictly."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

INSTRUCTIONS = {
    "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "RUN",
    "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
}  # fmt: skip


def parse(path: Path) -> Any:
    """The content of a structured file, or None where any text will do."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".toml":
        return tomllib.loads(text)
    if path.suffix in {".yml", ".yaml"}:
        return list(yaml.safe_load_all(text))
    if path.suffix == ".json":
        return json.loads(text)
    if path.suffix == ".py":
        tree = ast.walk(ast.parse(text))
        return [node.value for node in tree if isinstance(node, ast.Constant)]
    if path.name == "Dockerfile":
        return list(dockerfile(text))
    return None


def dockerfile(text: str) -> Iterator[dict[str, str]]:
    """Each instruction with its argument; a label's value as an image would carry it."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if not line.strip():
            continue
        instruction, _, rest = line.partition(" ")
        if instruction not in INSTRUCTIONS:
            raise ValueError(f"{instruction} is no instruction: {line}")
        if instruction == "LABEL":
            yield from labels(rest)
        else:
            yield {instruction: rest}


def labels(rest: str) -> Iterator[dict[str, str]]:
    """`key="value"` pairs, in which a backslash keeps a quote, a backslash or a dollar literal."""
    pair = re.compile(r'\s*([a-z0-9.-]+)=(?:"((?:[^"\\$]|\\["\\$])*)"|([^\s"\\$]+))(?=\s|$)')
    end = 0
    while rest[end:].strip():
        found = pair.match(rest, end)
        if not found:
            raise ValueError(f"LABEL cannot be read from here on: {rest[end:]}")
        yield {found[1]: found[3] or re.sub(r'\\(["\\$])', r"\1", found[2])}
        end = found.end()


def leaves(value: Any) -> Iterator[str]:
    """Every string inside a parsed file."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(key)
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    elif isinstance(value, str):
        yield value
