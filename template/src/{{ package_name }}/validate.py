"""Stage 2: hold the data against the contract. Nothing downstream runs on rows that break it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from . import contract as contracts
from . import paths
from .contract import Contract
from .errors import UserError, run
from .files import write_json
from .quality import SHOWN_ROWS, Broken, Report
from .rules import KEY, ROW, TIMES, TWICE, UNREAD, Asked, asked, schema

DATA, QUARANTINE = "data.parquet", "quarantine.parquet"
REASONS = "#reasons"
# What a column of the contract's type may come as. Text is parsed, row by row; a fraction is never cut to
# an integer in silence.
ACCEPTED: dict[str, Callable[[pl.DataType], bool]] = {
    "integer": lambda dtype: dtype.is_integer(),
    "number": lambda dtype: dtype.is_numeric(),
    "string": lambda dtype: dtype.is_integer() or dtype in (pl.Categorical, pl.Enum),
    "boolean": lambda dtype: dtype == pl.Boolean,
    "date": lambda dtype: dtype == pl.Date,
    "timestamp": lambda dtype: dtype.is_temporal(),
}


def main() -> None:
    """Write `data.parquet`, typed by the contract, the rows set aside, and the report in two forms."""
    contract = contracts.load(paths.ROOT / "contract.yaml").stored
    table = pl.scan_parquet(paths.input_dir("ingest") / DATA)
    with paths.output_dir("validate") as out:
        report = validate(table, contract, out)
        write_json(out / "report.json", report)
        (out / "report.md").write_text(report.page(), encoding="utf-8")
    for name in report.absent:
        print(f"validate: {name} is absent, as it may be: every row lacks it")
    for broken in report.broken:
        print(f"validate: {broken.severity}: {broken}")
    print(f"validate: {report.kept} of {report.rows} rows keep contract {contract.name} {contract.version}")


def validate(table: pl.LazyFrame, contract: Contract, out: Path) -> Report:
    """Write the rows that keep the contract to `data.parquet` in `out`, typed and in the contract's order.

    A column that the contract does not require may be absent; its values are then missing.

    Rows that break a rule whose severity is `quarantine` go to `quarantine.parquet`, with their number and
    the rules that they break. The table is streamed, and may be larger than memory.

    Raises:
        UserError: the columns differ from the contract's, or a rule is broken whose severity is `fail`, or by
            more rows than it tolerates, or too few or too many rows are left. The message has a line for each
            broken rule: the column, the rule, how many rows break it and the first of them, counted from 0.
            It shows no value, since values may be personal.
    """
    found = table.collect_schema()
    _check_columns(found, contract)
    rules = asked(contract)
    firm = {name for name, rule in rules.items() if rule.tolerance.severity != "warn"}
    numbered, marks = _marked(table, contract)
    good, failure = schema(contract, firm, marks).filter(numbered, cast=True)
    names = [column.name for column in contract.columns]
    aside = out / f".{QUARANTINE}"
    pl.collect_all(
        [
            good.select(names).sink_parquet(out / DATA, lazy=True),
            failure._lf.sink_parquet(aside, lazy=True),  # sink_parquet of its own would run a second pass
        ],
        engine="streaming",
    )
    kept, set_aside = pl.scan_parquet(out / DATA), pl.scan_parquet(aside)
    went_on = _height(kept)
    total = went_on + _height(set_aside)
    broken = [*_broken(set_aside, rules, total)]
    if soft := {name: rule for name, rule in rules.items() if name not in firm}:
        # Asked in a pass of their own: a row that breaks them goes on.
        _, failure = schema(contract, set(soft), marks).filter(numbered, cast=True)
        broken += _broken(failure._lf, soft, total)
    report = Report(
        contract=contract.name,
        version=contract.version,
        rows=total,
        kept=went_on,
        absent=tuple(column.name for column in contract.columns if column.name not in found),
        rules=tuple(dict.fromkeys(rule.words for rule in rules.values())),
        broken=tuple(sorted(broken, key=lambda one: list(rules).index(one.rule))),
    )
    _refuse(report, contract, rules)
    _quarantine(set_aside, [*names, ROW], rules).sink_parquet(out / QUARANTINE)
    aside.unlink()
    return report


def _check_columns(found: pl.Schema, contract: Contract) -> None:
    problems = [*_column_problems(found, contract), *_type_problems(found, contract)]
    if problems:
        raise UserError(f"the columns differ from contract.yaml: {'; '.join(problems)}")


def _column_problems(found: pl.Schema, contract: Contract) -> Iterator[str]:
    declared = {column.name for column in contract.columns}
    required = {column.name for column in contract.columns if column.required}
    if missing := sorted(required - set(found)):
        yield f"the data lacks {', '.join(missing)}"
    if extra := sorted(set(found) - declared):
        yield f"the contract lacks {', '.join(extra)}; describe it there, or leave it out of the data"


def _type_problems(found: pl.Schema, contract: Contract) -> Iterator[str]:
    for column in contract.columns:
        dtype = found.get(column.name, pl.Null())
        if dtype not in (pl.Null, pl.String) and not ACCEPTED[column.type](dtype):
            yield f"{column.name} is {dtype} in the data and {column.type} in the contract"


def _marked(table: pl.LazyFrame, contract: Contract) -> tuple[pl.LazyFrame, list[str]]:
    """The rows with numbers and marks, and the names of the marks; times that come as text are parsed."""
    found = table.collect_schema()
    kinds = contract.types
    absent = [pl.lit(None).alias(name) for name in kinds if name not in found]
    numbered = table.with_columns(absent).select(list(kinds)).with_row_index(ROW)
    marks = []
    for name, kind in kinds.items():
        if kind in TIMES and found.get(name) == pl.String:
            text = pl.col(name).str
            time = text.to_date(strict=False) if kind == "date" else text.to_datetime(strict=False)
            lost = (time.is_null() & pl.col(name).is_not_null()).alias(f"{name}{UNREAD}")
            numbered = numbered.with_columns(time, lost)
            marks.append(f"{name}{UNREAD}")
    unique = {column.name: [column.name] for column in contract.columns if column.unique and not column.key}
    for name, columns in {KEY: list(contract.key), **unique}.items():
        twice = pl.col(ROW).is_in(_twice(numbered, columns).implode()).alias(f"{name}{TWICE}")
        numbered = numbered.with_columns(twice)
        marks.append(f"{name}{TWICE}")
    return numbered, marks


def _twice(numbered: pl.LazyFrame, columns: list[str]) -> pl.Series:
    """The numbers of the rows whose values in these columns another row has, too.

    By way of hashes, eight bytes a row, since to compare whole rows takes forty times the memory.
    """
    there = numbered.filter(pl.any_horizontal(pl.col(columns).is_not_null()))
    digest = pl.struct(columns).hash()
    digests = there.select(digest.alias("digest")).collect(engine="streaming")["digest"].sort()
    suspects = digests.filter(digests == digests.shift()).unique()
    if suspects.is_empty():
        return pl.Series([], dtype=pl.UInt32)
    rows = there.filter(digest.is_in(suspects.implode())).select(ROW, *columns).collect(engine="streaming")
    return rows.filter(rows.select(columns).is_duplicated())[ROW]


def _height(table: pl.LazyFrame) -> int:
    return int(table.select(pl.len()).collect().item())


def _broken(table: pl.LazyFrame, rules: dict[str, Asked], total: int) -> Iterator[Broken]:
    """The rules that some row breaks; a rule's column is false where it does."""
    columns = [name for name in rules if name in table.collect_schema()]
    if not columns:
        return
    fails = [pl.col(name).not_().fill_null(value=False) for name in columns]
    counts = table.select(fail.sum() for fail in fails).collect(engine="streaming").row(0)
    for name, fail, rows in zip(columns, fails, counts, strict=True):
        if rows:
            first = table.filter(fail).select(ROW).head(SHOWN_ROWS).collect()[ROW]
            words, tolerance = rules[name]
            yield Broken(name, words, tolerance.severity, rows, rows / total, tuple(first))


def _refuse(report: Report, contract: Contract, rules: dict[str, Asked]) -> None:
    problems = [
        str(broken) if broken.severity == "fail" else f"{broken}, above the {limit:g}% that are tolerated"
        for broken in report.broken
        if broken.severity == "fail" or broken.share * 100 > (limit := rules[broken.rule].tolerance.percent)
    ]
    least, most = contract.expectations.least_rows, contract.expectations.most_rows
    if least is not None and report.kept < least:
        problems.append(f"{report.kept} rows are left, and at least {least} are expected")
    if most is not None and report.kept > most:
        problems.append(f"{report.kept} rows are left, and at most {most} are expected")
    if problems:
        raise UserError(
            "\n  ".join(["the data breaks contract.yaml; mend it, or change the rule:", *problems])
        )


def _quarantine(set_aside: pl.LazyFrame, names: list[str], rules: dict[str, Asked]) -> pl.LazyFrame:
    """The rows that were set aside, each with the rules that it breaks, in words."""
    columns = [name for name in rules if name in set_aside.collect_schema()]
    reasons = pl.concat_list(pl.when(pl.col(name).not_()).then(pl.lit(rules[name].words)) for name in columns)
    return set_aside.select(*names, reasons.list.drop_nulls().alias(REASONS))


if __name__ == "__main__":
    run(main)
