"""Which answers are accepted, and what happens to the others."""

import ast
import json
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from copier import run_copy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scripts import reserved_names
from tests.conftest import Render

from .journey import ROOT, cruft_create, git, run, small_template

CONFIG = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))
ASKED = {
    name: entry
    for name, entry in CONFIG.items()
    if not name.startswith("_") and entry.get("when") is not False
}

GOOD = [
    ("project_name", "Tumour triage"),
    ("project_name", 'D\'œuvre: "{{ x }}" {% raw %} {# \\ $HOME #1 👩‍🔬'),
    ("project_name", "x" * 60),
    ("project_slug", "a"),
    ("project_slug", "tumour-triage-2"),
    ("project_slug", "a" * 32),
    ("package_name", "tumour_triage"),
    ("package_name", "model2"),
    ("description", "y" * 200),
    ("team", "@acme"),
    ("team", "@acme/risk-models @acme/ops ml@acme.example"),
    ("team", "@group/sub/team"),
    ("repository_url", "https://git.acme.example:8443/a/b.c/d"),
    ("aws_region", "us-gov-west-1"),
    ("licence", "MIT"),
    ("python_version", "3.13"),
]

BAD = [
    ("project_name", "", "1 to 60 characters"),
    ("project_name", "  ", "1 to 60 characters"),
    ("project_name", " padded ", "spaces at its ends"),
    ("project_name", "two\nlines", "one line"),
    ("project_name", "bell\x07", "without control characters"),
    ("project_name", "delete\x7f", "without control characters"),
    ("project_name", "line\u2028separator", "without control characters"),
    ("project_name", "right-to-left\u202eoverride", "without control characters"),
    ("project_name", "x" * 61, "1 to 60 characters"),
    ("description", "y" * 201, "1 to 200 characters"),
    ("description", "tab\there", "without control characters"),
    ("project_slug", "", "write lower-case letters"),
    ("project_slug", "Tumour-Triage", "write lower-case letters"),
    ("project_slug", "../evil", "write lower-case letters"),
    ("project_slug", "/tmp/evil", "write lower-case letters"),
    ("project_slug", "a/b/c", "write lower-case letters"),
    ("project_slug", "..", "write lower-case letters"),
    ("project_slug", "under_score", "write lower-case letters"),
    ("project_slug", "-a", "a letter first"),
    ("project_slug", "1a", "a letter first"),
    ("project_slug", "a-", "no hyphen last"),
    ("project_slug", "a--b", "single hyphens"),
    ("project_slug", "a\n", "write lower-case letters"),
    ("project_slug", "a" * 33, "at most 32"),
    ("project_slug", "scikit-learn", "for example scikit-learn-model"),
    ("package_name", "class", "for example class_model"),
    ("package_name", "statistics", "for example statistics_model"),
    ("package_name", "polars", "for example polars_model"),
    ("package_name", "tests", "for example tests_model"),
    ("package_name", "Upper", "write lower-case letters"),
    ("package_name", "with-hyphen", "write lower-case letters"),
    ("package_name", "_private", "a letter first"),
    ("package_name", "é", "write lower-case letters"),
    ("package_name", "../evil", "write lower-case letters"),
    ("package_name", "a" * 33, "at most 32"),
    ("team", "", "write handles"),
    ("team", "acme", "write handles"),
    ("team", "@acme  @two-spaces", "write handles"),
    ("team", "@acme\n* @evil", "write handles"),
    ("repository_url", "http://github.com/acme/x", "https address"),
    ("repository_url", "https://user@github.com/acme/x", "https address"),
    ("repository_url", "https://github.com/acme/x/", "https address"),
    ("repository_url", 'https://github.com/acme/"x"', "https address"),
    ("aws_region", "eu-west-9", "write one of"),
    ("aws_region", "us-iso-east-1", "write one of"),
]

BAD_CHOICES = [
    ("licence", "GPL"),
    ("task", "ranking"),
    ("tracking", "neptune"),
    ("ci", "travis"),
    ("python_version", "3.9"),
]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The questions with next to nothing to render, not in git: the fastest render there is."""
    template = small_template(tmp_path_factory.mktemp("answers") / "template")
    shutil.rmtree(template / ".git")
    return template


@pytest.fixture(scope="module")
def small_in_git(tmp_path_factory: pytest.TempPathFactory) -> Path:
    template = small_template(tmp_path_factory.mktemp("answers") / "template")
    git(template, "add", "-A")
    git(template, "commit", "-qm", "v1")
    git(template, "tag", "v1.0.0")
    return template


def answer(template: Path, target: Path, **answers: str) -> dict[str, Any]:
    """Render, and hand back the answers that were kept."""
    run_copy(str(template), target, answers, defaults=True, quiet=True, overwrite=True)
    kept = yaml.safe_load((target / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert isinstance(kept, dict)
    return kept


def test_few_questions_each_with_help_and_a_default() -> None:
    assert len(ASKED) == 13
    for name, entry in ASKED.items():
        assert entry["help"].endswith("."), name
        assert "later" in entry["help"] or "change it until" in entry["help"], name
        if entry["type"] == "bool":
            assert entry["default"] in (True, False), name
            continue
        assert entry["default"], name
        assert "choices" in entry or "Example: " in entry["help"], name
        assert "choices" in entry or f"{{{{ {name} | to_json }}}}" in entry["validator"], name


def test_nothing_in_the_template_needs_trust() -> None:
    assert not {"_tasks", "_jinja_extensions", "_migrations"} & CONFIG.keys()


@pytest.mark.parametrize(("question", "value"), GOOD)
def test_a_good_answer_is_kept_as_it_is(
    question: str, value: str, small: Path, tmp_path: Path
) -> None:
    assert answer(small, tmp_path / "project", **{question: value})[question] == value


@pytest.mark.parametrize(("word", "meant"), [("yes", True), ("no", False), ("true", True)])
def test_yes_and_no_are_understood(word: str, meant: bool, small: Path, tmp_path: Path) -> None:
    assert answer(small, tmp_path / "project", personal_data=word)["personal_data"] is meant


@pytest.mark.parametrize(("question", "value", "remedy"), BAD)
def test_a_bad_answer_is_refused_by_copier_with_what_to_write_instead(
    question: str, value: str, remedy: str, small: Path, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=remedy) as refusal:
        answer(small, tmp_path / "project", **{question: value})
    message = str(refusal.value)
    assert message.startswith(f"Validation error for question '{question}': {json.dumps(value)}")
    assert "\n" not in message
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("question", "value"), BAD_CHOICES)
def test_an_unknown_choice_is_refused_by_copier_with_those_there_are(
    question: str, value: str, small: Path, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=f"'{value}' is not in ") as refusal:
        answer(small, tmp_path / "project", **{question: value})
    choices = ASKED[question]["choices"]
    stored = choices.values() if isinstance(choices, dict) else choices
    assert all(choice in str(refusal.value) for choice in stored)
    assert not list(tmp_path.iterdir())


def test_a_destination_that_holds_files_is_refused_and_left_as_it_is(
    small: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="holds files already: choose another directory"):
        run_copy(str(small), tmp_path, defaults=True, quiet=True)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    assert answer(small, tmp_path)["project_slug"] == "my-model"  # with overwrite=True


# Through cruft every validator is copier's own, so a sample of each kind is enough.
@pytest.mark.parametrize(
    ("question", "value", "remedy"),
    [
        ("project_slug", "Tumour-Triage", "write lower-case letters"),
        ("project_slug", "../evil", "write lower-case letters"),
        ("project_slug", "a/b/c", "write lower-case letters"),
        ("package_name", "statistics", "for example statistics_model"),
        ("aws_region", "eu-west-9", "write one of"),
        ("description", "bell\x07", "without control characters"),
        ("ci", "travis", "'github', 'gitlab', 'jenkins'"),
        ("personal_data", "perhaps", "'no', 'yes'"),
    ],
)
def test_a_bad_answer_is_refused_by_cruft_too(
    question: str, value: str, remedy: str, small_in_git: Path, tmp_path: Path
) -> None:
    (tmp_path / "inner").mkdir()
    done = run(*cruft_create(small_in_git, **{question: value}), cwd=tmp_path / "inner")
    assert done.returncode == 1
    assert remedy in " ".join(done.stdout.split())
    assert [path.name for path in tmp_path.rglob("*")] == ["inner"]


@settings(max_examples=30, deadline=None)
@given(
    name=st.text(
        st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=60
    )
)
def test_the_defaults_that_follow_from_any_name_are_valid(
    name: str, tmp_path_factory: pytest.TempPathFactory, small: Path
) -> None:
    target = tmp_path_factory.getbasetemp() / "derived"
    assume(
        name == name.strip()
        and not re.search("[\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]", name)
    )
    answer(small, target, project_name=name)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Tumour triage", "tumour-triage"),
        ("Crédit à la consommation (2e)", "credit-a-la-consommation-2e"),
        ("3 days ahead", "days-ahead"),
        ("Click", "click-model"),
        ("!!!", "my-model"),
        ("日本語", "my-model"),
        ("A name that is much longer than thirty-two", "a-name-that-is-much-longer-than"),
    ],
)
def test_the_short_name_follows_from_the_name(
    name: str, slug: str, small: Path, tmp_path: Path
) -> None:
    answers = answer(small, tmp_path / "project", project_name=name)
    assert answers["project_slug"] == slug
    assert answers["package_name"] == slug.replace("-", "_")
    assert answers["repository_url"] == f"https://github.com/my-org/{slug}"


def imports(path: Path) -> Iterator[str]:
    """The top-level modules that a file imports by absolute name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.split(".")[0]


def test_no_module_that_the_project_may_import_can_be_the_package(render: Render) -> None:
    names = set(CONFIG["reserved_names"]["default"].split())
    assert not reserved_names.taken() - names, "run `make questions`"

    project = render()
    imported = {name for path in project.rglob("*.py") for name in imports(path)}
    own = {"my_model", *(path.name for path in project.glob("tests/*/"))}
    assert not {name for name in imported - names - own if not name.startswith("_")}

    pyproject = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = str([pyproject["project"], pyproject["dependency-groups"]])
    assert "scikit-learn" in wanted
    assert "scikit_learn" in names


def test_the_standard_library_of_every_python_here_is_reserved() -> None:
    names = set(CONFIG["reserved_names"]["default"].split())
    code = "import sys, keyword; print(*sys.stdlib_module_names, *keyword.kwlist)"
    for python in (sys.executable, *(f"python3.{minor}" for minor in range(10, 16))):
        done = run("sh", "-c", f"exec {python} -c '{code}' 2>/dev/null", cwd=ROOT)
        if done.returncode == 0:
            modules = {name for name in done.stdout.split() if name.islower() and name[0] != "_"}
            assert not modules - names, f"run `make questions` with {python}"


def test_the_regions_are_those_that_offer_sagemaker() -> None:
    """botocore is the source; it need not be installed where the template is developed."""
    botocore = pytest.importorskip("botocore.session")
    session = botocore.Session()
    public = ("aws", "aws-cn", "aws-us-gov", "aws-eusc")
    offered = {
        region
        for partition in public
        for region in session.get_available_regions("sagemaker", partition_name=partition)
    }
    validator = CONFIG["aws_region"]["validator"]
    listed = set(" ".join(validator.split("'")[1::2]).split())
    assert {name for name in listed if name[-1].isdigit()} == offered


def test_python_versions_of_the_container_are_supported(render: Render) -> None:
    pyproject = tomllib.loads((render() / "pyproject.toml").read_text(encoding="utf-8"))
    oldest = min(ASKED["python_version"]["choices"], key=lambda version: int(version[2:]))
    assert pyproject["project"]["requires-python"] == f">={oldest}"
    assert sys.version_info >= (3, 11)
