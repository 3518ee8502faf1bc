"""The architectures to choose from, behind one interface.

To add one: write a class with these methods in a file of its own, enter it in `ARCHITECTURES`, and add its
name to `Train.model` in params.py.
"""

from pathlib import Path
from typing import ClassVar, Protocol, Self

from .arrays import Matrix, Vector
from .features import Part
from .linear_model import Linear
from .params import Train
from .xgboost_model import XGBoost

Curve = list[tuple[int, float, float]]


class Model(Protocol):
    """A fitted model. Two fits of the same data, parameters and versions give the same bytes.

    `parameters` are those under `train` in params.yaml that it obeys, for the model card.
    """

    parameters: ClassVar[tuple[str, ...]]

    @classmethod
    def fit(cls, train: Part, valid: Part, params: Train) -> tuple[Self, Curve]:
        """Learn from `train`, watch `valid`; the curve has (round, train loss, validation loss)."""
        ...

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read what `save` wrote."""
        ...

    def save(self, directory: Path) -> None:
        """Write the native format, which holds data only: nothing in it can run."""
        ...

    def onnx(self) -> bytes:
        """The model as an ONNX graph: input `rows` (n, features), its last output the predictions."""
        ...

    def predict(self, matrix: Matrix) -> Vector:
        """The probability of the positive class, or the value, for each row; shape (rows,)."""
        ...


ARCHITECTURES: dict[str, type[Model]] = {"xgboost": XGBoost, "linear": Linear}
