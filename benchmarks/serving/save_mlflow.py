"""The same ONNX graph as MLflow keeps a model."""

import sys
from pathlib import Path

import mlflow.onnx
import onnx

mlflow.onnx.save_model(onnx.load(Path(sys.argv[1]) / "model.onnx"), sys.argv[2])
