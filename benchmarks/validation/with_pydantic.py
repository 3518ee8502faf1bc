"""The same request in pydantic, with the same bounds."""

import json
import sys
from pathlib import Path
from timeit import repeat
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, create_model

ROOT = Path(sys.argv[1])
(TABLE,) = yaml.safe_load((ROOT / "contract.yaml").read_text())["schema"]
COLUMNS = TABLE["properties"][1:-1]
BOUNDS: dict[str, dict[str, float]] = {
    column["name"]: column["logicalTypeOptions"] for column in COLUMNS
}
FIELDS: dict[str, Any] = {
    name: (Annotated[float, Field(ge=bounds["minimum"], le=bounds["maximum"])], ...)
    for name, bounds in BOUNDS.items()
}
Row = create_model("Row", __config__=ConfigDict(extra="forbid"), **FIELDS)


class Request(BaseModel):
    """As the server takes it."""

    rows: list[Row]  # type: ignore[valid-type]


ROW = {name: bounds["minimum"] for name, bounds in BOUNDS.items()}


def seconds(rows: int) -> float:
    """The best of several runs."""
    body = json.dumps({"rows": [ROW] * rows}).encode()
    number = 20_000 // rows
    return min(repeat(lambda: Request.model_validate_json(body), number=number, repeat=7)) / number


print(json.dumps({str(rows): seconds(rows) for rows in (1, 100)}))
