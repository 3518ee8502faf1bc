"""Which change makes a resource anew instead of changing it in place.

The Python SDK does not say it. The AWS provider's source marks such arguments `ForceNew` or
`RequiresReplace` (hashicorp/terraform-provider-aws, internal/service/<service>/<resource>.go).
Read there: endpoint, model package group, lifecycle policy, scaling policy, schedule; the others
are assumed. Only a real account proves any of them.
"""

# Properties, or paths, by type. `ALL` stands for every property but the tags.
ALL = "*"
REPLACES: dict[str, set[str]] = {
    "aws:appautoscaling/policy:Policy": {
        "name",
        "resourceId",
        "scalableDimension",
        "serviceNamespace",
    },
    "aws:appautoscaling/target:Target": {"resourceId", "scalableDimension", "serviceNamespace"},
    "aws:budgets/budget:Budget": {"name", "accountId"},
    "aws:cloudtrail/trail:Trail": {"name"},
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": {"alarmName"},
    "aws:cloudwatch/dashboard:Dashboard": {"dashboardName"},
    "aws:cloudwatch/eventRule:EventRule": {"name", "eventBusName"},
    "aws:cloudwatch/eventTarget:EventTarget": {"rule", "targetId", "eventBusName"},
    "aws:cloudwatch/logGroup:LogGroup": {"name", "logGroupClass"},
    "aws:cloudwatch/metricAlarm:MetricAlarm": {"name"},
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {"vpcId"},
    "aws:ec2/flowLog:FlowLog": {ALL},
    "aws:ec2/routeTable:RouteTable": {"vpcId"},
    "aws:ec2/routeTableAssociation:RouteTableAssociation": {"subnetId", "gatewayId"},
    "aws:ec2/securityGroup:SecurityGroup": {"name", "description", "vpcId"},
    "aws:ec2/subnet:Subnet": {"vpcId", "cidrBlock", "availabilityZone"},
    "aws:ec2/vpc:Vpc": {"cidrBlock"},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {"vpcId", "serviceName", "vpcEndpointType"},
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": {"repository", "policy"},
    "aws:ecr/repository:Repository": {"name", "encryptionConfigurations"},
    "aws:ecr/repositoryPolicy:RepositoryPolicy": {"repository"},
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {"url"},
    "aws:iam/policy:Policy": {"name", "path", "description"},
    "aws:iam/role:Role": {"name", "path"},
    "aws:iam/rolePolicy:RolePolicy": {"name", "role"},
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {"role", "policyArn"},
    "aws:kms/alias:Alias": {"name"},
    "aws:kms/key:Key": {"customerMasterKeySpec", "keyUsage", "multiRegion"},
    "aws:s3/bucket:Bucket": {"bucket", "objectLockEnabled"},
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {"bucket"},
    "aws:s3/bucketLogging:BucketLogging": {"bucket"},
    "aws:s3/bucketNotification:BucketNotification": {"bucket"},
    "aws:s3/bucketObjectv2:BucketObjectv2": {"bucket", "key"},
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": {"bucket"},
    "aws:s3/bucketPolicy:BucketPolicy": {"bucket"},
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {"bucket"},
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
        "bucket"
    },
    "aws:s3/bucketVersioning:BucketVersioning": {"bucket"},
    "aws:sagemaker/endpoint:Endpoint": {"name", "deploymentConfig.autoRollbackConfiguration"},
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": {ALL},
    "aws:sagemaker/mlflowApp:MlflowApp": {"name"},
    "aws:sagemaker/model:Model": {ALL},
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": {
        "modelPackageGroupName",
        "modelPackageGroupDescription",
    },
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": {"modelPackageGroupName"},
    "aws:sagemaker/pipeline:Pipeline": {"pipelineName"},
    "aws:scheduler/schedule:Schedule": {"name", "groupName"},
    "aws:sns/topic:Topic": {"name", "fifoTopic"},
    "aws:sns/topicPolicy:TopicPolicy": {"arn"},
    "aws:sns/topicSubscription:TopicSubscription": {"topic", "protocol", "endpoint"},
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {"securityGroupId"},
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {"securityGroupId"},
}

# Blocks that are marked themselves, and not what is in them: they must not come or go.
BLOCKS = {"deploymentConfig.autoRollbackConfiguration"}


def replaces(type_: str, path: str) -> bool:
    """Whether a change at this path (`rules[0].status`) makes it anew.

    Raises:
        KeyError: the type is not in the table.
    """
    if type_ not in REPLACES:
        raise KeyError(
            f"{type_} is not in the table of {__name__}: add what forces its replacement"
        )
    plain = path.replace("[", ".")
    forcing = REPLACES[type_]
    if ALL in forcing:
        return plain.split(".")[0] not in ("tags", "tagsAll")
    inside = [start for start in forcing - BLOCKS if plain.startswith(f"{start}.")]
    return plain in forcing or bool(inside)
