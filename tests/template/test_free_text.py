"""Names and descriptions may hold anything: every file still parses, and carries them unharmed."""

import re
import shutil
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cookiecutter.prompt import render_variable
from cookiecutter.utils import create_env_with_context
from copier import run_copy
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader
from jinja2_ansible_filters import AnsibleCoreFiltersExtension

from .journey import ROOT, small_template
from .parse import leaves, parse

FREE = {"project_name": 60, "description": 200}
# Languages that would read a dollar or a brace in the text; they use the short name instead.
NOT_IN = (".github", ".gitlab", "Jenkinsfile", "Makefile", "dvc.yaml", "params.yaml", ".py", ".sh")
TOKENS = [
    '"', "'", '"""', "\\", "\\\\", "{{", "}}", "{%", "%}", "{#", "#}", "{{{", "#", "$", "${x}",
    "$(x)", "`", ": ", " - ", " #", "\\u007b", "\\u005c", "\\n", "\\$", "%s", "%(x)s", "!x", "&a",
    "*", "|", ">", "@", "<b>", "é", "ß", "👩‍🔬", "日本", "~", "null", "true", "1e3", "{{ 1 + 1 }}",
    "{% raw %}", "\xa0", " ",
]  # fmt: skip
FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)


def hostile(longest: int) -> st.SearchStrategy[str]:
    characters = st.characters(exclude_categories=["Cs"])
    words = st.lists(st.one_of(st.sampled_from(TOKENS), characters), min_size=1, max_size=20)
    return (
        words.map(lambda parts: FORBIDDEN.sub("", "".join(parts)).strip()[:longest].strip())
        .filter(bool)
    )  # fmt: skip


@pytest.fixture(scope="module")
def carriers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template reduced to the files in which free text could stand: fast enough to repeat."""
    template = small_template(tmp_path_factory.mktemp("free") / "template")
    shutil.rmtree(template / ".git")
    for source in (ROOT / "template").rglob("*.jinja"):
        if any(name in source.read_text(encoding="utf-8") for name in FREE):
            target = template / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    return template


def rendered(template: Path, target: Path, **answers: str) -> dict[str, Path]:
    shutil.rmtree(target, ignore_errors=True)
    run_copy(str(template), target, answers, defaults=True, quiet=True)
    files = [path for path in target.rglob("*") if path.is_file()]
    return {path.relative_to(target).as_posix(): path for path in files}


def where(template: Path, target: Path, **answers: str) -> dict[str, set[str]]:
    """The files that carry each free text."""
    marks = {name: f"Mark {name.replace('_', ' ')}" for name in FREE}
    files = rendered(template, target, **marks, **answers)
    return {
        name: {file for file, path in files.items() if mark in path.read_text(encoding="utf-8")}
        for name, mark in marks.items()
    }


def carries(path: Path, text: str) -> bool:
    """Whether a reader of the file's own format finds the text."""
    content = parse(path)
    if content is None:
        return text in path.read_text(encoding="utf-8")
    return any(text in leaf for leaf in leaves(content))


def test_free_text_stands_where_people_read_it_and_only_where_it_can_be_kept(
    carriers: Path, tmp_path: Path
) -> None:
    for task, ci in product(("classification", "regression"), ("github", "gitlab", "jenkins")):
        found = where(carriers, tmp_path / "project", task=task, ci=ci)
        assert {"README.md", ".copier-answers.yml"} <= found["project_name"]
        assert {"README.md", ".copier-answers.yml", "pyproject.toml"} <= found["description"]
        everywhere = set().union(*found.values())
        assert not [file for file in everywhere if file.endswith(NOT_IN) or file.startswith(NOT_IN)]


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_hostile_free_text_is_carried_unharmed(task: str, carriers: Path, tmp_path: Path) -> None:
    found = where(carriers, tmp_path / "project", task=task)

    # Shrinking a failure would take minutes; what was tried is in the message.
    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
    )
    @given(project_name=hostile(60), description=hostile(200))
    def check(**free: str) -> None:
        files = rendered(carriers, tmp_path / "project", task=task, **free)
        for path in files.values():
            parse(path)
        for name, text in free.items():
            for file in found[name]:
                assert carries(files[file], text), f"{file} does not carry {text!r}"

    check()


def hook() -> ModuleType:
    """hooks/post_gen_project.py as cookiecutter would fill it in, without running it."""
    text = (ROOT / "hooks/post_gen_project.py").read_text(encoding="utf-8")
    text = text.replace("{{cookiecutter | jsonify | jsonify}}", '"{}"')
    module = ModuleType("hook")
    exec(text.removesuffix("main()\n"), module.__dict__)
    return module


@settings(max_examples=150, deadline=None)
@given(text=hostile(200))
def test_cruft_keeps_braces_through_any_number_of_renderings(text: str) -> None:
    """cookiecutter renders stored answers anew: they have to survive that, and lead back."""
    copier = Environment(loader=FileSystemLoader(ROOT), extensions=[AnsibleCoreFiltersExtension])
    macro = copier.from_string("{% from 'macros/source.jinja' import escaped %}{{ escaped(text) }}")
    stored = macro.render(text=text)
    context: dict[str, Any] = {"cookiecutter": {}}
    assert render_variable(create_env_with_context(context), stored, {}) == stored
    assert UNESCAPE(stored) == text


UNESCAPE = hook().unescape


@pytest.mark.parametrize(
    "line",
    [
        'LABEL title="an "inner" quote"',
        'LABEL title="a $variable"',
        'LABEL title="a lone \\ backslash"',
        "WHATEVER it says",
    ],
)
def test_a_dockerfile_that_would_not_build_is_seen(line: str, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM scratch\n{line}\n")
    with pytest.raises(ValueError, match=r"LABEL cannot be read|is no instruction"):
        parse(tmp_path / "Dockerfile")
