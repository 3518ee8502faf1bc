"""What the project's own files say is read, and what they lack is one clear sentence."""

from pathlib import Path

import pytest
import yaml

from infra import project
from infra.errors import UserError

PYPROJECT = """
[project]
name = "tumours"
description = "Sorts samples."
urls.Repository = "https://example.com/team/tumours"
[tool.hatch.build.targets.wheel]
packages = ["src/tumour_model"]
"""


def contract(**changes: object) -> dict[str, object]:
    columns = [{"name": "age", "classification": "personal"}, {"name": "size"}]
    return {
        "id": "tumours",
        "version": "1.0.0",
        "team": {"name": "@team"},
        "slaProperties": [{"property": "retention", "value": 2, "unit": "y"}],
        "schema": [{"properties": columns}],
        **changes,
    }


def written(root: Path, about: dict[str, object]) -> Path:
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "contract.yaml").write_text(yaml.safe_dump(about))
    return root


def test_facts_come_from_the_projects_files(tmp_path: Path) -> None:
    facts = project.load(written(tmp_path, contract()))
    assert facts.slug == "tumours"
    assert facts.package == "tumour_model"
    assert facts.owner == "@team"
    assert facts.repository == "https://example.com/team/tumours"
    assert facts.retention_days == 730


@pytest.mark.parametrize(("unit", "days"), [("d", 7), ("m", 210), ("y", 2555)])
def test_a_retention_is_told_in_days(tmp_path: Path, unit: str, days: int) -> None:
    sla = [{"property": "retention", "value": 7, "unit": unit}]
    facts = project.load(written(tmp_path, contract(slaProperties=sla)))
    assert facts.retention_days == days


def test_the_most_sensitive_column_decides(tmp_path: Path) -> None:
    columns = [{"classification": name} for name in ("public", "sensitive", "personal")]
    facts = project.load(written(tmp_path, contract(schema=[{"properties": columns}])))
    assert facts.classification == "sensitive"


def test_data_that_nobody_classified_is_internal(tmp_path: Path) -> None:
    about = contract(schema=[{"properties": [{"name": "size"}]}])
    assert project.load(written(tmp_path, about)).classification == "internal"


def handled(*words: str) -> dict[str, object]:
    """A contract with a column for each word of `handling`, and one that says other things."""
    columns: list[dict[str, object]] = [
        {"name": word, "customProperties": [{"property": "handling", "value": word}]}
        for word in words
    ]
    other = {"name": "size", "customProperties": [{"property": "purpose", "value": "pseudonym"}]}
    return contract(schema=[{"properties": [other, *columns]}])


@pytest.mark.parametrize(
    ("words", "pseudonymised"),
    [
        ((), False),
        (("keep", "drop"), False),
        (("keep", "pseudonym"), True),
        (("subject",), True),
    ],
)
def test_a_contract_asks_for_pseudonyms_where_a_column_is_handled_so(
    tmp_path: Path, words: tuple[str, ...], pseudonymised: bool
) -> None:
    assert project.load(written(tmp_path, handled(*words))).pseudonymised is pseudonymised


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"slaProperties": []}, "how long data is kept"),
        ({"slaProperties": [{"property": "retention", "value": 1, "unit": "w"}]}, "'w'"),
        ({"schema": [{"properties": [{"classification": "secret"}]}]}, "'secret'"),
    ],
)
def test_a_contract_that_will_not_do_says_what_to_write(
    tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    with pytest.raises(UserError, match=said):
        project.load(written(tmp_path, contract(**changes)))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"pyproject\.toml is missing"):
        project.load(tmp_path)


@pytest.mark.parametrize("text", ["", "config:\n", "# nothing\n", "config: {}\n"])
def test_a_stack_file_may_be_empty(tmp_path: Path, text: str) -> None:
    root = stack_file(tmp_path, text)
    assert project.configuration("foundation", "dev", root) == {}
    assert project.account("dev", root) is None
    with pytest.raises(
        UserError, match=r"Pulumi\.dev\.yaml names no region: .*aws:region <region>"
    ):
        project.region("dev", root)


def test_a_stack_file_names_region_and_account(tmp_path: Path) -> None:
    root = stack_file(tmp_path, "config: {aws:region: eu-west-1, aws:allowedAccountIds: [12]}")
    assert (project.region("dev", root), project.account("dev", root)) == ("eu-west-1", "12")


def test_an_account_that_is_in_no_list_is_none(tmp_path: Path) -> None:
    root = stack_file(tmp_path, "config: {aws:allowedAccountIds: 123456789012}")
    assert project.account("dev", root) is None


def test_a_missing_stack_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"git checkout infra/training/Pulumi\.prod\.yaml"):
        project.configuration("training", "prod", tmp_path)


@pytest.mark.parametrize("name", ["", "production"])
def test_an_environment_that_is_none_is_told_with_those_there_are(name: str) -> None:
    with pytest.raises(UserError, match="add one of ENV=dev, ENV=staging, ENV=prod"):
        project.configuration("foundation", name)


def stack_file(root: Path, text: str) -> Path:
    """Foundation's of dev."""
    (root / "infra" / "foundation").mkdir(parents=True)
    (root / "infra" / "foundation" / "Pulumi.dev.yaml").write_text(text)
    return root


def test_nothing_is_released_at_first(tmp_path: Path) -> None:
    (tmp_path / "released.yaml").write_text("prod: none\n")
    assert project.release("prod", tmp_path) is None


def test_a_release_is_read(tmp_path: Path) -> None:
    about = {"prod": {"artifact": "s3://b/model.tar.gz", "digest": "ab", "package": "arn:x"}}
    (tmp_path / "released.yaml").write_text(yaml.safe_dump(about))
    expected = project.Release("s3://b/model.tar.gz", "ab", "arn:x")
    assert project.release("prod", tmp_path) == expected


def test_an_environment_that_released_yaml_lacks_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "released.yaml").write_text("dev: none\n")
    with pytest.raises(UserError, match="add the line `prod: none`"):
        project.release("prod", tmp_path)
