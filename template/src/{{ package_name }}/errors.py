"""Mistakes that a person can mend, told in one sentence."""

import sys
from collections.abc import Callable


class UserError(Exception):
    """Names the value, the place and the remedy; shown without a traceback."""


def run(main: Callable[[], None]) -> None:
    """Run a command; a UserError becomes one line on stderr and exit code 1."""
    try:
        main()
    except UserError as error:
        sys.exit(f"error: {error}")
