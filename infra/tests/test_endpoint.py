"""What is asked of SageMaker while an endpoint is deployed, and how long a deployment may take."""

from collections.abc import Callable, Iterator

import boto3
import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from infra.components import endpoint_hooks
from infra.components.guardrails import SECONDS
from infra.components.rollout import (
    BAKE_SECONDS,
    LONGEST_WAIT,
    START_SECONDS,
    TIMEOUT_SECONDS,
    Canary,
    blue_green,
)
from infra.errors import UserError
from infra.rehearsal.rehearsal import Done

REGION = "eu-west-1"
ROLE = "arn:aws:iam::123456789012:role/serving"
RESOURCE = "endpoint/triage/variant/main"
DIMENSION = "sagemaker:variant:DesiredInstanceCount"


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Call a hook as the engine does after or before the deployment of a configuration.

    The endpoint serves `old`, and is scaled. `new` is on the same type of instance, `larger` not.
    """
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    # There is no engine here to register with.
    monkeypatch.setattr("pulumi.resource_hooks.register_resource_hook", lambda _: None)

    def call(name: str, configuration: str) -> None:
        made = getattr(endpoint_hooks, name)("triage", REGION)
        inputs = {"name": "triage", "endpointConfigName": configuration}
        made(pulumi.ResourceHookArgs("urn", "triage", "triage", "endpoint", new_inputs=inputs))

    with mock_aws():
        deploy()
        yield call


def deploy() -> None:
    """An endpoint with three configurations at hand, which autoscaling knows."""
    sagemaker = boto3.client("sagemaker", region_name=REGION)
    sagemaker.create_model(
        ModelName="model", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "image"}
    )
    for name, family in (("old", "m5"), ("new", "m5"), ("larger", "c5")):
        variant = {
            "VariantName": "main",
            "ModelName": "model",
            "InitialInstanceCount": 2,
            "InstanceType": f"ml.{family}.large",
            "InitialVariantWeight": 1.0,
        }
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="triage", EndpointConfigName="old")
    boto3.client("application-autoscaling", region_name=REGION).register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId=RESOURCE,
        ScalableDimension=DIMENSION,
        MinCapacity=2,
        MaxCapacity=4,
    )


def scaled() -> list[str]:
    """What is registered with autoscaling."""
    found = boto3.client("application-autoscaling", region_name=REGION).describe_scalable_targets(
        ServiceNamespace="sagemaker"
    )
    return [target["ResourceId"] for target in found["ScalableTargets"]]


def test_a_deployment_that_is_served_passes(hook: Callable[[str, str], None]) -> None:
    hook("serves_what_was_deployed", "old")


def test_a_rollback_fails_the_update_and_says_what_happened(
    hook: Callable[[str, str], None],
) -> None:
    # The engine was told that `new` is deployed; the endpoint still serves `old`.
    with pytest.raises(UserError) as error:
        hook("serves_what_was_deployed", "new")
    said = str(error.value)
    assert "does not serve new" in said
    assert "rolled back to old" in said
    assert "pulumi up --refresh" in said


def test_a_rollback_is_told_in_the_words_of_aws() -> None:
    found = {
        "EndpointConfigName": "old",
        "EndpointStatus": "InService",
        "FailureReason": "alarm triage-latency is in ALARM",
    }
    said = endpoint_hooks.rolled_back("triage", "new", found)
    assert "alarm triage-latency is in ALARM" in said


def test_another_type_of_instance_leaves_autoscaling_first(
    hook: Callable[[str, str], None],
) -> None:
    hook("gives_scaling_up", "larger")
    assert scaled() == []


def test_another_model_on_the_same_type_keeps_its_scaling(
    hook: Callable[[str, str], None],
) -> None:
    hook("gives_scaling_up", "new")
    assert scaled() == [RESOURCE]


def test_an_endpoint_that_is_not_scaled_may_change_its_type(
    hook: Callable[[str, str], None],
) -> None:
    boto3.client("application-autoscaling", region_name=REGION).deregister_scalable_target(
        ServiceNamespace="sagemaker", ResourceId=RESOURCE, ScalableDimension=DIMENSION
    )
    hook("gives_scaling_up", "larger")
    assert scaled() == []


def test_another_type_of_instance_is_scaled_anew_once_the_endpoint_has_it(
    life: dict[str, Done],
) -> None:
    sent = life["resized"].operations
    order = [
        "CreateEndpointConfig",
        "PutMetricAlarm",
        "UpdateEndpoint",
        "DeregisterScalableTarget",
        "RegisterScalableTarget",
        "PutScalingPolicy",
    ]
    assert [sent.index(one) for one in order] == sorted(sent.index(one) for one in order)


@given(st.integers(1, 50), st.integers(SECONDS + 1, LONGEST_WAIT), st.integers(2, 9))
def test_every_canary_that_is_let_through_ends_within_the_hour(
    percent: int, wait: int, instances: int
) -> None:
    policy = blue_green(Canary(percent, wait, instances))
    assert policy.maximum_execution_timeout_in_seconds == TIMEOUT_SECONDS < 3600
    assert wait + BAKE_SECONDS + START_SECONDS <= TIMEOUT_SECONDS
    # The alarms, which need three minutes, can go off while the canary is watched, and after.
    assert wait > SECONDS
    assert SECONDS < BAKE_SECONDS


@given(
    st.one_of(
        st.tuples(st.integers(51, 100) | st.integers(-9, 0), st.just(600), st.just(2)),
        st.tuples(st.just(10), st.integers(0, SECONDS), st.just(2)),
        st.tuples(st.just(10), st.integers(LONGEST_WAIT + 1, 9999), st.just(2)),
        st.tuples(st.just(10), st.just(600), st.integers(-1, 1)),
    )
)
def test_any_other_canary_is_refused(canary: tuple[int, int, int]) -> None:
    with pytest.raises(UserError, match="pulumi config set"):
        Canary(*canary)


def test_the_longest_canary_leaves_time_for_instances_to_start() -> None:
    assert LONGEST_WAIT >= 1800
