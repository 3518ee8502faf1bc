"""What is taken out of the SDK's definitions before they are compared; see README.md."""

import copy
from typing import Any

EMPTY = ("HyperParameters", "Environment", "Bias", "Explainability")
ABSENT = "MlflowConfig"


def plain(definition: dict[str, Any]) -> dict[str, Any]:
    """The definition without the keys that the SDK writes although there is nothing to say."""
    made: dict[str, Any] = _without_empty(copy.deepcopy(definition))
    if made.get(ABSENT, "") is None:
        del made[ABSENT]
    return made


def _without_empty(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    if isinstance(value, dict):
        return {
            name: _without_empty(item)
            for name, item in value.items()
            if not (name in EMPTY and item == {})
        }
    return value
