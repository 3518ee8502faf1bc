"""The pipeline, compiled for the environment that is being deployed."""

import json

import pulumi

from ..outputs import Foundation
from ..pipelines import graph, sagemaker
from ..pipelines.target import Target
from .settings import TrainingSettings


def definition(settings: TrainingSettings, foundation: Foundation) -> pulumi.Output[str]:
    """The definition as text, the same for the same project and environment.

    Raises:
        UserError: dvc.yaml cannot run in the cloud; names the line.
    """
    stages = graph.load()
    return pulumi.Output.all(
        train_image=image(foundation, settings.train_image),
        serve_image=image(foundation, settings.serve_image),
        key_arn=foundation.data_key_arn,
        package_group=foundation.package_group,
        subnets=foundation.subnet_ids,
        security_groups=foundation.security_group_ids,
    ).apply(
        lambda known: json.dumps(
            sagemaker.definition(
                stages,
                Target.of(
                    settings.names,
                    pseudonym_key=settings.pseudonym_key,
                    **{
                        **known,
                        "subnets": tuple(known["subnets"]),
                        "security_groups": tuple(known["security_groups"]),
                    },
                ),
            ),
            separators=(",", ":"),
        )
    )


def image(foundation: Foundation, digest: str) -> pulumi.Output[str]:
    """An image by its digest, which no later push can change."""
    return pulumi.Output.concat(foundation.repository_url, "@", digest)
