"""Each resource stands for API calls, and each call is one that AWS's service model allows."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from infra import project
from infra.names import ACCOUNT, DIGEST, ENVIRONMENTS, PROGRAMS, Names
from infra.rehearsal import record, requests, shapes
from infra.rehearsal.api import Call
from infra.rehearsal.computed import Made
from infra.rehearsal.written import written

NAMES = Names("triage", "dev", ACCOUNT, "eu-west-1")
ROLE = "arn:aws:iam::123456789012:role/serving"
RELEASE = project.Release(
    artifact="s3://artifacts/model.tar.gz",
    digest=DIGEST,
    package="arn:aws:sagemaker:eu-west-1:123456789012:model-package/triage/1",
)
VARIANT = {
    "variantName": "all",
    "modelName": "m",
    "instanceType": "ml.m5.large",
    "initialInstanceCount": 2,
}
ALARM = {
    "name": "errors",
    "comparisonOperator": "GreaterThanThreshold",
    "evaluationPeriods": 2,
    "metricName": "Invocation5XXErrors",
    "namespace": "AWS/SageMaker",
    "period": 60,
    "statistic": "Sum",
    "threshold": 1,
    "dimensions": {"EndpointName": "e", "VariantName": "all"},
}
# A property set that will do, by type; each fault below is one change to it.
SOUND: dict[str, dict[str, Any]] = {
    "aws:sagemaker/model:Model": {
        "executionRoleArn": ROLE,
        "primaryContainer": {"modelPackageName": RELEASE.package},
    },
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": {"productionVariants": [VARIANT]},
    "aws:cloudwatch/metricAlarm:MetricAlarm": ALARM,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
        "bucket": "data",
        "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}],
    },
    "aws:kms/key:Key": {
        "description": "data",
        "enableKeyRotation": True,
        "rotationPeriodInDays": 90,
    },
    "aws:iam/role:Role": {
        "name": "serving",
        "assumeRolePolicy": "{}",
        "tags": {"project": "triage"},
    },
    "aws:cloudwatch/logGroup:LogGroup": {"name": "/triage/dev", "retentionInDays": 90},
    "aws:ec2/vpc:Vpc": {"cidrBlock": "10.0.0.0/16", "enableDnsSupport": True, "tags": {"a": "b"}},
    "aws:sns/topic:Topic": {"name": "alarms", "kmsMasterKeyId": "alias/topic"},
    # What no environment has as it ships, and a setting brings.
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": {
        "alarmName": "all",
        "alarmRule": "ALARM(errors)",
        "actionsSuppressor": {"alarm": "window", "waitPeriod": 60, "extensionPeriod": 60},
    },
    "aws:ecr/repositoryPolicy:RepositoryPolicy": {"repository": "triage", "policy": "{}"},
    "aws:sagemaker/mlflowApp:MlflowApp": {
        "name": "triage",
        "artifactStoreUri": "s3://artifacts/mlflow",
        "roleArn": ROLE,
        "modelRegistrationMode": "AutoModelRegistrationEnabled",
    },
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": {
        "modelPackageGroupName": "triage",
        "resourcePolicy": "{}",
    },
    "aws:sns/topicSubscription:TopicSubscription": {
        "topic": "arn:aws:sns:eu-west-1:123456789012:alarms",
        "protocol": "email",
        "endpoint": "people@example.com",
        "rawMessageDelivery": False,
    },
}
FAULTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "wrong enum": (
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        {"productionVariants": [{**VARIANT, "instanceType": "ml.m5.largish"}]},
        "InstanceType",
    ),
    "wrong enum in another service": (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {"comparisonOperator": "Above"},
        "ComparisonOperator",
    ),
    "wrong enum, nested": (
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "rot13"}}]},
        "SSEAlgorithm",
    ),
    "bad pattern": (
        "aws:sagemaker/model:Model",
        {"executionRoleArn": "role-without-arn-prefix"},
        "Role",
    ),
    "unknown key": ("aws:sagemaker/model:Model", {"executionRol": ROLE}, "executionRol"),
    "unknown key, nested": (
        "aws:sagemaker/model:Model",
        {"primaryContainer": {"modelPackage": RELEASE.package}},
        "modelPackage",
    ),
    "unknown key beside a map": ("aws:sns/topic:Topic", {"kmsKey": "alias/topic"}, "kmsKey"),
    "too long": ("aws:iam/role:Role", {"name": "r" * 65}, "RoleName"),
    "out of range": ("aws:kms/key:Key", {"rotationPeriodInDays": 30}, "RotationPeriodInDays"),
    "wrong type": ("aws:cloudwatch/metricAlarm:MetricAlarm", {"threshold": "high"}, "Threshold"),
    "missing": ("aws:iam/role:Role", {"assumeRolePolicy": None}, "AssumeRolePolicyDocument"),
}


def calls(type_: str, props: dict[str, Any]) -> list[Call]:
    given = {key: value for key, value in props.items() if value is not None}
    return requests.calls(type_, Made(f"urn:pulumi:dev::p::{type_}::it", given, NAMES))


@cache
def recorded(program: str, environment: str) -> list[record.Resource]:
    release = RELEASE if program == "serving" else None
    return record.record(program, environment, written(program), release)


def violations(found: list[Call]) -> list[str]:
    return [f"{call.operation}: {wrong}" for call in found for wrong in call.violations()]


@pytest.mark.parametrize("type_", SOUND)
def test_what_is_sound_passes(type_: str) -> None:
    found = calls(type_, SOUND[type_])
    assert found
    assert not violations(found)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str) -> None:
    type_, change, place = FAULTS[fault]
    wrong = violations(calls(type_, {**SOUND[type_], **change}))
    assert wrong
    assert any(place in line for line in wrong)


def test_a_type_without_its_calls_is_an_error() -> None:
    with pytest.raises(KeyError, match="aws:sqs/queue:Queue is not in the table"):
        calls("aws:sqs/queue:Queue", {"name": "it"})


def test_properties_become_parameters_by_the_shape() -> None:
    """Maps to pairs, tags in the service's words, blocks out of lists, queries taken apart."""
    (key, _) = calls("aws:kms/key:Key", {**SOUND["aws:kms/key:Key"], "tags": {"project": "triage"}})
    assert key.params["Tags"] == [{"TagKey": "project", "TagValue": "triage"}]
    (alarm,) = calls("aws:cloudwatch/metricAlarm:MetricAlarm", ALARM)
    assert alarm.params["Dimensions"] == [
        {"Name": "EndpointName", "Value": "e"},
        {"Name": "VariantName", "Value": "all"},
    ]
    metric = {"metricName": "m", "namespace": "n", "period": 60, "stat": "Sum"}
    queries = [{"id": "a", "metric": metric, "returnData": True}]
    (summed,) = calls(
        "aws:cloudwatch/metricAlarm:MetricAlarm", {"name": "it", "metricQueries": queries}
    )
    stat = {"Metric": {"Namespace": "n", "MetricName": "m"}, "Period": 60, "Stat": "Sum"}
    assert summed.params["Metrics"] == [{"Id": "a", "ReturnData": True, "MetricStat": stat}]
    encryption = [{"encryptionType": "KMS", "kmsKey": "k"}]
    (repository,) = calls(
        "aws:ecr/repository:Repository", {"name": "it", "encryptionConfigurations": encryption}
    )
    assert repository.params["encryptionConfiguration"] == {"encryptionType": "KMS", "kmsKey": "k"}


def test_no_line_of_the_table_is_unproven() -> None:
    """A type that no environment registers as it ships has its example above."""
    registered = {
        resource.type
        for program in PROGRAMS
        for environment in ENVIRONMENTS
        for resource in recorded(program, environment)
    }
    assert set(requests.MAKES) <= registered | set(SOUND)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_everything_that_a_program_registers_is_a_valid_request(
    program: str, environment: str, record_property: Callable[[str, object], None]
) -> None:
    names = Names(project.load().slug, environment, ACCOUNT, "eu-west-1")
    found = [
        (resource.urn, call)
        for resource in recorded(program, environment)
        if resource.type.startswith("aws:")
        for call in requests.calls(resource.type, Made(resource.urn, resource.props, names))
    ]
    assert found
    assert not [f"{urn}: {call.operation}: {w}" for urn, call in found for w in call.violations()]
    operations = {(call.service, call.operation) for _, call in found}
    unread = {pattern for operation in operations for pattern in shapes.unparsed(*operation)}
    record_property("calls", len(found))
    record_property("patterns that Python cannot read", len(unread))
    print(f"{program} {environment}: {len(found)} calls of {len(operations)} kinds hold; ", end="")
    print(f"{len(unread)} patterns could not be read, and nothing was held to them")
