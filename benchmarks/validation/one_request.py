"""What the server takes to decode and check a request of the example's rows."""

import json
import sys
from pathlib import Path
from timeit import repeat

from a_project import contract as contracts
from a_project.decode import Decoder
from a_project.encoding import layout

ROOT = Path(sys.argv[1])
CONTRACT = contracts.load(ROOT / "contract.yaml")
FEATURES = layout(CONTRACT, CONTRACT.columns[-1].name)
DECODER = Decoder(CONTRACT, FEATURES)
ROW = {column.name: column.minimum or 0.0 for column in CONTRACT.columns[1:-1]}


def seconds(rows: int) -> float:
    """The best of several runs, as others share the machine."""
    body = json.dumps({"rows": [ROW] * rows}).encode()
    number = 20_000 // rows
    return min(repeat(lambda: DECODER.from_json(body), number=number, repeat=7)) / number


print(json.dumps({str(rows): seconds(rows) for rows in (1, 100)}))
