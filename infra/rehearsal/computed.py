"""What AWS would answer when a resource is made: its id, its ARN and what else is not an input.

Used wherever there is no AWS: under Pulumi's mocks, and by the provider of the rehearsal.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from infra.names import Names

Props = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """A resource that is being made: `urn` tells it from all others, `props` are its inputs."""

    urn: str
    props: Props
    names: Names

    def random(self, prefix: str = "", length: int = 17) -> str:
        """An id as AWS makes them, always the same for the same resource."""
        return prefix + hashlib.sha256(self.urn.encode()).hexdigest()[:length]

    def uuid(self) -> str:
        """An id in the form of a UUID."""
        digits = self.random(length=32)
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))

    def arn(self, service: str, resource: str) -> str:
        """An ARN in the account and region of the stack."""
        return self.names.arn(service, resource)

    def said(self, *keys: str) -> str:
        """The first of these inputs that is there, else an autoname."""
        found = [str(self.props[key]) for key in keys if self.props.get(key)]
        return found[0] if found else f"{self.urn.rpartition('::')[2]}-{self.random(length=7)}"


def _by_name(service: str, kind: str, *keys: str) -> Callable[[Made], tuple[str, Props]]:
    """Resources whose id is their name, and whose ARN ends with it."""

    def computed(made: Made) -> tuple[str, Props]:
        name = made.said(*keys)
        return name, {keys[0]: name, "arn": made.arn(service, f"{kind}{name}")}

    return computed


def _ec2(prefix: str, kind: str) -> Callable[[Made], tuple[str, Props]]:
    def computed(made: Made) -> tuple[str, Props]:
        identity = made.random(prefix)
        return identity, {"arn": made.arn("ec2", f"{kind}/{identity}")}

    return computed


def _named(*keys: str) -> Callable[[Made], tuple[str, Props]]:
    """Resources that belong to another: their id is its name."""
    return lambda made: (made.said(*keys), {})


def _iam(kind: str) -> Callable[[Made], tuple[str, Props]]:
    def computed(made: Made) -> tuple[str, Props]:
        name = made.said("name")
        arn = made.names.arn("iam", f"{kind}/{name}", region=False)
        return (arn if kind == "policy" else name), {
            "name": name,
            "arn": arn,
            "uniqueId": made.random(),
        }

    return computed


def _key(made: Made) -> tuple[str, Props]:
    identity = made.uuid()
    return identity, {"keyId": identity, "arn": made.arn("kms", f"key/{identity}")}


def _alias(made: Made) -> tuple[str, Props]:
    name = made.said("name")
    key = str(made.props.get("targetKeyId"))
    arn = key if key.startswith("arn:") else made.arn("kms", f"key/{key}")
    return name, {"arn": made.arn("kms", name), "targetKeyArn": arn}


def _bucket(made: Made) -> tuple[str, Props]:
    name = made.said("bucket")
    region = made.names.region
    return name, {
        "bucket": name,
        "arn": f"arn:{made.names.partition}:s3:::{name}",
        "bucketDomainName": f"{name}.s3.amazonaws.com",
        "bucketRegionalDomainName": f"{name}.s3.{region}.amazonaws.com",
    }


def _object(made: Made) -> tuple[str, Props]:
    bucket, key = made.props["bucket"], made.props["key"]
    return f"{bucket}/{key}", {
        "arn": f"arn:{made.names.partition}:s3:::{bucket}/{key}",
        "versionId": made.random(length=32),
    }


def _topic(made: Made) -> tuple[str, Props]:
    name = made.said("name")
    arn = made.arn("sns", name)
    return arn, {"name": name, "arn": arn, "owner": made.names.account}


def _subscription(made: Made) -> tuple[str, Props]:
    arn = f"{made.props['topic']}:{made.uuid()}"
    return arn, {"arn": arn}


def _repository(made: Made) -> tuple[str, Props]:
    name, account, region = made.said("name"), made.names.account, made.names.region
    return name, {
        "arn": made.arn("ecr", f"repository/{name}"),
        "registryId": account,
        "repositoryUrl": f"{account}.dkr.ecr.{region}.amazonaws.com/{name}",
    }


def _oidc(made: Made) -> tuple[str, Props]:
    host = str(made.props["url"]).removeprefix("https://")
    arn = made.names.arn("iam", f"oidc-provider/{host}", region=False)
    return arn, {"arn": arn}


def _vpc(made: Made) -> tuple[str, Props]:
    identity, props = _ec2("vpc-", "vpc")(made)
    defaults = {
        "defaultSecurityGroupId": "sg-",
        "defaultRouteTableId": "rtb-",
        "mainRouteTableId": "rtb-",
    }
    return identity, {**props, **{name: made.random(start) for name, start in defaults.items()}}


def _endpoint_of_vpc(made: Made) -> tuple[str, Props]:
    identity, props = _ec2("vpce-", "vpc-endpoint")(made)
    return identity, {**props, "prefixListId": made.random("pl-", 8)}


def _mlflow(made: Made) -> tuple[str, Props]:
    arn = made.arn("sagemaker", f"mlflow-app/app-{made.random(length=12).upper()}")
    return arn, {"arn": arn}


def _schedule(made: Made) -> tuple[str, Props]:
    group, name = str(made.props.get("groupName") or "default"), made.said("name")
    return f"{group}/{name}", {
        "name": name,
        "groupName": group,
        "arn": made.arn("scheduler", f"schedule/{group}/{name}"),
    }


def _log_group(made: Made) -> tuple[str, Props]:
    name = made.said("name")
    return name, {"name": name, "arn": made.arn("logs", f"log-group:{name}")}


def _dashboard(made: Made) -> tuple[str, Props]:
    name = made.said("dashboardName")
    arn = made.names.arn("cloudwatch", f"dashboard/{name}", region=False)
    return name, {"dashboardArn": arn}


def _budget(made: Made) -> tuple[str, Props]:
    name = made.said("name")
    arn = made.names.arn("budgets", f"budget/{name}", region=False)
    return f"{made.names.account}:{name}", {
        "name": name,
        "arn": arn,
        "accountId": made.names.account,
    }


def _target(made: Made) -> tuple[str, Props]:
    identity = str(made.props["resourceId"])
    return identity, {
        "arn": made.arn("application-autoscaling", f"scalable-target/{made.random()}")
    }


def _random(prefix: str) -> Callable[[Made], tuple[str, Props]]:
    return lambda made: (made.random(prefix), {})


ENCRYPTION = "BucketServerSideEncryptionConfiguration"
OF_TYPE: dict[str, Callable[[Made], tuple[str, Props]]] = {
    "aws:appautoscaling/policy:Policy": _by_name("autoscaling", "scalingPolicy:", "name"),
    "aws:appautoscaling/target:Target": _target,
    "aws:budgets/budget:Budget": _budget,
    "aws:cloudtrail/trail:Trail": _by_name("cloudtrail", "trail/", "name"),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": _by_name("cloudwatch", "alarm:", "alarmName"),
    "aws:cloudwatch/dashboard:Dashboard": _dashboard,
    "aws:cloudwatch/eventRule:EventRule": _by_name("events", "rule/", "name"),
    "aws:cloudwatch/eventTarget:EventTarget": _random("target-"),
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _by_name("cloudwatch", "alarm:", "name"),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _ec2("sg-", "security-group"),
    "aws:ec2/flowLog:FlowLog": _ec2("fl-", "vpc-flow-log"),
    "aws:ec2/routeTable:RouteTable": _ec2("rtb-", "route-table"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _random("rtbassoc-"),
    "aws:ec2/securityGroup:SecurityGroup": _ec2("sg-", "security-group"),
    "aws:ec2/subnet:Subnet": _ec2("subnet-", "subnet"),
    "aws:ec2/vpc:Vpc": _vpc,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint_of_vpc,
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _named("repository"),
    "aws:ecr/repository:Repository": _repository,
    "aws:ecr/repositoryPolicy:RepositoryPolicy": _named("repository"),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": _oidc,
    "aws:iam/policy:Policy": _iam("policy"),
    "aws:iam/role:Role": _iam("role"),
    "aws:iam/rolePolicy:RolePolicy": _random("policy-"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _random("attachment-"),
    "aws:kms/alias:Alias": _alias,
    "aws:kms/key:Key": _key,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _named("bucket"),
    "aws:s3/bucketLogging:BucketLogging": _named("bucket"),
    "aws:s3/bucketNotification:BucketNotification": _named("bucket"),
    "aws:s3/bucketObjectv2:BucketObjectv2": _object,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _named("bucket"),
    "aws:s3/bucketPolicy:BucketPolicy": _named("bucket"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _named("bucket"),
    f"aws:s3/{ENCRYPTION[0].lower()}{ENCRYPTION[1:]}:{ENCRYPTION}": _named("bucket"),
    "aws:s3/bucketVersioning:BucketVersioning": _named("bucket"),
    "aws:sagemaker/endpoint:Endpoint": _by_name("sagemaker", "endpoint/", "name"),
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": _by_name(
        "sagemaker", "endpoint-config/", "name"
    ),
    "aws:sagemaker/mlflowApp:MlflowApp": _mlflow,
    "aws:sagemaker/model:Model": _by_name("sagemaker", "model/", "name"),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": _by_name(
        "sagemaker", "model-package-group/", "modelPackageGroupName"
    ),
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": _named(
        "modelPackageGroupName"
    ),
    "aws:sagemaker/pipeline:Pipeline": _by_name("sagemaker", "pipeline/", "pipelineName"),
    "aws:scheduler/schedule:Schedule": _schedule,
    "aws:sns/topic:Topic": _topic,
    "aws:sns/topicPolicy:TopicPolicy": _named("arn"),
    "aws:sns/topicSubscription:TopicSubscription": _subscription,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _ec2("sgr-", "security-group-rule"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _ec2(
        "sgr-", "security-group-rule"
    ),
}


def computed(type_: str, made: Made) -> tuple[str, Props]:
    """The id, and the outputs that are not inputs.

    Raises:
        KeyError: the type is not in the table; add a line for it.
    """
    if type_ not in OF_TYPE:
        raise KeyError(f"{type_} is not in the table of {__name__}: add what AWS computes for it")
    return OF_TYPE[type_](made)
