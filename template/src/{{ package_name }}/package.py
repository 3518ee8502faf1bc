"""Stage 6: everything a server needs, in one directory, and where it came from.

The archive has its files in order and without times, owners or modes of their own, so that the same model
gives the same bytes.
"""

import gzip
import shutil
import tarfile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl

from . import card, lineage, manifest, paths
from .arrays import Matrix
from .digests import digest_file, digest_package
from .encoding import Feature
from .errors import run
from .features import load_part
from .files import write_json
from .lineage import Package
from .models import ARCHITECTURES, Model
from .predictor import ONNX_FILE, onnx_function

EXAMPLE_ROWS = 3
# ONNX Runtime computes in single precision; a relative difference of its last digits is no difference.
RELATIVE, ABSOLUTE = 1e-4, 1e-5


def main() -> None:
    """Write `model/`, `model.tar.gz` and `package.json`."""
    train_dir = paths.input_dir("train")
    about = manifest.read(train_dir)
    model = ARCHITECTURES[about.architecture].load(train_dir)
    with paths.output_dir("package") as out:
        directory = out / "model"
        directory.mkdir()
        model.save(directory)
        if add_onnx(model, load_part(paths.input_dir("features"), "test").matrix, directory):
            about = msgspec.structs.replace(about, format="onnx")
        about.write(directory)
        shutil.copyfile(paths.ROOT / "contract.yaml", directory / "contract.yaml")
        write_json(directory / "example.json", {"rows": example(about.features)})
        inputs = lineage.of_run()
        digest = digest_package(directory)
        (directory / card.FILE).write_text(card.write(about, digest, inputs), encoding="utf-8")
        archive(directory, out / "model.tar.gz")
        write_json(out / lineage.FILE, Package(digest, digest_file(out / "model.tar.gz"), inputs))
    print(f"package: {about.architecture} as {about.format}, digest {digest}")


def add_onnx(model: Model, rows: Matrix, directory: Path) -> bool:
    """Write the model as ONNX if it predicts the same for `rows`; say so if it does not."""
    graph = model.onnx()
    expected, got = model.predict(rows), onnx_function(graph)(rows)
    if not np.allclose(got, expected, rtol=RELATIVE, atol=ABSOLUTE):
        worst = float(np.max(np.abs(got - expected)))
        print(f"package: ONNX differs by up to {worst:g}, so only the native model is packaged")
        return False
    (directory / ONNX_FILE).write_bytes(graph)
    return True


def example(features: tuple[Feature, ...]) -> list[dict[str, Any]]:
    """A few rows of the data as a caller would send them."""
    columns = list(dict.fromkeys(feature.column for feature in features))
    table = pl.read_parquet(paths.input_dir("validate") / "data.parquet", columns=columns)
    return table.head(EXAMPLE_ROWS).to_dicts()


def archive(directory: Path, target: Path) -> None:
    """Pack the files of `directory`, at the top of the archive, as SageMaker expects them."""
    with (
        target.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path in sorted(directory.iterdir()):
            entry = tarfile.TarInfo(path.name)
            entry.size, entry.mode = path.stat().st_size, 0o644
            with path.open("rb") as content:
                tar.addfile(entry, content)


if __name__ == "__main__":
    run(main)
