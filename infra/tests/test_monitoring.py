"""The scheduled monitoring job."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra import project
from infra.components.monitoring import JobArgs, arguments, daily, definition
from infra.names import ACCOUNT, Names
from infra.rehearsal.record import ProgramError, Resource, configuration, record
from infra.rehearsal.shapes import violations
from infra.serving import settings as serving_settings

SCHEDULE = "cron(0 5 * * ? *)"
JOB = JobArgs(
    package="triage",
    image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/triage@sha256:" + "a" * 64,
    role_arn="arn:aws:iam::123456789012:role/triage-dev-monitoring",
    key_arn="arn:aws:kms:eu-west-1:123456789012:key/1",
    subnets=["subnet-1"],
    security_groups=["sg-1"],
    released="s3://artifacts/pipeline/models/1/package/model.tar.gz",
    captured="s3://data/capture/triage-dev/",
    results="s3://artifacts/monitoring",
    namespace="triage/dev",
    endpoint="triage-dev",
)


@pytest.fixture
def monitored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Resource]:
    """What serving registers where there is a job to run, a schedule and a release."""
    module = tmp_path / "monitor.py"
    module.touch()
    monkeypatch.setattr(serving_settings, "monitor_module", lambda: module)
    package = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/triage/1"
    released = project.Release(JOB.released, "0" * 64, package)
    return record("serving", "prod", {"monitoringSchedule": SCHEDULE}, released)


def prod() -> Names:
    """What everything is called in prod as it is shipped."""
    region = configuration("serving", "prod")["aws:region"]
    return Names(project.load().slug, "prod", ACCOUNT, region)


def only(resources: list[Resource], type_: str, name: str = "") -> dict[str, Any]:
    """The inputs of the one resource whose type and name end so."""
    (found,) = [one for one in resources if one.type.endswith(type_) and one.name.endswith(name)]
    return found.props


def test_without_a_schedule_there_is_no_job() -> None:
    package = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/triage/1"
    resources = record("serving", "prod", {}, project.Release(JOB.released, "0" * 64, package))
    assert not [one for one in resources if one.type.endswith("sagemaker/pipeline:Pipeline")]


def test_a_schedule_without_a_module_to_run_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    module = project.ROOT / "src" / "nothing" / "monitor.py"
    monkeypatch.setattr(serving_settings, "monitor_module", lambda: module)
    with pytest.raises(ProgramError, match=r"there is no src/nothing/monitor\.py for it to run"):
        record("serving", "prod", {"monitoringSchedule": SCHEDULE})


def test_before_a_release_there_is_nothing_to_monitor(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "monitor.py").touch()
    monkeypatch.setattr(serving_settings, "monitor_module", lambda: tmp_path / "monitor.py")
    resources = record("serving", "prod", {"monitoringSchedule": SCHEDULE})
    assert [one.type for one in resources if one.custom] == ["aws:cloudwatch/dashboard:Dashboard"]


def test_job_runs_the_same_command_as_on_a_laptop(monitored: list[Resource]) -> None:
    text = only(monitored, "sagemaker/pipeline:Pipeline")["pipelineDefinition"]
    (step,) = json.loads(text)["Steps"]
    job = step["Arguments"]
    assert job["AppSpecification"]["ContainerEntrypoint"] == [
        "python",
        "-m",
        f"{project.load().package}.monitor",
    ]
    assert "@sha256:" in job["AppSpecification"]["ImageUri"]
    assert job["RoleArn"] == prod().role_arn("monitoring")
    assert job["Environment"]["METRICS_NAMESPACE"] == prod().namespace
    assert "CacheConfig" not in step


def test_job_reads_the_release_and_what_was_captured(monitored: list[Resource]) -> None:
    text = only(monitored, "sagemaker/pipeline:Pipeline")["pipelineDefinition"]
    (step,) = json.loads(text)["Steps"]
    inputs = {
        one["InputName"]: one["S3Input"]["S3Uri"] for one in step["Arguments"]["ProcessingInputs"]
    }
    assert inputs == {
        "released": JOB.released,
        "capture": f"s3://{prod().bucket('data')}/capture/{prod().prefix}/",
    }


def test_schedule_starts_the_job_as_the_trigger_role(monitored: list[Resource]) -> None:
    schedule = only(monitored, "scheduler/schedule:Schedule")
    assert schedule["scheduleExpression"] == SCHEDULE
    assert schedule["target"]["arn"].endswith(f":pipeline/{prod().prefix}-monitor")
    assert schedule["target"]["roleArn"] == prod().role_arn("trigger")


def test_a_run_that_does_not_happen_is_an_alarm(monitored: list[Resource]) -> None:
    alarm = only(monitored, ":MetricAlarm", "missing")
    assert alarm["metricName"] == "ExecutionSucceeded"
    assert alarm["dimensions"] == {"PipelineName": f"{prod().prefix}-monitor"}
    assert alarm["comparisonOperator"] == "LessThanThreshold"
    assert alarm["treatMissingData"] == "breaching"
    # CloudWatch looks back seven days at most.
    assert alarm["period"] * alarm["evaluationPeriods"] <= 7 * 24 * 3600
    assert alarm["alarmActions"][0].endswith(":" + prod().topic)


def test_a_run_that_fails_is_told(monitored: list[Resource]) -> None:
    rule = json.loads(only(monitored, ":EventRule")["eventPattern"])
    pipeline = prod().arn("sagemaker", f"pipeline/{prod().prefix}-monitor")
    assert rule["detail"]["pipelineArn"] == [pipeline]


def requested(job: JobArgs) -> dict[str, Any]:
    """The request that the step stands for, its variables filled in as the service does."""
    made = json.loads(json.dumps(arguments(job)))
    (output,) = made["ProcessingOutputConfig"]["Outputs"]
    parts = output["S3Output"]["S3Uri"]["Std:Join"]["Values"]
    output["S3Output"]["S3Uri"] = "/".join(one if isinstance(one, str) else "1" for one in parts)
    return {"ProcessingJobName": "pipelines-1-monitor", **made}


@pytest.mark.parametrize("job", [JOB, replace(JOB, subnets=[], security_groups=[])])
def test_job_is_a_request_that_sagemaker_takes(job: JobArgs) -> None:
    assert violations("sagemaker", "CreateProcessingJob", requested(job)) == []


def test_job_without_a_network_has_no_empty_one() -> None:
    network = arguments(replace(JOB, subnets=[], security_groups=[]))["NetworkConfig"]
    assert "VpcConfig" not in network


def test_job_writes_and_stores_under_our_key() -> None:
    job = arguments(JOB)
    assert job["ProcessingOutputConfig"]["KmsKeyId"] == JOB.key_arn
    assert job["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"] == JOB.key_arn


def test_definition_has_no_experiment() -> None:
    assert definition(JOB)["PipelineExperimentConfig"] is None


@pytest.mark.parametrize(
    ("schedule", "is_daily"),
    [
        ("cron(0 5 * * ? *)", True),
        ("cron(0 */6 ? * * *)", True),
        ("rate(1 day)", True),
        ("rate(24 hours)", True),
        ("rate(25 hours)", False),
        ("rate(7 days)", False),
        ("cron(0 5 ? * MON *)", False),
        ("cron(0 5 1 * ? *)", False),
        ("0 5 * * *", False),
    ],
)
def test_a_schedule_runs_each_day_or_is_refused(schedule: str, is_daily: bool) -> None:
    assert daily(schedule) == is_daily
