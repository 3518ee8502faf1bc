"""Stage 4: learn."""

import csv

from . import contract as contracts
from . import params, paths, task
from .errors import run
from .features import load_features, load_part
from .manifest import Manifest
from .models import ARCHITECTURES, Curve


def main() -> None:
    """Write the model in its native format, `manifest.json`, and the learning curve `curve.csv`."""
    settings = params.load()
    contract = contracts.load(paths.ROOT / "contract.yaml")
    source = paths.input_dir("features")
    model, curve = ARCHITECTURES[settings.train.model].fit(
        load_part(source, "train"), load_part(source, "valid"), settings.train
    )
    with paths.output_dir("train") as out:
        model.save(out)
        Manifest(
            task=task.NAME,
            architecture=settings.train.model,
            format="native",
            target=settings.target,
            features=load_features(source),
            contract_version=contract.version,
        ).write(out)
        with (out / "curve.csv").open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("round", "train", "valid"))
            writer.writerows(curve)
    print(f"train: {settings.train.model}, {story(curve)}")


def story(curve: Curve) -> str:
    """How the learning went, in a few words."""
    number, _, loss = min(curve, key=lambda point: point[2])
    return f"validation {task.CURVE_METRIC} {loss:.4f} at round {number} of {len(curve)}"


if __name__ == "__main__":
    run(main)
