"""The job of `ingest`, where it makes pseudonyms: no other role can have their key decrypted."""

from ..names import RUNS
from . import objects, trust
from .documents import allow, document
from .ground import Ground
from .jobs import container
from .resources import in_context
from .role import Role


def role(ground: Ground, key: str) -> Role:
    """The role of the job of `ingest`; `key` is the ARN of the key of pseudonyms."""
    names = ground.names
    return Role(
        trust.services(ground, "sagemaker"),
        document(
            *objects.read("Source", names, "data", "source/"),
            *objects.read("Artifacts", names, "artifacts", "pipeline/", "params/"),
            objects.write("Artifacts", names, "artifacts", f"{RUNS}/"),
            objects.use_key(ground),
            objects.encrypt_volumes(ground),
            allow("Pseudonyms", ["kms:Decrypt"], [key], {"StringEquals": in_context(names)}),
            *container(ground, "ProcessingJobs", "TrainingJobs"),
        ),
    )
