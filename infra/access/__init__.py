"""Who may do what: IAM policies as pure functions of names and keys, one file a role."""

from . import (
    approver,
    caller,
    deploy,
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
    """Every role of an environment by its kind; those of CI only where it can prove itself."""
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
    if ground.federation is None:
        return roles
    return {
        **roles,
        "plan": plan.role(ground, ground.federation),
        "deploy": deploy.role(ground, ground.federation),
    }
