"""The group that model packages are registered in."""

import json
from dataclasses import dataclass

import pulumi
from pulumi_aws import sagemaker

from ..access import resources
from ..names import Names


@dataclass(frozen=True)
class PackageGroupArgs:
    """`names` of the owner; `readers` are other accounts that may make models from packages."""

    names: Names
    readers: tuple[str, ...] = ()


class PackageGroup(pulumi.ComponentResource):
    """Protected, since it holds the record of every model and its approval."""

    def __init__(
        self, name: str, args: PackageGroupArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("andaime:registry:PackageGroup", name, None, opts)
        self._name = name
        self.group = sagemaker.ModelPackageGroup(
            name,
            model_package_group_name=args.names.slug,
            # Always the same: another text replaces the group, and every version in it is gone.
            model_package_group_description=f"The models of {args.names.slug}",
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
        if args.readers:
            self._share_with(args.names, list(args.readers))
        self.group_name = self.group.model_package_group_name
        self.register_outputs({"name": self.group_name})

    def _share_with(self, names: Names, readers: list[str]) -> None:
        sagemaker.ModelPackageGroupPolicy(
            self._name,
            model_package_group_name=self.group.model_package_group_name,
            resource_policy=json.dumps(resources.package_group(names, readers)),
            opts=pulumi.ResourceOptions(parent=self),
        )
