"""`make contract`: the contract, checked, shown and compared with the last release; or drafted from data."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .. import contract as contracts
from .. import params, paths, released, rules, tools
from ..contract import Column, Contract
from ..contract.columns import Expectations
from ..errors import UserError, run
from ..layout import aligned
from . import changes, draft, standard

FILE = "contract.yaml"
DRAFT = "contract.draft.yaml"


def main() -> None:
    """Check and show, or, with a table as argument, draft."""
    if len(sys.argv) > 1:
        write_draft(sys.argv[1])
        return
    path = paths.ROOT / FILE
    standard.check(path)
    contract = contracts.load(path)
    rules.check_patterns(contract)
    print("\n".join(table(contract)))
    base, old = released_contract()
    if old is None:
        print(f"\n{base}")
        return
    found = changes.changes(old, contract)
    print(f"\nSince {base}, version {old.version}: " + ("" if found else "nothing changed that matters."))
    for change in found:
        print(f"  {change}")
    if (version := changes.needed(old, contract)) is not None:
        raise UserError(f"{FILE} still says version {contract.version}: these changes need version {version}")


def write_draft(source: str) -> None:
    """Write a draft beside the contract, never over it."""
    path = paths.ROOT / DRAFT
    if path.exists():
        raise UserError(f"{DRAFT} is there already: rename or remove it first")
    path.write_text(draft.draft(source, paths.ROOT.name), encoding="utf-8")
    print(f"contract: a draft from {source} is in {DRAFT}: correct it, and put it in place of {FILE}")


def released_contract() -> tuple[str, Contract | None]:
    """The contract to compare with, and what it is of: the released model's, or the last commit's."""
    environment = params.load().evaluate.released
    if (release := released.load(environment)) is not None:
        with released.unpacked(release) as directory:
            return f"the model released in {environment}", contracts.load(directory / FILE)
    try:
        text = tools.git("show", f"HEAD:{FILE}")
    except UserError:
        return "Nothing is released or committed yet to compare with.", None
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / FILE
        copy.write_text(text + "\n", encoding="utf-8")
        return f"the last commit (nothing is released in {environment})", contracts.load(copy)


def table(contract: Contract) -> Iterator[str]:
    """The contract for people, a line a column."""
    rows = [
        ("column", "type", "allowed", "class"),
        *(_row(column) for column in contract.columns),
    ]
    yield f"Contract {contract.name} {contract.version}, key {', '.join(contract.key)}"
    yield from aligned(rows)
    for rule in contract.rules:
        yield f"rule {rule.name}: {rule.condition} ({_tolerance(rule)})"
    if expected := list(_expected(contract.expectations)):
        yield f"expected of a batch: {', '.join(expected)}"


def _expected(said: Expectations) -> Iterator[str]:
    if said.least_rows is not None:
        yield f"at least {said.least_rows} rows"
    if said.most_rows is not None:
        yield f"at most {said.most_rows} rows"
    if said.latency is not None:
        yield f"the newest {said.latency.column} at most {said.latency.hours} hours old"


def _tolerance(rule: contracts.Rule) -> str:
    return f"{rule.tolerance.severity} up to {rule.tolerance.percent:g}%"


def _row(column: Column) -> tuple[str, ...]:
    handling = [] if column.handling == "keep" else [column.handling]
    groups = ["protected"] if column.protected else []
    return column.name, column.type, column.allowed, ", ".join([column.classification, *handling, *groups])


if __name__ == "__main__":
    run(main)
