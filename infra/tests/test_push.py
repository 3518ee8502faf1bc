"""What is pushed is what is committed; the stack file gets the digests that the repository has."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.operations import push

from .machine import ACCOUNT, REGION, Program, commit, invoke, make_project, names, refusal

REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
URL = f"{REGISTRY}/{names().slug}"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
PUSHING = """
import urllib.request
if argv[0] == {failing!r}:
    sys.exit(7)
if argv[0] == "push":
    urllib.request.urlopen("http://127.0.0.1:{port}/" + argv[1].rpartition(":")[2], data=b"")
"""


def ecr() -> Any:
    return boto3.client("ecr", region_name=REGION)


def digest_of(tag: str) -> str:
    (image,) = ecr().describe_images(repositoryName=names().slug, imageIds=[{"imageTag": tag}])[
        "imageDetails"
    ]
    return str(image["imageDigest"])


class Registry(BaseHTTPRequestHandler):
    """Where `docker push` goes: an image appears under the tag in moto's repository."""

    def do_POST(self) -> None:
        tag = self.path.lstrip("/")
        config = {"digest": f"sha256:{hashlib.sha256(tag.encode()).hexdigest()}", "size": 1}
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": []}
        digest = f"sha256:{hashlib.sha256(json.dumps(manifest).encode()).hexdigest()}"
        ecr().put_image(
            repositoryName=names().slug,
            imageManifest=json.dumps(manifest),
            imageTag=tag,
            imageDigest=digest,
        )
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing: the test's output is its own."""


class Machine:
    """A project, a repository at AWS, and the programs that `make push` starts."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        (folder / "project").mkdir()
        self.root = make_project(folder / "project")
        outputs = json.dumps({"repository_url": URL})
        body = f"if argv[:2] == ['stack', 'output']: print({outputs!r})"
        self.pulumi = Program(folder / "bin", "pulumi", body)
        self.container()

    def container(self, failing: str = "") -> None:
        """Put a container program on PATH, one of whose commands may fail."""
        self.docker = Program(
            self.folder / "bin", "docker", PUSHING.format(port=self.port, failing=failing)
        )

    def push(self, environment: str = "dev") -> None:
        invoke(lambda: push.main(self.root), environment)

    def refusal(self, *arguments: str) -> str:
        return refusal(lambda: push.main(self.root), *(arguments or ("dev",)))


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    with mock_aws(), ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
        ecr().create_repository(repositoryName=names().slug, imageTagMutability="IMMUTABLE")
        yield Machine(tmp_path, server.server_port)
        server.shutdown()


def test_both_images_are_built_and_sent_under_the_commit(machine: Machine) -> None:
    head = commit_of(machine)
    machine.push()
    built = [line for line in machine.docker.lines if line.startswith("build ")]
    assert [line.split(" --target ")[1] for line in built] == [
        f"train --tag {URL}:train-{head} .",
        f"serve --tag {URL}:serve-{head} .",
    ]
    assert all("--platform linux/amd64" in line for line in built)
    assert {call["cwd"] for call in machine.docker.calls} == {str(machine.root)}
    assert digest_of(f"train-{head}") != digest_of(f"serve-{head}")


def test_the_stack_file_gets_the_digests_that_the_repository_has(machine: Machine) -> None:
    head = commit_of(machine)
    machine.push()
    last = machine.pulumi.calls[-1]
    assert last["cwd"] == str(machine.root / "infra" / "training")
    assert " ".join(last["argv"]) == (
        f"config set-all --stack dev --plaintext trainImage={digest_of(f'train-{head}')} "
        f"--plaintext serveImage={digest_of(f'serve-{head}')} --non-interactive"
    )


def test_the_password_goes_through_standard_input_alone(machine: Machine) -> None:
    machine.push()
    (granted,) = ecr().get_authorization_token()["authorizationData"]
    password = base64.b64decode(granted["authorizationToken"]).decode().partition(":")[2]
    (login,) = [call for call in machine.docker.calls if call["argv"][0] == "login"]
    assert login["given"] == password
    assert login["argv"] == ["login", "--username", "AWS", "--password-stdin", REGISTRY]
    for call in machine.docker.calls:
        assert password not in " ".join(call["argv"])
        assert password not in call["env"].values()


def test_a_commit_that_is_there_is_not_built_again(machine: Machine) -> None:
    machine.push()
    before = machine.pulumi.lines[-1]
    machine.docker.log.unlink()
    machine.push()
    assert machine.docker.calls == []
    assert machine.pulumi.lines[-1] == before


def test_after_the_commit_that_pins_the_images_they_are_still_there(machine: Machine) -> None:
    machine.push()
    written = machine.pulumi.lines[-1]
    with (machine.root / "infra/training/Pulumi.dev.yaml").open("a") as file:
        file.write("# the digests\n")
    commit(machine.root)
    machine.docker.log.unlink()
    machine.push("staging")
    assert machine.docker.calls == []
    assert machine.pulumi.lines[-1] == written.replace("--stack dev", "--stack staging")


def test_a_commit_of_what_an_image_holds_is_built(machine: Machine) -> None:
    machine.push()
    for name in ("infra/training/Pulumi.dev.yaml", "params.yaml"):
        with (machine.root / name).open("a") as file:
            file.write("# more\n")
    changed = commit(machine.root)
    machine.docker.log.unlink()
    machine.push()
    assert digest_of(f"train-{changed[:12]}") in machine.pulumi.lines[-1]


def test_a_push_that_broke_off_goes_on(machine: Machine) -> None:
    machine.container(failing="push")
    assert machine.refusal().startswith("train was not sent")
    machine.container()
    machine.push()
    assert digest_of(f"train-{commit_of(machine)}") in machine.pulumi.lines[-1]


@pytest.mark.parametrize(
    ("failing", "said"), [("build", "train was not built"), ("login", "`docker login")]
)
def test_what_fails_leaves_the_stack_file_alone(machine: Machine, failing: str, said: str) -> None:
    machine.container(failing)
    assert machine.refusal().startswith(said)
    assert not any(line.startswith("config") for line in machine.pulumi.lines)


@pytest.mark.parametrize("name", ["params.yaml", "new.py"])
def test_what_is_not_committed_is_refused(machine: Machine, name: str) -> None:
    with (machine.root / name).open("a") as file:
        file.write("\n")
    assert f"1 files differ from the last commit ({name})" in machine.refusal()
    assert machine.docker.calls == []


def test_a_stack_file_may_differ_as_no_image_holds_it(machine: Machine) -> None:
    with (machine.root / "infra/training/Pulumi.dev.yaml").open("a") as file:
        file.write("# more\n")
    machine.push()
    assert machine.pulumi.lines[-1].startswith("config set-all")


def test_without_a_repository_foundation_is_named(machine: Machine) -> None:
    ecr().delete_repository(repositoryName=names().slug)
    assert machine.refusal().endswith("apply infra/foundation")


def test_before_foundation_is_applied_the_line_that_applies_it_is_told(machine: Machine) -> None:
    Program(machine.folder / "bin", "pulumi", "print('{}')")
    assert machine.refusal() == (
        "infra/foundation has no repository in dev yet: "
        "`cd infra/foundation && pulumi up --stack dev`"
    )


def test_another_accounts_credentials_are_refused(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "210987654321")
    assert f"of account 210987654321, and dev is in {ACCOUNT}" in machine.refusal()


def test_a_missing_program_is_named_with_its_remedy(machine: Machine) -> None:
    said = machine.refusal("dev", "--container", "podperson")
    assert said == "podperson is missing: install it, or name another with CONTAINER="


@pytest.mark.parametrize("name", ["", "production"])
def test_an_environment_that_is_none_is_refused(machine: Machine, name: str) -> None:
    assert "add one of ENV=dev, ENV=staging, ENV=prod" in machine.refusal(name)


def commit_of(machine: Machine) -> str:
    """What the tags end with."""
    return push.clean_commit(machine.root)[:12]
