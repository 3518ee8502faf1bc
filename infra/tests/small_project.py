"""A project as small as the pipeline's graph allows, for tests that bend it."""

from pathlib import Path

DVC = """
stages:
  ingest:
    cmd: python -m small.ingest
    deps:
      - ${ingest.source}
      - src/small/ingest.py
    params:
      - ingest
    outs:
      - build/ingest
  train:
    cmd: python -m small.train
    deps:
      - build/ingest
      - contract.yaml
    params:
      - train.seed
    outs:
      - build/train
    meta:
      instance_type: ml.c5.xlarge
  evaluate:
    desc: Judge
    cmd: python -m small.evaluate
    deps:
      - build/train
      - released.yaml
    params:
      - evaluate
    outs:
      - build/evaluate
  package:
    cmd: python -m small.package
    deps:
      - build/evaluate
      - params.yaml
      - src/small
    outs:
      - build/package
"""
FILES = {
    "dvc.yaml": DVC,
    "params.yaml": """
ingest: {source: src/small/example.py}
train: {seed: 7}
evaluate: {released: prod}
""",
    "released.yaml": "dev: none\nstaging: none\nprod: none\n",
    ".dockerignore": "*\n!contract.yaml\n!params.yaml\n!released.yaml\n!src/\n",
    "contract.yaml": """
id: small
version: 1.0.0
team: {name: "@small/team"}
slaProperties: [{property: retention, value: 1, unit: y}]
schema: [{properties: []}]
""",
    "pyproject.toml": """
[project]
name = "small"
description = "Small"
urls = {Repository = "https://example.com/small"}
[tool.hatch.build.targets.wheel]
packages = ["src/small"]
""",
}


def write(root: Path, **changes: str) -> Path:
    """Lay the project down; `changes` are files by name, dots written as underscores."""
    named = {name.replace("_", "."): text for name, text in changes.items()}
    for name, text in {**FILES, **named}.items():
        (root / name).write_text(text)
    return root


def replaced(old: str, new: str) -> str:
    """The pipeline with one passage changed."""
    if old not in DVC:
        raise ValueError(f"the pipeline has no {old!r}")
    return DVC.replace(old, new)
