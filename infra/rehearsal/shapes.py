"""What an API would refuse of a request, by the service's own model.

boto3 looks at types and required keys alone. The model it carries knows more: unknown keys,
enumerations, patterns, lengths and ranges.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

import botocore.loaders
import botocore.model

NUMBERS = ("integer", "long", "float", "double")
TYPES: dict[str, Any] = {
    "structure": Mapping,
    "map": Mapping,
    "list": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "blob": (bytes, str),
}


def violations(service: str, operation: str, params: Mapping[str, Any]) -> list[str]:
    """What is wrong with the parameters of a call, each with its place, as in `Tags[0].Key`.

    Args:
        service: botocore's name of it, such as `sagemaker`.
        operation: its name in the API, such as `CreateModel`.
        params: the request as boto3 takes it.
    """
    return list(_faults(_input(service, operation), params, ""))


def unparsed(service: str, operation: str) -> list[str]:
    """The patterns of an operation's request that Python cannot read: nothing is held to them."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [_input(service, operation)]
    while waiting:
        shape = waiting.pop()
        if shape.name in seen:
            continue
        seen.add(shape.name)
        pattern = shape.metadata.get("pattern")
        if pattern and _compiled(pattern) is None:
            found.add(pattern)
        waiting += _parts(shape)
    return sorted(found)


@functools.cache
def _model(service: str) -> botocore.model.ServiceModel:
    loader = botocore.loaders.Loader()
    return botocore.model.ServiceModel(loader.load_service_model(service, "service-2"), service)


def _input(service: str, operation: str) -> botocore.model.Shape:
    shape = _model(service).operation_model(operation).input_shape
    return shape or botocore.model.StructureShape(operation, {"type": "structure", "members": {}})


def _parts(shape: botocore.model.Shape) -> list[botocore.model.Shape]:
    if shape.type_name == "structure":
        return list(shape.members.values())
    if shape.type_name == "list":
        return [shape.member]
    return [shape.key, shape.value] if shape.type_name == "map" else []


def _faults(shape: botocore.model.Shape, value: Any, place: str) -> Iterator[str]:
    kind = shape.type_name
    wanted = TYPES.get(kind, object)
    if not isinstance(value, wanted) or (isinstance(value, bool) and kind != "boolean"):
        if not getattr(shape, "is_document_type", False):
            yield f"{place or 'the request'}: {value!r} is no {kind}"
        return
    yield from _bounds(shape, value, place)
    if kind == "structure" and not shape.is_document_type:
        yield from _members(shape, value, place)
    elif kind == "list":
        for index, item in enumerate(value):
            yield from _faults(shape.member, item, f"{place}[{index}]")
    elif kind == "map":
        for key, item in value.items():
            yield from _faults(shape.key, key, f"{place}.{key}")
            yield from _faults(shape.value, item, f"{place}.{key}")
    elif kind == "string":
        yield from _text(shape, value, place)


def _members(shape: botocore.model.Shape, value: Mapping[str, Any], place: str) -> Iterator[str]:
    prefix = f"{place}." if place else ""
    for name in shape.required_members:
        if name not in value:
            yield f"{prefix}{name}: is missing"
    for name, item in value.items():
        if name in shape.members:
            yield from _faults(shape.members[name], item, f"{prefix}{name}")
        else:
            yield f"{prefix}{name}: there is no such key"
    if shape.is_tagged_union and len(value) != 1:
        yield f"{place}: {len(value)} of {', '.join(shape.members)} are given, and it takes one"


def _bounds(shape: botocore.model.Shape, value: Any, place: str) -> Iterator[str]:
    if shape.type_name in NUMBERS:
        size, what = value, ""
    elif hasattr(value, "__len__"):
        size, what = len(value), "length "
    else:
        return
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield f"{place}: {what}{size} is below {least}"
    if most is not None and size > most:
        yield f"{place}: {what}{size} is above {most}"


def _text(shape: botocore.model.Shape, value: str, place: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        yield f"{place}: {value!r} is none of {', '.join(shape.enum)}"
    pattern = shape.metadata.get("pattern")
    compiled = _compiled(pattern) if pattern else None
    # The services match the whole text, anchored or not.
    if compiled and not compiled.fullmatch(value):
        yield f"{place}: {value!r} does not match {pattern}"


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:
        return None
