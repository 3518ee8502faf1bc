"""The pictures in docs/ are those of the programs that are there, and the same on every machine."""

import random
import re
from pathlib import Path
from typing import Any

import pytest

from infra import project
from infra.access.documents import Statement, allow, deny, document
from infra.access.places import STORED, VERBS, Place, Request
from infra.errors import UserError
from infra.operations import access_page, at_rest, diagram, draw
from infra.pipelines.graph import Graph, Hints, Stage
from infra.rehearsal.record import Resource, record

from .machine import invoke, refusal

STACK = "urn:stack"


def resource(
    type_: str, name: str, parent: str = STACK, needs: tuple[str, ...] = (), **props: Any
) -> Resource:
    return Resource(
        type=type_,
        name=name,
        urn=f"urn:{type_}:{name}",
        props=props,
        outputs={},
        custom=not type_.startswith("andaime:"),
        parent=parent,
        dependencies=needs,
        property_dependencies={},
        protect=False,
        retain_on_delete=False,
        ignore_changes=(),
        delete_before_replace=False,
        replace_on_changes=(),
        hooks=(),
        provider="",
    )


KEY, STORE = (
    resource("andaime:security:Key", "data"),
    resource("andaime:storage:Bucket", "shop-dev-data"),
)
OTHER = resource("andaime:storage:Bucket", "shop-dev-logs")
KMS = resource("aws:kms/key:Key", "data", KEY.urn)
ALIAS = resource("aws:kms/alias:Alias", "data", KEY.urn, (KMS.urn,))
BUCKET = resource("aws:s3/bucket:Bucket", "data", STORE.urn)
POLICY = resource("aws:s3/bucketPolicy:BucketPolicy", "data", STORE.urn, (BUCKET.urn, KMS.urn))
LOGS = resource("aws:s3/bucket:Bucket", "logs", OTHER.urn)
PROGRAM = [KEY, KMS, ALIAS, STORE, BUCKET, POLICY, OTHER, LOGS]
PICTURE = """\
flowchart LR
    subgraph security
        security_Key["<b>Key</b><br>data<br>1 Key"]
    end
    subgraph storage
        storage_Bucket["<b>Bucket</b><br>data, logs<br>2 Bucket"]
    end
    storage_Bucket --> security_Key"""


def test_components_of_one_kind_are_one_box_in_their_area() -> None:
    assert diagram.program(PROGRAM, "shop-dev") == PICTURE


@pytest.mark.parametrize("seed", range(5))
def test_the_order_in_which_resources_are_registered_does_not_matter(seed: int) -> None:
    shuffled = random.Random(seed).sample(PROGRAM, len(PROGRAM))  # noqa: S311 (no secret)
    assert diagram.program(shuffled, "shop-dev") == PICTURE


def stage(name: str, *inputs: str, external: str | None = None) -> Stage:
    hints = Hints("processing", "ml.m5.large", 2, 30, 60, 3)
    return Stage(name, name, "", (), inputs, (), external, (), False, name, False, hints)


def test_what_is_behind_the_gate_is_reached_through_it() -> None:
    stages = (
        stage("ingest", external="s3://data/"),
        stage("evaluate", "ingest"),
        stage("package", "ingest", "evaluate"),
    )
    lines = diagram.pipeline(Graph(stages)).splitlines()
    assert '    ingest_data[("data")] --> ingest' in lines
    assert "    ingest --> evaluate" in lines
    assert "    gate -- yes --> package" in lines
    assert "    evaluate --> package" not in lines
    assert "    ingest --> package" not in lines
    assert any("2 x ml.m5.large" in line for line in lines)


def test_what_is_billed_at_rest_is_counted_where_it_stands() -> None:
    interface = resource(
        "aws:ec2/vpcEndpoint:VpcEndpoint", "a", subnetIds=["1", "2"], vpcEndpointType="Interface"
    )
    gateway = resource("aws:ec2/vpcEndpoint:VpcEndpoint", "b", vpcEndpointType="Gateway")
    fleet = resource(
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        "c",
        productionVariants=[{"initialInstanceCount": 3.0}],
    )
    table = at_rest.table({"dev": [KMS, interface, gateway], "prod": [fleet]})
    assert "| KMS keys | 1 | 0 |" in table
    assert "| interface endpoints, one in each zone | 2 | 0 |" in table
    assert "| endpoint instances, with a model released | 0 | 3 |" in table


# --- Who may read what ----------------------------------------------------------------------------

EVERYTHING = Place("rows", {verb: Request(f"s3:{verb}", "arn:rows/one") for verb in VERBS})
APPROVED = {"StringEquals": {"s3:ExistingObjectTag/approved": "true"}}


def granted(*statements: Statement) -> access_page.Grants:
    return access_page.grants([document(*statements)], [EVERYTHING])


@pytest.mark.parametrize(
    ("statements", "reads"),
    [
        ([allow("A", ["s3:read"], ["arn:rows/*"])], {"rows": ""}),
        ([allow("A", ["s3:*"], ["*"])], {"rows": ""}),
        ([allow("A", ["s3:read"], ["arn:rows/*"], APPROVED)], {"rows": "once approved"}),
        ([allow("A", ["s3:read"], ["arn:rows/two"])], {}),
        ([allow("A", ["s3:write"], ["arn:rows/*"])], {}),
        ([allow("A", ["s3:*"], ["*"]), deny("D", ["s3:read"], ["*"])], {}),
        ([], {}),
    ],
)
def test_a_role_reads_what_a_statement_allows_and_none_denies(
    statements: list[Statement], reads: dict[str, str]
) -> None:
    assert granted(*statements)["read"] == reads


def test_a_condition_that_has_no_words_is_an_error() -> None:
    odd = allow("Odd", ["s3:read"], ["*"], {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
    with pytest.raises(UserError, match="statement Odd has a condition IpAddress"):
        granted(odd)


def test_environments_that_are_alike_share_a_line() -> None:
    page = access_page.page(project.ROOT)
    assert "| scientist in dev | " in page
    assert "| scientist in staging and prod | People who experiment | figures |" in page
    assert "| caller | Applications that ask the endpoint | answers of the endpoint |" in page


def test_every_role_that_is_registered_and_every_bucket_is_on_the_page() -> None:
    page = access_page.page(project.ROOT)
    registered = record("foundation", "dev")
    for role in [one.name for one in registered if one.type == "aws:iam/role:Role"]:
        assert re.search(rf"^\| {role}( in [\w ]+)? \|", page, re.MULTILINE), role
    buckets = {one.name for one in registered if one.type == "aws:s3/bucket:Bucket"}
    assert {bucket for _, bucket, _ in STORED} == buckets


# --- The pages ------------------------------------------------------------------------------------


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that cost nothing to draw."""
    monkeypatch.setattr(draw, "PAGES", {"one.md": lambda _: "one\n", "two.md": lambda _: "two\n"})


@pytest.mark.usefixtures("page")
def test_the_pages_are_written_and_then_current(tmp_path: Path) -> None:
    invoke(lambda: draw.main(tmp_path))
    assert (tmp_path / "docs" / "one.md").read_text() == "one\n"
    assert (tmp_path / "docs" / "two.md").read_text() == "two\n"
    invoke(lambda: draw.main(tmp_path), "--check")


@pytest.mark.usefixtures("page")
@pytest.mark.parametrize("text", [None, "an older page\n"])
def test_a_page_that_is_not_current_is_told_and_left_alone(
    tmp_path: Path, text: str | None
) -> None:
    invoke(lambda: draw.main(tmp_path))
    file = tmp_path / "docs" / "two.md"
    file.unlink()
    if text is not None:
        file.write_text(text)
    said = refusal(lambda: draw.main(tmp_path), "--check")
    assert said == "docs/two.md is not what infra/ says: run `make graph`"
    assert (file.read_text() if file.exists() else None) == text


def test_the_pages_of_this_project_are_current() -> None:
    invoke(lambda: draw.main(project.ROOT), "--check")
