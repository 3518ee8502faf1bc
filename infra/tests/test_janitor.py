"""What is in use stays, whatever it is in use by; the rest is listed, and goes when told to."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from infra.errors import UserError
from infra.operations import idle_images, idle_models, janitor
from infra.operations.leftover import CONFIGURATION, IMAGE, MODEL, States
from infra.operations.push import Repository

from .machine import ACCOUNT, REGION, Program, invoke, make_project, names, refusal

NAMES = names()
URL = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{NAMES.slug}"
TAGS = [{"Key": "project", "Value": NAMES.slug}, {"Key": "environment", "Value": "dev"}]
NOTHING = States(())
LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
SINGLE = "application/vnd.docker.distribution.manifest.v2+json"


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


def session() -> boto3.Session:
    return boto3.Session(region_name=REGION)


@pytest.fixture
def aws() -> Iterator[None]:
    with mock_aws():
        client("ecr").create_repository(repositoryName=NAMES.slug)
        client("sagemaker").create_model_package_group(ModelPackageGroupName=NAMES.slug)
        yield


def release(number: int, tags: list[dict[str, str]] = TAGS) -> tuple[str, str]:
    """A model and a configuration of it, as a release leaves them; their names."""
    name = f"{NAMES.prefix}-{number:07x}"
    client("sagemaker").create_model(
        ModelName=name, ExecutionRoleArn=NAMES.role_arn("serving"), Tags=tags
    )
    variant = {
        "VariantName": "main",
        "ModelName": name,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    client("sagemaker").create_endpoint_config(
        EndpointConfigName=f"{name}-c", ProductionVariants=[variant], Tags=tags
    )
    return name, f"{name}-c"


def serve(configuration: str) -> None:
    client("sagemaker").create_endpoint(EndpointName=NAMES.prefix, EndpointConfigName=configuration)


def idle(states: States = NOTHING) -> list[tuple[str, str]]:
    return [(left.kind, left.name) for left in idle_models.idle_models(session(), NAMES, states)]


# --- Models and configurations --------------------------------------------------------------------


@pytest.mark.usefixtures("aws")
def test_what_an_endpoint_has_stays_and_its_predecessors_can_go() -> None:
    old, new = release(1), release(2)
    serve(new[1])
    assert idle() == [(CONFIGURATION, old[1]), (MODEL, old[0])]


@pytest.mark.usefixtures("aws")
def test_what_a_stack_has_stays_without_an_endpoint() -> None:
    batch, old = release(1)[0], release(2)
    state = States((json.dumps({"resources": [{"id": batch}]}),))
    assert (MODEL, batch) not in idle(state)
    assert (MODEL, old[0]) in idle(state)


@pytest.mark.usefixtures("aws")
def test_a_model_of_a_configuration_that_a_stack_has_stays() -> None:
    model, configuration = release(1)
    assert idle(States((json.dumps({"id": configuration}),))) == []
    assert (MODEL, model) in idle()


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("theirs", ["project", "environment"])
def test_what_is_not_tagged_as_ours_stays(theirs: str) -> None:
    release(1, [tag if tag["Key"] != theirs else {"Key": theirs, "Value": "other"} for tag in TAGS])
    assert idle() == []


def test_while_an_endpoint_changes_nothing_is_idle() -> None:
    sagemaker = client("sagemaker")
    arn = NAMES.arn("sagemaker", f"endpoint/{NAMES.prefix}")
    now = datetime.now(UTC)
    about = {
        "EndpointName": NAMES.prefix,
        "EndpointArn": arn,
        "EndpointStatus": "Updating",
        "CreationTime": now,
        "LastModifiedTime": now,
    }
    with Stubber(sagemaker) as stub:
        stub.add_response("list_endpoints", {"Endpoints": [about]})
        described = {**about, "EndpointConfigName": "old"}
        stub.add_response("describe_endpoint", described, {"EndpointName": NAMES.prefix})
        with pytest.raises(UserError, match="is Updating"):
            idle_models.in_use(sagemaker)


# --- Images ---------------------------------------------------------------------------------------


def image(number: int, parts: list[str] | None = None) -> str:
    """An image in the repository; its digest."""
    digest = f"sha256:{number:064x}"
    config = {"digest": digest, "size": 1}
    manifest: dict[str, Any] = {"schemaVersion": 2, "mediaType": SINGLE, "config": config}
    if parts is not None:
        listed = [{"digest": part, "mediaType": SINGLE, "size": 1} for part in parts]
        manifest = {"schemaVersion": 2, "mediaType": LIST, "manifests": listed}
    client("ecr").put_image(
        repositoryName=NAMES.slug,
        imageManifest=json.dumps(manifest),
        imageDigest=digest,
        imageTag=f"train-{number}",
    )
    return digest


def idle_digests(used: set[str], age: timedelta = timedelta(0)) -> list[str]:
    """The images that could go if all had been pushed this long before now."""
    before = datetime.now(UTC) + timedelta(days=1) - age
    found = list(idle_images.idle_images(session(), Repository(URL), used, before))
    assert all(left.kind == IMAGE for left in found)
    return [left.name for left in found]


@pytest.mark.usefixtures("aws")
def test_an_image_that_nothing_names_can_go() -> None:
    used, unused = image(1), image(2)
    assert idle_digests({used}) == [unused]


@pytest.mark.usefixtures("aws")
def test_an_image_that_was_pushed_lately_stays() -> None:
    image(1)
    assert idle_digests(set(), timedelta(days=2)) == []


@pytest.mark.usefixtures("aws")
def test_the_parts_of_an_image_in_use_stay() -> None:
    part, lone = image(1), image(2)
    whole = image(3, [part])
    assert idle_digests({whole}) == [lone]


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("status", "kept"), [("Approved", True), ("PendingManualApproval", True), ("Rejected", False)]
)
def test_the_images_of_versions_that_may_be_released_stay(status: str, kept: bool) -> None:
    digest = image(1)
    client("sagemaker").create_model_package(
        ModelPackageGroupName=NAMES.slug,
        ModelApprovalStatus=status,
        InferenceSpecification={"Containers": [{"Image": f"{URL}@{digest}"}]},
    )
    found = idle_images.digests_of_packages(session(), NAMES.slug)
    assert found == ({digest} if kept else set())


def test_the_images_of_every_stack_file_stay(tmp_path: Path) -> None:
    root = make_project(tmp_path)
    digests = {f"sha256:{number:064x}" for number in (1, 2)}
    for environment, digest in zip(("dev", "prod"), sorted(digests), strict=True):
        with (root / f"infra/training/Pulumi.{environment}.yaml").open("a") as file:
            file.write(f"  x:trainImage: {digest}\n")
    assert idle_images.digests_in_git(root) == digests


# --- The command ----------------------------------------------------------------------------------

PULUMI = """
if argv[:2] == ["stack", "ls"]:
    print(json.dumps([{{"name": "dev"}}]))
elif argv[:2] == ["stack", "output"]:
    print(json.dumps({{"repository_url": {url!r}}}))
elif argv[:2] == ["stack", "export"]:
    resources = [{{"id": {name!r}}}, {{"inputs": {{"definition": {image!r}}}}}]
    print(json.dumps({{"deployment": {{"resources": resources}}}}))
"""


class Machine:
    """A project, a stack that has one model and one image, and leftovers beside them."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (folder / "project").mkdir()
        self.root = make_project(folder / "project")
        monkeypatch.setenv("PATH", str(folder / "bin"), prepend=os.pathsep)
        monkeypatch.setattr(janitor, "GRACE", timedelta(days=-1))
        self.old, self.new, self.batch = release(1), release(2), release(3)
        serve(self.new[1])
        self.used, self.unused = image(1), image(2)
        body = PULUMI.format(url=URL, name=self.batch[0], image=f"{URL}@{self.used}")
        self.pulumi = Program(folder / "bin", "pulumi", body)

    def run(self, *arguments: str) -> None:
        invoke(lambda: janitor.main(self.root), "dev", *arguments)

    @property
    def there(self) -> set[str]:
        """The names of all models, configurations and images."""
        sagemaker = client("sagemaker")
        details = client("ecr").describe_images(repositoryName=NAMES.slug)["imageDetails"]
        return {
            *(found["ModelName"] for found in sagemaker.list_models()["Models"]),
            *(
                found["EndpointConfigName"]
                for found in sagemaker.list_endpoint_configs()["EndpointConfigs"]
            ),
            *(found["imageDigest"] for found in details),
        }


@pytest.fixture
def machine(
    aws: None,  # noqa: ARG001 (for its effect)
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_without_yes_everything_stays_and_is_listed(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    before = machine.there
    machine.run()
    assert machine.there == before
    said = capsys.readouterr().out
    for name in (*machine.old, machine.batch[1], machine.unused):
        assert name in said
    for name in (*machine.new, machine.used):
        assert f" {name}:" not in said
    assert "make janitor ENV=dev YES=1" in said


def test_with_yes_what_is_listed_goes_and_nothing_else(machine: Machine) -> None:
    before = machine.there
    machine.run("--yes")
    assert before - machine.there == {*machine.old, machine.batch[1], machine.unused}


def test_before_foundation_is_applied_the_line_that_applies_it_is_told(machine: Machine) -> None:
    Program(machine.pulumi.log.parent, "pulumi", "print('[]' if argv[1] == 'ls' else '{}')")
    said = refusal(lambda: janitor.main(machine.root), "dev")
    assert said.startswith("infra/foundation has no repository in dev yet: ")


def test_images_in_another_account_are_left_to_their_environment(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = URL.replace(ACCOUNT, "210987654321")
    body = PULUMI.format(url=theirs, name=machine.batch[0], image=f"{URL}@{machine.used}")
    Program(machine.pulumi.log.parent, "pulumi", body)
    before = machine.there
    machine.run("--yes")
    assert before - machine.there == {*machine.old, machine.batch[1]}
    assert f"the images are in another account, {theirs}" in capsys.readouterr().out


def test_twice_finds_nothing_more(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.run("--yes")
    capsys.readouterr()
    machine.run("--yes")
    assert "janitor: 0 removed" in capsys.readouterr().out
