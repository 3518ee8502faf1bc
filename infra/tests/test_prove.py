"""A proof passes only on what an account says; what could not be looked at is no pass."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber
from moto import mock_aws

from infra.operations import proofs, prove, rollback
from infra.operations.check import Account, Check, DisprovedError, NotYetError
from infra.pipelines.graph import Graph, Hints, Stage

from .machine import ACCOUNT, REGION, Program, make_project, names, refusal

NAMES = names()
NOW = datetime(2026, 1, 2, tzinfo=UTC)


class Session:
    """A session whose clients are stubbed before they are handed out."""

    def __init__(self) -> None:
        self.clients: dict[str, Any] = {}
        self.stubs: dict[str, Stubber] = {}

    def client(self, service: str) -> Any:
        if service not in self.clients:
            self.clients[service] = boto3.client(service, region_name=REGION)
            self.stubs[service] = Stubber(self.clients[service])
            self.stubs[service].activate()
        return self.clients[service]

    def answer(self, service: str, operation: str, answer: Any, asked: Any = None) -> None:
        self.client(service)
        self.stubs[service].add_response(operation, answer, asked)


def account(session: Any, root: Path = Path(), environment: str = "dev") -> Account:
    return Account(session, names(environment), root)


# --- The command ----------------------------------------------------------------------------------


def test_without_credentials_it_says_what_it_would_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = make_project(tmp_path)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    said = refusal(lambda: prove.main(root), "dev")
    assert said.startswith("nothing is proven: ")
    listed = capsys.readouterr().out
    for check in proofs.CHECKS:
        assert check.claim in listed
        assert check.how in listed


def test_one_failure_does_not_keep_the_others_from_running(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def disproved(_: Account) -> str:
        raise DisprovedError("it does not hold")

    checks = (Check("one", "", disproved), Check("two", "", lambda _: "it holds"))
    assert not prove.prove(account(Session()), checks)
    said = capsys.readouterr().out
    assert "FAIL: it does not hold" in said
    assert "pass: it holds" in said
    assert "1 of 2 passed" in said


def test_what_could_not_be_looked_at_is_no_pass(capsys: pytest.CaptureFixture[str]) -> None:
    def missing(_: Account) -> str:
        raise NotYetError("there is no endpoint")

    assert not prove.prove(account(Session()), (Check("one", "", missing),))
    assert "open: there is no endpoint" in capsys.readouterr().out


# --- The checks -----------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some, which the stubs never use."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "project").mkdir()
    root = make_project(tmp_path / "project")
    for key, value in (("shape", "realtime"), ("latencyAlarmMs", 250), ("maxInstances", 3)):
        with (root / "infra/serving/Pulumi.dev.yaml").open("a") as file:
            file.write(f"  {NAMES.slug}-serving:{key}: {value}\n")
    hints = Hints("processing", "ml.m5.large", 2, 30, 60, 3)
    stage = Stage("ingest", "ingest", "", (), (), (), None, (), False, "ingest", False, hints)
    monkeypatch.setattr("infra.pipelines.graph.load", lambda _: Graph((stage,)))
    return root


@pytest.mark.parametrize(("endpoints", "holds"), [(6, True), (5, False)])
def test_a_deployment_needs_twice_the_fleet(root: Path, endpoints: int, holds: bool) -> None:
    session = Session()
    limits = {
        "ml.m5.large for processing job usage": 2,
        "ml.m5.large for endpoint usage": endpoints,
    }
    quotas = [{"QuotaName": name, "Value": value} for name, value in limits.items()]
    session.answer("service-quotas", "list_service_quotas", {"Quotas": quotas})
    if holds:
        assert "ml.m5.large for endpoint usage: 6" in proofs.quotas(account(session, root))
    else:
        with pytest.raises(DisprovedError, match="endpoint usage: 5 of 6"):
            proofs.quotas(account(session, root))


@pytest.mark.parametrize(("operation", "holds"), [("same", True), ("update", False)])
def test_a_plan_that_changes_something_is_a_failure(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, operation: str, holds: bool
) -> None:
    steps = json.dumps({"steps": [{"op": operation, "urn": "urn:x"}]})
    Program(tmp_path / "bin", "pulumi", f"print({steps!r})")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    if holds:
        assert proofs.settled(account(Session(), root))
    else:
        with pytest.raises(DisprovedError, match="foundation would change urn:x"):
            proofs.settled(account(Session(), root))


@pytest.mark.parametrize(("operation", "holds"), [("update", True), ("replace", False)])
def test_a_promotion_that_replaces_the_endpoint_is_a_failure(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch, operation: str, holds: bool
) -> None:
    """Planned in a copy: the project's own released.yaml is not touched."""
    (root / "released.yaml").write_text("dev: {artifact: s3://b/k, digest: d, package: old}\n")
    kind = "andaime:serving:Service$andaime:serving:Endpoint$aws:sagemaker/endpoint:Endpoint"
    steps = [
        {"op": operation, "urn": f"urn:pulumi:dev::p::{kind}::x"},
        {"op": "same", "urn": "urn:y"},
    ]
    body = f"print({json.dumps({'steps': steps})!r})"
    pulumi = Program(tmp_path / "bin", "pulumi", body)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    with mock_aws():
        package = approved()
        if holds:
            said = proofs.promotion(account(boto3.Session(region_name=REGION), root))
            assert package in said
        else:
            with pytest.raises(DisprovedError, match="plan is replace, not update"):
                proofs.promotion(account(boto3.Session(region_name=REGION), root))
    assert "package: old" in (root / "released.yaml").read_text()
    assert not pulumi.calls[0]["cwd"].startswith(str(root))


def approved() -> str:
    """An approved version in moto; its ARN."""
    client = boto3.client("sagemaker", region_name=REGION)
    client.create_model_package_group(ModelPackageGroupName=NAMES.slug)
    image = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{NAMES.slug}@sha256:{'0' * 64}"
    made = client.create_model_package(
        ModelPackageGroupName=NAMES.slug,
        ModelApprovalStatus="Approved",
        CustomerMetadataProperties={"digest": "d" * 64, "archive": "a" * 64},
        InferenceSpecification={"Containers": [{"Image": image, "ModelDataUrl": "s3://b/k"}]},
    )
    return str(made["ModelPackageArn"])


PACKAGE = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/{NAMES.slug}/7"


def registry(**about: Any) -> Session:
    """One in which one version is registered."""
    session = Session()
    summary = {
        "ModelPackageGroupName": NAMES.slug,
        "ModelPackageVersion": 7,
        "ModelPackageArn": PACKAGE,
        "CreationTime": NOW,
        "ModelPackageStatus": "Completed",
    }
    session.answer("sagemaker", "list_model_packages", {"ModelPackageSummaryList": [summary]})
    described = {
        "ModelPackageName": NAMES.slug,
        "ModelPackageArn": PACKAGE,
        "CreationTime": NOW,
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": []},
        **about,
    }
    session.answer("sagemaker", "describe_model_package", described, {"ModelPackageName": PACKAGE})
    return session


def test_a_version_with_its_card_is_a_pass() -> None:
    content = '{"model_overview": {"model_creator": "@team"}}'
    held = {"ModelCardContent": content, "ModelCardStatus": "Draft"}
    assert f"a card of {len(content)} characters" in proofs.card(account(registry(ModelCard=held)))


@pytest.mark.parametrize(
    "about", [{}, {"ModelCard": {"ModelCardContent": "$.content", "ModelCardStatus": "Draft"}}]
)
def test_a_version_whose_card_is_missing_or_not_looked_up_is_a_failure(
    about: dict[str, Any],
) -> None:
    with pytest.raises(DisprovedError, match=r"/7 is not what was written"):
        proofs.card(account(registry(**about)))


def test_where_nothing_is_registered_no_card_is_proven() -> None:
    session = Session()
    session.answer("sagemaker", "list_model_packages", {"ModelPackageSummaryList": []})
    with pytest.raises(NotYetError, match="make run-pipeline ENV=dev"):
        proofs.card(account(session))


def test_iam_that_allows_what_it_must_not_is_a_failure() -> None:
    session = Session()
    decision = {"EvalActionName": "s3:GetObject", "EvalDecision": "allowed"}
    session.answer("iam", "simulate_principal_policy", {"EvaluationResults": [decision]})
    with pytest.raises(DisprovedError, match="serving and s3:GetObject"):
        proofs.access(account(session))


@pytest.mark.parametrize(
    ("subscriptions", "said"),
    [([], "nobody listens"), (["PendingConfirmation"], "did not confirm"), (["arn:aws:sns:x"], "")],
)
def test_an_alarm_that_nobody_hears_is_a_failure(subscriptions: list[str], said: str) -> None:
    session = Session()
    found = [{"SubscriptionArn": arn, "Endpoint": "team@example.com"} for arn in subscriptions]
    session.answer("sns", "list_subscriptions_by_topic", {"Subscriptions": found})
    if said:
        with pytest.raises(DisprovedError, match=said):
            proofs.alarms(account(session))
    else:
        assert proofs.alarms(account(session)) == "1 confirmed"


# --- The drill ------------------------------------------------------------------------------------

GUARD = f"{NAMES.prefix}-latency"
POLICY = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    },
    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": GUARD}]},
}


def endpoint(status: str, configuration: str) -> dict[str, Any]:
    arn = NAMES.arn("sagemaker", f"endpoint/{NAMES.prefix}")
    about = {"EndpointName": NAMES.prefix, "EndpointArn": arn, "EndpointStatus": status}
    times = {"CreationTime": NOW, "LastModifiedTime": NOW}
    return {**about, **times, "EndpointConfigName": configuration, "LastDeploymentConfig": POLICY}


@pytest.fixture
def drilled(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """An endpoint that is updated to the drill's configuration, while its guard alarm rings."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    session = Session()
    about = endpoint("InService", "old")
    listed = {key: value for key, value in about.items() if "Config" not in key}
    session.answer("sagemaker", "list_endpoints", {"Endpoints": [listed]})
    session.answer("sagemaker", "describe_endpoint", endpoint("InService", "old"))
    variant = {
        "VariantName": "main",
        "ModelName": "m",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 2,
    }
    arn = NAMES.arn("sagemaker", "endpoint-config/old")
    old = {
        "EndpointConfigName": "old",
        "EndpointConfigArn": arn,
        "CreationTime": NOW,
        "ProductionVariants": [variant],
    }
    session.answer("sagemaker", "describe_endpoint_config", old)
    session.answer(
        "sagemaker",
        "create_endpoint_config",
        {"EndpointConfigArn": arn},
        {"EndpointConfigName": ANY, "ProductionVariants": [variant]},
    )
    session.answer(
        "sagemaker",
        "update_endpoint",
        {"EndpointArn": endpoint("", "")["EndpointArn"]},
        {"EndpointName": NAMES.prefix, "EndpointConfigName": ANY, "DeploymentConfig": POLICY},
    )
    session.answer("sagemaker", "describe_endpoint", endpoint("Updating", "old"))
    asked = {"AlarmName": GUARD, "StateValue": "ALARM", "StateReason": ANY}
    session.answer("cloudwatch", "set_alarm_state", {}, asked)
    yield session
    for stub in session.stubs.values():
        stub.assert_no_pending_responses()


def test_a_rollback_is_proven_by_the_old_configuration(drilled: Session) -> None:
    drilled.answer("sagemaker", "describe_endpoint", endpoint("InService", "old"))
    drilled.answer("sagemaker", "describe_endpoint", endpoint("InService", "old"))
    drilled.answer("sagemaker", "delete_endpoint_config", {}, {"EndpointConfigName": ANY})
    assert "with old again" in rollback.drill(account(drilled))


def test_a_drill_that_was_not_rolled_back_is_a_failure(drilled: Session) -> None:
    drilled.answer("sagemaker", "describe_endpoint", endpoint("InService", "new"))
    drilled.answer("sagemaker", "describe_endpoint", endpoint("InService", "new"))
    with pytest.raises(DisprovedError, match="it serves new now"):
        rollback.drill(account(drilled))


def test_there_is_no_drill_in_prod() -> None:
    with pytest.raises(NotYetError, match="no drill in prod"):
        rollback.drill(account(Session(), environment="prod"))
