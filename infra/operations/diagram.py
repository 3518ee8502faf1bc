"""Pictures in Mermaid: a program's components with what they hold, and the pipeline's stages."""

from collections import Counter
from collections.abc import Iterable

from ..pipelines.graph import Graph
from ..pipelines.references import GATE
from ..rehearsal.record import Resource

# What only says more of a resource beside it, and is not counted.
DETAILS = {
    "Alias",
    "DefaultSecurityGroup",
    "EventTarget",
    "LifecyclePolicy",
    "ModelPackageGroupPolicy",
    "RepositoryPolicy",
    "RolePolicy",
    "RolePolicyAttachment",
    "RouteTableAssociation",
    "SecurityGroupEgressRule",
    "SecurityGroupIngressRule",
    "TopicPolicy",
}


def program(resources: list[Resource], prefix: str) -> str:
    """A program: a box for each kind of component, in its area; an arrow means `needs`.

    `prefix` is left out of names, so that projects with one shape have one picture.
    """
    owners = _owners(resources)
    boxes: dict[str, list[Resource]] = {}
    for resource in resources:
        if resource.urn in owners:
            boxes.setdefault(owners[resource.urn].type, []).append(resource)
    lines = ["flowchart LR"]
    for area in sorted({_area(kind) for kind in boxes}):
        lines.append(f"    subgraph {area}")
        for kind in sorted(kind for kind in boxes if _area(kind) == area):
            names = sorted({owners[resource.urn].name for resource in boxes[kind]})
            lines.append(f'        {_id(kind)}["{_label(kind, names, boxes[kind], prefix)}"]')
        lines.append("    end")
    return "\n".join([*lines, *_arrows(resources, owners)])


def _owners(resources: Iterable[Resource]) -> dict[str, Resource]:
    """The component of each resource that is in one, by URN."""
    known = {resource.urn: resource for resource in resources}
    return {
        resource.urn: known[resource.parent]
        for resource in known.values()
        if resource.custom and resource.parent in known
    }


def _arrows(resources: list[Resource], owners: dict[str, Resource]) -> list[str]:
    pairs = {
        (owners[resource.urn].type, owners[needed].type)
        for resource in resources
        if resource.urn in owners
        for needed in resource.dependencies
        if needed in owners
    }
    return [f"    {_id(a)} --> {_id(b)}" for a, b in sorted(pairs) if a != b]


def _label(kind: str, names: list[str], resources: list[Resource], prefix: str) -> str:
    """The component's kind, which of them there are, and how many resources of what they hold."""
    shown = [name.removeprefix(prefix).strip("-") for name in names]
    counts = Counter(resource.type.rpartition(":")[2] for resource in resources)
    main = [f"{count} {word}" for word, count in sorted(counts.items()) if not _is_detail(word)]
    parts = [f"<b>{kind.rpartition(':')[2]}</b>", ", ".join(name for name in shown if name)]
    parts.append(", ".join(main))
    return "<br>".join(part for part in parts if part)


def _is_detail(word: str) -> bool:
    return word in DETAILS or (
        word.startswith("Bucket") and word not in ("Bucket", "BucketObjectv2")
    )


def _area(kind: str) -> str:
    return kind.split(":")[1]


def _id(kind: str) -> str:
    return kind.replace("andaime:", "").replace(":", "_")


def pipeline(graph: Graph) -> str:
    """The stages with their jobs, the gate, and what comes after it."""
    lines = ["flowchart LR"]
    for stage in graph.stages:
        hints = stage.hints
        machines = f"{hints.instance_count} x {hints.instance_type}"
        label = f"<b>{stage.name}</b><br>{hints.job} job<br>{machines}"
        lines.append(f'    {_word(stage.step)}["{label}"]')
        if stage.external:
            lines.append(f'    {_word(stage.step)}_data[("data")] --> {_word(stage.step)}')
    behind = {stage.name for stage in graph.downstream(GATE)}
    for stage in graph.stages:
        # What is behind the gate is reached through it.
        lines += [
            f"    {_word(before.step)} --> {_word(stage.step)}"
            for before in graph.upstream(stage)
            if stage.name not in behind or before.name in behind
        ]
    lines += [f"    {GATE} --> gate{{good enough?}}", "    gate -- no --> refused([refused])"]
    lines += [f"    gate -- yes --> {_word(s.step)}" for s in graph.downstream(GATE)]
    last = [_word(stage.step) for stage in graph.stages][-1]
    lines.append(f'    {last} --> register["<b>register</b><br>waits for approval"]')
    return "\n".join(lines)


def _word(step: str) -> str:
    return step.replace("-", "_")
