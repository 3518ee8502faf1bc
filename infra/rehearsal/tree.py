"""What a program would make, for people: its components, and how many of what each holds."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol


class Registered(Protocol):
    """A resource as the engine or the mocks know it."""

    @property
    def type(self) -> str:
        """Its Pulumi token."""

    @property
    def name(self) -> str:
        """Its logical name."""

    @property
    def urn(self) -> str:
        """What tells it from all others."""

    @property
    def parent(self) -> str:
        """The URN of what it is part of."""


def lines(resources: Sequence[Registered], indent: str = "  ") -> Iterator[str]:
    """One line a component: its kind, its name, and the resources that it has itself.

    A component of a component is indented below it; what is part of none comes last.
    """
    children: dict[str, list[Registered]] = {}
    # The engine has two steps for what it first reads anew.
    for resource in {resource.urn: resource for resource in resources}.values():
        if not resource.type.startswith("pulumi:"):
            children.setdefault(resource.parent, []).append(resource)
    known = {resource.urn for resource in resources if not resource.type.startswith("pulumi:")}
    tops = [child for parent, found in children.items() if parent not in known for child in found]
    for top in tops:
        if _is_component(top):
            yield from _component(top, children, indent)
    if loose := [top for top in tops if not _is_component(top)]:
        yield f"{indent}{'(in no component)':<40} {_counted(loose)}"


def count(resources: Sequence[Registered]) -> int:
    """How many resources of the cloud there are."""
    return len({resource.urn for resource in resources if resource.type.startswith("aws:")})


def _component(
    component: Registered, children: dict[str, list[Registered]], indent: str
) -> Iterator[str]:
    below = children.get(component.urn, [])
    title = f"{indent}{component.type.rpartition(':')[2]} {component.name}"
    yield f"{title:<40} {_counted([child for child in below if not _is_component(child)])}".rstrip()
    for child in below:
        if _is_component(child):
            yield from _component(child, children, f"{indent}  ")


def _is_component(resource: Registered) -> bool:
    return not resource.type.startswith(("aws:", "pulumi:"))


def _counted(resources: list[Registered]) -> str:
    counts = Counter(resource.type.rpartition(":")[2] for resource in resources)
    return ", ".join(kind if number == 1 else f"{number} {kind}" for kind, number in counts.items())
