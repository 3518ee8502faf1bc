"""The contract is read twice, by the pipeline and by infra/, whose environments share nothing."""

import ast
from pathlib import Path
from typing import Any

from infra import project

CONTRACT = (
    Path(__file__).resolve().parents[2] / "template" / "src" / "{{ package_name }}" / "contract"
)


def assigned(module: str, name: str) -> Any:
    """What a module of the template assigns to a name; of a Literal, its words."""
    for node in ast.parse((CONTRACT / module).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and [ast.unparse(one) for one in node.targets] == [name]:
            value = node.value
            return ast.literal_eval(value.slice if isinstance(value, ast.Subscript) else value)
    raise AssertionError(f"{module} assigns no {name}")


def test_both_take_the_same_units_of_retention() -> None:
    assert assigned("document.py", "DAYS") == project.DAYS


def test_both_know_the_same_classifications() -> None:
    assert assigned("columns.py", "Classification") == project.CLASSIFICATIONS


def test_both_know_what_becomes_a_pseudonym() -> None:
    words = assigned("columns.py", "Handling")
    assert set(project.PSEUDONYMS) == set(words) - {"keep", "drop"}
