"""What a rule is: a pure function from what a program registers to what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

# Rules are pure: whoever reads them needs no Pulumi.
if TYPE_CHECKING:
    from infra.rehearsal.record import Resource

Props = dict[str, Any]
# A resource, or None where the fault is that there is none, and one sentence.
Found: TypeAlias = "tuple[Resource | None, str]"


@dataclass(frozen=True)
class Violation:
    """One rule broken by one resource: `resource` is `where(...)`, or `environment`."""

    rule: str
    resource: str
    said: str


@dataclass(frozen=True)
class Rule:
    """A rule about one resource: called with a type and props, it returns what is wrong with them.

    `sources` are ids of AWS Security Hub, AWS Config and Checkov, or `ours`.
    """

    name: str
    types: tuple[str, ...]
    sources: tuple[str, ...]
    reason: str
    remedy: str
    check: Callable[[str, Props], Iterable[str]]

    def __call__(self, type_: str, props: Props) -> list[str]:
        """What is wrong; nothing where the rule is about other types."""
        return list(self.check(type_, props)) if type_ in self.types else []

    def over(self, resources: list[Resource]) -> Iterator[Violation]:
        """What is wrong with any of the resources."""
        for resource in resources:
            for said in self(resource.type, resource.props):
                yield Violation(self.name, where(resource), said)


@dataclass(frozen=True)
class WholeRule:
    """A rule about how the resources of an environment stand to each other."""

    name: str
    sources: tuple[str, ...]
    reason: str
    remedy: str
    check: Callable[[list[Resource]], Iterable[Found]]

    def __call__(self, resources: list[Resource]) -> list[str]:
        """What is wrong."""
        return [violation.said for violation in self.over(resources)]

    def over(self, resources: list[Resource]) -> Iterator[Violation]:
        """What is wrong, and with which resource."""
        for resource, said in self.check(resources):
            yield Violation(self.name, where(resource) if resource else "environment", said)


AnyRule = Rule | WholeRule


def rule(
    name: str, *types: str, sources: tuple[str, ...], reason: str, remedy: str
) -> Callable[[Callable[[str, Props], Iterable[str]]], Rule]:
    """Make a function of type and props the rule of that name."""
    return lambda check: Rule(name, types, sources, reason, remedy, check)


def whole_rule(
    name: str, *, sources: tuple[str, ...], reason: str, remedy: str
) -> Callable[[Callable[[list[Resource]], Iterable[Found]]], WholeRule]:
    """Make a function of all resources the rule of that name."""
    return lambda check: WholeRule(name, sources, reason, remedy, check)


def where(resource: Resource) -> str:
    """The program, type and logical name of a resource, as suppressions name it."""
    program = resource.urn.split("::")[1].rpartition("-")[2]
    return f"{program} {resource.type} {resource.name}"


def of_type(resources: list[Resource], *types: str) -> list[Resource]:
    """The resources of these types."""
    return [resource for resource in resources if resource.type in types]


def attached(resources: list[Resource], type_: str, key: str, target: Resource) -> list[Resource]:
    """The resources of a type whose property `key` names the target, by id, name or ARN."""
    names = {target.outputs.get(name) for name in ("id", "arn", "name", "bucket")} - {None}
    return [other for other in of_type(resources, type_) if other.props.get(key) in names]
