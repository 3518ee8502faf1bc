"""Program 3, as it registers with the engine: what is there before a release, and in each shape."""

import json
from functools import cache
from typing import Any

import pytest

from infra import project
from infra.names import ACCOUNT, ENVIRONMENTS, Names
from infra.rehearsal.record import ProgramError, Resource, configuration, record
from infra.serving.shapes import SHAPES

ARCHIVE = "s3://artifacts/pipeline/models/1/package/model.tar.gz"


def names(environment: str) -> Names:
    """What everything is called in an environment as it is shipped."""
    region = configuration("serving", environment)["aws:region"]
    return Names(project.load().slug, environment, ACCOUNT, region)


def release(artifact: str = ARCHIVE, version: int | None = 1) -> project.Release:
    """A released model."""
    package = names("dev").arn("sagemaker", f"model-package/{names('dev').slug}/{version}")
    return project.Release(artifact, "0" * 64, package if version else None)


@cache
def serving(environment: str = "prod", **settings: Any) -> list[Resource]:
    """What the program registers with a released model."""
    return record("serving", environment, settings, release())


def only(resources: list[Resource], type_: str) -> Resource:
    """The one resource whose type ends so."""
    (found,) = of(resources, type_)
    return found


def of(resources: list[Resource], type_: str) -> list[Resource]:
    """The resources whose type ends so."""
    return [one for one in resources if one.type.endswith(type_)]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_first_deployment_has_a_dashboard_and_no_endpoint(environment: str) -> None:
    resources = [one for one in record("serving", environment) if one.custom]
    assert [one.type for one in resources] == ["aws:cloudwatch/dashboard:Dashboard"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_release_has_an_endpoint_of_that_name(environment: str) -> None:
    resources = serving(environment)
    model, endpoint = only(resources, "/model:Model"), only(resources, "/endpoint:Endpoint")
    fleet = only(resources, ":EndpointConfiguration")
    (variant,) = fleet.props["productionVariants"]
    assert endpoint.props["name"] == names(environment).prefix
    assert endpoint.props["endpointConfigName"] == fleet.outputs["name"]
    assert variant["modelName"] == model.outputs["name"]
    assert model.props["primaryContainer"] == {"modelPackageName": release().package}
    assert model.props["executionRoleArn"] == names(environment).role_arn("serving")


def test_release_without_a_package_says_how_to_promote() -> None:
    with pytest.raises(ProgramError, match=r"names no package for dev.*make promote"):
        record("serving", "dev", {}, release(version=None))


@pytest.mark.parametrize("shape", ["serverless", "batch"])
def test_shapes_that_need_an_archive_refuse_a_prefix(shape: str) -> None:
    with pytest.raises(ProgramError, match=r"only from one \.tar\.gz"):
        record("serving", "dev", {"shape": shape}, release("s3://artifacts/pipeline/runs/1/train/"))


def test_realtime_serves_a_prefix_too() -> None:
    resources = record("serving", "dev", {}, release("s3://artifacts/pipeline/runs/1/train/"))
    assert only(resources, "/endpoint:Endpoint")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_models_and_configurations_are_unnamed_and_kept(environment: str) -> None:
    resources = serving(environment)
    for one in (*of(resources, "/model:Model"), *of(resources, ":EndpointConfiguration")):
        assert not one.props.get("name"), one.type
        assert one.retain_on_delete, one.type
        # With Pulumi's seven digits and a hyphen it must stay within SageMaker's 63.
        assert len(one.name) <= 55
        assert one.name.startswith(names(environment).prefix)


@pytest.mark.parametrize("shape", ["realtime", "serverless"])
def test_endpoint_is_protected_and_rolls_back_from_its_first_deployment(shape: str) -> None:
    resources = serving("dev", shape=shape)
    endpoint = only(resources, "/endpoint:Endpoint")
    rollback = endpoint.props["deploymentConfig"]["autoRollbackConfiguration"]
    alarms = [one for one in of(resources, ":MetricAlarm") if "Endpoint" in str(one.props)]
    assert endpoint.protect
    assert {one["alarmName"] for one in rollback["alarms"]} == {one.props["name"] for one in alarms}
    assert set(endpoint.dependencies) >= {one.urn for one in alarms}
    assert set(endpoint.hooks) == {"before_update", "after_create", "after_update"}


def test_names_in_the_rollback_block_never_change() -> None:
    blocks = [
        only(record("serving", "prod", settings, released), "/endpoint:Endpoint").props[
            "deploymentConfig"
        ]["autoRollbackConfiguration"]
        for settings, released in (
            ({}, release()),
            ({"latencyAlarmMs": 17, "instanceType": "ml.c5.xlarge"}, release(version=2)),
        )
    ]
    assert blocks[0] == blocks[1]


def test_alarms_see_the_new_fleet_alone() -> None:
    resources = serving()
    fleet = only(resources, ":EndpointConfiguration")
    for alarm in of(resources, ":MetricAlarm"):
        assert alarm.props["dimensions"] == {
            "EndpointName": names("prod").prefix,
            "VariantName": "main",
            "EndpointConfigName": fleet.outputs["name"],
        }


def test_alarms_speak_the_metrics_units() -> None:
    alarms = {
        one.props["metricName"]: one.props
        for one in of(serving(latencyAlarmMs=250), ":MetricAlarm")
    }
    latency = alarms["ModelLatency"]
    assert latency["threshold"] == 250_000  # microseconds
    assert latency["extendedStatistic"] == "p99"
    assert not latency.get("statistic")
    # Averages of these are shares of the requests.
    for metric in ("Invocation5XXErrors", "InvocationModelErrors"):
        assert alarms[metric]["statistic"] == "Average"
        assert 0 < alarms[metric]["threshold"] < 1


def test_alarms_are_quiet_without_requests_and_tell_the_topic() -> None:
    alarms = of(serving(), ":MetricAlarm")
    assert len(alarms) == 3
    for alarm in alarms:
        assert alarm.props["treatMissingData"] == "notBreaching"
        assert alarm.props["alarmActions"][0].endswith(":" + names("prod").topic)


def test_the_variant_has_one_name_in_every_environment() -> None:
    found = {
        only(serving(one), ":EndpointConfiguration").props["productionVariants"][0]["variantName"]
        for one in ENVIRONMENTS
    }
    assert found == {"main"}


def test_prod_tries_a_model_on_a_part_of_two_instances_or_more() -> None:
    resources = serving("prod")
    policy = only(resources, "/endpoint:Endpoint").props["deploymentConfig"][
        "blueGreenUpdatePolicy"
    ]
    routing = policy["trafficRoutingConfiguration"]
    (variant,) = only(resources, ":EndpointConfiguration").props["productionVariants"]
    assert variant["initialInstanceCount"] >= 2
    assert routing["type"] == "CANARY"
    assert routing["canarySize"]["value"] <= 50


def test_dev_has_one_instance_and_no_canary() -> None:
    resources = serving("dev", minInstances=1, canaryPercent=None)
    policy = only(resources, "/endpoint:Endpoint").props["deploymentConfig"][
        "blueGreenUpdatePolicy"
    ]
    (variant,) = only(resources, ":EndpointConfiguration").props["productionVariants"]
    assert variant["initialInstanceCount"] == 1
    assert policy["trafficRoutingConfiguration"]["type"] == "ALL_AT_ONCE"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_whole_shift_ends_before_the_provider_gives_up(environment: str) -> None:
    policy = only(serving(environment), "/endpoint:Endpoint").props["deploymentConfig"][
        "blueGreenUpdatePolicy"
    ]
    waits = policy["trafficRoutingConfiguration"]["waitIntervalInSeconds"]
    timeout = policy["maximumExecutionTimeoutInSeconds"]
    assert timeout < 60 * 60
    assert waits + policy["terminationWaitInSeconds"] < timeout


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"canaryPercent": 51}, "canaryPercent is 51"),
        ({"canaryPercent": 0}, "canaryPercent is 0"),
        ({"minInstances": 1}, "minInstances is 1: a canary needs two"),
        ({"canaryWaitSeconds": 60}, "canaryWaitSeconds is 60"),
        ({"canaryWaitSeconds": 3600}, "canaryWaitSeconds is 3600"),
        ({"maxInstances": 1}, "maxInstances is 1, and minInstances 2"),
        ({"instanceType": "ml.m5d.large"}, "ml.m5d.large, which has local disks"),
        ({"capturePercent": 0}, "capturePercent .* is 0"),
        ({"logRetentionDays": 366}, "logRetentionDays is 366"),
        ({"shape": "edge"}, "shape .* is 'edge'"),
        ({"monitoringSchedule": "rate(7 days)"}, "a day without a run is an alarm"),
        (
            {"monitoringSchedule": "cron(0 5 * * ? *)", "capturePercent": None},
            "no requests are kept",
        ),
    ],
)
def test_what_sagemaker_would_refuse_is_refused_first(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ProgramError, match=said):
        serving("prod", **settings)


def test_every_deployment_starts_at_the_scaling_minimum() -> None:
    resources = serving("prod", minInstances=3)
    target = only(resources, ":Target").props
    (variant,) = only(resources, ":EndpointConfiguration").props["productionVariants"]
    assert target["minCapacity"] == variant["initialInstanceCount"] == 3
    assert target["maxCapacity"] == 6


def test_scaling_comes_after_the_endpoint() -> None:
    resources = serving("prod")
    endpoint, target = only(resources, "/endpoint:Endpoint"), only(resources, ":Target")
    policy = only(resources, "appautoscaling/policy:Policy")
    assert target.props["resourceId"] == f"endpoint/{names('prod').prefix}/variant/main"
    assert endpoint.urn in target.dependencies
    assert target.urn in policy.dependencies
    assert target.delete_before_replace


def test_volumes_and_captured_requests_are_under_our_key() -> None:
    fleet = only(serving("prod", capturePercent=7), ":EndpointConfiguration").props
    capture = fleet["dataCaptureConfig"]
    assert fleet["kmsKeyArn"] == capture["kmsKeyId"]
    assert capture["initialSamplingPercentage"] == 7
    assert capture["destinationS3Uri"] == f"s3://{names('prod').bucket('data')}/capture"
    assert [one["captureMode"] for one in capture["captureOptions"]] == ["Input", "Output"]


def test_endpoint_waits_for_its_log_group() -> None:
    resources = serving("prod")
    group = only(resources, "cloudwatch/logGroup:LogGroup")
    assert group.props["name"] == f"/aws/sagemaker/Endpoints/{names('prod').prefix}"
    assert group.props["kmsKeyId"]
    assert group.urn in only(resources, "/endpoint:Endpoint").dependencies


def test_the_table_gives_no_shape_what_sagemaker_refuses_it() -> None:
    has = {
        name: {one for one, given in vars(shape).items() if given} for name, shape in SHAPES.items()
    }
    assert has == {
        "realtime": {"endpoint", "instances", "network", "capture", "canary"},
        "serverless": {"endpoint", "archive"},
        "batch": {"network", "archive"},
    }


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_gets_what_the_table_gives_it(shape: str) -> None:
    has = SHAPES[shape]  # type: ignore[index]
    resources = serving("prod", shape=shape)
    model = only(resources, "/model:Model").props
    assert bool(model.get("vpcConfig")) == bool(model["enableNetworkIsolation"]) == has.network
    assert len(of(resources, "/endpoint:Endpoint")) == has.endpoint
    assert len(of(resources, ":Target")) == has.instances
    for one in of(resources, ":EndpointConfiguration"):
        (variant,) = one.props["productionVariants"]
        assert bool(variant.get("instanceType")) == has.instances
        assert bool(variant.get("serverlessConfig")) != has.instances
        assert bool(one.props.get("kmsKeyArn")) == has.instances
        assert bool(one.props.get("dataCaptureConfig")) == has.capture
    for endpoint in of(resources, "/endpoint:Endpoint"):
        policy = endpoint.props["deploymentConfig"]["blueGreenUpdatePolicy"]
        canary = policy["trafficRoutingConfiguration"]["type"] == "CANARY"
        assert canary == has.canary
        assert "rollingUpdatePolicy" not in endpoint.props["deploymentConfig"]


def test_serverless_is_as_large_as_the_settings_say() -> None:
    resources = serving("dev", shape="serverless", memoryMb=4096, maxConcurrency=9)
    (variant,) = only(resources, ":EndpointConfiguration").props["productionVariants"]
    assert variant["serverlessConfig"] == {"memorySizeInMb": 4096, "maxConcurrency": 9}


def test_dashboard_shows_the_alarms_that_there_are() -> None:
    resources = serving("prod")
    body = json.loads(only(resources, "cloudwatch/dashboard:Dashboard").props["dashboardBody"])
    (shown,) = [one["properties"]["alarms"] for one in body["widgets"] if one["type"] == "alarm"]
    assert set(shown) == {one.outputs["arn"] for one in of(resources, ":MetricAlarm")}


def test_everything_that_can_be_is_tagged() -> None:
    for one in serving("prod"):
        if one.type.startswith("aws:sagemaker"):
            assert one.props["tags"]["environment"] == "prod", one.type
