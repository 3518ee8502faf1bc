"""Where in dvc.yaml something is said, for errors that a person can follow."""

from collections.abc import Iterator

import yaml

from ..errors import UserError

FILE = "dvc.yaml"


class Lines:
    """The lines of one dvc.yaml."""

    def __init__(self, text: str) -> None:
        self._root = yaml.compose(text, Loader=yaml.SafeLoader)

    def of(self, *keys: str) -> int:
        """The line of a key, or of the innermost key around it that is there."""
        return max(self._lines(keys), default=1)

    def error(self, stage: str, message: str, *keys: str) -> UserError:
        """A mistake of a stage, with the line of what `keys` lead to in it."""
        group = stage.split("@")[0]
        # In a `foreach` stage they are one level down.
        line = max(self.of("stages", group, *keys), self.of("stages", group, "do", *keys))
        return UserError(f"{FILE}, line {line}: stage {stage}: {message}")

    def _lines(self, keys: tuple[str, ...]) -> Iterator[int]:
        node = self._root
        for key in keys:
            if not isinstance(node, yaml.MappingNode):
                return
            for name, value in node.value:
                if name.value == key:
                    yield name.start_mark.line + 1
                    node = value
                    break
            else:
                return
