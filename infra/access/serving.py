"""The server: it reads models that were approved, and writes what it was asked."""

from . import objects, trust
from .documents import allow, document
from .ground import Ground
from .jobs import container
from .role import Role


def role(ground: Ground) -> Role:
    """The execution role of Model: of endpoints, and of batch transforms."""
    names = ground.names
    return Role(
        trust.services(ground, "sagemaker"),
        document(
            *objects.read_approved(ground),
            # The rows of a batch; an endpoint gets its rows in requests.
            *objects.read("Batches", names, "data", "score/input/"),
            objects.write("Rows", names, "data", "capture/", "score/output/"),
            objects.use_key(ground),
            objects.encrypt_volumes(ground),
            # A rollout looks at the alarms that would end it.
            allow(
                "WatchAlarms",
                ["cloudwatch:DescribeAlarms"],
                [names.arn("cloudwatch", f"alarm:{names.prefix}-*")],
            ),
            *container(ground, f"Endpoints/{names.prefix}", "TransformJobs"),
        ),
    )
