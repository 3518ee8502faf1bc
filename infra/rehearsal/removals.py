"""Which API call takes a resource away, by its type."""

from .api import Call, Props
from .computed import Made
from .requests import row

# In brackets for a list of one.
Removal = tuple[tuple[str, str, dict[str, str | list[str]]], ...]
RULE: dict[str, str | list[str]] = {"GroupId": "securityGroupId", "SecurityGroupRuleIds": ["id"]}
REMOVALS: dict[str, Removal] = {
    "aws:appautoscaling/policy:Policy": (
        (
            "application-autoscaling",
            "DeleteScalingPolicy",
            {
                "PolicyName": "name",
                "ServiceNamespace": "serviceNamespace",
                "ResourceId": "resourceId",
                "ScalableDimension": "scalableDimension",
            },
        ),
    ),
    "aws:appautoscaling/target:Target": (
        (
            "application-autoscaling",
            "DeregisterScalableTarget",
            {
                "ServiceNamespace": "serviceNamespace",
                "ResourceId": "resourceId",
                "ScalableDimension": "scalableDimension",
            },
        ),
    ),
    "aws:budgets/budget:Budget": (
        ("budgets", "DeleteBudget", {"AccountId": "account", "BudgetName": "name"}),
    ),
    "aws:cloudtrail/trail:Trail": (("cloudtrail", "DeleteTrail", {"Name": "name"}),),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": (
        ("cloudwatch", "DeleteAlarms", {"AlarmNames": ["alarmName"]}),
    ),
    "aws:cloudwatch/dashboard:Dashboard": (
        ("cloudwatch", "DeleteDashboards", {"DashboardNames": ["dashboardName"]}),
    ),
    "aws:cloudwatch/eventRule:EventRule": (
        ("events", "DeleteRule", {"Name": "name", "EventBusName": "eventBusName"}),
    ),
    "aws:cloudwatch/eventTarget:EventTarget": (
        ("events", "RemoveTargets", {"Rule": "rule", "Ids": ["targetId"]}),
    ),
    "aws:cloudwatch/logGroup:LogGroup": (("logs", "DeleteLogGroup", {"logGroupName": "name"}),),
    "aws:cloudwatch/metricAlarm:MetricAlarm": (
        ("cloudwatch", "DeleteAlarms", {"AlarmNames": ["name"]}),
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": (),
    "aws:ec2/flowLog:FlowLog": (("ec2", "DeleteFlowLogs", {"FlowLogIds": ["id"]}),),
    "aws:ec2/routeTable:RouteTable": (("ec2", "DeleteRouteTable", {"RouteTableId": "id"}),),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": (
        ("ec2", "DisassociateRouteTable", {"AssociationId": "id"}),
    ),
    "aws:ec2/securityGroup:SecurityGroup": (("ec2", "DeleteSecurityGroup", {"GroupId": "id"}),),
    "aws:ec2/subnet:Subnet": (("ec2", "DeleteSubnet", {"SubnetId": "id"}),),
    "aws:ec2/vpc:Vpc": (("ec2", "DeleteVpc", {"VpcId": "id"}),),
    "aws:ec2/vpcEndpoint:VpcEndpoint": (("ec2", "DeleteVpcEndpoints", {"VpcEndpointIds": ["id"]}),),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": (
        ("ecr", "DeleteLifecyclePolicy", {"repositoryName": "repository"}),
    ),
    "aws:ecr/repository:Repository": (("ecr", "DeleteRepository", {"repositoryName": "name"}),),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": (
        ("ecr", "DeleteRepositoryPolicy", {"repositoryName": "repository"}),
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": (
        ("iam", "DeleteOpenIDConnectProvider", {"OpenIDConnectProviderArn": "arn"}),
    ),
    "aws:iam/policy:Policy": (("iam", "DeletePolicy", {"PolicyArn": "arn"}),),
    "aws:iam/role:Role": (("iam", "DeleteRole", {"RoleName": "name"}),),
    "aws:iam/rolePolicy:RolePolicy": (
        ("iam", "DeleteRolePolicy", {"RoleName": "role", "PolicyName": "name"}),
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (
        ("iam", "DetachRolePolicy", {"RoleName": "role", "PolicyArn": "policyArn"}),
    ),
    "aws:kms/alias:Alias": (("kms", "DeleteAlias", {"AliasName": "name"}),),
    "aws:kms/key:Key": (("kms", "ScheduleKeyDeletion", {"KeyId": "id"}),),
    "aws:s3/bucket:Bucket": (("s3", "DeleteBucket", {"Bucket": "bucket"}),),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": (
        ("s3", "DeleteBucketLifecycle", {"Bucket": "bucket"}),
    ),
    "aws:s3/bucketLogging:BucketLogging": (),
    "aws:s3/bucketNotification:BucketNotification": (),
    "aws:s3/bucketObjectv2:BucketObjectv2": (
        ("s3", "DeleteObject", {"Bucket": "bucket", "Key": "key"}),
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": (
        ("s3", "DeleteBucketOwnershipControls", {"Bucket": "bucket"}),
    ),
    "aws:s3/bucketPolicy:BucketPolicy": (("s3", "DeleteBucketPolicy", {"Bucket": "bucket"}),),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": (
        ("s3", "DeletePublicAccessBlock", {"Bucket": "bucket"}),
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        ("s3", "DeleteBucketEncryption", {"Bucket": "bucket"}),
    ),
    "aws:s3/bucketVersioning:BucketVersioning": (),
    "aws:sagemaker/endpoint:Endpoint": (("sagemaker", "DeleteEndpoint", {"EndpointName": "name"}),),
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": (
        ("sagemaker", "DeleteEndpointConfig", {"EndpointConfigName": "name"}),
    ),
    "aws:sagemaker/mlflowApp:MlflowApp": (("sagemaker", "DeleteMlflowApp", {"Arn": "arn"}),),
    "aws:sagemaker/model:Model": (("sagemaker", "DeleteModel", {"ModelName": "name"}),),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": (
        (
            "sagemaker",
            "DeleteModelPackageGroup",
            {"ModelPackageGroupName": "modelPackageGroupName"},
        ),
    ),
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": (
        (
            "sagemaker",
            "DeleteModelPackageGroupPolicy",
            {"ModelPackageGroupName": "modelPackageGroupName"},
        ),
    ),
    "aws:sagemaker/pipeline:Pipeline": (
        (
            "sagemaker",
            "DeletePipeline",
            {"PipelineName": "pipelineName", "ClientRequestToken": "token"},
        ),
    ),
    "aws:scheduler/schedule:Schedule": (
        ("scheduler", "DeleteSchedule", {"Name": "name", "GroupName": "groupName"}),
    ),
    "aws:sns/topic:Topic": (("sns", "DeleteTopic", {"TopicArn": "arn"}),),
    "aws:sns/topicPolicy:TopicPolicy": (),
    "aws:sns/topicSubscription:TopicSubscription": (
        ("sns", "Unsubscribe", {"SubscriptionArn": "arn"}),
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": (
        ("ec2", "RevokeSecurityGroupEgress", RULE),
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": (
        ("ec2", "RevokeSecurityGroupIngress", RULE),
    ),
}


def removal(type_: str, made: Made, identity: str) -> list[Call]:
    """The call that takes the resource with this id away; none where it goes with another.

    `made.props` are its outputs.
    """
    requests = row(REMOVALS, type_)
    account, token = made.names.account, made.random(length=32)
    known = {"id": identity, "account": account, "token": token, **made.props}
    return [Call(service, operation, _picked(known, keys)) for service, operation, keys in requests]


def _picked(known: Props, keys: dict[str, str | list[str]]) -> Props:
    """Parameters by the property that they are, in brackets for a list of one."""
    one = {name: known.get(key) for name, key in keys.items() if isinstance(key, str)}
    several = {name: [known[key[0]]] for name, key in keys.items() if isinstance(key, list)}
    return {name: value for name, value in {**one, **several}.items() if value is not None}
