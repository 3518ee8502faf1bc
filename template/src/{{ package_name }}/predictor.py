"""A packaged model, ready to predict, in whichever format it has."""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

from . import manifest as manifests
from .arrays import Matrix, Vector
from .errors import UserError
from .manifest import Manifest
from .paths import build_dir

ONNX_FILE = "model.onnx"


class Predictor(msgspec.Struct, frozen=True):
    """`predict` takes model inputs (rows, features) and gives a prediction for each row."""

    manifest: Manifest
    predict: Callable[[Matrix], Vector]


def packaged() -> Path:
    """The directory of the package that is served: MODEL_DIR, or what the last run has made.

    Raises:
        UserError: there is none.
    """
    directory = Path(os.environ.get("MODEL_DIR") or build_dir("package") / "model")
    if not (directory / manifests.FILE).is_file():
        remedy = "`make repro` makes one, MODEL_DIR names another directory"
        raise UserError(f"{directory} holds no packaged model: {remedy}")
    return directory


def load(directory: Path, threads: int = 1) -> Predictor:
    """The model in a package's directory, with this many threads for each table; 0 means one for each core.

    Raises:
        UserError: there is none.
    """
    manifest = manifests.read(directory)
    if manifest.format == "onnx":
        return Predictor(manifest, onnx_function((directory / ONNX_FILE).read_bytes(), threads))
    # Native formats need the library that made them, which a server of ONNX models does not carry.
    from .models import ARCHITECTURES

    return Predictor(manifest, ARCHITECTURES[manifest.architecture].load(directory).predict)


def onnx_function(graph: bytes, threads: int = 1) -> Callable[[Matrix], Vector]:
    """An ONNX graph as a function."""
    # From 1.29 on, ONNX Runtime reports every model it loads to its maker, unless this is set before.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # One request is one small batch: more threads would cost more than they bring.
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    output = session.get_outputs()[-1].name

    def predict(matrix: Matrix) -> Vector:
        (predictions,) = session.run([output], {"rows": matrix})
        # A classifier gives a column for each class, the positive one last; a regressor a single column.
        return np.asarray(predictions.reshape(len(matrix), -1)[:, -1], dtype=np.float64)

    return predict
