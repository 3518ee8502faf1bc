"""Predictions for a whole table, by the package that the server serves: as fast as the model, and resumable.

A row has to keep the contract as a request has to; one that breaks it gets no prediction, but the rules that
it breaks. The table is read and written in parts, and those that are written already are not made again.
"""

import sys
import tempfile
from pathlib import Path

import msgspec
import polars as pl

from . import contract as contracts
from . import predictor, task
from .contract import Column, Contract, Rule, conditions
from .contract.columns import Expectations, Tolerance
from .digests import digest_package
from .encoding import Feature
from .errors import UserError, run
from .features import encode, matrix
from .files import read_json, write_json
from .params import Ingest
from .predictor import Predictor, packaged
from .source import opened, readable
from .validate import DATA, QUARANTINE, REASONS, validate

RECORD = "score.json"
PART = 500_000  # rows: about a second's work, and little memory
# In the place of a row's number in its table while it is validated.
NUMBER = "#number"
NUMBERED = Column(NUMBER, "integer", required=True, key=True)
# A row that breaks the contract is set aside, however many do.
SET_ASIDE = Tolerance("quarantine")


class Job(msgspec.Struct, frozen=True):
    """What makes predictions what they are: the package, the table in its state, and the parts' rows."""

    package: str
    source: str
    state: str | None
    part: int = PART


def main() -> None:
    """Score the table that is named first into the folder that is named second."""
    if len(sys.argv) != 3 or not all(sys.argv[1:]):
        raise UserError("say what to score and where to: make score IN=rows.parquet OUT=scores")
    score(sys.argv[1], Path(sys.argv[2]))


def score(name: str, out: Path) -> None:
    """Write the predictions for a table: a file, a folder, an `s3://` prefix or a Delta table.

    `out` gets `part-00000.parquet` and so on, with a row for each that was scored: its number in the table,
    its key, and what a caller is told. `refused-00000.parquet` has the rows that break the contract.

    Raises:
        UserError: the table cannot be read, its columns are not those of the contract, or `out` holds the
            predictions of something else.
    """
    directory = packaged()
    model = predictor.load(directory, threads=0)
    contract = contracts.load(directory / "contract.yaml")
    wanted = scored(contract, model.manifest.features)
    source = opened(Ingest(source=name), contract)
    claim(out, Job(digest_package(directory), name, source.about.state))
    with readable(name, personal=contract.personal):
        table = _numbered(source.whole(), wanted)
        rows = int(table.select(pl.len()).collect(engine="streaming").item())
        for number, start in enumerate(range(0, rows, PART)):
            part = out / f"part-{number:05}.parquet"
            write_part(table.slice(start, PART), part, model, contract, wanted)
            print(f"score: {min(start + PART, rows)} of {rows} rows", file=sys.stderr, flush=True)
    refused = sum(pl.scan_parquet(file).select(pl.len()).collect().item() for file in out.glob("refused-*"))
    print(f"score: {rows - refused} predictions are in {out}; {refused} rows break the contract")


def _numbered(table: pl.LazyFrame, wanted: Contract) -> pl.LazyFrame:
    """The rows with their numbers and what is wanted of them: a table to score may have other columns."""
    there = table.collect_schema()
    return table.select(name for name in wanted.types if name in there).with_row_index(NUMBER)


def claim(out: Path, job: Job) -> None:
    """Make the folder this job's.

    Raises:
        UserError: it is another's.
    """
    if (out / RECORD).exists():
        if read_json(out / RECORD, Job) != job:
            raise UserError(f"{out} holds predictions of another model or table: name another OUT")
    elif out.exists() and any(out.iterdir()):
        raise UserError(f"{out} is not empty, and holds no predictions: name another OUT")
    else:
        out.mkdir(parents=True, exist_ok=True)
        write_json(out / RECORD, job)


def scored(contract: Contract, features: tuple[Feature, ...]) -> Contract:
    """The contract of a table to score: its key as it comes, and the model's inputs as a request has them."""
    inputs = list(dict.fromkeys(feature.column for feature in features))
    keys = [
        Column(column.name, column.type)
        for column in contract.columns
        # What ingest would replace stays outside here, too; a row's number tells which it is.
        if column.key and column.handling == "keep" and column.name not in inputs
    ]
    rules = [_mild(rule) for rule in conditions.within(contract.rules, contract.types, inputs)]
    return msgspec.structs.replace(
        contract,
        columns=(NUMBERED, *keys, *(_input(contract.column(name)) for name in inputs)),
        rules=tuple(rules),
        expectations=Expectations(),
    )


def _input(column: Column) -> Column:
    """A column of the model, open where the contract clips or flags what is outside."""
    free = {} if column.outside == "reject" else {"minimum": None, "maximum": None, "values": None}
    return msgspec.structs.replace(column, key=False, unique=False, tolerance=SET_ASIDE, **free)


def _mild(rule: Rule) -> Rule:
    """A rule that takes rows out, and never refuses the table."""
    return rule if rule.tolerance.severity == "warn" else msgspec.structs.replace(rule, tolerance=SET_ASIDE)


def write_part(
    rows: pl.LazyFrame, part: Path, model: Predictor, contract: Contract, wanted: Contract
) -> None:
    """Score some rows, unless they are; what is refused is written before what shows that all is done."""
    if part.exists():
        return
    with tempfile.TemporaryDirectory(dir=part.parent, prefix=".") as scratch:
        place = Path(scratch)
        validate(rows, wanted, place)
        predicted(pl.read_parquet(place / DATA), contract, model).write_parquet(place / "part")
        refused = pl.read_parquet(place / QUARANTINE, columns=[NUMBER, REASONS])
        refused.rename({NUMBER: "row", REASONS: "reasons"}).write_parquet(place / "refused")
        (place / "refused").rename(part.with_name(part.name.replace("part", "refused")))
        (place / "part").rename(part)


def predicted(rows: pl.DataFrame, contract: Contract, model: Predictor) -> pl.DataFrame:
    """Each row's number, its key, and what a caller is told of it."""
    features = model.manifest.features
    inputs = dict.fromkeys(feature.column for feature in features)
    clipped = [
        pl.col(name).clip(*contract.column(name).bounds)
        for name in inputs
        if contract.column(name).outside == "clip"
    ]
    numbers = model.predict(matrix(encode(rows.with_columns(clipped), features), features))
    known = rows.select(pl.col(NUMBER).alias("row"), pl.exclude(NUMBER, *inputs))
    return known.with_columns(**task.answers(numbers, model.manifest.target))


if __name__ == "__main__":
    run(main)
