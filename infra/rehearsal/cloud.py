"""A cloud in this process: moto, where it knows the call, and the little that it lacks."""

import contextlib
from collections.abc import Callable
from typing import Any

import boto3
import botocore.exceptions
import moto
from moto.sagemaker.models import FakeEndpointConfig, sagemaker_backends

from infra.names import ACCOUNT

from .api import Call, Props

# What moto lacks: checked, then answered with nothing. A test fails when moto gains one.
LACKS = {
    ("sagemaker", "UpdateEndpoint"),
    ("sagemaker", "CreateMlflowApp"),
    ("sagemaker", "DeleteMlflowApp"),
    ("sagemaker", "PutModelPackageGroupPolicy"),
    ("sagemaker", "DeleteModelPackageGroupPolicy"),
    ("sagemaker", "DeleteModelPackageGroup"),
}
# What moto takes otherwise than AWS: of a bucket's policy it reads no conditions, so that `only by
# TLS` shuts the bucket, and it finds the log service's permission in one form only.
MISREADS = {("s3", "PutBucketPolicy"), ("s3", "PutBucketLogging"), ("s3", "DeleteBucketPolicy")}
# Where an answer holds the id that moto made up for what was made.
IDS = {
    "AssociateRouteTable": ("AssociationId",),
    "AuthorizeSecurityGroupEgress": ("SecurityGroupRules", 0, "SecurityGroupRuleId"),
    "AuthorizeSecurityGroupIngress": ("SecurityGroupRules", 0, "SecurityGroupRuleId"),
    "CreateFlowLogs": ("FlowLogIds", 0),
    "CreateKey": ("KeyMetadata", "KeyId"),
    "CreateRouteTable": ("RouteTable", "RouteTableId"),
    "CreateSecurityGroup": ("GroupId",),
    "CreateSubnet": ("Subnet", "SubnetId"),
    "CreateVpc": ("Vpc", "VpcId"),
    "CreateVpcEndpoint": ("VpcEndpoint", "VpcEndpointId"),
    "Subscribe": ("SubscriptionArn",),
}
# Names that SageMaker gives once, where moto puts the new over the old: the call that finds it.
ONCE = {
    "CreateModel": ("describe_model", "ModelName"),
    "CreateEndpointConfig": ("describe_endpoint_config", "EndpointConfigName"),
    "CreateEndpoint": ("describe_endpoint", "EndpointName"),
}
# Gone already, as AWS (and moto) say it of a scalable target that was deregistered before.
GONE = ("ObjectNotFoundException", "No scalable target found")


class Cloud:
    """One account's region, empty at first.

    With `rolls_back` an endpoint stays on the configuration that it has, as when an alarm goes off
    during a rollout. Where `answers` is false, calls are checked and counted only, which is faster.
    """

    def __init__(self, region: str, *, answers: bool = True) -> None:
        self.region = region
        self.answers = answers
        self.rolls_back = False
        self.sent: list[Call] = []
        self._clients: dict[str, Any] = {}
        self._ids: dict[str, str] = {}
        # moto knows few types of instances; the service model has been asked already.
        setattr(FakeEndpointConfig, "validate_instance_type", lambda *_: None)  # noqa: B010
        self._mock = moto.mock_aws()
        self._mock.start()

    def close(self) -> None:
        """Give boto3 back to the rest of the process."""
        self._mock.stop()

    def send(self, call: Call, identity: str) -> None:
        """Send a call that has passed its check; `identity` is the id that the program will know.

        Raises:
            ValueError: the service model forbids it, or the cloud refuses; the text says what.
        """
        if wrong := call.violations():
            raise ValueError(f"{call.service} {call.operation}: {'; '.join(wrong)}")
        self.sent.append(call)
        if not self.answers or (call.service, call.operation) in LACKS | MISREADS:
            if self.answers and call.operation in EFFECTS:
                EFFECTS[call.operation](self, call.params)
            return
        answer = self._ask(call)
        if failed := answer.get("Unsuccessful") or answer.get("FailedEntries"):
            raise ValueError(f"{call.service} {call.operation}: {failed}")
        if path := IDS.get(call.operation):
            self._ids[identity] = _at(answer, path)

    def _ask(self, call: Call) -> Props:
        if call.operation in ONCE:
            self._must_be_new(call)
        method = getattr(self._client(call.service), botocore.xform_name(call.operation))
        adapt = FOR_MOTO.get(call.operation, dict)
        try:
            return dict(method(**adapt(self._translated(call.params))))
        except botocore.exceptions.ClientError as error:
            if any(words in str(error) for words in GONE):
                return {}
            raise ValueError(f"{call.service} {call.operation}: {error}") from None
        except NotImplementedError:
            raise ValueError(
                f"moto has no {call.service} {call.operation}: add it to LACKS of {__name__}"
            ) from None
        except Exception as error:  # whatever moto trips over
            raise ValueError(f"moto fails at {call.service} {call.operation}: {error!r}") from error

    def _must_be_new(self, call: Call) -> None:
        find, key = ONCE[call.operation]
        client = self._client(call.service)
        with contextlib.suppress(botocore.exceptions.ClientError):
            getattr(client, find)(**{key: call.params[key]})
            raise ValueError(f"{call.operation}: {key} {call.params[key]!r} is taken already")

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = boto3.client(service, region_name=self.region)
        return self._clients[service]

    def _translated(self, value: Any) -> Any:
        """With moto's ids in the place of ours."""
        if isinstance(value, dict):
            return {key: self._translated(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._translated(item) for item in value]
        if isinstance(value, str):
            for ours, theirs in self._ids.items():
                value = value.replace(ours, theirs)
        return value


def _update_endpoint(cloud: Cloud, params: Props) -> None:
    if not cloud.rolls_back:
        endpoint = sagemaker_backends[ACCOUNT][cloud.region].endpoints
        endpoint[params["EndpointName"]].endpoint_config_name = params["EndpointConfigName"]


def _whole_bucket(params: Props) -> Props:
    """Flow logs may go to a folder of a bucket; moto knows buckets only."""
    destination = params.get("LogDestination", "")
    return (
        {**params, "LogDestination": destination.partition("/")[0]}
        if ":s3:" in destination
        else params
    )


FOR_MOTO: dict[str, Callable[[Props], Props]] = {
    "CreateFlowLogs": _whole_bucket,
}
EFFECTS: dict[str, Callable[[Cloud, Props], None]] = {"UpdateEndpoint": _update_endpoint}


def _at(answer: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        answer = answer[step]
    return answer
