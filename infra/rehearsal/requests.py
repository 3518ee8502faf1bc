"""Which API calls make and change a resource, by its type: the exceptions to `api.request`.

What the provider does by itself (wait, empty a bucket before it goes) is in no call.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from .api import Call, Props, request
from .computed import Made, computed

Calls = Iterator[Call]


@dataclass(frozen=True)
class Known(Made):
    """A resource whose id is known."""

    identity: str


Maker = Callable[[Known], Calls]

# Properties of the provider, not of the API.
OF_THE_PROVIDER = {
    *("region", "timeouts", "forceDestroy", "forceDelete", "skipDestroy", "revokeRulesOnDelete"),
    *("forceDetachPolicies", "sourceHash", "etag", "delayAfterPolicyCreationInMs", "autoAccept"),
    *(
        "confirmationTimeoutInMinutes",
        "endpointAutoConfirms",
        "deletionWindowInDays",
        "customTimeouts",
    ),
}
# The property that names a resource, where the provider makes a name up if none is given.
NAMED_BY = {
    "aws:appautoscaling/policy:Policy": "name",
    "aws:budgets/budget:Budget": "name",
    "aws:cloudtrail/trail:Trail": "name",
    "aws:cloudwatch/eventRule:EventRule": "name",
    "aws:cloudwatch/eventTarget:EventTarget": "targetId",
    "aws:cloudwatch/logGroup:LogGroup": "name",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "name",
    "aws:ec2/securityGroup:SecurityGroup": "name",
    "aws:ecr/repository:Repository": "name",
    "aws:iam/policy:Policy": "name",
    "aws:iam/role:Role": "name",
    "aws:iam/rolePolicy:RolePolicy": "name",
    "aws:kms/alias:Alias": "name",
    "aws:s3/bucket:Bucket": "bucket",
    "aws:sagemaker/endpoint:Endpoint": "name",
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": "name",
    "aws:sagemaker/mlflowApp:MlflowApp": "name",
    "aws:sagemaker/model:Model": "name",
    "aws:scheduler/schedule:Schedule": "name",
    "aws:sns/topic:Topic": "name",
}
TOPIC_ATTRIBUTES = ("kmsMasterKeyId", "policy", "displayName", "signatureVersion", "tracingConfig")
SUBSCRIPTION_ATTRIBUTES = (
    "rawMessageDelivery",
    "filterPolicy",
    "filterPolicyScope",
    "redrivePolicy",
)


def calls(type_: str, made: Made) -> list[Call]:
    """The calls that make a resource, in order.

    Raises:
        KeyError: the type is not in the table.
    """
    make = row(MAKES, type_)
    return list(make(_known(type_, made, computed(type_, made)[0])))


def changes(type_: str, made: Made, identity: str) -> list[Call]:
    """The calls that bring the resource with this id to these properties, in order.

    Raises:
        KeyError: the type is not in the table.
    """
    return list(row({**MAKES, **CHANGES}, type_)(_known(type_, made, identity)))


def row(table: dict[str, Any], type_: str) -> Any:
    """The type's line in a table.

    Raises:
        KeyError: there is none; it says what to add.
    """
    if type_ not in table:
        raise KeyError(
            f"{type_} is not in the table of {__name__}: add the calls that it stands for"
        )
    return table[type_]


def _known(type_: str, made: Made, identity: str) -> Known:
    """What goes to the API: with a name, without what is the provider's own."""
    props = {key: value for key, value in made.props.items() if key not in OF_THE_PROVIDER}
    if key := NAMED_BY.get(type_):
        props[key] = made.said(key)
    return Known(made.urn, props, made.names, identity)


def _one(
    service: str, operation: str, renamed: dict[str, str] | None = None, **fixed: Any
) -> Maker:
    """A resource that one call makes; `fixed` are parameters that do not come from properties."""

    def make(made: Known) -> Calls:
        call = request(service, operation, made.props, renamed)
        yield replace(call, params={**call.params, **fixed})

    return make


def _in(operation: str, envelope: str, renamed: dict[str, str] | None = None) -> Maker:
    """A call of S3's that has what it sets on a bucket below one parameter, `envelope`."""

    def make(made: Known) -> Calls:
        rest, bucket = _take(made, "bucket")
        yield request("s3", operation, {"bucket": bucket, envelope: rest}, renamed)

    return make


def _take(made: Made, *keys: str) -> tuple[Any, ...]:
    """The properties apart, then those that were asked for."""
    rest = {key: value for key, value in made.props.items() if key not in keys}
    return (rest, *(made.props.get(key) for key in keys))


def _key(made: Known) -> Calls:
    rest, rotates, days = _take(made, "enableKeyRotation", "rotationPeriodInDays")
    yield request("kms", "CreateKey", rest)
    yield from _rotation(made.identity, rotates, days)


def _key_changed(made: Known) -> Calls:
    rest, rotates, days = _take(made, "enableKeyRotation", "rotationPeriodInDays")
    yield request("kms", "PutKeyPolicy", {"keyId": made.identity, "policy": rest.get("policy")})
    yield request(
        "kms",
        "UpdateKeyDescription",
        {"keyId": made.identity, "description": rest.get("description", "")},
    )
    yield from _rotation(made.identity, rotates, days)


def _rotation(key: str, rotates: bool | None, days: Any) -> Calls:
    if rotates:
        yield request("kms", "EnableKeyRotation", {"keyId": key, "rotationPeriodInDays": days})


def _bucket(made: Known) -> Calls:
    rest, tags = _take(made, "tags")
    home = made.names.region
    if home != "us-east-1":
        rest["createBucketConfiguration"] = {"locationConstraint": home}
    renamed = {"objectLockEnabled": "ObjectLockEnabledForBucket"}
    yield request("s3", "CreateBucket", rest, renamed)
    yield from _bucket_tags(made.props["bucket"], tags)


def _bucket_changed(made: Known) -> Calls:
    yield from _bucket_tags(made.props["bucket"], made.props.get("tags"))


def _bucket_tags(bucket: str, tags: Props | None) -> Calls:
    if tags:
        yield request("s3", "PutBucketTagging", {"bucket": bucket, "tagging": {"tagSet": tags}})


def _logging(made: Known) -> Calls:
    rest, bucket = _take(made, "bucket")
    status = {"loggingEnabled": rest}
    yield request("s3", "PutBucketLogging", {"bucket": bucket, "bucketLoggingStatus": status})


def _notification(made: Known) -> Calls:
    rest, bucket, bridge = _take(made, "bucket", "eventbridge")
    if bridge:
        rest["eventBridgeConfiguration"] = {}
    yield request(
        "s3",
        "PutBucketNotificationConfiguration",
        {"bucket": bucket, "notificationConfiguration": rest},
    )


def _object(made: Known) -> Calls:
    rest, content, source, tags = _take(made, "content", "source", "tags")
    body = content if content is not None else _asset(source)
    tagging = urlencode(tags) if tags else None
    renamed = {"kmsKeyId": "SSEKMSKeyId"}
    yield request("s3", "PutObject", {**rest, "body": body, "tagging": tagging}, renamed)


def _asset(source: Any) -> Any:
    """The text of a string asset; what a file asset holds is read by the engine, not here."""
    return source.get("text", "") if isinstance(source, dict) else source


def _tagged(kind: str, tags: Props | None) -> list[Props] | None:
    return [{"resourceType": kind, "tags": tags}] if tags else None


def _of_ec2(operation: str, kind: str, renamed: dict[str, str] | None = None) -> Maker:
    """A resource of EC2, whose tags are sent in a way of their own."""

    def make(made: Known) -> Calls:
        rest, tags = _take(made, "tags")
        yield request("ec2", operation, {**rest, "tagSpecifications": _tagged(kind, tags)}, renamed)

    return make


def _vpc(made: Known) -> Calls:
    rest, hostnames, support = _take(made, "enableDnsHostnames", "enableDnsSupport")
    yield from _of_ec2("CreateVpc", "vpc")(replace(made, props=rest))
    for name, value in {"enableDnsSupport": support, "enableDnsHostnames": hostnames}.items():
        if value is not None:
            yield request(
                "ec2", "ModifyVpcAttribute", {"vpcId": made.identity, name: {"value": value}}
            )


def _subnet(made: Known) -> Calls:
    rest, public = _take(made, "mapPublicIpOnLaunch")
    yield from _of_ec2("CreateSubnet", "subnet")(replace(made, props=rest))
    if public is not None:
        yield request(
            "ec2",
            "ModifySubnetAttribute",
            {"subnetId": made.identity, "mapPublicIpOnLaunch": {"value": public}},
        )


def _route_table(made: Known) -> Calls:
    rest, routes = _take(made, "routes")
    yield from _of_ec2("CreateRouteTable", "route-table")(replace(made, props=rest))
    for route in routes or []:
        renamed = {"cidrBlock": "DestinationCidrBlock", "ipv6CidrBlock": "DestinationIpv6CidrBlock"}
        yield request("ec2", "CreateRoute", {"routeTableId": made.identity, **route}, renamed)


def _security_group(made: Known) -> Calls:
    rest, ingress, egress = _take(made, "ingress", "egress")
    rest.setdefault("description", "Managed by Pulumi")
    make = _of_ec2("CreateSecurityGroup", "security-group", {"name": "GroupName"})
    yield from make(replace(made, props=rest))
    group = made.identity
    if rest.get("vpcId"):
        # A new group lets everything out, until the provider takes that away.
        everything = [{"ipProtocol": "-1", "ipRanges": [{"cidrIp": "0.0.0.0/0"}]}]
        yield request(
            "ec2", "RevokeSecurityGroupEgress", {"groupId": group, "ipPermissions": everything}
        )
    for operation, rules in (("Ingress", ingress), ("Egress", egress)):
        for rule in rules or []:
            yield request(
                "ec2",
                f"AuthorizeSecurityGroup{operation}",
                {"groupId": group, "ipPermissions": [_inline(rule)]},
            )


def _inline(rule: Props) -> Props:
    """A rule that is written inside its group."""
    about = rule.get("description")
    blocks, groups = rule.get("cidrBlocks") or [], rule.get("securityGroups") or []
    return {
        "ipProtocol": rule.get("protocol"),
        "fromPort": rule.get("fromPort"),
        "toPort": rule.get("toPort"),
        "ipRanges": [{"cidrIp": block, "description": about} for block in blocks],
        "userIdGroupPairs": [{"groupId": group, "description": about} for group in groups],
    }


def _default_group(made: Known) -> Calls:
    """The group that comes with a VPC is not made but found, and emptied of its rules."""
    filters = [
        {"name": "vpc-id", "values": [made.props["vpcId"]]},
        {"name": "group-name", "values": ["default"]},
    ]
    yield request("ec2", "DescribeSecurityGroups", {"filters": filters})


def _rule(direction: str) -> Maker:
    def make(made: Known) -> Calls:
        keys = (
            "securityGroupId",
            "description",
            "cidrIpv4",
            "cidrIpv6",
            "prefixListId",
            "referencedSecurityGroupId",
            "tags",
        )
        rest, group, about, v4, v6, prefix, other, tags = _take(made, *keys)
        permission = {
            **rest,
            "ipRanges": [{"cidrIp": v4, "description": about}] if v4 else None,
            "ipv6Ranges": [{"cidrIpv6": v6, "description": about}] if v6 else None,
            "prefixListIds": [{"prefixListId": prefix, "description": about}] if prefix else None,
            "userIdGroupPairs": [{"groupId": other, "description": about}] if other else None,
        }
        tagged = _tagged("security-group-rule", tags)
        params = {"groupId": group, "ipPermissions": [permission], "tagSpecifications": tagged}
        yield request("ec2", f"AuthorizeSecurityGroup{direction}", params)

    return make


def _flow_log(made: Known) -> Calls:
    rest, vpc, subnet, tags = _take(made, "vpcId", "subnetId", "tags")
    params = {
        **rest,
        "resourceIds": [vpc or subnet],
        "resourceType": "VPC" if vpc else "Subnet",
        "tagSpecifications": _tagged("vpc-flow-log", tags),
    }
    yield request("ec2", "CreateFlowLogs", params, {"iamRoleArn": "DeliverLogsPermissionArn"})


def _pipeline(operation: str) -> Maker:
    def make(made: Known) -> Calls:
        rest, tags = _take(made, "tags")
        first = operation == "CreatePipeline"
        token = {"clientRequestToken": made.random(length=32), "tags": tags} if first else {}
        yield request("sagemaker", operation, {**rest, **token})

    return make


def _trail(operation: str) -> Maker:
    def make(made: Known) -> Calls:
        keys = ("eventSelectors", "advancedEventSelectors", "enableLogging", "tags")
        rest, selectors, advanced, enabled, tags = _take(made, *keys)
        renamed = {"cloudWatchLogsGroupArn": "CloudWatchLogsLogGroupArn"}
        tagged = {"tagsList": tags} if operation == "CreateTrail" else {}
        yield request("cloudtrail", operation, {**rest, **tagged}, renamed)
        params = {"eventSelectors": selectors, "advancedEventSelectors": advanced}
        if selectors or advanced:
            yield request("cloudtrail", "PutEventSelectors", {"trailName": rest["name"], **params})
        yield request(
            "cloudtrail",
            "StopLogging" if enabled is False else "StartLogging",
            {"name": rest["name"]},
        )

    return make


def _budget(made: Known) -> Calls:
    props, amount, unit, start, end, filters, told, tags = _take(
        made,
        "limitAmount",
        "limitUnit",
        "timePeriodStart",
        "timePeriodEnd",
        "costFilters",
        "notifications",
        "tags",
    )
    account = props.pop("accountId", None) or made.names.account
    metric = props.pop("metrics", None)
    budget = {
        **props,
        "metrics": [metric] if metric else None,
        "budgetLimit": {"amount": amount, "unit": unit} if amount else None,
        "costFilters": {entry["name"]: entry["values"] for entry in filters} if filters else None,
        "timePeriod": {"start": start, "end": end} if start or end else None,
    }
    params = {
        "accountId": account,
        "budget": budget,
        "notificationsWithSubscribers": [_alert(notification) for notification in told or []]
        or None,
        "resourceTags": tags,
    }
    yield request("budgets", "CreateBudget", params, {"budget.name": "BudgetName"})


def _budget_changed(made: Known) -> Calls:
    (made_anew,) = _budget(made)
    about = {key: made_anew.params[key] for key in ("AccountId", "Budget")}
    yield Call(
        "budgets", "UpdateBudget", {"AccountId": about["AccountId"], "NewBudget": about["Budget"]}
    )


def _alert(notification: Props) -> Props:
    rest = dict(notification)
    people = {
        "EMAIL": rest.pop("subscriberEmailAddresses", []),
        "SNS": rest.pop("subscriberSnsTopicArns", []),
    }
    return {
        "notification": rest,
        "subscribers": [
            {"subscriptionType": kind, "address": address}
            for kind, addresses in people.items()
            for address in addresses or []
        ],
    }


def _topic(made: Known) -> Calls:
    rest, *values = _take(made, *TOPIC_ATTRIBUTES)
    yield request(
        "sns", "CreateTopic", {**rest, "attributes": _attributes(TOPIC_ATTRIBUTES, values)}
    )


def _topic_changed(made: Known) -> Calls:
    topic = made.identity
    _, *values = _take(made, *TOPIC_ATTRIBUTES)
    for name, value in (_attributes(TOPIC_ATTRIBUTES, values) or {}).items():
        yield Call(
            "sns",
            "SetTopicAttributes",
            {"TopicArn": topic, "AttributeName": name, "AttributeValue": value},
        )


def _topic_policy(made: Known) -> Calls:
    _, topic, policy = _take(made, "arn", "policy")
    yield Call(
        "sns",
        "SetTopicAttributes",
        {"TopicArn": topic, "AttributeName": "Policy", "AttributeValue": policy},
    )


def _subscription(made: Known) -> Calls:
    rest, *values = _take(made, *SUBSCRIPTION_ATTRIBUTES)
    attributes = _attributes(SUBSCRIPTION_ATTRIBUTES, values)
    yield request("sns", "Subscribe", {**rest, "attributes": attributes}, {"topic": "TopicArn"})


def _attributes(names: tuple[str, ...], values: list[Any]) -> Props | None:
    """SNS takes attributes as text, by the property's name with a capital."""
    given = zip(names, values, strict=True)
    found = {name[0].upper() + name[1:]: value for name, value in given if value is not None}
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in found.items()
    } or None


def _role(made: Known) -> Calls:
    rest, inline, managed = _take(made, "inlinePolicies", "managedPolicyArns")
    renamed = {"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"}
    yield request("iam", "CreateRole", rest, renamed)
    yield from _granted(rest["name"], inline, managed)


def _role_changed(made: Known) -> Calls:
    rest, inline, managed = _take(made, "inlinePolicies", "managedPolicyArns")
    name, trust = rest["name"], rest["assumeRolePolicy"]
    yield request("iam", "UpdateAssumeRolePolicy", {"roleName": name, "policyDocument": trust})
    about = {key: rest.get(key) for key in ("description", "maxSessionDuration")}
    yield request("iam", "UpdateRole", {"roleName": name, **about})
    if boundary := rest.get("permissionsBoundary"):
        yield request(
            "iam", "PutRolePermissionsBoundary", {"roleName": name, "permissionsBoundary": boundary}
        )
    yield from _granted(name, inline, managed)


def _granted(role: str, inline: list[Props] | None, managed: list[str] | None) -> Calls:
    for policy in inline or []:
        params = {
            "roleName": role,
            "policyName": policy["name"],
            "policyDocument": policy["policy"],
        }
        yield request("iam", "PutRolePolicy", params)
    for arn in managed or []:
        yield request("iam", "AttachRolePolicy", {"roleName": role, "policyArn": arn})


def _policy_changed(made: Known) -> Calls:
    arn = made.identity
    yield Call(
        "iam",
        "CreatePolicyVersion",
        {"PolicyArn": arn, "PolicyDocument": made.props["policy"], "SetAsDefault": True},
    )


def _event_target(made: Known) -> Calls:
    rest, rule, bus = _take(made, "rule", "eventBusName")
    renamed = {
        "targets.targetId": "Id",
        "targets.sagemakerPipelineTarget": "SageMakerPipelineParameters",
        "targets.inputTransformer.inputPaths": "InputPathsMap",
    }
    yield request(
        "events", "PutTargets", {"rule": rule, "eventBusName": bus, "targets": [rest]}, renamed
    )


def _rule_of_events(made: Known) -> Calls:
    rest, enabled = _take(made, "isEnabled")
    if enabled is not None:
        rest["state"] = "ENABLED" if enabled else "DISABLED"
    yield request("events", "PutRule", rest)


def _metric_alarm(made: Known) -> Calls:
    rest, queries = _take(made, "metricQueries")
    metrics = [_query(query) for query in queries or []] or None
    yield request(
        "cloudwatch", "PutMetricAlarm", {**rest, "metrics": metrics}, {"name": "AlarmName"}
    )


def _query(query: Props) -> Props:
    """The API keeps a metric and its statistic apart; the provider has both in one block."""
    rest = {key: value for key, value in query.items() if key != "metric"}
    if metric := query.get("metric"):
        about = dict(metric)
        of = {key: about.pop(key, None) for key in ("namespace", "metricName", "dimensions")}
        rest["metricStat"] = {**about, "metric": of}
    return rest


def _composite_alarm(made: Known) -> Calls:
    rest, suppressor = _take(made, "actionsSuppressor")
    if suppressor:
        rest |= {
            "actionsSuppressor": suppressor["alarm"],
            "actionsSuppressorWaitPeriod": suppressor["waitPeriod"],
            "actionsSuppressorExtensionPeriod": suppressor["extensionPeriod"],
        }
    yield request("cloudwatch", "PutCompositeAlarm", rest)


def _log_group(made: Known) -> Calls:
    rest, days = _take(made, "retentionInDays")
    yield request("logs", "CreateLogGroup", rest, {"name": "logGroupName"})
    yield from _retention(rest["name"], days)


def _log_group_changed(made: Known) -> Calls:
    yield from _retention(made.props["name"], made.props.get("retentionInDays"))


def _retention(group: str, days: Any) -> Calls:
    if days:
        yield request(
            "logs", "PutRetentionPolicy", {"logGroupName": group, "retentionInDays": days}
        )


def _without_tags(service: str, operation: str, renamed: dict[str, str] | None = None) -> Maker:
    """A call that changes a resource: tags are sent by others."""

    def make(made: Known) -> Calls:
        rest, _ = _take(made, "tags")
        yield request(service, operation, rest, renamed)

    return make


def _nothing(_: Known) -> Calls:
    """Only its tags can change, and those are set for all resources at once."""
    yield from ()


PIPELINE_TARGET = {"target.sagemakerPipelineParameters.pipelineParameters": "PipelineParameterList"}
TARGET_POLICY = {"name": "PolicyName"}
KEY_OF_CAPTURE = {"name": "EndpointConfigName", "kmsKeyArn": "KmsKeyId"}

MAKES: dict[str, Maker] = {
    "aws:appautoscaling/policy:Policy": _one(
        "application-autoscaling", "PutScalingPolicy", TARGET_POLICY
    ),
    "aws:appautoscaling/target:Target": _one("application-autoscaling", "RegisterScalableTarget"),
    "aws:budgets/budget:Budget": _budget,
    "aws:cloudtrail/trail:Trail": _trail("CreateTrail"),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": _composite_alarm,
    "aws:cloudwatch/dashboard:Dashboard": _one("cloudwatch", "PutDashboard"),
    "aws:cloudwatch/eventRule:EventRule": _rule_of_events,
    "aws:cloudwatch/eventTarget:EventTarget": _event_target,
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _metric_alarm,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _default_group,
    "aws:ec2/flowLog:FlowLog": _flow_log,
    "aws:ec2/routeTable:RouteTable": _route_table,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _one("ec2", "AssociateRouteTable"),
    "aws:ec2/securityGroup:SecurityGroup": _security_group,
    "aws:ec2/subnet:Subnet": _subnet,
    "aws:ec2/vpc:Vpc": _vpc,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _of_ec2(
        "CreateVpcEndpoint", "vpc-endpoint", {"policy": "PolicyDocument"}
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _one(
        "ecr",
        "PutLifecyclePolicy",
        {"repository": "repositoryName", "policy": "lifecyclePolicyText"},
    ),
    "aws:ecr/repository:Repository": _one("ecr", "CreateRepository", {"name": "repositoryName"}),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": _one(
        "ecr", "SetRepositoryPolicy", {"repository": "repositoryName", "policy": "policyText"}
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": _one(
        "iam", "CreateOpenIDConnectProvider"
    ),
    "aws:iam/policy:Policy": _one(
        "iam", "CreatePolicy", {"name": "PolicyName", "policy": "PolicyDocument"}
    ),
    "aws:iam/role:Role": _role,
    "aws:iam/rolePolicy:RolePolicy": _one(
        "iam",
        "PutRolePolicy",
        {"name": "PolicyName", "role": "RoleName", "policy": "PolicyDocument"},
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _one(
        "iam", "AttachRolePolicy", {"role": "RoleName"}
    ),
    "aws:kms/alias:Alias": _one("kms", "CreateAlias", {"name": "AliasName"}),
    "aws:kms/key:Key": _key,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _in(
        "PutBucketLifecycleConfiguration", "lifecycleConfiguration"
    ),
    "aws:s3/bucketLogging:BucketLogging": _logging,
    "aws:s3/bucketNotification:BucketNotification": _notification,
    "aws:s3/bucketObjectv2:BucketObjectv2": _object,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _in(
        "PutBucketOwnershipControls", "ownershipControls", {"ownershipControls.rule": "Rules"}
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _one("s3", "PutBucketPolicy"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _in(
        "PutPublicAccessBlock", "publicAccessBlockConfiguration"
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _in(
        "PutBucketEncryption", "serverSideEncryptionConfiguration"
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _one("s3", "PutBucketVersioning"),
    "aws:sagemaker/endpoint:Endpoint": _one(
        "sagemaker", "CreateEndpoint", {"name": "EndpointName"}
    ),
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": _one(
        "sagemaker", "CreateEndpointConfig", KEY_OF_CAPTURE
    ),
    "aws:sagemaker/mlflowApp:MlflowApp": _one("sagemaker", "CreateMlflowApp"),
    "aws:sagemaker/model:Model": _one("sagemaker", "CreateModel", {"name": "ModelName"}),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": _one(
        "sagemaker", "CreateModelPackageGroup"
    ),
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": _one(
        "sagemaker", "PutModelPackageGroupPolicy"
    ),
    "aws:sagemaker/pipeline:Pipeline": _pipeline("CreatePipeline"),
    "aws:scheduler/schedule:Schedule": _one("scheduler", "CreateSchedule", PIPELINE_TARGET),
    "aws:sns/topic:Topic": _topic,
    "aws:sns/topicPolicy:TopicPolicy": _topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": _subscription,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _rule("Egress"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _rule("Ingress"),
}

# Where the calls that make a resource cannot be sent again.
CHANGES: dict[str, Maker] = {
    "aws:budgets/budget:Budget": _budget_changed,
    "aws:cloudtrail/trail:Trail": _trail("UpdateTrail"),
    "aws:cloudwatch/logGroup:LogGroup": _log_group_changed,
    "aws:ecr/repository:Repository": _nothing,
    "aws:iam/policy:Policy": _policy_changed,
    "aws:iam/role:Role": _role_changed,
    "aws:kms/alias:Alias": _without_tags("kms", "UpdateAlias", {"name": "AliasName"}),
    "aws:kms/key:Key": _key_changed,
    "aws:s3/bucket:Bucket": _bucket_changed,
    "aws:sagemaker/endpoint:Endpoint": _without_tags(
        "sagemaker", "UpdateEndpoint", {"name": "EndpointName"}
    ),
    "aws:sagemaker/pipeline:Pipeline": _pipeline("UpdatePipeline"),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": _nothing,
    "aws:scheduler/schedule:Schedule": _one("scheduler", "UpdateSchedule", PIPELINE_TARGET),
    "aws:sns/topic:Topic": _topic_changed,
}
