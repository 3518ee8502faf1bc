"""Who may do what: IAM policies as pure functions of names and keys, one file a role."""

from . import (
    approver,
    caller,
    deploy,
    ingest,
    monitoring,
    pipeline,
    plan,
    scientist,
    serving,
    tracking,
    training,
    trigger,
)
from .ground import Ground
from .role import Role


def all_roles(ground: Ground) -> dict[str, Role]:
    """Every role of an environment by its kind.

    Those of CI are there only where it can prove itself, that of `ingest` only where there are
    pseudonyms.
    """
    modules = (
        pipeline,
        training,
        serving,
        monitoring,
        trigger,
        caller,
        scientist,
        approver,
        tracking,
    )
    roles = {module.__name__.rpartition(".")[2]: module.role(ground) for module in modules}
    if ground.keys.pseudonym is not None:
        roles["ingest"] = ingest.role(ground, ground.keys.pseudonym)
    if ground.federation is not None:
        roles["plan"] = plan.role(ground, ground.federation)
        roles["deploy"] = deploy.role(ground, ground.federation)
    return roles
