"""Program 2, as it registers with the engine."""

import hashlib
import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra import project
from infra.components import pipeline as pipelines
from infra.components.log_group import RETENTION_DAYS
from infra.errors import UserError
from infra.names import ACCOUNT, CIPHERTEXT, Names
from infra.rehearsal.record import ProgramError, Resource, configuration, record
from infra.rehearsal.written import written
from infra.training.settings import TrainingSettings

DIGEST = "sha256:" + "a" * 64
IMAGES = {**written("training"), "trainImage": DIGEST, "serveImage": DIGEST}
GIVEN = {
    "environment": "dev",
    "region": "eu-west-1",
    "account": ACCOUNT,
    "maxHours": 4,
    "logGroups": "create",
    **IMAGES,
}


def names(environment: str) -> Names:
    """What everything is called in an environment as it is shipped."""
    region = configuration("training", environment)["aws:region"]
    return Names(project.load().slug, environment, ACCOUNT, region)


@cache
def training(environment: str, **settings: Any) -> list[Resource]:
    """What the program registers with images that were pushed."""
    return record("training", environment, {**IMAGES, **settings})


def only(resources: list[Resource], type_: str, name: str = "") -> Resource:
    """The one resource whose type and name end so."""
    (found,) = [one for one in resources if one.type.endswith(type_) and one.name.endswith(name)]
    return found


def test_without_images_says_what_pushes_them() -> None:
    with pytest.raises(ProgramError, match=r"trainImage .* is missing .*make push ENV=staging"):
        record("training", "staging", {"trainImage": None, "serveImage": None})


def test_a_tag_is_no_image() -> None:
    with pytest.raises(ProgramError, match=r"trainImage .* is 'latest'.*make push ENV=dev"):
        training("dev", trainImage="latest")


@pytest.mark.usefixtures("pseudonyms")
@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_without_the_key_of_pseudonyms_says_what_encrypts_it(environment: str) -> None:
    said = rf"pseudonymKey .* is missing: .*\(`make pseudonym-key ENV={environment}`\)"
    with pytest.raises(ProgramError, match=said):
        record("training", environment, {**IMAGES, "pseudonymKey": None})


@pytest.mark.usefixtures("pseudonyms")
def test_the_encrypted_key_of_pseudonyms_is_told_to_ingest_alone() -> None:
    resources = record("training", "dev", {**IMAGES, "pseudonymKey": CIPHERTEXT})
    text = only(resources, ":BucketObjectv2", "definition-object").props["content"]
    (told,) = [s for s in json.loads(text)["Steps"] if CIPHERTEXT in json.dumps(s)]
    assert told["Name"] == "ingest"
    assert told["Arguments"]["RoleArn"] == names("dev").role_arn("ingest")


@pytest.mark.usefixtures("no_pseudonyms")
def test_a_key_that_nothing_uses_is_refused_with_the_line_that_takes_it_away() -> None:
    said = r"contract.yaml asks for no pseudonyms \(`pulumi config rm pseudonymKey --stack dev`\)"
    with pytest.raises(ProgramError, match=said):
        record("training", "dev", {**IMAGES, "pseudonymKey": CIPHERTEXT})


@pytest.mark.usefixtures("pseudonyms")
@pytest.mark.parametrize("key", ["no key", "AQI", f"{CIPHERTEXT}AQID{CIPHERTEXT}"])
def test_what_kms_did_not_encrypt_is_refused(key: str) -> None:
    with pytest.raises(UserError, match=r"pseudonymKey .*\(`make pseudonym-key ENV=dev`\)"):
        TrainingSettings.of({**GIVEN, "pseudonymKey": key})


def test_a_key_in_clear_is_refused_and_not_shown() -> None:
    key = "0f" * 32
    with pytest.raises(UserError, match="pseudonymKey is a key in clear") as error:
        TrainingSettings.of({**GIVEN, "pseudonymKey": key})
    assert key not in str(error.value)
    assert "make pseudonym-key ENV=dev" in str(error.value)


def test_pipeline_can_be_found_and_runs_as_its_own_role() -> None:
    props = only(training("dev"), ":Pipeline", "-pipeline").props
    dev = names("dev")
    assert props["pipelineName"] == props["pipelineDisplayName"] == dev.prefix
    assert props["roleArn"] == dev.role_arn("pipeline")
    assert props["parallelismConfiguration"] == {"maxParallelExecutionSteps": 2}


def test_small_definition_is_part_of_the_request() -> None:
    resources = training("dev")
    props = only(resources, "sagemaker/pipeline:Pipeline").props
    stored = only(resources, ":BucketObjectv2", "definition-object").props
    assert props["pipelineDefinition"] == stored["content"]
    assert not props.get("pipelineDefinitionS3Location")


def test_large_definition_goes_through_s3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines, "INLINE_BYTES", 100)
    resources = record("training", "dev", IMAGES)
    definition = only(resources, "sagemaker/pipeline:Pipeline")
    stored = only(resources, ":BucketObjectv2", "definition-object")
    assert not definition.props.get("pipelineDefinition")
    assert definition.props["pipelineDefinitionS3Location"] == {
        "bucket": stored.props["bucket"],
        "objectKey": stored.props["key"],
    }
    assert stored.urn in definition.dependencies


def test_definition_stays_inline_up_to_100_kib_of_bytes() -> None:
    assert pipelines.is_inline("x" * 102_400)
    assert not pipelines.is_inline("x" * 102_401)
    assert not pipelines.is_inline("é" * 51_201)


def test_definition_names_images_by_digest_and_the_stored_params() -> None:
    resources = training("dev")
    text = only(resources, ":BucketObjectv2", "definition-object").props["content"]
    stored = only(resources, ":BucketObjectv2", "params-object").props
    digest = hashlib.sha256((project.ROOT / "params.yaml").read_bytes()).hexdigest()
    parameters = {one["Name"]: one["DefaultValue"] for one in json.loads(text)["Parameters"]}
    assert stored["key"] == f"params/{digest}/params.yaml"
    assert stored["content"].encode() == (project.ROOT / "params.yaml").read_bytes()
    assert parameters["Params"] == digest
    assert f"@{DIGEST}" in text
    assert ":latest" not in text


def test_what_an_execution_may_still_read_is_never_deleted() -> None:
    objects = [one for one in training("dev") if one.type.endswith(":BucketObjectv2")]
    assert len(objects) == 2
    for one in objects:
        assert one.retain_on_delete, one.name
        assert one.props["serverSideEncryption"] == "aws:kms"
        assert one.props["kmsKeyId"]


def test_failure_is_told_with_the_execution() -> None:
    resources = training("prod")
    pattern = json.loads(only(resources, ":EventRule", "failed-rule").props["eventPattern"])
    target = only(resources, ":EventTarget", "failed-target").props
    assert pattern["source"] == ["aws.sagemaker"]
    assert pattern["detail"] == {
        "pipelineArn": [names("prod").arn("sagemaker", f"pipeline/{names('prod').prefix}")],
        "currentPipelineExecutionStatus": ["Failed"],
    }
    transformer = target["inputTransformer"]
    assert target["arn"].endswith(":" + names("prod").topic)
    assert transformer["inputPaths"]["execution"] == "$.detail.pipelineExecutionArn"
    # SNS takes a text only as a JSON string, and every path must come to stand in it.
    text = json.loads(transformer["inputTemplate"])
    assert all(f"<{path}>" in text for path in transformer["inputPaths"])


def test_long_execution_is_an_alarm_in_milliseconds() -> None:
    alarm = only(training("dev", maxHours=3), ":MetricAlarm", "duration").props
    assert alarm["namespace"] == "AWS/Sagemaker/ModelBuildingPipeline"
    assert alarm["metricName"] == "ExecutionDuration"
    assert alarm["threshold"] == 3 * 3600 * 1000
    assert alarm["dimensions"] == {"PipelineName": names("dev").prefix}
    assert alarm["treatMissingData"] == "notBreaching"


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_every_alarm_tells_the_topic(environment: str) -> None:
    alarms = [one for one in training(environment) if one.type.endswith(":MetricAlarm")]
    assert alarms
    for alarm in alarms:
        (action,) = alarm.props["alarmActions"]
        assert action.endswith(":" + names(environment).topic), alarm.name
        assert alarm.props["name"].startswith(names(environment).prefix + "-")


def test_dev_starts_nothing_by_itself() -> None:
    resources = training("dev")
    assert not [one for one in resources if one.type.endswith((":Schedule", ":NewDataTrigger"))]


def test_schedule_starts_the_pipeline_as_the_trigger_role() -> None:
    resources = training("dev", schedule="rate(7 days)")
    schedule = only(resources, "scheduler/schedule:Schedule").props
    assert schedule["scheduleExpression"] == "rate(7 days)"
    assert schedule["scheduleExpressionTimezone"] == "UTC"
    assert schedule["target"]["arn"].endswith(f":pipeline/{names('dev').prefix}")
    assert schedule["target"]["roleArn"] == names("dev").role_arn("trigger")


def test_new_data_starts_one_execution_by_its_manifest() -> None:
    resources = training("dev", newDataTrigger=True)
    pattern = json.loads(only(resources, ":EventRule", "new-data-rule").props["eventPattern"])
    assert pattern["detail"] == {
        "bucket": {"name": [names("dev").bucket("data")]},
        "object": {"key": ["source/current/manifest.json"]},
    }
    target = only(resources, ":EventTarget", "new-data-target").props
    assert target["arn"].endswith(f":pipeline/{names('dev').prefix}")
    assert target["roleArn"] == names("dev").role_arn("trigger")
    refused = only(resources, ":MetricAlarm", "refused").props
    assert refused["metricName"] == "FailedInvocations"


def test_logs_of_jobs_have_a_key_and_an_end() -> None:
    groups = [one for one in training("dev") if one.type.endswith(":LogGroup")]
    assert {one.props["name"] for one in groups} == {
        "/aws/sagemaker/ProcessingJobs",
        "/aws/sagemaker/TrainingJobs",
        "/aws/sagemaker/TransformJobs",
    }
    for group in groups:
        assert group.props["kmsKeyId"]
        assert group.props["retentionInDays"] == 365


def test_logs_that_an_account_has_already_are_left_alone() -> None:
    resources = training("dev", logGroups="existing")
    assert not [one for one in resources if one.type.endswith(":LogGroup")]


def test_everything_that_can_be_is_tagged() -> None:
    resources = training("prod")
    tagged = [one for one in resources if one.type.endswith((":Pipeline", ":MetricAlarm"))]
    for one in [one for one in tagged if one.custom]:
        assert one.props["tags"]["environment"] == "prod", one.name


@given(st.integers(-5, 4000))
def test_logs_are_kept_as_long_as_cloudwatch_can(days: int) -> None:
    values = {**GIVEN, "logRetentionDays": days}
    if days in RETENTION_DAYS:
        assert TrainingSettings.of(values).log_retention_days == days
    else:
        with pytest.raises(UserError, match=f"logRetentionDays is {days}"):
            TrainingSettings.of(values)


@pytest.mark.parametrize("schedule", ["0 3 * * 1", "cron(0 3 * * 1)", "every day", "rate(day)"])
def test_a_schedule_that_eventbridge_cannot_read_is_refused(schedule: str) -> None:
    with pytest.raises(UserError, match=r"schedule .* is "):
        TrainingSettings.of({**GIVEN, "schedule": schedule})
