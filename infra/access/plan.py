"""CI on a pull request: it shows what would change."""

from . import trust
from .documents import document
from .ground import Federation, Ground
from .reading import reading
from .role import Role
from .state import read_state


def role(ground: Ground, federation: Federation) -> Role:
    """The role of `pulumi preview`. It writes nothing, and reads no data."""
    return Role(
        trust.continuous_integration(ground, federation, "plan"),
        document(*reading(ground), *read_state(ground)),
    )
