"""Applications that ask the endpoint."""

from . import trust
from .documents import allow, document
from .ground import Ground
from .role import Role


def role(ground: Ground) -> Role:
    """The role that an application takes on."""
    endpoint = ground.names.arn("sagemaker", f"endpoint/{ground.names.prefix}")
    return Role(
        trust.people(ground.people.callers),
        document(allow("Ask", ["sagemaker:InvokeEndpoint"], [endpoint])),
    )
