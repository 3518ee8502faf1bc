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

from . import card, data_card, facts, lineage, manifest, paths, sagemaker_card
from . import contract as contracts
from .arrays import Matrix
from .contract import Column, Contract
from .decode import Decoder, RequestError
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
    """Write `model/`, `model.tar.gz`, `package.json` and the cards."""
    train_dir = paths.input_dir("train")
    about = manifest.read(train_dir)
    model = ARCHITECTURES[about.architecture].load(train_dir)
    contract = contracts.load(paths.ROOT / "contract.yaml")
    with paths.output_dir("package") as out:
        directory = out / "model"
        directory.mkdir()
        model.save(directory)
        if add_onnx(model, load_part(paths.input_dir("features"), "test").matrix, directory):
            about = msgspec.structs.replace(about, format="onnx")
        about.write(directory)
        shutil.copyfile(paths.ROOT / "contract.yaml", directory / "contract.yaml")
        write_json(directory / "example.json", {"rows": example(about.features, contract)})
        inputs = lineage.of_run()
        digest = digest_package(directory)
        known = facts.gather(about, digest, inputs)
        (directory / card.FILE).write_text(card.page(known), encoding="utf-8")
        (out / data_card.FILE).write_text(data_card.page(known), encoding="utf-8")
        sagemaker_card.write(known, out)
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


def example(features: tuple[Feature, ...], contract: Contract) -> list[dict[str, Any]]:
    """A few rows of the data as a caller would send them.

    Where any column is personal, each row is somebody's, and the package goes where the data must not. Then
    it is one row of nobody: the median of each number and the most frequent of each category. Such a row may
    break a rule about several columns; then that is said.
    """
    columns = list(dict.fromkeys(feature.column for feature in features))
    table = pl.read_parquet(paths.input_dir("validate") / "data.parquet", columns=columns)
    if not contract.personal:
        return table.head(EXAMPLE_ROWS).to_dicts()
    rows = [{name: _typical(table[name], contract.column(name)) for name in columns}]
    try:
        Decoder(contract, features).from_json(msgspec.json.encode({"rows": rows}))
    except RequestError as error:
        print(f"package: example.json has a row of nobody, and the server will refuse it: {error}")
    return rows


def _typical(values: pl.Series, column: Column) -> Any:
    if values.dtype.is_numeric():
        middle = values.median()
        return int(middle) if values.dtype.is_integer() and isinstance(middle, float) else middle
    # Of those in the contract: another, which a rule may let through, would show what somebody has.
    known = values.drop_nulls() if column.values is None else values.filter(values.is_in(column.values))
    return known.mode().min()


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
