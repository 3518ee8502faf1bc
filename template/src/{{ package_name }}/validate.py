"""Stage 2: hold the data against the contract. Nothing downstream runs on rows that break it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from . import contract as contracts
from . import paths
from .contract import Column, Contract
from .contract.columns import LogicalType
from .errors import UserError, run
from .files import write_json
from .quality import SHOWN_ROWS, Broken, Report
from .rules import BEING, CAME, KEY, ROW, TWICE, TYPES, UNREAD, Asked, asked, check_patterns, marked, schema

DATA, QUARANTINE = "data.parquet", "quarantine.parquet"
REASONS = "#reasons"
# What a column of the contract's type may come as, besides text, which is parsed, row by row.
ACCEPTED: dict[str, Callable[[pl.DataType], bool]] = {
    "integer": lambda dtype: dtype.is_integer() or dtype.is_float(),
    "number": lambda dtype: dtype.is_numeric(),
    "string": lambda dtype: dtype.is_integer() or dtype in (pl.Categorical, pl.Enum),
    "boolean": lambda dtype: dtype == pl.Boolean,
    "date": lambda dtype: dtype == pl.Date,
    "timestamp": lambda dtype: dtype in (pl.Date, pl.Datetime),
}


def main() -> None:
    """Write `data.parquet`, typed by the contract, the rows set aside, and the report in two forms."""
    contract = contracts.load(paths.ROOT / "contract.yaml").stored
    data = paths.input_dir("ingest") / DATA
    with paths.output_dir("validate") as out:
        report = validate(pl.scan_parquet(data), contract, out, str(data))
        write_json(out / "report.json", report)
        (out / "report.md").write_text(report.page(), encoding="utf-8")
    for name in report.absent:
        print(f"validate: {name} is absent, as it may be: every row lacks it")
    for broken in report.broken:
        print(f"validate: {broken.severity}: {broken}")
    print(f"validate: {report.kept} of {report.rows} rows keep contract {contract.name} {contract.version}")


def validate(table: pl.LazyFrame, contract: Contract, out: Path, name: str = "the data") -> Report:
    """Write the rows that keep the contract to `data.parquet` in `out`, typed and in the contract's order.

    A column that the contract does not require may be absent; its values are then missing. Errors call the
    table by its `name`.

    Rows that break a rule whose severity is `quarantine` go to `quarantine.parquet`, with their number and
    the rules that they break. The table is streamed, and may be larger than memory.

    Raises:
        UserError: the columns differ from the contract's, or a rule is broken whose severity is `fail`, or by
            more rows than it tolerates, or too few or too many rows are left. The message has a line for each
            broken rule: the column, the rule, how many rows break it and the first of them, counted from 0.
            It shows no value, since values may be personal.
    """
    found = table.collect_schema()
    _check_columns(found, contract, name)
    check_patterns(contract)
    rules = asked(contract)
    # What cannot be read as its column's type cannot go on, whatever the severity.
    typed = {name for name in rules if name.endswith(marked(UNREAD))}
    firm = typed | {name for name, rule in rules.items() if rule.tolerance.severity != "warn"}
    numbered, marks = _marked(table, contract)
    good, failure = schema(contract, firm, marks).filter(numbered)
    names = [column.name for column in contract.columns]
    aside = out / f".{QUARANTINE}"
    pl.collect_all(
        [
            good.select(names).sink_parquet(out / DATA, lazy=True),
            failure._lf.sink_parquet(aside, lazy=True),  # sink_parquet of its own would run a second pass
        ],
        engine="streaming",
    )
    kept, set_aside = pl.scan_parquet(out / DATA), _explained(pl.scan_parquet(aside), contract)
    went_on = _height(kept)
    total = went_on + _height(set_aside)
    broken = [*_broken(set_aside, rules, total)]
    if soft := {name: rule for name, rule in rules.items() if name not in firm}:
        # Asked in a pass of their own: a row that breaks them goes on.
        _, failure = schema(contract, typed | set(soft), marks).filter(numbered)
        broken += _broken(_explained(failure._lf, contract), soft, total)
    report = Report(
        contract=contract.name,
        version=contract.version,
        rows=total,
        kept=went_on,
        absent=tuple(column.name for column in contract.columns if column.name not in found),
        rules=tuple(dict.fromkeys(rule.words for rule in rules.values() if not rule.implied)),
        broken=tuple(sorted(broken, key=lambda one: list(rules).index(one.rule))),
    )
    _refuse(report, contract, rules, name)
    _quarantine(set_aside, [*names, ROW], rules).sink_parquet(out / QUARANTINE)
    aside.unlink()
    return report


def _check_columns(found: pl.Schema, contract: Contract, name: str) -> None:
    problems = [*_column_problems(found, contract), *_type_problems(found, contract)]
    if problems:
        raise UserError("\n  ".join([f"the columns of {name} differ from contract.yaml:", *problems]))


def _column_problems(found: pl.Schema, contract: Contract) -> Iterator[str]:
    required = [column for column in contract.columns if column.required]
    if missing := [_said(column) for column in required if column.name not in found]:
        yield f"the data lacks {', '.join(missing)}; bring it, or do not require it"
    if extra := contract.strangers(found):
        yield f"the contract lacks {extra}; describe it there, or leave it out of the data"


def _type_problems(found: pl.Schema, contract: Contract) -> Iterator[str]:
    for column in contract.columns:
        dtype = found.get(column.name, pl.Null())
        if dtype not in (pl.Null, pl.String) and not ACCEPTED[column.type](dtype):
            yield f"{_said(column)} is {dtype} in the data and {column.type} in the contract"


def _said(column: Column) -> str:
    """A column, and where the contract speaks of it."""
    return f"{column.name} (line {column.line} there)" if column.line else column.name


def _marked(table: pl.LazyFrame, contract: Contract) -> tuple[pl.LazyFrame, list[str]]:
    """The rows with numbers and marks, in the contract's types, and the names of the marks."""
    found = table.collect_schema()
    kinds = contract.types
    absent = [pl.lit(None).alias(name) for name in kinds if name not in found]
    numbered = table.with_columns(absent).select(list(kinds)).with_row_index(ROW)
    marks = []
    for name, kind in kinds.items():
        if (dtype := found.get(name, pl.Null())) == TYPES[kind]().dtype:
            continue
        came, value = pl.col(name), _read(pl.col(name), kind, dtype)
        numbered = numbered.with_columns(
            came.alias(f"{name}{CAME}"),
            value.alias(name),
            _mark(value.is_null() & came.is_not_null(), f"{name}{UNREAD}"),
        )
        marks += [f"{name}{CAME}", f"{name}{UNREAD}"]
    unique = {column.name: [column.name] for column in contract.columns if column.unique and not column.key}
    for name, columns in {KEY: list(contract.key), **unique}.items():
        twice = pl.col(ROW).is_in(_twice(numbered, columns).implode())
        numbered = numbered.with_columns(_mark(twice, f"{name}{TWICE}"))
        marks.append(f"{name}{TWICE}")
    return numbered, marks


def _mark(rows: pl.Expr, name: str) -> pl.Expr:
    return pl.when(rows).then(pl.lit(value=True)).alias(name)


def _read(column: pl.Expr, kind: LogicalType, dtype: pl.DataType) -> pl.Expr:
    """The values of a column in the contract's type, null where they are none."""
    match kind:
        case "date" if dtype == pl.String:
            return column.str.to_date("%Y-%m-%d", strict=False)
        case "timestamp" if dtype == pl.String:
            # Left to itself, polars takes 03/04/2024 for the third of April.
            iso = pl.when(column.str.contains(r"^\d{4}-\d{2}-\d{2}")).then(column)
            return iso.str.to_datetime(strict=False, time_zone="UTC").dt.replace_time_zone(None)
        case "boolean" if dtype == pl.String:
            words = {"true": True, "false": False}
            return column.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean)
        case "integer" if dtype.is_float():
            # A cast would cut a fraction off in silence.
            return pl.when(column == column.floor()).then(column).cast(pl.Int64, strict=False)
    return column.cast(TYPES[kind]().dtype, strict=False)


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


def _explained(failure: pl.LazyFrame, contract: Contract) -> pl.LazyFrame:
    """The broken rules of each row, without those that a value breaks only for being no value of its type."""
    names = failure.collect_schema().names()
    for column in contract.columns:
        being = [name for name in names if name in {f"{column.name}{rule}" for rule in BEING}]
        others = [name for name in names if name.startswith(f"{column.name}|") and name not in being]
        if being and others:
            failure = failure.with_columns(pl.col(others) | ~pl.all_horizontal(being))
    return failure


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
            rule = rules[name]
            yield Broken(name, rule.words, rule.tolerance.severity, rows, rows / total, tuple(first))


def _refuse(report: Report, contract: Contract, rules: dict[str, Asked], name: str) -> None:
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
        heading = f"{name} breaks contract.yaml; mend it, or change the rule (rows count from 0):"
        raise UserError("\n  ".join([heading, *problems]))


def _quarantine(set_aside: pl.LazyFrame, names: list[str], rules: dict[str, Asked]) -> pl.LazyFrame:
    """The rows that were set aside, each with the rules that it breaks, in words."""
    there = set_aside.collect_schema()
    columns = [name for name in rules if name in there]
    words = [pl.when(pl.col(name).not_()).then(pl.lit(rules[name].words)) for name in columns]
    # Where every rule only warns, there are no reasons, and no rows either.
    reasons = pl.concat_list(words or pl.lit(None, pl.String))
    came = [pl.col(f"{name}{CAME}").alias(name) for name in names if f"{name}{CAME}" in there]
    return set_aside.with_columns(came).select(*names, reasons.list.drop_nulls().alias(REASONS))


if __name__ == "__main__":
    run(main)
