"""The jobs of the training pipeline: they read data and write artefacts, of one environment."""

from ..names import MODELS, RUNS
from . import objects, trust
from .documents import document
from .ground import Ground
from .jobs import container
from .role import Role


def role(ground: Ground) -> Role:
    """The role of every processing and training job, but for one that makes pseudonyms."""
    return Role(
        trust.services(ground, "sagemaker"),
        document(
            *objects.read("Source", ground.names, "data", "source/"),
            *objects.read("Artifacts", ground.names, "artifacts", "pipeline/", "params/"),
            objects.write("Artifacts", ground.names, "artifacts", f"{RUNS}/", f"{MODELS}/"),
            # The released model, which `evaluate` compares with.
            *objects.read_approved(ground),
            objects.use_key(ground),
            objects.encrypt_volumes(ground),
            *container(ground, "ProcessingJobs", "TrainingJobs"),
        ),
    )
