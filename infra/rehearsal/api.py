"""API calls from Pulumi properties, held against AWS's service models.

Property names are the API's in camelCase, so most of a call follows from its shape; `requests` has
the exceptions, a few lines a type.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session

from .shapes import violations

Props = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One request: the service's and the operation's names in botocore, and the parameters."""

    service: str
    operation: str
    params: Props

    def violations(self) -> list[str]:
        """What the service model forbids: keys, types, enums, patterns, bounds."""
        return violations(self.service, self.operation, self.params)


def request(
    service: str, operation: str, props: Props, renamed: Mapping[str, str] | None = None
) -> Call:
    """The call whose parameters are these properties.

    `renamed` says how the API calls a property, by its path without list indices; an empty name
    leaves it out. A property that the shape does not have stays in, so that the check can tell.
    """
    shape = model(service).operation_model(operation).input_shape
    return Call(service, operation, _structure(props, shape, renamed or {}, ""))


@cache
def model(service: str) -> Any:
    """Botocore's model of a service."""
    return _session().get_service_model(service)


@cache
def _session() -> Any:
    return botocore.session.get_session()


def _structure(props: Props, shape: Any, renamed: Mapping[str, str], path: str) -> Props:
    members = {name.lower(): name for name in shape.members}
    params = {}
    for key, value in props.items():
        where = f"{path}{key}"
        name = renamed.get(where, key)
        # Terraform's blocks are lists, and Pulumi calls them by the plural.
        name = members.get(name.lower()) or members.get(name.lower().removesuffix("s")) or name
        if value is None or not name:
            continue
        if name in shape.members:
            value = _value(value, shape.members[name], renamed, f"{where}.")
        params[name] = value
    return params


def _value(value: Any, shape: Any, renamed: Mapping[str, str], path: str) -> Any:
    kind = shape.type_name
    if kind == "structure" and isinstance(value, list) and len(value) == 1:
        value = value[0]
    if kind == "structure" and isinstance(value, dict):
        return _structure(value, shape, renamed, path)
    if kind == "list" and isinstance(value, dict):
        return _several(value, shape.member, renamed, path)
    if kind == "list" and isinstance(value, list):
        return [_value(item, shape.member, renamed, path) for item in value]
    if kind in ("integer", "long") and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _several(value: Props, shape: Any, renamed: Mapping[str, str], path: str) -> list[Any]:
    """A list where Pulumi has a map, as tags and dimensions, or the one block that there may be."""
    if shape.type_name != "structure" or len(shape.members) != 2:
        return [_value(value, shape, renamed, path)]
    key, item = shape.members
    return [{key: name, item: content} for name, content in sorted(value.items())]
