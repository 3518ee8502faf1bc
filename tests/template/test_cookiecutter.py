"""cruft's half of the template: the generated questions, and the hook that hands over to copier."""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader
from jinja2_ansible_filters import AnsibleCoreFiltersExtension

from scripts import cookiecutter_json

from .journey import (
    COPIER,
    ROOT,
    commit,
    create,
    cruft_create,
    files,
    git,
    must,
    run,
    small_template,
)

ANSWERS = {
    "project_name": 'A "name" \\ é 🎉',
    "project_slug": "a-name",
    "ci": "gitlab",
    "task": "regression",
    "personal_data": "yes",
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    template = small_template(tmp_path_factory.mktemp("cookiecutter") / "template")
    commit(template, "v1")
    git(template, "tag", "v1.0.0")
    return template


def test_cookiecutter_json_holds_the_questions_of_copier_yml() -> None:
    text = (ROOT / "cookiecutter.json").read_text(encoding="utf-8")
    assert text == cookiecutter_json.text(), "run `make questions`"


def test_both_tools_give_the_same_project_byte_for_byte(template: Path, tmp_path: Path) -> None:
    """Both answers files included: each is what its own tool wrote in the other project."""
    by_copier = create("copier", template, tmp_path / "one/a-name", **ANSWERS)
    by_cruft = create("cruft", template, tmp_path / "two/a-name", **ANSWERS)
    assert files(by_copier) == files(by_cruft)
    assert {".copier-answers.yml", ".cruft.json"} <= files(by_copier).keys()


def test_defaults_are_the_same_for_both_tools(template: Path, tmp_path: Path) -> None:
    must(*cruft_create(template), cwd=tmp_path)
    create("copier", template, tmp_path / "by-copier")
    created = files(tmp_path / "my-model")
    assert created == files(tmp_path / "by-copier")


@pytest.mark.parametrize("tool", ["copier", "cruft"])
def test_a_relative_source_is_kept_as_an_absolute_one(
    tool: str, template: Path, tmp_path: Path
) -> None:
    source = Path(os.path.relpath(template, tmp_path))
    create(tool, source, tmp_path / "my-model")
    recorded = json.loads((tmp_path / "my-model/.cruft.json").read_text())["template"]
    assert Path(recorded).is_absolute()
    assert Path(recorded).resolve() == template.resolve()
    assert f"_src_path: {recorded}\n" in (tmp_path / "my-model/.copier-answers.yml").read_text()


@pytest.mark.parametrize(
    ("given", "copier", "cruft"),
    [
        ("gh:acme/t", "https://github.com/acme/t.git", "https://github.com/acme/t.git"),
        ("gl:acme/t.git", "https://gitlab.com/acme/t.git", "https://gitlab.com/acme/t.git"),
        ("https://github.com/acme/t", "https://github.com/acme/t", "https://github.com/acme/t"),
        ("git+https://git.acme.example/t", "git+https://git.acme.example/t", "https://git.acme.example/t"),
        ("git@github.com:acme/t.git", "git@github.com:acme/t.git", "git@github.com:acme/t.git"),
        ("/srv/templates/t", "/srv/templates/t", "/srv/templates/t"),
    ],
)  # fmt: skip
def test_each_answers_file_names_the_source_as_its_tool_understands_it(
    given: str, copier: str, cruft: str
) -> None:
    environment = Environment(
        loader=FileSystemLoader(ROOT), extensions=[AnsibleCoreFiltersExtension]
    )
    module: Any = environment.get_template("macros/source.jinja").module
    assert str(module.for_copier(given)) == copier
    assert str(module.for_cruft(given)) == cruft
    hook = filled_in({})
    assert hook["source"](cruft) == copier


def test_a_template_that_is_not_in_git_gives_a_project_without_cruft(tmp_path: Path) -> None:
    template = small_template(tmp_path / "template")
    must("rm", "-rf", ".git", cwd=template)
    project = create("copier", template, tmp_path / "my-model")
    assert ".cruft.json" not in files(project)


# --- The hook ------------------------------------------------------------------------------------


def hook_text(context: dict[str, str]) -> str:
    text = (ROOT / "hooks/post_gen_project.py").read_text(encoding="utf-8")
    assert "{{cookiecutter | jsonify | jsonify}}" in text
    return text.replace("{{cookiecutter | jsonify | jsonify}}", repr(json.dumps(context)))


def filled_in(context: dict[str, str]) -> dict[str, Any]:
    """The hook's functions, without running it."""
    namespace: dict[str, Any] = {}
    exec(hook_text(context).removesuffix("main()\n"), namespace)
    return namespace


def run_hook(tmp_path: Path, bin_: Path | None, *flags: str, **context: str) -> tuple[int, str]:
    """Run the hook where nothing but `bin_` is on the PATH; `-S` hides installed packages."""
    (tmp_path / "hook.py").write_text(hook_text(context), encoding="utf-8")
    project = tmp_path / "project"
    project.mkdir()
    (project / ".gitkeep").touch()
    command = [sys.executable, *flags, str(tmp_path / "hook.py")]
    done = run(*command, cwd=project, PATH=str(bin_ or tmp_path / "nothing"))
    return done.returncode, done.stdout


def program(tmp_path: Path, name: str) -> Path:
    """A program that writes down how it was called."""
    (tmp_path / "bin").mkdir(exist_ok=True)
    (tmp_path / "bin" / name).write_text(f'#!/bin/sh\necho {name} "$@" >called\n')
    (tmp_path / "bin" / name).chmod(0o755)
    return tmp_path / "bin"


CONTEXT = {"project_name": "a \\u007b{ b", "_template": "/t", "_commit": "abc"}
CALL = (
    "copy --defaults --overwrite --quiet --vcs-ref abc --exclude /.cruft.json "
    "--data=project_name=a {{ b /t .\n"
)


def test_the_hook_prefers_the_copier_of_its_own_environment() -> None:
    assert filled_in({})["copier"]() == [*COPIER]


def test_the_hook_takes_the_copier_on_the_path_next(tmp_path: Path) -> None:
    program(tmp_path, "uvx")
    assert run_hook(tmp_path, program(tmp_path, "copier"), "-S", **CONTEXT)[0] == 0
    assert (tmp_path / "project/called").read_text() == f"copier {CALL}"


def test_the_hook_takes_uvx_last(tmp_path: Path) -> None:
    assert run_hook(tmp_path, program(tmp_path, "uvx"), "-S", **CONTEXT)[0] == 0
    assert (tmp_path / "project/called").read_text() == f"uvx copier {CALL}"


def test_the_hook_says_how_to_install_copier_when_there_is_none(tmp_path: Path) -> None:
    code, said = run_hook(tmp_path, None, "-S", **CONTEXT)
    assert (code, said.count("\n")) == (1, 1)
    assert "run `pip install copier`" in said


def test_a_directory_called_copier_is_not_copier(tmp_path: Path) -> None:
    (tmp_path / "copier").mkdir()
    assert "run `pip install copier`" in run_hook(tmp_path, None, "-S", **CONTEXT)[1]


def test_cookiecutter_alone_is_told_to_use_cruft(template: Path, tmp_path: Path) -> None:
    done = run(sys.executable, "-m", "cookiecutter", "--no-input", str(template), cwd=tmp_path)
    assert done.returncode != 0
    assert "use `cruft create` instead" in done.stdout
    assert not list(tmp_path.iterdir())


def test_braces_typed_into_cruft_are_refused_by_cookiecutter(
    template: Path, tmp_path: Path
) -> None:
    """cookiecutter reads them as its own; \\u007b is the way to write one (docs/updates.md)."""
    done = run(*cruft_create(template, description="{{ undefined_name }}"), cwd=tmp_path)
    assert done.returncode == 1
    assert re.search(r"Unable to\s+render\s+variable\s+'description'", done.stdout)
    assert not list(tmp_path.iterdir())

    must(*cruft_create(template, description="\\u007b{ a }}"), cwd=tmp_path)
    assert "description: '{{ a }}'\n" in (tmp_path / "my-model/.copier-answers.yml").read_text()
    again = create("copier", template, tmp_path / "again", description="{{ a }}")
    assert files(tmp_path / "my-model") == files(again)
