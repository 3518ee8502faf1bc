"""What holds for every resource of every program: its tags, and the boundary of every role."""

import pulumi

from . import project
from .settings import Settings

# What has a `tags` input but takes only tags of its own kind.
UNTAGGED = {"aws:autoscaling/group:Group"}


def start(settings: Settings, boundary_arn: pulumi.Input[str]) -> None:
    """Tag every resource that can be, and put every role under the boundary.

    Call it before the first resource. A resource keeps what it says itself.
    """
    common = tags(settings)

    def transform(
        args: pulumi.ResourceTransformationArgs,
    ) -> pulumi.ResourceTransformationResult | None:
        props = dict(args.props)
        if "tags" in props and args.type_ not in UNTAGGED:
            props["tags"] = pulumi.Output.all(common, props["tags"] or {}).apply(_merged)
        if args.type_ == "aws:iam/role:Role":
            props["permissions_boundary"] = props.get("permissions_boundary") or boundary_arn
        return pulumi.ResourceTransformationResult(props, args.opts)

    pulumi.runtime.register_stack_transformation(transform)


def _merged(tags: list[dict[str, str]]) -> dict[str, str]:
    return {**tags[0], **tags[1]}


def tags(settings: Settings) -> dict[str, str]:
    """The tags of every resource: whose it is, what it holds, and who manages it."""
    about = project.load()
    return {
        "project": about.slug,
        "environment": settings.environment,
        "owner": about.owner,
        "classification": about.classification,
        "managed-by": f"pulumi {pulumi.get_project()}",
    }
