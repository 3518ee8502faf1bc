"""Run a whole program under Pulumi's mocks, and keep everything that it asks the engine for.

The monitor sees the full request, options included. Each program runs in a process of its own,
since Pulumi keeps the state of a run in its modules.
"""

import contextlib
import importlib
import json
import logging
import multiprocessing
import pkgutil
import runpy
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

from infra import outputs, project
from infra.names import ACCOUNT, PROGRAMS, Names

from .computed import Made, computed


@dataclass(frozen=True)
class Resource:
    """A resource as it was registered: `props` are its inputs, `outputs` what they became.

    `type` is a Pulumi token; a component's begins with `andaime:`. `parent` and `dependencies` are
    URNs, and so are the values of `property_dependencies`, by property.
    """

    type: str
    name: str
    urn: str
    props: dict[str, Any]
    outputs: dict[str, Any] = field(repr=False)
    custom: bool
    parent: str
    dependencies: tuple[str, ...]
    property_dependencies: dict[str, tuple[str, ...]] = field(repr=False)
    protect: bool
    retain_on_delete: bool
    ignore_changes: tuple[str, ...]
    delete_before_replace: bool
    replace_on_changes: tuple[str, ...]
    hooks: tuple[str, ...]
    provider: str


class ProgramError(Exception):
    """What a program said when it refused to run."""


def record(
    program: str,
    environment: str,
    config: Mapping[str, Any] | None = None,
    release: project.Release | None = None,
    *,
    root: Path = project.ROOT,
) -> list[Resource]:
    """Everything that a program registers in an environment.

    Args:
        program: `foundation`, `training` or `serving`.
        environment: `dev`, `staging` or `prod`, whose stack file is read.
        config: settings laid over the stack file's; None as a value takes a setting away.
        release: the environment's release, instead of what `released.yaml` names.

    Raises:
        ProgramError: the program refuses; the message is its own.
    """
    settings = configuration(program, environment, root, config or {})
    _import_what_programs_import()
    context = multiprocessing.get_context("fork")
    receive, send = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(send, program, environment, settings, release))
    child.start()
    send.close()
    try:
        resources, error = receive.recv()
    except EOFError:
        resources, error = [], f"{program} ended without a word"
    child.join()
    if error:
        raise ProgramError(error)
    return list(resources)


@cache
def _import_what_programs_import() -> None:
    """Once: each program runs in a fork of this process, and has what is imported here."""
    for package in ("components", *PROGRAMS):
        for module in pkgutil.iter_modules([str(project.ROOT / "infra" / package)]):
            if module.name != "__main__":
                importlib.import_module(f"infra.{package}.{module.name}")


def configuration(
    program: str,
    environment: str,
    root: Path = project.ROOT,
    overlay: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """The stack file's settings as the engine hands them over; the account is made up.

    Keys of `overlay`, which is laid over them, are the program's own where they have no colon.
    """
    values = project.configuration(program, environment, root)
    values[project.ACCOUNTS] = [ACCOUNT]
    namespace = f"{project.load(root).slug}-{program}"
    for key, value in (overlay or {}).items():
        values[key if ":" in key else f"{namespace}:{key}"] = value
    return {key: _text(value) for key, value in values.items() if value is not None}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _child(
    send: Any,
    program: str,
    environment: str,
    config: dict[str, str],
    release: project.Release | None,
) -> None:
    import pulumi

    logging.disable(logging.ERROR)
    try:
        send.send((_run(program, environment, config, release), None))
    except pulumi.RunError as error:
        send.send(([], str(error)))
    except BaseException:
        send.send(([], traceback.format_exc()))
    finally:
        send.close()


def _run(
    program: str, environment: str, config: dict[str, str], release: project.Release | None
) -> list[Resource]:
    import pulumi
    from pulumi.runtime import mocks, rpc, stack, sync_await
    from pulumi.runtime.proto import resource_pb2

    slug = project.load().slug
    account = json.loads(config["aws:allowedAccountIds"])[0]
    names = Names(slug, environment, account, config["aws:region"])
    registered: dict[str, Resource] = {}

    class Answers(mocks.Mocks):
        def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
            # What is read, not made; the monitor below answers for the rest itself.
            return args.resource_id, _handed_on(str(args.resource_id), names)

        def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], None]:
            raise NotImplementedError(f"{args.token}: nothing may be looked up in the account")

    class Monitor(mocks.MockMonitor):
        def RegisterResource(self, request: Any) -> Any:  # noqa: N802 (gRPC's name)
            urn = self.make_urn(request.parent, request.type, request.name)
            answer = resource_pb2.RegisterResourceResponse(urn=urn)
            if request.type == "pulumi:pulumi:Stack":
                return answer
            sync_await._ensure_event_loop()  # type: ignore[no-untyped-call]
            props = _plain(rpc.deserialize_properties(request.object))
            identity, made = (
                _answer(request.type, urn, props, names) if request.custom else ("", {})
            )
            state = {**props, **made}
            registered[urn] = _resource(request, urn, props, {**state, "id": identity})
            answer.id = identity
            answer.object.CopyFrom(sync_await._sync_await(rpc.serialize_properties(state, {})))
            return answer

    monitor = Monitor(Answers())
    pulumi.runtime.set_all_config(config)
    mocks.set_mocks(
        Answers(), project=f"{slug}-{program}", stack=environment, preview=False, monitor=monitor
    )
    pulumi.runtime.settings.set_root_resource(None)  # type: ignore[arg-type]

    def main() -> None:
        runpy.run_module(f"infra.{program}", run_name="__main__")

    with _released(release):
        sync_await._sync_await(stack.run_in_stack(main))
    return list(registered.values())


def _answer(
    type_: str, urn: str, props: dict[str, Any], names: Names
) -> tuple[str, dict[str, Any]]:
    if type_.startswith("pulumi:providers:"):
        return "provider", {}
    return computed(type_, Made(urn, props, names))


def _handed_on(stack: str, names: Names) -> dict[str, Any]:
    """A reference to another program's stack: what it would export, by the names it would use."""
    program = stack.split("/")[1].rpartition("-")[2]
    made = Made(f"urn::{stack}", {}, names)
    keys = {f"{kind}_key_arn": Made(f"urn::{kind}", {}, names).uuid() for kind in ("data", "logs")}
    repository = f"{names.account}.dkr.ecr.{names.region}.amazonaws.com/{names.slug}"
    values: dict[str, Any] = {
        **{f"{kind}_bucket": names.bucket(kind) for kind in ("data", "artifacts", "logs")},
        **{name: names.arn("kms", f"key/{identity}") for name, identity in keys.items()},
        "boundary_arn": names.boundary_arn,
        "topic_arn": names.arn("sns", f"{names.prefix}-alarms"),
        "subnet_ids": [made.random("subnet-a"), made.random("subnet-b")],
        "security_group_ids": [made.random("sg-")],
        "repository_url": repository,
        "train_image": f"{repository}@sha256:{made.random(length=64)}",
        "package_group": names.slug,
        "tracking_arn": "",
        "pipeline_name": names.prefix,
        "definition_digest": made.random(length=64),
    }
    (handing,) = [kind for kind in outputs.Outputs.__subclasses__() if program == kind.PROGRAM]
    known = {name: values[name] for name in handing.__dataclass_fields__ if name in values}
    return {"name": stack, "outputs": known, "secretOutputNames": []}


def _resource(request: Any, urn: str, props: dict[str, Any], made: dict[str, Any]) -> Resource:
    hooks = {
        kind.name: getattr(request.hooks, kind.name) for kind in request.hooks.DESCRIPTOR.fields
    }
    return Resource(
        type=request.type,
        name=request.name,
        urn=urn,
        props=props,
        outputs=made,
        custom=request.custom,
        parent=request.parent,
        dependencies=tuple(request.dependencies),
        property_dependencies={
            name: tuple(named.urns) for name, named in request.propertyDependencies.items()
        },
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
        ignore_changes=tuple(request.ignoreChanges),
        delete_before_replace=request.deleteBeforeReplace,
        replace_on_changes=tuple(request.replaceOnChanges),
        hooks=tuple(kind for kind, named in hooks.items() if list(named)),
        provider=request.provider,
    )


def _plain(value: Any) -> Any:
    """Without the marks of secrets, files as their text."""
    import pulumi

    if isinstance(value, dict):
        if "value" in value and len(value) == 2 and value.get(pulumi.runtime.rpc._special_sig_key):
            return _plain(value["value"])
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, pulumi.StringAsset):
        return value.text
    return value


def _released(release: project.Release | None) -> contextlib.AbstractContextManager[Any]:
    """For as long as the block lasts, `release` is what is released in the environment."""
    if release is None:
        return contextlib.nullcontext()
    return mock.patch.object(project, "release", return_value=release)
