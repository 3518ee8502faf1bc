"""How long logs are kept, as a setting of more than one program."""

from typing import Annotated

from pydantic import AfterValidator

from .components.log_group import LogGroupArgs
from .settings import refusing


def _accepted(days: int) -> int:
    with refusing():
        LogGroupArgs((), days, "")
    return days


# What CloudWatch Logs would refuse half-way is refused before it is asked.
LogRetentionDays = Annotated[int, AfterValidator(_accepted)]
