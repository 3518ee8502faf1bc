"""The rehearsal's provider: what it tells the engine, and what it refuses."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import botocore
import botocore.config
import pytest
from google.protobuf import json_format, struct_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import provider_pb2

from infra.rehearsal import cloud, computed, removals, replacement, requests
from infra.rehearsal.provider import Provider

MODEL = "aws:sagemaker/model:Model"
ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
POLICY = "aws:iam/policy:Policy"
ROLE = "arn:aws:iam::123456789012:role/serving"
PACKAGE = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/group/1"


class RefusalError(Exception):
    """What the provider told the engine instead of an answer."""


class Context:
    """The engine's end of a call."""

    def abort(self, _: Any, text: str) -> None:
        raise RefusalError(text)


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider("triage", cloud.Cloud("eu-west-1"))
    yield provider
    provider.cloud.close()


def urn(type_: str, name: str = "it") -> str:
    return f"urn:pulumi:dev::triage-serving::andaime:serving:Endpoint${type_}::{name}"


def struct(props: dict[str, Any]) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update(props)
    return made


def check(provider: Provider, type_: str, new: dict[str, Any], old: Any = None) -> dict[str, Any]:
    request = provider_pb2.CheckRequest(urn=urn(type_), news=struct(new), olds=struct(old or {}))
    return dict(json_format.MessageToDict(provider.Check(request, Context()).inputs))


def create(provider: Provider, type_: str, props: dict[str, Any], *, preview: bool = False) -> Any:
    request = provider_pb2.CreateRequest(urn=urn(type_), properties=struct(props), preview=preview)
    return provider.Create(request, Context())


def diff(provider: Provider, type_: str, old: dict[str, Any], new: dict[str, Any]) -> Any:
    request = provider_pb2.DiffRequest(urn=urn(type_), old_inputs=struct(old), news=struct(new))
    return provider.Diff(request, Context())


def test_a_made_up_name_is_kept_and_a_given_one_is_left_alone(provider: Provider) -> None:
    first = check(provider, MODEL, {"executionRoleArn": ROLE})
    assert first["name"].startswith("it-")
    assert check(provider, MODEL, {"executionRoleArn": ROLE}, first)["name"] == first["name"]
    assert check(provider, MODEL, {"executionRoleArn": ROLE})["name"] != first["name"]
    assert check(provider, MODEL, {"name": "mine"}) == {"name": "mine"}


def test_only_a_model_with_a_fixed_name_goes_before_the_next_one_comes(provider: Provider) -> None:
    old, new = ({"executionRoleArn": ROLE, "primaryContainer": {"image": tag}} for tag in "ab")
    unnamed = check(provider, MODEL, old)
    answer = diff(provider, MODEL, unnamed, check(provider, MODEL, new, unnamed))
    assert list(answer.replaces) == ["primaryContainer.image"]
    assert not answer.deleteBeforeReplace
    named = diff(provider, MODEL, {**old, "name": "mine"}, {**new, "name": "mine"})
    assert named.deleteBeforeReplace


def test_an_endpoint_changes_in_place_but_for_a_rollback_that_comes_or_goes(
    provider: Provider,
) -> None:
    def endpoint(configuration: str, *alarms: str) -> dict[str, Any]:
        rollback = {"alarms": [{"alarmName": alarm} for alarm in alarms]}
        deployment = {"autoRollbackConfiguration": rollback} if alarms else {}
        return {"name": "it", "endpointConfigName": configuration, "deploymentConfig": deployment}

    for changed in (endpoint("two", "a"), endpoint("one", "b"), endpoint("one", "a", "b")):
        answer = diff(provider, ENDPOINT, endpoint("one", "a"), changed)
        assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
        assert not answer.replaces
    for without, guarded in ((0, 1), (1, 0)):
        pair = endpoint("one"), endpoint("one", "a")
        answer = diff(provider, ENDPOINT, pair[without], pair[guarded])
        assert list(answer.replaces) == ["deploymentConfig.autoRollbackConfiguration"]


def test_documents_that_say_the_same_differ_in_nothing(provider: Provider) -> None:
    said, other = (
        '{"Version": "2012-10-17", "Statement": []}',
        '{"Statement":[],"Version":"2012-10-17"}',
    )
    same = diff(provider, POLICY, {"policy": said}, {"policy": other})
    assert same.changes == provider_pb2.DiffResponse.DIFF_NONE
    changed = diff(provider, POLICY, {"policy": said}, {"policy": other.replace("2012", "2008")})
    assert changed.changes == provider_pb2.DiffResponse.DIFF_SOME


def test_a_preview_does_not_know_what_is_computed_and_sends_nothing(provider: Provider) -> None:
    answer = create(provider, POLICY, {"name": "it", "policy": "{}"}, preview=True)
    assert json_format.MessageToDict(answer.properties) == {"name": "it", "policy": "{}"}
    assert not provider.cloud.sent


def test_an_update_keeps_what_was_computed(provider: Provider) -> None:
    made = create(provider, "aws:sns/topic:Topic", {"name": "alarms", "displayName": "a"})
    request = provider_pb2.UpdateRequest(
        urn=urn("aws:sns/topic:Topic"),
        id=made.id,
        olds=made.properties,
        old_inputs=struct({"name": "alarms", "displayName": "a"}),
        news=struct({"name": "alarms", "displayName": "b"}),
    )
    updated = provider.Update(request, Context()).properties
    assert updated["arn"] == made.properties["arn"]
    assert updated["displayName"] == "b"


def test_a_refresh_sees_what_is_gone_and_what_was_changed_behind_the_engine(
    provider: Provider,
) -> None:
    made = create(provider, "aws:sns/topic:Topic", {"name": "alarms"})
    read = provider_pb2.ReadRequest(urn=urn("aws:sns/topic:Topic"), id=made.id)
    assert provider.Read(read, Context()).id == made.id
    inputs, outputs = provider.store["aws:sns/topic:Topic", made.id]
    provider.store["aws:sns/topic:Topic", made.id] = ({**inputs, "displayName": "x"}, outputs)
    assert provider.Read(read, Context()).inputs["displayName"] == "x"
    del provider.store["aws:sns/topic:Topic", made.id]
    assert not provider.Read(read, Context()).id


def test_what_is_not_in_the_tables_is_refused(provider: Provider) -> None:
    with pytest.raises(RefusalError, match="aws:sqs/queue:Queue is not in the table"):
        create(provider, "aws:sqs/queue:Queue", {"name": "it"})
    with pytest.raises(RefusalError, match="aws:sqs/queue:Queue is not in the table"):
        diff(provider, "aws:sqs/queue:Queue", {"name": "it"}, {"name": "other"})
    with pytest.raises(RefusalError, match="nothing is looked up"):
        provider.Invoke(provider_pb2.InvokeRequest(tok="aws:ec2/getAmi:getAmi"), Context())


def test_what_the_service_model_forbids_is_refused_and_not_made(provider: Provider) -> None:
    with pytest.raises(RefusalError, match=r"sagemaker CreateModel: .*ExecutionRoleArn"):
        create(provider, MODEL, {"name": "it", "executionRoleArn": "not an ARN, by far"})
    assert not provider.store


def test_what_the_cloud_refuses_is_refused(provider: Provider) -> None:
    """A configuration of a model that is not there."""
    with pytest.raises(RefusalError, match=r"sagemaker CreateEndpoint: .*nowhere"):
        create(provider, ENDPOINT, {"name": "it", "endpointConfigName": "nowhere"})


def test_a_rollback_leaves_the_endpoint_on_its_configuration_and_is_reported_as_success(
    provider: Provider,
) -> None:
    create(
        provider,
        MODEL,
        {"name": "m", "executionRoleArn": ROLE, "primaryContainer": {"modelPackageName": PACKAGE}},
    )
    variant = {
        "variantName": "all",
        "modelName": "m",
        "instanceType": "ml.m5.large",
        "initialInstanceCount": 2,
    }
    for name in ("one", "two"):
        create(
            provider,
            "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
            {"name": name, "productionVariants": [variant]},
        )
    made = create(provider, ENDPOINT, {"name": "it", "endpointConfigName": "one"})

    def rollout(configuration: str) -> str:
        old, _ = provider.store[ENDPOINT, made.id]
        request = provider_pb2.UpdateRequest(
            urn=urn(ENDPOINT),
            id=made.id,
            olds=made.properties,
            old_inputs=struct(old),
            news=struct({"name": "it", "endpointConfigName": configuration}),
        )
        provider.Update(request, Context())
        told = boto3.client("sagemaker", region_name="eu-west-1").describe_endpoint(
            EndpointName="it"
        )
        return str(told["EndpointConfigName"])

    provider.cloud.rolls_back = True
    assert rollout("two") == "one"
    provider.cloud.rolls_back = False
    assert rollout("two") == "two"


def test_the_tables_speak_of_the_same_types() -> None:
    types = set(computed.OF_TYPE)
    assert set(requests.MAKES) == types
    assert set(removals.REMOVALS) == types
    assert set(replacement.REPLACES) == types
    assert set(requests.CHANGES) <= types
    assert set(requests.NAMED_BY) <= types


def test_moto_still_misreads_the_policies_of_buckets(provider: Provider) -> None:
    """Where this fails, moto reads them: take the calls off the list."""
    assert {operation for _, operation in cloud.MISREADS} == {
        *("PutBucketPolicy", "DeleteBucketPolicy", "PutBucketLogging")
    }
    client = boto3.client("s3", region_name=provider.region)
    home = {"LocationConstraint": provider.region}
    client.create_bucket(Bucket="triage-logs", CreateBucketConfiguration=home)
    resources = ["arn:aws:s3:::triage-logs", "arn:aws:s3:::triage-logs/*"]
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    shut = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:*", "Condition": plain}
    writer = {"Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": ["s3:PutObject"]}
    statements = [shut, {"Effect": "Allow", **writer}]
    policy = {"Statement": [{**statement, "Resource": resources} for statement in statements]}
    client.put_bucket_policy(Bucket="triage-logs", Policy=json.dumps(policy))
    with pytest.raises(client.exceptions.ClientError, match="Forbidden"):
        client.put_object(Bucket="triage-logs", Key="it", Body=b"by TLS")
    status = {"LoggingEnabled": {"TargetBucket": "triage-logs", "TargetPrefix": "access/"}}
    with pytest.raises(client.exceptions.ClientError, match="InvalidTargetBucketForLogging"):
        client.put_bucket_logging(Bucket="triage-logs", BucketLoggingStatus=status)


@pytest.mark.parametrize(("service", "operation"), sorted(cloud.LACKS))
def test_moto_still_lacks_what_is_answered_for_it(
    provider: Provider, service: str, operation: str
) -> None:
    """Where this fails, moto has gained the call: take it off the list."""
    assert provider.cloud
    unchecked = botocore.config.Config(parameter_validation=False)
    client = boto3.client(service, region_name="eu-west-1", config=unchecked)
    with pytest.raises(NotImplementedError):
        getattr(client, botocore.xform_name(operation))()
