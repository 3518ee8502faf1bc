"""The monitoring job: it compares what was asked with the released model's baseline."""

from ..names import REPORTS
from . import objects, trust
from .documents import document
from .ground import Ground
from .jobs import container, publish
from .role import Role


def role(ground: Ground) -> Role:
    """The role of the scheduled processing job."""
    names = ground.names
    return Role(
        trust.services(ground, "sagemaker"),
        document(
            *objects.read("Capture", names, "data", "capture/", "score/"),
            *objects.read("Reports", names, "artifacts", f"{REPORTS}/", "params/"),
            objects.write("Reports", names, "artifacts", f"{REPORTS}/"),
            *objects.read_approved(ground),
            objects.use_key(ground),
            objects.encrypt_volumes(ground),
            publish("PublishDrift", names.namespace),
            *container(ground, "ProcessingJobs"),
        ),
    )
