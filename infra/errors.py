"""Mistakes that a person can mend, told in one sentence."""

import sys
from typing import TYPE_CHECKING

# Pulumi shows its own kind of error without a traceback, and is there before it runs a program. A
# command that does without Pulumi is spared the second that it takes to import.
if TYPE_CHECKING or "pulumi" in sys.modules:
    from pulumi import RunError as Base
else:
    Base = Exception


class UserError(Base):
    """Names the value, the place and the remedy; shown without a traceback."""
