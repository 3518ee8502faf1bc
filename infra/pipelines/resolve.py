"""dvc.yaml as DVC resolves it (foreach, matrix, vars, templating), checked, as a typed graph."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from .. import project
from ..errors import UserError
from . import hints
from .graph import Graph, Hints, Stage
from .lines import FILE, Lines

PARAMS = "params.yaml"
# What the image does not let in, and with a `!` what it does.
IMAGE = ".dockerignore"
BUILD = PurePosixPath("build")
# The API's: letters, digits, hyphens and underscores.
STEP = re.compile(r"[A-Za-z0-9_-]{1,64}")
CHANNEL = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Steps and channels that the compiler adds.
STEPS = ("gate", "refused", "register")
CHANNELS = ("params", "source", "released")
SHELL = re.compile(r"[;&|<>$`]")


def resolve(root: Path) -> tuple[Graph, list[str]]:
    """The graph, and the files that it follows from, relative to `root`.

    Raises:
        UserError: dvc.yaml is missing, DVC refuses it, or a stage cannot run in the cloud.
    """
    for name in (FILE, IMAGE):
        if not (root / name).exists():
            raise UserError(f"{root / name} is missing: restore it with `git checkout {name}`")
    stages, imported = _by_dvc(root)
    reader = _Reader(
        package=project.load(root).package,
        image=_let_in((root / IMAGE).read_text(encoding="utf-8")),
        lines=Lines((root / FILE).read_text(encoding="utf-8")),
    )
    outputs = reader.outputs(stages)
    made = [reader.stage(name, about, outputs) for name, about in stages.items()]
    reader.check_names(made)
    files = [FILE, PARAMS, IMAGE, "pyproject.toml", *imported]
    return Graph(tuple(reader.ordered(made))), files


def _by_dvc(root: Path) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The stages as DVC sees them, and the files whose values it has put in."""
    from dvc.exceptions import DvcException
    from dvc.parsing import DataResolver
    from dvc.repo import Repo
    from dvc.schema import COMPILED_MULTI_STAGE_SCHEMA
    from dvc.utils.serialize import YAMLFileCorruptedError
    from dvc.utils.strictyaml import YAMLValidationError, load

    try:
        content, text = load(str(root / FILE))
        content, _ = load(str(root / FILE), COMPILED_MULTI_STAGE_SCHEMA) if content else ({}, "")
        resolver = DataResolver(Repo(str(root), uninitialized=True), str(root), content)
        stages = resolver.resolve()["stages"]
    except YAMLFileCorruptedError as error:
        raise UserError(_syntax(error)) from None
    except YAMLValidationError as error:
        fault = error.exc.errors[0]
        keys = [str(key) for key in fault.path]
        line = Lines(text).of(*keys)
        raise UserError(f"{FILE}, line {line}: {'.'.join(keys)}: {fault.error_message}") from None
    except DvcException as error:
        raise UserError(_flat(error)) from None
    if not stages:
        raise UserError(f"{FILE} has no stage: restore it with `git checkout {FILE}`")
    return stages, sorted(set(_imported(root, resolver, content)))


def _syntax(error: Exception) -> str:
    """Where a file is no YAML; DVC keeps the parser's own error as the cause."""
    file = re.search(r"'([^']+)'", str(error))
    mark = getattr(error.__cause__, "problem_mark", None)
    place = f", line {mark.line + 1}" if mark else ""
    problem = getattr(error.__cause__, "problem", None) or error
    return f"{Path(file[1]).name if file else FILE}{place}: {_flat(problem)}"


def _flat(error: object) -> str:
    """A message of several lines on one."""
    return " ".join(str(error).split())


def _imported(root: Path, resolver: Any, content: Mapping[str, Any]) -> Iterator[str]:
    """The files named under `vars`, at the top and in stages."""
    for path in resolver.context.imports:
        yield Path(path).resolve().relative_to(root.resolve()).as_posix()
    for stage in content["stages"].values():
        for item in [*stage.get("vars", []), *stage.get("do", {}).get("vars", [])]:
            if isinstance(item, str):
                yield item.partition(":")[0]


def _let_in(dockerignore: str) -> tuple[str, ...]:
    return tuple(
        line[1:].strip().strip("/") for line in dockerignore.splitlines() if line.startswith("!")
    )


@dataclass(frozen=True)
class _Dependencies:
    """What a stage reads, by kind; see `graph.Stage`."""

    inputs: tuple[str, ...]
    files: tuple[str, ...]
    external: str | None
    whole_params: bool


@dataclass(frozen=True)
class _Reader:
    """Makes stages of what DVC says; `image` are the paths that the image holds."""

    package: str
    image: tuple[str, ...]
    lines: Lines

    def outputs(self, stages: dict[str, dict[str, Any]]) -> dict[str, str]:
        """For each directory that is written, the stage that does."""
        writers: dict[str, str] = {}
        for name, about in stages.items():
            output = self._output(name, about)
            if output in writers:
                message = f"build/{output} is already written by stage {writers[output]}"
                raise self.lines.error(name, f"{message}: give each its own", "outs")
            writers[output] = name
        return writers

    def stage(self, name: str, about: dict[str, Any], outputs: dict[str, str]) -> Stage:
        """One stage, checked."""
        params, params_files = self._params(about)
        read = self._dependencies(name, [*about.get("deps", []), *params_files], outputs)
        return Stage(
            name=name,
            step=name.replace("@", "-"),
            description=" ".join(about.get("desc", "").split()),
            command=self._command(name, about["cmd"]),
            inputs=read.inputs,
            files=read.files,
            external=read.external,
            params=params,
            whole_params=read.whole_params,
            output=self._output(name, about),
            changes=bool(about.get("always_changed")),
            hints=self._hints(name, about.get("meta")),
        )

    def check_names(self, stages: list[Stage]) -> None:
        """Each stage is a step, under a name that SageMaker takes and no other step has."""
        steps = dict.fromkeys(STEPS, "that the compiler adds")
        for stage in stages:
            if not STEP.fullmatch(stage.step):
                raise self.lines.error(
                    stage.name,
                    f"SageMaker takes no step {stage.step!r}: at most 64 letters, digits, hyphens "
                    "and underscores; rename the stage, or the item of foreach or matrix",
                )
            if stage.step in steps:
                taken = f"the step {stage.step} is one {steps[stage.step]}"
                raise self.lines.error(stage.name, f"{taken}: rename the stage")
            steps[stage.step] = f"of stage {stage.name}"

    def ordered(self, stages: list[Stage]) -> list[Stage]:
        """The stages, each after those that it reads, else in the order of the file."""
        waiting = list(stages)
        done: list[Stage] = []
        written: set[str] = set()
        while waiting:
            ready = next((s for s in waiting if written.issuperset(s.inputs)), None)
            if ready is None:
                ring = " -> ".join(self._ring(waiting))
                raise self.lines.error(
                    waiting[0].name, f"the stages read in a ring: {ring}", "deps"
                )
            waiting.remove(ready)
            done.append(ready)
            written.add(ready.output)
        return done

    def _ring(self, stages: list[Stage]) -> list[str]:
        """The names of a ring; every stage given reads another of them."""
        writers = {stage.output: stage for stage in stages}
        path = [stages[0]]
        while path.count(path[-1]) == 1:
            path.append(next(writers[name] for name in path[-1].inputs if name in writers))
        return [stage.name for stage in reversed(path[path.index(path[-1]) :])]

    def _output(self, name: str, about: dict[str, Any]) -> str:
        entries = [entry for kind in ("outs", "metrics", "plots") for entry in about.get(kind, [])]
        paths = [entry if isinstance(entry, str) else next(iter(entry)) for entry in entries]
        if len(paths) != 1:
            found = ", ".join(paths) or "none"
            raise self.lines.error(
                name,
                f"a stage writes one directory, build/<name>, and this one has {found}",
                "outs",
            )
        path = PurePosixPath(paths[0])
        if path.parent != BUILD or not CHANNEL.fullmatch(path.name):
            raise self.lines.error(name, f"its output is {path}: write build/{name}", "outs")
        if path.name in CHANNELS:
            raise self.lines.error(
                name, f"build/{path.name} has the name of a channel of every job: rename it", "outs"
            )
        return path.name

    def _command(self, name: str, command: str | list[str]) -> tuple[str, ...]:
        text = command if isinstance(command, str) else " && ".join(command)
        words = text.split() if SHELL.search(text) else shlex.split(text)
        module = words[2] if words[:2] == ["python", "-m"] and len(words) > 2 else ""
        if SHELL.search(text) or not re.fullmatch(rf"{self.package}\.\w+", module):
            raise self.lines.error(
                name,
                f"its command is {text!r}: a job runs `python -m {self.package}.<stage>`, no shell",
                "cmd",
            )
        return tuple(words)

    def _params(self, about: dict[str, Any]) -> tuple[tuple[str, ...], list[str]]:
        """The parameters by name, and other files that hold parameters."""
        names: list[str] = []
        files: list[str] = []
        for entry in about.get("params", []):
            given = {PARAMS: [entry]} if isinstance(entry, str) else entry
            for file, keys in given.items():
                if file != PARAMS:
                    files.append(file)
                elif keys:
                    names += keys
                else:
                    files.append(PARAMS)
        return tuple(names), files

    def _dependencies(self, name: str, deps: list[str], outputs: dict[str, str]) -> _Dependencies:
        inputs: dict[str, None] = {}
        files: list[str] = []
        external: list[str] = []
        for dep in deps:
            path = PurePosixPath(dep)
            if dep == PARAMS:
                continue
            if "://" not in dep and path.is_relative_to(BUILD):
                inputs[self._directory(name, path, outputs)] = None
            elif "://" not in dep and any(path.is_relative_to(inside) for inside in self.image):
                files.append(dep)
            else:
                external.append(dep)
        if len(external) > 1:
            raise self.lines.error(
                name,
                f"{', '.join(external)} are neither stages' directories nor in the image, and a "
                f"job has one channel for such data: let a stage read each, or let {IMAGE} and "
                "the Dockerfile copy them into the image",
                "deps",
            )
        return _Dependencies(
            tuple(inputs), tuple(files), external[0] if external else None, PARAMS in deps
        )

    def _directory(self, name: str, path: PurePosixPath, outputs: dict[str, str]) -> str:
        if len(path.parts) < 2 or path.parts[1] not in outputs:
            raise self.lines.error(name, f"it reads {path}, which no stage writes", "deps")
        return path.parts[1]

    def _hints(self, name: str, meta: Any) -> Hints:
        try:
            return hints.read(name.split("@")[0], meta)
        except hints.HintError as error:
            raise self.lines.error(name, str(error), "meta", *error.keys) from None
