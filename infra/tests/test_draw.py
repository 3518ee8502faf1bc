"""The pictures in docs/ are those of the programs that are there, and the same on every machine."""

import random
from pathlib import Path
from typing import Any

import pytest

from infra import project
from infra.operations import at_rest, diagram, draw
from infra.pipelines.graph import Graph, Hints, Stage
from infra.rehearsal.record import Resource

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


# --- The page -------------------------------------------------------------------------------------


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that costs nothing to draw."""
    monkeypatch.setattr(draw, "page", lambda _: "the page\n")


@pytest.mark.usefixtures("page")
def test_the_page_is_written_and_then_current(tmp_path: Path) -> None:
    invoke(lambda: draw.main(tmp_path))
    assert (tmp_path / "docs" / "infrastructure.md").read_text() == "the page\n"
    invoke(lambda: draw.main(tmp_path), "--check")


@pytest.mark.usefixtures("page")
@pytest.mark.parametrize("text", [None, "an older page\n"])
def test_a_page_that_is_not_current_is_told_and_left_alone(
    tmp_path: Path, text: str | None
) -> None:
    file = tmp_path / "docs" / "infrastructure.md"
    if text is not None:
        file.parent.mkdir()
        file.write_text(text)
    assert "run `make graph`" in refusal(lambda: draw.main(tmp_path), "--check")
    assert (file.read_text() if file.exists() else None) == text


def test_the_page_of_this_project_is_current() -> None:
    invoke(lambda: draw.main(project.ROOT), "--check")
