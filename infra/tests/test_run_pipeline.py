"""An execution gets what params.yaml says, is followed to its end, and says what came of it.

Moto starts executions and keeps objects; it has no steps. Those come from botocore's Stubber, which
holds each answer against the service model.
"""

import hashlib
import io
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.stub import Stubber
from moto import mock_aws

from infra.errors import UserError
from infra.operations import command, inputs, run_pipeline
from infra.operations.progress import Progress
from infra.pipelines.graph import Graph, Hints, Stage

from .machine import ACCOUNT, REGION, make_project, names

NAMES = names()
PIPELINE = NAMES.arn("sagemaker", f"pipeline/{NAMES.prefix}")
EXECUTION = f"{PIPELINE}/execution/abcdefghijkl"
PACKAGE = NAMES.arn("sagemaker", f"model-package/{NAMES.slug}/3")
BEGAN = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
METRICS = {
    "test": {"roc_auc": {"value": 0.99, "low": 0.98, "high": 0.995}},
    "baseline": {"roc_auc": 0.5},
    "released": {"scored": True, "roc_auc": 0.985},
}


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


@pytest.fixture
def aws() -> Iterator[None]:
    with mock_aws():
        for kind in ("data", "artifacts"):
            place = {"LocationConstraint": REGION}
            client("s3").create_bucket(Bucket=NAMES.bucket(kind), CreateBucketConfiguration=place)
        yield


@pytest.fixture
def root(aws: None, tmp_path: Path) -> Path:  # noqa: ARG001 (for its effect)
    return make_project(tmp_path)


def deploy(*parameters: str) -> None:
    """A pipeline in the cloud that has these parameters."""
    definition = {
        "Version": "2020-12-01",
        "Parameters": [{"Name": name, "Type": "String"} for name in parameters],
        "Steps": [],
    }
    client("sagemaker").create_pipeline(
        PipelineName=NAMES.prefix,
        PipelineDisplayName=NAMES.prefix,
        PipelineDefinition=json.dumps(definition),
        ClientRequestToken="t" * 32,
        RoleArn=NAMES.role_arn("pipeline"),
    )


def reading(*sources: str | None) -> Graph:
    """A graph whose stages read these external data."""
    hints = Hints("processing", "ml.m5.large", 1, 30, 60, 3)
    names = ["ingest", *(f"ingest-{number}" for number in range(1, len(sources)))]
    return Graph(
        tuple(
            Stage(name, name, "", (), (), (), source, (), False, name, False, hints)
            for name, source in zip(names, sources, strict=True)
        )
    )


def objects(kind: str) -> dict[str, bytes]:
    """Every object of a bucket."""
    s3, bucket = client("s3"), NAMES.bucket(kind)
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def upload(
    root: Path, *sources: str | None, declared: tuple[str, ...] = ("Source",)
) -> dict[str, str]:
    known = {"Params", *declared}
    return inputs.upload(client("s3"), NAMES, reading(*sources), known, root)


# --- What an execution is given -------------------------------------------------------------------


def test_parameters_are_uploaded_once_under_their_digest(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = (root / "params.yaml").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    assert upload(root, None) == {"Params": digest}
    assert objects("artifacts") == {f"params/{digest}/params.yaml": content}
    capsys.readouterr()
    upload(root, None)
    assert "uploaded" not in capsys.readouterr().out


def test_a_local_file_is_uploaded_under_its_digest(root: Path) -> None:
    (root / "data").mkdir()
    (root / "data" / "rows.csv").write_text("a,b\n1,2\n")
    source = upload(root, "data/rows.csv")["Source"]
    ((key, content),) = objects("data").items()
    assert source == f"s3://{NAMES.bucket('data')}/{key.removesuffix('rows.csv')}"
    assert key.startswith("source/")
    assert content == b"a,b\n1,2\n"
    (root / "data" / "rows.csv").write_text("a,b\n1,3\n")
    assert upload(root, "data/rows.csv")["Source"] != source


def test_a_folder_is_uploaded_with_all_its_files(root: Path) -> None:
    (root / "data" / "deep").mkdir(parents=True)
    (root / "data" / "one.csv").write_text("1")
    (root / "data" / "deep" / "two.csv").write_text("2")
    prefix = upload(root, "data")["Source"].partition(f"{NAMES.bucket('data')}/")[2]
    assert objects("data") == {f"{prefix}one.csv": b"1", f"{prefix}deep/two.csv": b"2"}


def test_data_in_s3_is_read_where_it_is(root: Path) -> None:
    assert upload(root, "s3://somewhere/data/")["Source"] == "s3://somewhere/data/"
    assert objects("data") == {}


def test_every_stage_that_reads_data_gets_its_own(root: Path) -> None:
    declared = ("SourceIngest", "SourceIngest1")
    values = upload(root, "s3://one/", "s3://two/", declared=declared)
    assert (values["SourceIngest"], values["SourceIngest1"]) == ("s3://one/", "s3://two/")


def test_data_that_the_deployed_pipeline_does_not_read_is_refused(root: Path) -> None:
    with pytest.raises(UserError, match="unknown to the deployed pipeline"):
        upload(root, "data/rows.csv", declared=())


def test_data_that_is_not_there_is_refused(root: Path) -> None:
    with pytest.raises(UserError, match=r"data/rows\.csv does not exist"):
        upload(root, "data/rows.csv")


@pytest.mark.usefixtures("aws")
def test_an_execution_is_started_with_these_parameters() -> None:
    deploy("Params")
    assert run_pipeline.declared(client("sagemaker"), NAMES) == {"Params"}
    values = {"Params": "0" * 64}
    execution = run_pipeline.start(client("sagemaker"), NAMES, values)
    sent = client("sagemaker").list_pipeline_parameters_for_execution(
        PipelineExecutionArn=execution
    )
    assert sent["PipelineParameters"] == [{"Name": "Params", "Value": "0" * 64}]


@pytest.mark.usefixtures("aws")
def test_without_a_pipeline_training_is_named() -> None:
    sagemaker = client("sagemaker")
    with Stubber(sagemaker) as stub:
        stub.add_client_error("describe_pipeline", "ResourceNotFound")
        with pytest.raises(UserError) as refused:
            run_pipeline.declared(sagemaker, NAMES)
    assert str(refused.value).startswith(f"there is no pipeline {NAMES.prefix} yet")
    assert "cd infra/training && pulumi up" in str(refused.value)


class Body(io.BytesIO):
    """The body of an answer, as botocore reads it."""

    def stream(self) -> Iterator[bytes]:
        yield self.getvalue()


@pytest.mark.usefixtures("aws")
def test_a_request_that_has_to_be_sent_again_starts_one_execution() -> None:
    sagemaker = client("sagemaker")
    tokens: list[str] = []

    def answer(request: Any, **_: Any) -> AWSResponse:
        tokens.append(json.loads(request.body)["ClientRequestToken"])
        broken = len(tokens) == 1
        body = Body(b"{}" if broken else json.dumps({"PipelineExecutionArn": EXECUTION}).encode())
        return AWSResponse(request.url, 500 if broken else 200, {}, body)

    sagemaker.meta.events.register_first("before-send.sagemaker.StartPipelineExecution", answer)
    assert run_pipeline.start(sagemaker, NAMES, {}) == EXECUTION
    assert len(tokens) == 2
    assert tokens[0] == tokens[1]


# --- How it is followed ---------------------------------------------------------------------------


def step(name: str, status: str, **more: Any) -> dict[str, Any]:
    ended = {"EndTime": BEGAN + timedelta(seconds=125)} if status in ("Succeeded", "Failed") else {}
    return {"StepName": name, "StepStatus": status, "StartTime": BEGAN, **ended, **more}


def job(name: str) -> dict[str, Any]:
    arn = NAMES.arn("sagemaker", f"processing-job/pipelines-{name}")
    return {"Metadata": {"ProcessingJob": {"Arn": arn}}}


class Cloud:
    """An execution as SageMaker tells of it, look by look, and what it left in S3."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sagemaker = client("sagemaker")
        self.stub = Stubber(self.sagemaker)
        monkeypatch.setattr("time.sleep", lambda _: None)

    def look(self, status: str, *steps: dict[str, Any], **more: Any) -> None:
        asked = {"PipelineExecutionArn": EXECUTION}
        answer = {"PipelineExecutionStatus": status, **more}
        self.stub.add_response("describe_pipeline_execution", answer, asked)
        self.stub.add_response(
            "list_pipeline_execution_steps",
            {"PipelineExecutionSteps": list(steps)},
            {**asked, "SortOrder": "Ascending"},
        )

    def evaluated(
        self, verdict: dict[str, Any], prefix: str = "pipeline/abcdefghijkl/evaluate"
    ) -> None:
        for name, content in (("metrics.json", METRICS), ("verdict.json", verdict)):
            client("s3").put_object(
                Bucket=NAMES.bucket("artifacts"), Key=f"{prefix}/{name}", Body=json.dumps(content)
            )
        uri = f"s3://{NAMES.bucket('artifacts')}/{prefix}"
        place = {
            "S3Uri": uri,
            "LocalPath": "/opt/ml/processing/output/evaluate",
            "S3UploadMode": "EndOfJob",
        }
        answer = {
            "ProcessingJobName": "pipelines-evaluate",
            "ProcessingJobArn": NAMES.arn("sagemaker", "processing-job/pipelines-evaluate"),
            "ProcessingJobStatus": "Completed",
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceCount": 1,
                    "InstanceType": "ml.m5.large",
                    "VolumeSizeInGB": 30,
                }
            },
            "AppSpecification": {"ImageUri": "image"},
            "CreationTime": BEGAN,
            "ProcessingOutputConfig": {"Outputs": [{"OutputName": "evaluate", "S3Output": place}]},
        }
        asked = {"ProcessingJobName": "pipelines-evaluate"}
        self.stub.add_response("describe_processing_job", answer, asked)

    def outcome(self, stream: io.StringIO | None = None) -> int:
        with self.stub:
            last, steps = run_pipeline.follow(
                self.sagemaker, EXECUTION, Progress(stream or io.StringIO())
            )
            found = run_pipeline.evaluation(self.sagemaker, client("s3"), steps)
            code = run_pipeline.report(NAMES, last, steps, found)
            self.stub.assert_no_pending_responses()
        return code


@pytest.fixture
def cloud(aws: None, monkeypatch: pytest.MonkeyPatch) -> Cloud:  # noqa: ARG001 (for its effect)
    return Cloud(monkeypatch)


def test_a_passed_run_shows_metrics_and_the_package_that_waits(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    registered = {"Metadata": {"RegisterModel": {"Arn": PACKAGE}}}
    cloud.look("Executing", step("evaluate", "Executing"))
    cloud.look(
        "Succeeded",
        step("evaluate", "Succeeded", **job("evaluate")),
        step("register", "Succeeded", **registered),
    )
    cloud.evaluated({"passed": True, "reasons": []})
    assert cloud.outcome() == 0
    said = capsys.readouterr().out
    assert "roc_auc      0.9900 (0.9800 to 0.9950)    0.5000     0.9850" in said
    assert f"make promote MODEL={PACKAGE} ENV=dev" in said
    assert NAMES.role("approver") in said


def test_a_model_that_the_gate_refuses_is_told_with_the_reasons(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = step("refused", "Failed", FailureReason="The gate refuses this model")
    cloud.look("Failed", step("evaluate", "Succeeded", **job("evaluate")), refused)
    cloud.evaluated({"passed": False, "reasons": ["roc_auc 0.6 is below 0.97", "the moon is full"]})
    assert cloud.outcome() == run_pipeline.REFUSED
    said = capsys.readouterr()
    assert "roc_auc 0.6 is below 0.97" in said.err
    assert "the moon is full" in said.err
    assert "0.9900" in said.out


def test_a_step_that_failed_is_told_with_its_reason(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.look(
        "Failed", step("ingest", "Succeeded"), step("train", "Failed", FailureReason="OutOfMemory")
    )
    assert cloud.outcome() == 1
    assert "train: OutOfMemory" in capsys.readouterr().err


def test_a_failure_after_the_gate_is_a_failure(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = step("register", "Failed", FailureReason="AccessDenied")
    cloud.look("Failed", step("evaluate", "Succeeded", **job("evaluate")), broken)
    cloud.evaluated({"passed": True, "reasons": []})
    assert cloud.outcome() == 1
    assert "register: AccessDenied" in capsys.readouterr().err


def test_an_execution_that_somebody_stopped_is_no_success(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.look("Stopped", step("train", "Stopped"))
    assert cloud.outcome() == 1
    assert "the execution is stopped" in capsys.readouterr().err


def test_a_cached_evaluation_is_read_where_its_job_wrote_it(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cached = {
        "CacheHitResult": {"SourcePipelineExecutionArn": f"{PIPELINE}/execution/older0000000"}
    }
    cloud.look("Succeeded", step("evaluate", "Succeeded", **job("evaluate"), **cached))
    cloud.evaluated({"passed": True, "reasons": []}, "pipeline/older0000000/evaluate")
    stream = io.StringIO()
    assert cloud.outcome(stream) == 0
    assert "evaluate: succeeded, 2:05 (from an earlier execution)" in stream.getvalue()
    assert "0.9900" in capsys.readouterr().out


def test_piped_each_change_is_one_plain_line(cloud: Cloud) -> None:
    cloud.look("Executing", step("ingest", "Executing"))
    cloud.look("Executing", step("ingest", "Executing"))
    cloud.look("Executing", step("ingest", "Succeeded"), step("train", "Executing"))
    cloud.look("Failed", step("ingest", "Succeeded"), step("train", "Failed"))
    stream = io.StringIO()
    cloud.outcome(stream)
    assert stream.getvalue().splitlines() == [
        "  ingest: executing",
        "  ingest: succeeded, 2:05",
        "  train: executing",
        "  train: failed, 2:05",
    ]


class Terminal(io.StringIO):
    """A stream that says that it is one."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_what_runs_is_on_a_last_line_that_goes_away(cloud: Cloud) -> None:
    cloud.look("Executing", step("ingest", "Executing"))
    cloud.look("Failed", step("ingest", "Failed"))
    stream = Terminal()
    cloud.outcome(stream)
    live, _, rest = stream.getvalue().partition("  ... ingest ")
    assert live == "\r\x1b[2K"
    assert "\r\x1b[2K  ingest: failed, 2:05\n" in rest
    assert "..." not in rest.partition("\x1b[2K")[2]


def test_who_stops_looking_is_told_that_it_goes_on(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy("Params")
    monkeypatch.setattr("infra.pipelines.graph.load", lambda _: reading(None))

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run_pipeline, "follow", interrupted)
    monkeypatch.setattr(sys, "argv", ["run-pipeline", "dev"])
    with pytest.raises(SystemExit) as ended:
        command.run(lambda: run_pipeline.main(root))
    assert ended.value.code == command.INTERRUPTED
    said = capsys.readouterr().out
    assert "goes on without you" in said
    assert f"--pipeline-execution-arn arn:aws:sagemaker:{REGION}:{ACCOUNT}:pipeline/" in said
