"""Words that both the pipeline and infra/ know, as their environments share nothing: those of the
contract, and what the key of pseudonyms is called."""

import ast
from pathlib import Path
from typing import Any

from infra import project, pseudonym_key

PACKAGE = Path(__file__).resolve().parents[2] / "template" / "src" / "{{ package_name }}"


def assigned(module: str, name: str) -> Any:
    """What a module of the template assigns to a name; of a Literal, its words."""
    for node in ast.parse((PACKAGE / module).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and [ast.unparse(one) for one in node.targets] == [name]:
            value = node.value
            return ast.literal_eval(value.slice if isinstance(value, ast.Subscript) else value)
    raise AssertionError(f"{module} assigns no {name}")


def test_both_take_the_same_units_of_retention() -> None:
    assert assigned("contract/document.py", "DAYS") == project.DAYS


def test_both_know_the_same_classifications() -> None:
    assert assigned("contract/columns.py", "Classification") == project.CLASSIFICATIONS


def test_both_know_what_becomes_a_pseudonym() -> None:
    words = assigned("contract/columns.py", "Handling")
    assert set(project.PSEUDONYMS) == set(words) - {"keep", "drop"}


def test_a_job_looks_for_the_key_of_pseudonyms_where_the_compiler_puts_it() -> None:
    for name in ("VARIABLE", "ENCRYPTED_VARIABLE", "CONTEXT_VARIABLE"):
        assert assigned("pseudonym.py", name) == getattr(pseudonym_key, name)
