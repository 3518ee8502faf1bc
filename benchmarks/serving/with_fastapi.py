"""What people write first: FastAPI, a pydantic model of a row, the same ONNX graph."""

import json
import os
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import onnxruntime
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field, create_model

DIRECTORY = Path(os.environ["MODEL_DIR"])
NAMES = list(json.loads((DIRECTORY / "example.json").read_text())["rows"][0])
OPTIONS = onnxruntime.SessionOptions()
OPTIONS.intra_op_num_threads = 1
SESSION = onnxruntime.InferenceSession(DIRECTORY / "model.onnx", OPTIONS)
OUTPUT = SESSION.get_outputs()[-1].name

Number = Annotated[float, Field(ge=0, le=1e9)]
Row: Any = create_model(
    "Row", __config__=ConfigDict(extra="forbid"), **dict.fromkeys(NAMES, (Number, ...))
)


class Request(BaseModel):
    """Rows."""

    rows: Annotated[list[Row], Field(min_length=1)]


class Prediction(BaseModel):
    """Of a row."""

    probability: float


class Predictions(BaseModel):
    """Of all rows."""

    predictions: list[Prediction]


app = FastAPI()


@app.get("/ping")
async def ping() -> dict[str, str]:
    """It is up."""
    return {}


@app.post("/invocations")
async def invocations(request: Request) -> Predictions:
    """Predict."""
    rows = np.array([list(row.__dict__.values()) for row in request.rows], dtype=np.float32)
    (found,) = SESSION.run([OUTPUT], {"rows": rows})
    values = found.reshape(len(rows), -1)[:, -1].tolist()
    return Predictions(predictions=[Prediction(probability=value) for value in values])


uvicorn.run(app, port=int(os.environ["PORT"]), access_log=False, log_level="warning")
