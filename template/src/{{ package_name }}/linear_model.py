"""A linear model on standardised inputs: the yardstick for everything with more parts."""

from pathlib import Path
from typing import ClassVar, Self

import msgspec
import numpy as np

from . import task
from .arrays import Matrix, Vector
from .features import Part
from .files import read_json, write_json
from .params import Train

FILE = "linear.json"


class Weights(msgspec.Struct, frozen=True):
    """All that was learned; one entry for each feature, and the intercept."""

    fill: list[float]
    mean: list[float]
    scale: list[float]
    weight: list[float]
    intercept: float


class Linear:
    """Missing values become the median, inputs are standardised, scores are a weighted sum."""

    parameters: ClassVar[tuple[str, ...]] = ("l2",)

    def __init__(self, weights: Weights) -> None:
        self._weights = weights

    @classmethod
    def fit(cls, train: Part, valid: Part, params: Train) -> tuple[Self, list[tuple[int, float, float]]]:
        from sklearn.impute import SimpleImputer
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        estimator = task.linear_estimator(params.l2)
        pipeline = make_pipeline(
            SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler(), estimator
        )
        pipeline.fit(train.matrix.astype(np.float64), train.truth)
        imputer, scaler = pipeline[0], pipeline[1]
        model = cls(
            Weights(
                fill=imputer.statistics_.tolist(),
                mean=scaler.mean_.tolist(),
                scale=scaler.scale_.tolist(),
                weight=np.ravel(estimator.coef_).tolist(),
                intercept=float(np.ravel(estimator.intercept_)[0]),
            )
        )
        train_loss, valid_loss = (
            task.loss(part.truth, model.predict(part.matrix)) for part in (train, valid)
        )
        return model, [(1, train_loss, valid_loss)]

    @classmethod
    def load(cls, directory: Path) -> Self:
        return cls(read_json(directory / FILE, Weights))

    def save(self, directory: Path) -> None:
        write_json(directory / FILE, self._weights)

    def onnx(self) -> bytes:
        from onnx import TensorProto, helper, numpy_helper

        learned = {
            "fill": self._weights.fill,
            "mean": self._weights.mean,
            "scale": self._weights.scale,
            "weight": [[weight] for weight in self._weights.weight],
            "intercept": [self._weights.intercept],
        }
        steps = [
            ("IsNaN", ["rows"], "missing"),
            ("Where", ["missing", "fill", "rows"], "filled"),
            ("Sub", ["filled", "mean"], "centred"),
            ("Div", ["centred", "scale"], "standardised"),
            ("MatMul", ["standardised", "weight"], "sum"),
            ("Add", ["sum", "intercept"], "score"),
            (task.LINK_OPERATOR, ["score"], "prediction"),
        ]
        graph = helper.make_graph(
            [helper.make_node(operator, inputs, [output]) for operator, inputs, output in steps],
            "model",
            [helper.make_tensor_value_info("rows", TensorProto.FLOAT, [None, len(self._weights.weight)])],
            [helper.make_tensor_value_info("prediction", TensorProto.FLOAT, [None, 1])],
            [numpy_helper.from_array(np.array(values, np.float32), name) for name, values in learned.items()],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
        return bytes(model.SerializeToString())

    def predict(self, matrix: Matrix) -> Vector:
        learned = self._weights
        filled = np.where(np.isnan(matrix), learned.fill, matrix)
        standardised = (filled - learned.mean) / learned.scale
        return task.inverse_link(standardised @ np.array(learned.weight) + learned.intercept)
