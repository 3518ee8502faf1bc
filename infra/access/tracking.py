"""Managed MLflow: it keeps the files of runs."""

from . import objects, trust
from .documents import document
from .ground import Ground
from .role import Role


def role(ground: Ground) -> Role:
    """The role of the MLflow app."""
    return Role(
        trust.services(ground, "sagemaker"),
        document(
            *objects.read("Runs", ground.names, "artifacts", "mlflow/"),
            objects.write("Runs", ground.names, "artifacts", "mlflow/"),
            objects.use_key(ground),
        ),
    )
