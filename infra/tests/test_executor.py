"""The compiled pipeline, executed: it ends with what `dvc repro` of the same project ends with."""

import base64
import dataclasses
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.exceptions import ClientError
from moto import mock_aws

from infra import project
from infra.names import MODELS, RUNS, Names
from infra.pipelines import graph, registration, sagemaker
from infra.pipelines.execution import Execution
from infra.pipelines.executor import execute, in_order
from infra.pipelines.local_job import Image, StepError
from infra.pipelines.references import Json
from infra.pipelines.target import Target
from infra.project import Release

from . import small_project

NAMES = Names("a-project", "dev", "123456789012", "eu-west-1")
DIGEST = "sha256:" + "a" * 64
PYTHON = project.ROOT / ".venv" / "bin" / "python"
# What `dvc repro` needs of a project, and what .dockerignore lets into the image.
PROJECT = (".dvc/config", ".dvcignore", "dvc.yaml", ".dockerignore", "pyproject.toml")
IMAGE = tuple(
    line[1:].strip("/")
    for line in (project.ROOT / ".dockerignore").read_text().splitlines()
    if line.startswith("!")
)


def target_of(root: Path, release: Release | None = None, pseudonym_key: str = "") -> Target:
    made = Target.of(
        NAMES,
        train_image=f"registry/a-project@{DIGEST}",
        serve_image=f"registry/a-project@{DIGEST}",
        key_arn=NAMES.arn("kms", "key/1"),
        pseudonym_key=pseudonym_key,
        root=root,
    )
    return dataclasses.replace(made, release=release)


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    """A store with the buckets of an environment."""
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        client = boto3.client("s3", region_name="us-east-1")
        for kind in ("artifacts", "data"):
            client.create_bucket(Bucket=NAMES.bucket(kind))
        yield client


def upload_params(s3: Any, root: Path) -> None:
    """As the training program does."""
    content = (root / "params.yaml").read_bytes()
    key = f"params/{hashlib.sha256(content).hexdigest()}/params.yaml"
    s3.put_object(Bucket=NAMES.bucket("artifacts"), Key=key, Body=content)


def output(s3: Any, execution: str, stage: str) -> dict[str, bytes]:
    """The files that a stage has left in the bucket, by name."""
    place = MODELS if stage == "package" else RUNS
    bucket, prefix = NAMES.bucket("artifacts"), f"{place}/{execution}/{stage}/"
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
    return {
        # SageMaker puts a model below the job's name.
        key.removeprefix(prefix).partition("/output/model/")[2]
        or key.removeprefix(prefix): s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        for key in keys
    }


# --- This project ---------------------------------------------------------------------------------


def copy(names: tuple[str, ...], target: Path) -> Path:
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if (project.ROOT / name).is_dir():
            skipped = shutil.ignore_patterns("__pycache__")
            shutil.copytree(project.ROOT / name, target / name, ignore=skipped)
        else:
            shutil.copy(project.ROOT / name, target / name)
    return target


def handle(root: Path, word: str) -> None:
    """Let the contract handle its key so, and keep all other columns."""
    path = root / "contract.yaml"
    contract = yaml.safe_load(path.read_text())
    for column in contract["schema"][0]["properties"]:
        column.pop("customProperties", None)
        if column.get("primaryKey"):
            column["customProperties"] = [{"property": "handling", "value": word}]
    path.write_text(yaml.safe_dump(contract, sort_keys=False))


def change_params(root: Path, **sections: dict[str, Any]) -> None:
    path = root / "params.yaml"
    params = yaml.safe_load(path.read_text())
    for name, values in sections.items():
        params[name] |= values
    path.write_text(yaml.safe_dump(params, sort_keys=False))


@dataclass(frozen=True)
class Runs:
    """The project's directories after `dvc repro`, and two executions of its pipeline.

    `released` read its data from outside and compared with the model that `plain` had packaged, and
    its thresholds are out of reach.
    """

    root: Path
    plain: Execution
    refused: Execution


@pytest.fixture(scope="module")
def runs(s3: Any, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    if not PYTHON.exists():
        pytest.skip(f"{PYTHON} is missing, which runs the stages: `make setup` makes it")
    root = copy((*PROJECT, *IMAGE), tmp_path_factory.mktemp("project"))
    handle(root, "keep")
    change_params(root, train={"max_rounds": 40}, evaluate={"resamples": 50})
    run_here(root, ["git", "init", "--quiet"], [str(PYTHON), "-m", "dvc", "repro", "--quiet"])
    # What the image holds, with parameters that no execution asks for.
    app = copy(IMAGE, tmp_path_factory.mktemp("image"))
    shutil.copy(root / "contract.yaml", app)
    image = Image(PYTHON, app)
    work = tmp_path_factory.mktemp("work")
    upload_params(s3, root)
    plain = execute(
        sagemaker.definition(graph.load(root), target_of(root)),
        image,
        work / "plain",
        s3,
        identity="plain",
    )
    return Runs(root, plain, refuse(root, s3, image, work / "refused"))


def run_here(root: Path, *commands: list[str], **variables: str) -> None:
    # Where that is set, every command compiles all of its libraries again.
    own = {key: os.environ[key] for key in os.environ if key != "PYTHONDONTWRITEBYTECODE"}
    environment = {
        **own,
        "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(root / "src"),
        "DVC_SITE_CACHE_DIR": str(root / ".dvc" / "tmp" / "site"),
        **variables,
    }
    for command in commands:
        done = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def refuse(root: Path, s3: Any, image: Image, work: Path) -> Execution:
    """The same rows from outside, the model of the first run as the released one, no chance."""
    other = shutil.copytree(root, root.parent / "other")
    thresholds = yaml.safe_load((root / "params.yaml").read_text())["evaluate"]["thresholds"]
    change_params(
        other,
        ingest={"source": "data/rows.parquet"},
        evaluate={"thresholds": dict.fromkeys(thresholds, 1e9)},
    )
    upload_params(s3, other)
    key = "source/today/rows.parquet"
    s3.upload_file(str(root / "build/ingest/data.parquet"), NAMES.bucket("data"), key)
    package = json.loads((root / "build/package/package.json").read_text())
    archive = f"s3://{NAMES.bucket('artifacts')}/{MODELS}/plain/package/model.tar.gz"
    target = target_of(other, Release(archive, package["digest"], None))
    parameters = {"Source": f"s3://{NAMES.bucket('data')}/source/today/"}
    definition = sagemaker.definition(graph.load(other), target)
    return execute(definition, image, work, s3, parameters, identity="refused")


def test_it_ends_with_the_same_metrics_to_the_byte(runs: Runs, s3: Any) -> None:
    expected = (runs.root / "build/evaluate/metrics.json").read_bytes()
    assert output(s3, "plain", "evaluate")["metrics.json"] == expected


@pytest.mark.parametrize(
    "stage", ["ingest", "validate", "features", "train", "evaluate", "package"]
)
def test_every_stage_leaves_the_same_bytes(runs: Runs, s3: Any, stage: str) -> None:
    directory = runs.root / "build" / stage
    expected = {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }
    found = output(s3, "plain", stage)
    assert found.keys() == expected.keys()
    assert [name for name in expected if found[name] != expected[name]] == []


def test_a_model_that_passes_is_registered_as_pending(runs: Runs, s3: Any) -> None:
    (request,) = runs.plain.packages
    (container,) = request["InferenceSpecification"]["Containers"]
    archive = output(s3, "plain", "package")["model.tar.gz"]
    package = json.loads((runs.root / "build/package/package.json").read_text())
    assert runs.plain.steps[-3:] == ["gate", "package", "register"]
    assert runs.plain.refusal is None
    assert request["ModelApprovalStatus"] == "PendingManualApproval"
    assert container["ModelDataUrl"].endswith(f"/{MODELS}/plain/package/model.tar.gz")
    # All that the package says of itself, under its own names, and which execution made it.
    said = dict(request["CustomerMetadataProperties"])
    assert said.pop("execution")
    assert said == {**package["inputs"], "digest": package["digest"], "archive": package["archive"]}
    assert said["archive"] == hashlib.sha256(archive).hexdigest()
    assert said["params"] == hashlib.sha256((runs.root / "params.yaml").read_bytes()).hexdigest()
    # That the registry takes it, the executor has asked.
    card = json.loads(request["ModelCard"]["ModelCardContent"])
    assert card == json.loads((runs.root / "build/package/model_card.json").read_text())


def test_a_model_that_no_threshold_lets_pass_ends_at_the_gate(runs: Runs, s3: Any) -> None:
    assert runs.refused.steps[-3:] == ["evaluate", "gate", "refused"]
    assert runs.refused.packages == []
    assert output(s3, "refused", "package") == {}
    verdict = json.loads(output(s3, "refused", "evaluate")["verdict.json"])
    assert runs.refused.refusal == f"The gate refuses this model: {'; '.join(verdict['reasons'])}"
    assert "the threshold 1e+09" in runs.refused.refusal


def test_data_from_outside_gives_the_same_model_and_metrics(runs: Runs, s3: Any) -> None:
    identities = (runs.plain.identity, runs.refused.identity)
    for stage, name in (("validate", "data.parquet"), ("train", "manifest.json")):
        plain, other = (output(s3, identity, stage)[name] for identity in identities)
        assert other == plain
    plain, other = (
        json.loads(output(s3, identity, "evaluate")["metrics.json"]) for identity in identities
    )
    assert other["test"] == plain["test"]


def test_the_released_model_is_compared_with(runs: Runs, s3: Any) -> None:
    metrics = json.loads(output(s3, runs.refused.identity, "evaluate")["metrics.json"])
    assert metrics["released"]["scored"]


# --- Pseudonyms -----------------------------------------------------------------------------------

KEY = "0f" * 32


class Kms(BaseHTTPRequestHandler):
    """KMS as a job reaches it: moto's, which is in this process."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        blob = base64.b64decode(asked["CiphertextBlob"])
        client = boto3.client("kms", region_name=NAMES.region)
        try:
            found = client.decrypt(
                CiphertextBlob=blob, EncryptionContext=asked["EncryptionContext"]
            )
            status, answer = 200, {"Plaintext": base64.b64encode(found["Plaintext"]).decode()}
        except ClientError as error:
            status, answer = 400, {"__type": error.response["Error"]["Code"]}
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: Any) -> None:
        """Nothing: the test's output is its own."""


@pytest.fixture
def kms() -> Iterator[dict[str, str]]:
    """How a job of this test reaches KMS, and is somebody there."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Kms) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        somebody = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "a job")
        yield {"AWS_ENDPOINT_URL_KMS": f"http://127.0.0.1:{server.server_port}", **somebody}
        server.shutdown()


@pytest.fixture
def asking(tmp_path: Path) -> Path:
    """This project with pseudonyms in the place of its key, as `dvc repro` has brought them in."""
    if not PYTHON.exists():
        pytest.skip(f"{PYTHON} is missing, which runs the stages: `make setup` makes it")
    root = copy((*PROJECT, *IMAGE), tmp_path / "project")
    for record in (root / "governance" / "erasures").glob("*.json"):
        record.unlink()
    handle(root, "subject")
    python = [str(PYTHON), "-m"]
    name_key = [*python, f"{project.load().package}.governance.key"]
    bring_in = [*python, "dvc", "repro", "--quiet", "ingest"]
    run_here(root, ["git", "init", "--quiet"], name_key, bring_in, PSEUDONYM_KEY=KEY)
    return root


def ingested(asking: Path, s3: Any, kms: dict[str, str], identity: str, **context: str) -> None:
    """Execute `ingest` as it is compiled, with what KMS has encrypted in a context."""
    client = boto3.client("kms", region_name=NAMES.region)
    encrypted = client.encrypt(
        KeyId=client.create_key()["KeyMetadata"]["KeyId"],
        Plaintext=bytes.fromhex(KEY),
        EncryptionContext={**NAMES.pseudonym_context, **context},
    )["CiphertextBlob"]
    target = target_of(asking, pseudonym_key=base64.b64encode(encrypted).decode())
    told = {**target.ingest_environment, **kms}
    target = dataclasses.replace(target, ingest_environment=told)
    compiled = sagemaker.definition(graph.load(asking), target)
    first = [step for step in compiled["Steps"] if step["Name"] == "ingest"]
    upload_params(s3, asking)
    work = asking.parent / "work"
    execute({**compiled, "Steps": first}, Image(PYTHON, asking), work, s3, identity=identity)


def test_ingest_makes_the_pseudonyms_of_the_laptop_with_the_key_that_kms_decrypts(
    asking: Path, s3: Any, kms: dict[str, str]
) -> None:
    ingested(asking, s3, kms, "pseudonyms")
    found = output(s3, "pseudonyms", "ingest")["data.parquet"]
    assert found == (asking / "build/ingest/data.parquet").read_bytes()


def test_ingest_has_no_key_that_was_encrypted_for_another_environment(
    asking: Path, s3: Any, kms: dict[str, str]
) -> None:
    with pytest.raises(StepError, match="KMS does not decrypt PSEUDONYM_KEY_ENCRYPTED"):
        ingested(asking, s3, kms, "another", environment="prod")
    assert output(s3, "another", "ingest") == {}


# --- A small one, for what must go wrong ----------------------------------------------------------

WRITE = """
import os, pathlib
inputs, output = (pathlib.Path(os.environ[name]) for name in ("STAGE_INPUTS", "STAGE_OUTPUT"))
output.mkdir(exist_ok=True)
"""
CODE = {
    "ingest": "(output / 'rows.txt').write_text('3 rows')",
    "train": "(output / 'model.txt').write_text((inputs / 'ingest/rows.txt').read_text())",
    "evaluate": "(output / 'verdict.json').write_text('{\"passed\": true}')",
    "package": "(output / 'package.json').write_text(PACKAGE)\n"
    "(output / 'card.json').write_text(CARD)",
}
CONTENT = json.dumps({"model_overview": {"model_creator": "@small/team"}})
CARD = json.dumps({"content": CONTENT})
PACKAGE = json.dumps(
    {
        "digest": "d",
        "archive": "a",
        "inputs": dict.fromkeys(registration.INPUTS, "x"),
    }
)


@pytest.fixture
def root(tmp_path: Path, s3: Any) -> Path:
    root = small_project.write(tmp_path)
    (root / "src/small").mkdir(parents=True)
    (root / "src/small/__init__.py").write_text("")
    for name, code in CODE.items():
        text = f"{WRITE}\nPACKAGE, CARD = {PACKAGE!r}, {CARD!r}\n{code}\n"
        (root / f"src/small/{name}.py").write_text(text)
    upload_params(s3, root)
    return root


def run(root: Path, s3: Any, definition: Json | None = None) -> Execution:
    made = definition or sagemaker.definition(graph.load(root), target_of(root))
    return execute(made, Image(Path(sys.executable), root), root / "work", s3)


def test_steps_run_in_the_order_of_their_references_not_of_the_list(root: Path, s3: Any) -> None:
    definition = sagemaker.definition(graph.load(root), target_of(root))
    definition["Steps"].reverse()
    assert [step["Name"] for step in in_order(definition["Steps"])] == [
        "ingest",
        "train",
        "evaluate",
        "gate",
    ]
    assert run(root, s3, definition).steps == [
        "ingest",
        "train",
        "evaluate",
        "gate",
        "package",
        "register",
    ]


def test_a_command_that_fails_is_told_with_what_it_printed(root: Path, s3: Any) -> None:
    (root / "src/small/train.py").write_text("raise SystemExit('no rows')\n")
    with pytest.raises(StepError, match=r"train exited with 1[\s\S]*no rows"):
        run(root, s3)


def test_a_step_sees_what_it_declares_and_nothing_else(root: Path, s3: Any) -> None:
    code = f"{WRITE}\n(output / 'model.txt').write_text((inputs / 'evaluate').read_text())\n"
    (root / "src/small/train.py").write_text(code)
    with pytest.raises(StepError, match="train exited with 1"):
        run(root, s3)


def test_a_step_sees_none_of_this_machines_variables(
    root: Path, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "x")
    code = f"{WRITE}\nassert 'SECRET' not in os.environ\n(output / 'm').write_text('')\n"
    (root / "src/small/train.py").write_text(code)
    assert "train" in run(root, s3).steps


def arguments(definition: Json, name: str) -> Any:
    return next(step for step in definition["Steps"] if step["Name"] == name)["Arguments"]


def test_a_request_that_the_service_would_refuse_ends_the_run(root: Path, s3: Any) -> None:
    definition = sagemaker.definition(graph.load(root), target_of(root))
    arguments(definition, "train")["ResourceConfig"]["InstanceType"] = "ml.large"
    with pytest.raises(StepError, match=r"train: ResourceConfig\.InstanceType: 'ml\.large'"):
        run(root, s3, definition)


def test_a_compressed_model_ends_the_run(root: Path, s3: Any) -> None:
    definition = sagemaker.definition(graph.load(root), target_of(root))
    arguments(definition, "train")["OutputDataConfig"]["CompressionType"] = "GZIP"
    with pytest.raises(StepError, match="a compressed model is one archive"):
        run(root, s3, definition)


def test_a_package_is_registered_with_the_card_that_it_wrote(root: Path, s3: Any) -> None:
    (request,) = run(root, s3).packages
    assert request["ModelCard"] == {"ModelCardContent": CONTENT, "ModelCardStatus": "Draft"}


def test_a_card_that_the_registry_would_refuse_ends_the_run(root: Path, s3: Any) -> None:
    file = root / "src/small/package.py"
    file.write_text(file.read_text().replace("model_creator", "model_author"))
    with pytest.raises(StepError, match=r"register: ModelCard: model_overview\.model_author: "):
        run(root, s3)


def test_an_input_that_holds_nothing_ends_the_run(root: Path, s3: Any) -> None:
    definition = sagemaker.definition(graph.load(root), target_of(root))
    made = Image(Path(sys.executable), root)
    with pytest.raises(StepError, match=r"/params/0+ holds nothing"):
        execute(definition, made, root / "work", s3, {"Params": "0" * 64})


def test_a_gate_that_is_shut_registers_nothing(root: Path, s3: Any) -> None:
    verdict = '{"passed": false, "reason": "too few"}'
    code = f"{WRITE}\n(output / 'verdict.json').write_text({verdict!r})\n"
    (root / "src/small/evaluate.py").write_text(code)
    done = run(root, s3)
    assert done.refusal == "The gate refuses this model: too few"
    assert (done.packages, done.steps[-1]) == ([], "refused")
