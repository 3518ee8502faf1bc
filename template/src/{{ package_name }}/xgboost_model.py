"""Gradient-boosted trees."""

from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import xgboost as xgb

from . import task
from .arrays import Matrix, Vector
from .features import Part
from .params import Train

FILE = "model.ubj"


class XGBoost:
    """XGBoost's booster, cut to the round with the lowest validation loss."""

    parameters: ClassVar[tuple[str, ...]] = (
        "seed",
        "l2",
        "max_depth",
        "learning_rate",
        "max_rounds",
        "early_stopping_rounds",
        "subsample",
    )

    def __init__(self, booster: xgb.Booster) -> None:
        self._booster = booster

    @classmethod
    def fit(cls, train: Part, valid: Part, params: Train) -> tuple[Self, list[tuple[int, float, float]]]:
        history: dict[str, dict[str, list[float]]] = {}
        known = xgb.DMatrix(train.matrix, train.truth)
        held_out = xgb.DMatrix(valid.matrix, valid.truth)
        booster = xgb.train(
            {
                "objective": task.OBJECTIVE,
                "eval_metric": task.CURVE_METRIC,
                "tree_method": "hist",
                "max_depth": params.max_depth,
                "learning_rate": params.learning_rate,
                "lambda": params.l2,
                "subsample": params.subsample,
                "seed": params.seed,
            },
            known,
            num_boost_round=params.max_rounds,
            early_stopping_rounds=params.early_stopping_rounds,
            evals=[(known, "train"), (held_out, "valid")],
            evals_result=history,
            verbose_eval=False,
        )
        losses = zip(history["train"][task.CURVE_METRIC], history["valid"][task.CURVE_METRIC], strict=True)
        curve = [(number, *pair) for number, pair in enumerate(losses, start=1)]
        return cls(booster[: booster.best_iteration + 1]), curve

    @classmethod
    def load(cls, directory: Path) -> Self:
        return cls(xgb.Booster(model_file=directory / FILE))

    def save(self, directory: Path) -> None:
        self._booster.save_model(directory / FILE)

    def onnx(self) -> bytes:
        from onnxmltools import convert_xgboost
        from onnxmltools.convert.common.data_types import FloatTensorType

        shape = FloatTensorType([None, self._booster.num_features()])
        # A name of its own for each graph is the converter's default, and would make every export differ.
        graph = convert_xgboost(self._booster, "model", [("rows", shape)], target_opset=15)
        return bytes(graph.SerializeToString())

    def predict(self, matrix: Matrix) -> Vector:
        return np.asarray(self._booster.inplace_predict(matrix), dtype=np.float64)
