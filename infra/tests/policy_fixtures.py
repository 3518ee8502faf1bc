"""For each rule: resources that obey it, and the same with one fault each."""

import json
from typing import Any

from infra.policies import iam, keys, network, observability, sagemaker, storage
from infra.rehearsal.record import Resource

Resources = list[Resource]
ACCOUNT = "123456789012"
KEY_ARN = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
TOPIC_ARN = f"arn:aws:sns:eu-west-1:{ACCOUNT}:alarms"


def made(
    type_: str, name: str = "it", /, *, known: dict[str, str] | None = None, **props: Any
) -> Resource:
    """A resource as `record` gives it. `protect` and `retain` are options, `known` are outputs."""
    options = {"protect": props.pop("protect", False), "retain": props.pop("retain", False)}
    given = {key: value for key, value in props.items() if value is not None}
    return Resource(
        type=type_,
        name=name,
        urn=f"urn:pulumi:dev::project-foundation::{type_}::{name}",
        props=given,
        outputs={"id": name, "name": name, **given, **(known or {})},
        custom=True,
        parent="",
        dependencies=(),
        property_dependencies={},
        protect=options["protect"],
        retain_on_delete=options["retain"],
        ignore_changes=(),
        delete_before_replace=False,
        replace_on_changes=(),
        hooks=(),
        provider="",
    )


def document(**statement: Any) -> str:
    """A policy of one statement; the field `who` is its Principal."""
    if "who" in statement:
        statement["Principal"] = statement.pop("who")
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def trust(**statement: Any) -> Resources:
    return [made(iam.ROLE, assumeRolePolicy=document(Action="sts:AssumeRole", **statement))]


def workflow(**compared: Any) -> Resources:
    """A role for a CI system whose token's claims are compared so."""
    claims = {
        f"token.actions.githubusercontent.com:{name}": value for name, value in compared.items()
    }
    provider = {
        "Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    }
    return trust(who=provider, Condition={"StringLike": claims})


def grant(
    action: Any, resource: Any, condition: Any = None, *, type_: str = iam.ROLE_POLICY
) -> Resources:
    statement = {"Action": action, "Resource": resource, "Condition": condition}
    return [
        made(type_, policy=document(**{key: value for key, value in statement.items() if value}))
    ]


def passing(resource: str, condition: Any) -> Resources:
    return grant("iam:PassRole", resource, condition)


def bucket(name: str = "data") -> Resource:
    return made(storage.BUCKET, name, bucket=name, known={"arn": f"arn:aws:s3:::{name}"})


def with_bucket(type_: str, **props: Any) -> Resources:
    return [bucket(), made(type_, bucket="data", **props)]


def encrypted(algorithm: str, key: str | None) -> Resources:
    default = {"sseAlgorithm": algorithm, **({"kmsMasterKeyId": key} if key else {})}
    return with_bucket(storage.ENCRYPTION, rules=[{"applyServerSideEncryptionByDefault": default}])


def blocked(**off: bool) -> Resources:
    return with_bucket(storage.ACCESS_BLOCK, **{**dict.fromkeys(storage.BLOCKS, True), **off})


def expiring(**one: Any) -> Resources:
    default = {"status": "Enabled", "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7}}
    return [made(storage.LIFECYCLE, bucket="data", rules=[{**default, **one}])]


def tls(resources: list[str], **other: Any) -> Resources:
    statement = {
        "Effect": "Deny",
        "who": "*",
        "Action": "s3:*",
        "Resource": resources,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        **other,
    }
    return with_bucket(storage.BUCKET_POLICY, policy=document(**statement))


def repository(**props: Any) -> Resources:
    default = {
        "imageTagMutability": "IMMUTABLE",
        "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": KEY_ARN}],
        "imageScanningConfiguration": {"scanOnPush": True},
    }
    return [made(storage.REPOSITORY, **{**default, **props})]


def key(policy: str | None, **props: Any) -> Resources:
    return [made(keys.KEY, **{"enableKeyRotation": True, "policy": policy, **props})]


def key_policy(**statement: Any) -> Resources:
    return key(document(**{"Action": "kms:*", "Resource": "*", **statement}))


def pseudonym_key(name: str = "pseudonym", /, **statement: Any) -> Resources:
    """A key under an alias, which its policy lets the account use."""
    alias = made(keys.ALIAS, name=f"alias/project-dev-{name}", targetKeyId="it")
    return [alias, *key_policy(who={"AWS": ROOT}, **statement)]


def topic_policy(**statement: Any) -> Resources:
    policy = document(Action="sns:Publish", Resource=TOPIC_ARN, **statement)
    return [made(observability.TOPIC_POLICY, arn=TOPIC_ARN, policy=policy)]


def vpc(*others: Resource) -> Resources:
    return [made(network.VPC, "net"), *others]


def group(description: str | None = "Jobs.") -> Resource:
    return made(network.GROUP, "jobs", description=description)


def model(**props: Any) -> Resource:
    default = {
        "primaryContainer": {"modelPackageName": "arn:aws:sagemaker:package/1"},
        "vpcConfig": {"subnets": ["subnet-1"], "securityGroupIds": ["sg-1"]},
        "enableNetworkIsolation": True,
        "retain": True,
    }
    return made(sagemaker.MODEL, "model", **{**default, **props})


def configuration(**props: Any) -> Resource:
    default = {
        "productionVariants": [on_instances()],
        "kmsKeyArn": KEY_ARN,
        "dataCaptureConfig": {"enableCapture": True, "kmsKeyId": KEY_ARN},
        "retain": True,
    }
    return made(sagemaker.CONFIGURATION, "configuration", **{**default, **props})


def on_instances(count: int | None = 2) -> dict[str, Any]:
    return {"variantName": "all", "modelName": "model", "initialInstanceCount": count}


SERVERLESS = {
    "variantName": "all",
    "modelName": "model",
    "serverlessConfig": {"memorySizeInMb": 2048, "maxConcurrency": 5},
}


def endpoint(*alarms: str, protect: bool = True) -> Resource:
    rollback = {"autoRollbackConfiguration": {"alarms": [{"alarmName": name} for name in alarms]}}
    return made(
        sagemaker.ENDPOINT,
        "endpoint",
        endpointConfigName="configuration",
        deploymentConfig=rollback,
        protect=protect,
    )


def alarm(name: str = "errors", **props: Any) -> Resource:
    default = {"alarmActions": [TOPIC_ARN], "dimensions": {"EndpointConfigName": "configuration"}}
    return made(observability.METRIC_ALARM, name, **{**default, **props})


def pipeline(**changed: Any) -> Resources:
    """A pipeline with one training step behind a condition."""
    arguments = {
        "ResourceConfig": {"InstanceCount": 1, "VolumeKmsKeyId": KEY_ARN},
        "OutputDataConfig": {"KmsKeyId": KEY_ARN},
        "VpcConfig": {"Subnets": ["subnet-1"]},
        **changed,
    }
    training = {"Name": "train", "Type": "Training", "Arguments": arguments}
    steps = [{"Name": "gate", "Type": "Condition", "Arguments": {"IfSteps": [training]}}]
    return [made(sagemaker.PIPELINE, pipelineDefinition=json.dumps({"Steps": steps}))]


def processing(**changed: Any) -> Resources:
    """A pipeline with one processing step whose definition is an object in a bucket."""
    cluster = {"InstanceCount": changed.pop("InstanceCount", 1), "VolumeKmsKeyId": KEY_ARN}
    arguments = {
        "ProcessingResources": {"ClusterConfig": cluster},
        "ProcessingOutputConfig": {"KmsKeyId": KEY_ARN},
        "NetworkConfig": {"EnableNetworkIsolation": True},
        **changed,
    }
    steps = [{"Name": "ingest", "Type": "Processing", "Arguments": arguments}]
    location = {"bucket": "artifacts", "objectKey": "definitions/1.json"}
    return [
        made(sagemaker.PIPELINE, pipelineDefinitionS3Location=location),
        made(sagemaker.OBJECT, key="definitions/1.json", content=json.dumps({"Steps": steps})),
    ]


ROOT = f"arn:aws:iam::{ACCOUNT}:root"
OTHER = "arn:aws:iam::999999999999:role/theirs"
SAGEMAKER = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
CALLED_BY_INGEST = {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/project-dev-ingest"}
CONTEXT = {"kms:EncryptionContext:purpose": "pseudonym"}
FOR_INGEST = {**CALLED_BY_INGEST, **CONTEXT}
PIPELINES_ROLE = f"arn:aws:iam::{ACCOUNT}:role/project-dev-training"
PINNED = {"aud": "sts.amazonaws.com", "sub": "repo:owner/name:environment:dev"}
ARNS = ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]
LOGGED = made(storage.LOGGING, bucket="data", targetBucket="logs")

# Rule -> what obeys it, what does not.
CASES: dict[str, tuple[list[Resources], list[Resources]]] = {
    "trust-names-principals": (
        [trust(who={"Service": "sagemaker.amazonaws.com"}), trust(who={"AWS": OTHER})],
        [trust(who="*"), trust(who={"AWS": ["*"]})],
    ),
    "trust-not-whole-account": (
        [
            trust(who={"AWS": OTHER}),
            trust(who={"AWS": ROOT}, Condition={"ArnLike": {"aws:PrincipalArn": OTHER}}),
        ],
        [
            trust(who={"AWS": ROOT}),
            trust(who={"AWS": ["999999999999"]}),
            trust(who={"AWS": ROOT}, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        ],
    ),
    "trust-pins-workflow": (
        [workflow(**PINNED), workflow(**{**PINNED, "sub": "project_path:group/a/b:ref:*"})],
        [
            workflow(sub=PINNED["sub"]),
            workflow(aud=PINNED["aud"]),
            workflow(**{**PINNED, "sub": "*"}),
            workflow(**{**PINNED, "sub": "repo:owner/*"}),
            workflow(**{**PINNED, "sub": "repo:owner*"}),
            workflow(**{**PINNED, "sub": ["repo:owner/name:*", "environment:dev"]}),
        ],
    ),
    "grant-no-star-action": (
        [
            grant("s3:*", "arn:aws:s3:::data"),
            [
                made(
                    iam.POLICY,
                    name="project-dev-boundary",
                    policy=document(Action="*", Resource="*"),
                )
            ],
        ],
        [
            grant("*", "*"),
            grant(["s3:GetObject", "*"], "arn:aws:s3:::data", type_=iam.POLICY),
            [made(iam.ROLE_POLICY, policy=document(NotAction="iam:*", Resource="*"))],
            [made(iam.ROLE, inlinePolicies=[{"policy": document(Action="*", Resource="*")}])],
        ],
    ),
    "grant-no-full-iam": ([grant("iam:GetRole", "*")], [grant("iam:*", OTHER), grant("*", OTHER)]),
    "grant-no-managed-admin": (
        [[made(iam.ROLE, managedPolicyArns=["arn:aws:iam::aws:policy/ReadOnlyAccess"])]],
        [
            [made(iam.ROLE, managedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"])],
            [made(iam.ATTACHMENT, policyArn="arn:aws:iam::aws:policy/IAMFullAccess")],
        ],
    ),
    "grant-boundary-never": (
        [[made(iam.ROLE, permissionsBoundary="arn:aws:iam::1:policy/project-dev-boundary")]],
        [[made(iam.ROLE, managedPolicyArns=["arn:aws:iam::1:policy/project-dev-boundary"])]],
    ),
    "grant-names-resources": (
        [
            grant("s3:GetObject", "arn:aws:s3:::data/*"),
            grant("ecr:GetAuthorizationToken", "*"),
            grant("s3:GetObject", "*", {"StringEquals": {"s3:ExistingObjectTag/approved": "true"}}),
        ],
        [grant("s3:GetObject", "*"), grant(["ec2:DescribeVpcs", "ec2:*"], ["*"])],
    ),
    "grant-no-credentials": (
        [grant("sts:AssumeRole", OTHER), grant("ecr:GetAuthorizationToken", "*")],
        [grant("sts:AssumeRole", "*"), grant("sts:*", "*"), grant("iam:CreateAccessKey", "*")],
    ),
    "passrole-pinned": (
        [passing(PIPELINES_ROLE, SAGEMAKER), grant("iam:GetRole", "*")],
        [
            passing(PIPELINES_ROLE, None),
            passing("*", SAGEMAKER),
            passing(f"arn:aws:iam::{ACCOUNT}:role/*", SAGEMAKER),
            passing(PIPELINES_ROLE, {"StringLike": SAGEMAKER["StringEquals"]}),
            passing(PIPELINES_ROLE, {"StringEquals": {"iam:PassedToService": "*"}}),
            grant("iam:Pass*", PIPELINES_ROLE),
        ],
    ),
    "role-has-boundary": (
        [[made(iam.ROLE, permissionsBoundary="arn:aws:iam::1:policy/project-dev-boundary")]],
        [[made(iam.ROLE)], [made(iam.ROLE, permissionsBoundary="")]],
    ),
    "bucket-versioned": (
        [with_bucket(storage.VERSIONING, versioningConfiguration={"status": "Enabled"})],
        [
            [bucket()],
            with_bucket(storage.VERSIONING, versioningConfiguration={"status": "Suspended"}),
            [
                bucket("logs"),
                *with_bucket(storage.VERSIONING, versioningConfiguration={"status": "Enabled"}),
            ],
        ],
    ),
    "bucket-logs-access": ([[bucket(), LOGGED], [bucket("logs"), LOGGED]], [[bucket()]]),
    "bucket-encrypted": (
        [
            encrypted("aws:kms", KEY_ARN),
            [
                *encrypted("AES256", None),
                made(storage.LOGGING, bucket="other", targetBucket="data"),
            ],
        ],
        [
            [bucket()],
            encrypted("AES256", None),
            encrypted("aws:kms", None),
            [
                *encrypted("aws:kms", KEY_ARN),
                made(storage.LOGGING, bucket="other", targetBucket="data"),
            ],
        ],
    ),
    "bucket-not-public": (
        [blocked()],
        [[bucket()], *(blocked(**{key: False}) for key in storage.BLOCKS)],
    ),
    "bucket-without-acls": (
        [with_bucket(storage.OWNERSHIP, rule={"objectOwnership": "BucketOwnerEnforced"})],
        [[bucket()], with_bucket(storage.OWNERSHIP, rule={"objectOwnership": "ObjectWriter"})],
    ),
    "bucket-has-lifecycle": ([[bucket(), *expiring()]], [[bucket()]]),
    "bucket-aborts-uploads": (
        [expiring(), expiring(filter={"prefix": ""})],
        [
            expiring(status="Disabled"),
            expiring(filter={"prefix": "source/"}),
            expiring(abortIncompleteMultipartUpload=None),
        ],
    ),
    "bucket-tls-only": (
        [tls(ARNS)],
        [
            [bucket()],
            tls(ARNS[1:]),
            tls(ARNS, Effect="Allow"),
            tls(ARNS, who={"AWS": OTHER}),
            tls(ARNS, Action="s3:GetObject"),
            tls(ARNS, Condition={"Bool": {"aws:SecureTransport": "true"}}),
        ],
    ),
    "bucket-policy-names-principals": (
        [
            tls(ARNS),
            tls(ARNS, Effect="Allow", who={"AWS": OTHER}),
            tls(ARNS, Effect="Allow", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        ],
        [
            tls(ARNS, Effect="Allow", Condition={}),
            tls(ARNS, Effect="Allow", Condition={}, who={"AWS": "*"}),
        ],
    ),
    "image-tags-immutable": (
        [repository()],
        [repository(imageTagMutability="MUTABLE"), repository(imageTagMutability=None)],
    ),
    "images-encrypted": (
        [repository()],
        [
            repository(encryptionConfigurations=None),
            repository(encryptionConfigurations=[{"encryptionType": "AES256"}]),
        ],
    ),
    "images-scanned": (
        [repository()],
        [
            repository(imageScanningConfiguration=None),
            repository(imageScanningConfiguration={"scanOnPush": False}),
        ],
    ),
    "key-rotates": (
        [key(None), key(None, customerMasterKeySpec="RSA_4096", enableKeyRotation=None)],
        [key(None, enableKeyRotation=None), key(None, enableKeyRotation=False)],
    ),
    "key-policy-names-principals": (
        [
            key_policy(who={"AWS": ROOT}),
            key_policy(who="*", Condition={"StringEquals": {"kms:CallerAccount": ACCOUNT}}),
        ],
        [key_policy(who="*"), key_policy(who={"AWS": "*"})],
    ),
    "key-policy-written": ([key_policy(who={"AWS": ROOT})], [key(None)]),
    "key-of-pseudonyms-closed": (
        [
            pseudonym_key(Action="kms:Decrypt", Condition={"StringEquals": FOR_INGEST}),
            pseudonym_key(Action=["kms:Encrypt", "kms:Describe*"]),
            pseudonym_key("data"),
        ],
        [
            pseudonym_key(),
            pseudonym_key(Action="kms:Create*"),
            pseudonym_key(Action="kms:Decrypt"),
            pseudonym_key(Action="kms:ReEncrypt*", Condition={"StringEquals": CONTEXT}),
            pseudonym_key(Action="kms:Decrypt", Condition={"StringEquals": CALLED_BY_INGEST}),
            pseudonym_key(Action="kms:Decrypt", Condition={"StringLike": FOR_INGEST}),
        ],
    ),
    "group-described": (
        [[group()], [made(network.INGRESS, description="From jobs.")]],
        [
            [group(None)],
            [group("Managed by Pulumi")],
            [made(network.EGRESS)],
            [made(network.GROUP, description="Jobs.", ingress=[{"fromPort": 443}])],
        ],
    ),
    "subnet-private": (
        [[made(network.SUBNET)]],
        [[made(network.SUBNET, mapPublicIpOnLaunch=True)]],
    ),
    "group-used": (
        [
            [group(), made(network.VPC_ENDPOINT, securityGroupIds=["jobs"])],
            [group(), made(network.INGRESS, referencedSecurityGroupId="jobs")],
        ],
        [[group(), made(network.VPC_ENDPOINT, securityGroupIds=["other"])]],
    ),
    "vpc-has-flow-log": (
        [vpc(made(network.FLOW_LOG, vpcId="net"))],
        [vpc(), vpc(made(network.FLOW_LOG, vpcId="other"))],
    ),
    "vpc-default-group-closed": (
        [vpc(made(network.DEFAULT_GROUP, "default", vpcId="net"))],
        [
            vpc(),
            vpc(made(network.DEFAULT_GROUP, "default", vpcId="net", egress=[{"protocol": "-1"}])),
            vpc(
                made(network.DEFAULT_GROUP, "default", vpcId="net"),
                made(network.INGRESS, securityGroupId="default"),
            ),
        ],
    ),
    "model-in-vpc": (
        [[model()], [model(vpcConfig=None), configuration(productionVariants=[SERVERLESS])]],
        [
            [model(vpcConfig=None)],
            [model(vpcConfig={"subnets": [], "securityGroupIds": []}), configuration()],
        ],
    ),
    "model-isolated": (
        [
            [model()],
            [model(enableNetworkIsolation=None), configuration(productionVariants=[SERVERLESS])],
        ],
        [
            [model(enableNetworkIsolation=None)],
            [model(enableNetworkIsolation=False), configuration()],
        ],
    ),
    "model-from-registry": (
        [[model()]],
        [
            [model(primaryContainer=None)],
            [model(primaryContainer={"image": "image", "modelDataUrl": "s3://a/b"})],
            [model(primaryContainer={"modelPackageName": "arn", "image": "image"})],
        ],
    ),
    "model-without-name": (
        [[model(), configuration()]],
        [[model(name="model")], [configuration(name="configuration")]],
    ),
    "model-retained": (
        [[model(), configuration()]],
        [[model(retain=False)], [configuration(retain=False)]],
    ),
    "endpoint-storage-encrypted": (
        [[configuration()], [configuration(kmsKeyArn=None, productionVariants=[SERVERLESS])]],
        [[configuration(kmsKeyArn=None)]],
    ),
    "endpoint-capture-encrypted": (
        [[configuration()], [configuration(dataCaptureConfig=None)]],
        [[configuration(dataCaptureConfig={"enableCapture": True})]],
    ),
    "endpoint-on-two-instances": (
        [[configuration()], [configuration(productionVariants=[SERVERLESS])]],
        [
            [configuration(productionVariants=[on_instances(1)])],
            [configuration(productionVariants=[on_instances(None)])],
        ],
    ),
    "endpoint-protected": ([[endpoint()]], [[endpoint(protect=False)]]),
    "endpoint-rolls-back": ([[endpoint("errors")]], [[endpoint()], [made(sagemaker.ENDPOINT)]]),
    "endpoint-watches-new-fleet": (
        [
            [endpoint("errors", "other"), alarm()],
            [
                endpoint("errors"),
                alarm(
                    dimensions=None,
                    metricQueries=[
                        {"metric": {"dimensions": {"EndpointConfigName": "configuration"}}}
                    ],
                ),
            ],
        ],
        [
            [endpoint("errors")],
            [endpoint("other"), alarm()],
            [endpoint("errors"), alarm(dimensions={"EndpointName": "endpoint"})],
            [endpoint("errors"), alarm(dimensions={"EndpointConfigName": "the-one-before"})],
        ],
    ),
    "endpoint-scales": (
        [
            [
                endpoint(),
                configuration(),
                made(sagemaker.SCALING_TARGET, resourceId="endpoint/endpoint/variant/all"),
            ],
            [endpoint(), configuration(productionVariants=[SERVERLESS])],
        ],
        [
            [endpoint(), configuration()],
            [
                endpoint(),
                configuration(),
                made(sagemaker.SCALING_TARGET, resourceId="endpoint/endpoint/variant/other"),
            ],
        ],
    ),
    "job-encrypted": (
        [pipeline(), processing()],
        [
            pipeline(ResourceConfig={"InstanceCount": 1}),
            pipeline(OutputDataConfig={"S3OutputPath": "s3://artifacts"}),
            processing(ProcessingOutputConfig={"Outputs": []}),
        ],
    ),
    "job-traffic-encrypted": (
        [
            pipeline(),
            processing(
                InstanceCount=2,
                NetworkConfig={"EnableInterContainerTrafficEncryption": True},
            ),
        ],
        [processing(InstanceCount=2), processing(InstanceCount={"Get": "Parameters.Hosts"})],
    ),
    "job-confined": (
        [pipeline(), processing(), pipeline(VpcConfig=None, EnableNetworkIsolation=True)],
        [pipeline(VpcConfig=None), processing(NetworkConfig={"EnableNetworkIsolation": False})],
    ),
    "job-key-encrypted": (
        [pipeline(), processing(Environment={"PSEUDONYM_KEY_ENCRYPTED": "AQ=="})],
        [
            pipeline(Environment={"PSEUDONYM_KEY": "0" * 64}),
            processing(Environment={"PSEUDONYM_KEY": "0" * 64}),
        ],
    ),
    "logs-expire": (
        [[made(observability.LOG_GROUP, retentionInDays=7)]],
        [[made(observability.LOG_GROUP)], [made(observability.LOG_GROUP, retentionInDays=0)]],
    ),
    "logs-kept-a-year": (
        [
            [made(observability.LOG_GROUP, retentionInDays=365)],
            [made(observability.LOG_GROUP, retentionInDays=0)],
        ],
        [[made(observability.LOG_GROUP, retentionInDays=180)]],
    ),
    "logs-encrypted": (
        [[made(observability.LOG_GROUP, kmsKeyId=KEY_ARN)]],
        [[made(observability.LOG_GROUP)]],
    ),
    "alarm-enabled": (
        [[alarm()], [alarm(actionsEnabled=True)]],
        [
            [alarm(actionsEnabled=False)],
            [made(observability.COMPOSITE_ALARM, actionsEnabled=False)],
        ],
    ),
    "alarm-has-action": (
        [[alarm()]],
        [
            [alarm(alarmActions=[])],
            [alarm(alarmActions=None)],
            [made(observability.COMPOSITE_ALARM)],
        ],
    ),
    "topic-encrypted": (
        [[made(observability.TOPIC, kmsMasterKeyId=KEY_ARN)]],
        [[made(observability.TOPIC)]],
    ),
    "topic-key-ours": (
        [[made(observability.TOPIC, kmsMasterKeyId=KEY_ARN)]],
        [[made(observability.TOPIC, kmsMasterKeyId="alias/aws/sns")]],
    ),
    "topic-policy-names-principals": (
        [
            topic_policy(who={"Service": "cloudwatch.amazonaws.com"}),
            topic_policy(who="*", Condition={"StringEquals": {"aws:SourceOwner": ACCOUNT}}),
        ],
        [topic_policy(who="*"), topic_policy(who={"AWS": ["*"]})],
    ),
    "topic-stays-in-account": (
        [
            topic_policy(who={"AWS": ROOT}),
            topic_policy(who={"AWS": OTHER}, Condition={"ArnLike": {"aws:PrincipalArn": OTHER}}),
        ],
        [topic_policy(who={"AWS": OTHER}), topic_policy(who={"AWS": [ROOT, "999999999999"]})],
    ),
    "budget-there": (
        [[made(observability.BUDGET, budgetType="COST", notifications=[{"threshold": 80}])]],
        [
            [],
            [made(observability.BUDGET, budgetType="USAGE", notifications=[{"threshold": 80}])],
            [made(observability.BUDGET, budgetType="COST")],
        ],
    ),
    "type-has-rules": (
        [[model()]],
        [[made("aws:sagemaker/notebookInstance:NotebookInstance")]],
    ),
}
