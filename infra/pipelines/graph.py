"""The pipeline as a typed graph, and its cache: DVC resolves dvc.yaml only when it has changed."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..project import ROOT

CACHE = Path("build") / "graph.json"


@dataclass(frozen=True)
class Hints:
    """What the cloud needs to know of a stage, from its `meta:` block.

    `job` is `processing` or `training`; `volume_gb` is the disk of each instance. A job is stopped
    after `max_minutes`, and tried again up to `retries` times where the fault is the cloud's own.
    """

    job: str
    instance_type: str
    instance_count: int
    volume_gb: int
    max_minutes: int
    retries: int


@dataclass(frozen=True)
class Stage:
    """One command that reads directories and writes one.

    `step` is the name as SageMaker takes it. `inputs` are the directories of other stages that it
    reads, `files` what the image holds, `external` the data that neither has. `params` are the
    names of the parameters that it declares, `whole_params` is whether it reads params.yaml as a
    file. `changes` is whether DVC would run it every time (`always_changed`).
    """

    name: str
    step: str
    description: str
    command: tuple[str, ...]
    inputs: tuple[str, ...]
    files: tuple[str, ...]
    external: str | None
    params: tuple[str, ...]
    whole_params: bool
    output: str
    changes: bool
    hints: Hints

    @property
    def reads_params(self) -> bool:
        """Whether the stage needs params.yaml."""
        return bool(self.params) or self.whole_params


@dataclass(frozen=True)
class Graph:
    """The stages, each after those whose directories it reads."""

    stages: tuple[Stage, ...]

    def writer(self, output: str) -> Stage:
        """The stage that writes a directory."""
        return next(stage for stage in self.stages if stage.output == output)

    def upstream(self, stage: Stage) -> tuple[Stage, ...]:
        """The stages whose directories a stage reads."""
        return tuple(self.writer(output) for output in stage.inputs)

    def downstream(self, name: str) -> tuple[Stage, ...]:
        """The stages that read a stage's directory, directly or not, in order."""
        reached = {name}
        for stage in self.stages:
            if any(before.name in reached for before in self.upstream(stage)):
                reached.add(stage.name)
        return tuple(s for s in self.stages if s.name in reached and s.name != name)


def load(root: Path = ROOT) -> Graph:
    """The graph of dvc.yaml, from the cache where no file that it comes from has changed.

    Raises:
        UserError: dvc.yaml is no pipeline that can run in the cloud; names the line.
    """
    cached = _cached(root)
    if cached is not None:
        return cached
    # Only now, as DVC takes two seconds to import.
    from .resolve import resolve

    graph, files = resolve(root)
    content = {"from": _digests(root, files), "code": _code(), "graph": asdict(graph)}
    (root / CACHE).parent.mkdir(exist_ok=True)
    (root / CACHE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return graph


def _cached(root: Path) -> Graph | None:
    try:
        content = json.loads((root / CACHE).read_text(encoding="utf-8"))
        if content["code"] != _code() or content["from"] != _digests(root, content["from"]):
            return None
        return Graph(tuple(_stage(stage) for stage in content["graph"]["stages"]))
    except (OSError, ValueError, KeyError, TypeError):
        # Whatever is wrong with it, it can be made again.
        return None


def _stage(fields: dict[str, Any]) -> Stage:
    lists = {name: tuple(value) for name, value in fields.items() if isinstance(value, list)}
    return Stage(**{**fields, **lists, "hints": Hints(**fields["hints"])})


def _digests(root: Path, files: Iterable[str]) -> dict[str, str | None]:
    return {name: _digest(root / name) for name in sorted(files)}


def _digest(path: Path) -> str | None:
    """Nothing where there is no such file: it appearing is a change, too."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _code() -> str:
    """A graph that another version of this code has made is no use."""
    here = Path(__file__).parent
    code = b"".join((here / name).read_bytes() for name in ("graph.py", "hints.py", "resolve.py"))
    return hashlib.sha256(code).hexdigest()
