"""Rules about models, endpoints and jobs.

A serverless endpoint has no network of ours, no isolation, no instances and no volume: rules about
those leave it, and its model, alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .observability import METRIC_ALARM
from .rule import Found, Props, of_type, rule, whole_rule

if TYPE_CHECKING:
    from infra.rehearsal.record import Resource

MODEL = "aws:sagemaker/model:Model"
CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
PIPELINE = "aws:sagemaker/pipeline:Pipeline"
SCALING_TARGET = "aws:appautoscaling/target:Target"
OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"


def variants(configuration: Props) -> list[Props]:
    """The production and shadow variants of an endpoint configuration."""
    return [
        *configuration["productionVariants"],
        *(configuration.get("shadowProductionVariants") or []),
    ]


def serverless(configuration: Props) -> bool:
    """Whether no variant runs on instances."""
    return all(variant.get("serverlessConfig") for variant in variants(configuration))


def on_instances(resources: list[Resource]) -> list[Resource]:
    """The models that run on instances: all but those of serverless configurations alone."""
    without = {
        variant["modelName"]
        for configuration in of_type(resources, CONFIGURATION)
        if serverless(configuration.props)
        for variant in variants(configuration.props)
    }
    return [one for one in of_type(resources, MODEL) if one.outputs["name"] not in without]


@whole_rule(
    "model-in-vpc",
    sources=("sagemaker-model-in-vpc",),
    reason="Outside a VPC, a model answers to no network rule of ours.",
    remedy="Set vpcConfig to the foundation's subnets and security groups.",
)
def model_in_vpc(resources: list[Resource]) -> Iterator[Found]:
    for model in on_instances(resources):
        vpc = model.props.get("vpcConfig") or {}
        if not vpc.get("subnets") or not vpc.get("securityGroupIds"):
            yield model, "it is not in a VPC"


@whole_rule(
    "model-isolated",
    sources=("SageMaker.5", "CKV_AWS_370"),
    reason="A container without a network sends nobody's data anywhere.",
    remedy="Set enableNetworkIsolation.",
)
def model_isolated(resources: list[Resource]) -> Iterator[Found]:
    for model in on_instances(resources):
        if not model.props.get("enableNetworkIsolation"):
            yield model, "its container has a network"


@rule(
    "model-from-registry",
    MODEL,
    sources=("ours",),
    reason="What the registry does not know, nobody has approved.",
    remedy="Name the model package in primaryContainer.modelPackageName, and nothing else.",
)
def model_from_registry(_type: str, props: Props) -> Iterator[str]:
    containers = [props.get("primaryContainer") or {}, *(props.get("containers") or [])]
    named = [one for one in containers if one]
    if not named or not all(one.get("modelPackageName") for one in named):
        yield "it does not come from a model package"
    for key in ("image", "modelDataUrl", "modelDataSource"):
        if any(one.get(key) for one in named):
            yield f"{key} goes round the model package"


@rule(
    "model-without-name",
    MODEL,
    CONFIGURATION,
    sources=("ours",),
    reason="A fixed name is deleted before it is made anew, and the new model never rolls out.",
    remedy="Leave the name out; Pulumi makes one.",
)
def model_without_name(_type: str, props: Props) -> Iterator[str]:
    if props.get("name"):
        yield f"it has the fixed name {props['name']!r}"


@whole_rule(
    "model-retained",
    sources=("ours",),
    reason="AWS may roll back to the model before, and report success.",
    remedy="Set retain_on_delete; `make janitor` removes what is left.",
)
def model_retained(resources: list[Resource]) -> Iterator[Found]:
    for resource in of_type(resources, MODEL, CONFIGURATION):
        if not resource.retain_on_delete:
            yield resource, "a promotion deletes it"


@rule(
    "endpoint-storage-encrypted",
    CONFIGURATION,
    sources=("CKV_AWS_98",),
    reason="The volumes hold the model and what it is asked.",
    remedy="Set kmsKeyArn to the key for data.",
)
def endpoint_storage_encrypted(_type: str, props: Props) -> Iterator[str]:
    if not serverless(props) and not props.get("kmsKeyArn"):
        yield "its volumes are not encrypted with a key of ours"


@rule(
    "endpoint-capture-encrypted",
    CONFIGURATION,
    sources=("ours",),
    reason="Captured requests are data like all other.",
    remedy="Set dataCaptureConfig.kmsKeyId to the key for data.",
)
def endpoint_capture_encrypted(_type: str, props: Props) -> Iterator[str]:
    capture = props.get("dataCaptureConfig") or {}
    if capture.get("enableCapture") and not capture.get("kmsKeyId"):
        yield "captured requests are not encrypted with a key of ours"


@rule(
    "endpoint-on-two-instances",
    CONFIGURATION,
    sources=("SageMaker.4",),
    reason="One instance is in one zone; and a canary takes half the fleet at most.",
    remedy="Set initialInstanceCount to 2 or more.",
)
def endpoint_on_two_instances(_type: str, props: Props) -> Iterator[str]:
    for variant in props["productionVariants"]:
        count = int(variant.get("initialInstanceCount") or 1)
        if not variant.get("serverlessConfig") and count < 2:
            yield f"{variant['variantName']} starts on {count} instance"


@whole_rule(
    "endpoint-protected",
    sources=("ours",),
    reason="Callers depend on it.",
    remedy="Set protect on the endpoint.",
)
def endpoint_protected(resources: list[Resource]) -> Iterator[Found]:
    for endpoint in of_type(resources, ENDPOINT):
        if not endpoint.protect:
            yield endpoint, "it can be destroyed by mistake"


@rule(
    "endpoint-rolls-back",
    ENDPOINT,
    sources=("ours",),
    reason="Without alarms, a model that fails every request is rolled out to the end; "
    "added later, they replace the endpoint.",
    remedy="Set deploymentConfig.autoRollbackConfiguration from the first deployment.",
)
def endpoint_rolls_back(_type: str, props: Props) -> Iterator[str]:
    if not rollback_alarms(props):
        yield "no alarm rolls a deployment back"


@whole_rule(
    "endpoint-watches-new-fleet",
    sources=("ours",),
    reason="A canary's errors drown in the old fleet's traffic.",
    remedy="Add an alarm with the dimension EndpointConfigName of the new configuration "
    "to the rollback's.",
)
def endpoint_watches_new_fleet(resources: list[Resource]) -> Iterator[Found]:
    for endpoint in of_type(resources, ENDPOINT):
        names = rollback_alarms(endpoint.props)
        alarms = [
            alarm
            for alarm in of_type(resources, METRIC_ALARM)
            if alarm.outputs["name"] in names
            and endpoint.props["endpointConfigName"] in fleets(alarm.props)
        ]
        if not alarms:
            yield endpoint, "none of the rollback's alarms watches the new fleet alone"


@whole_rule(
    "endpoint-scales",
    sources=("ours",),
    reason="A fleet of fixed size is too small or too dear.",
    remedy="Add a scaling Target for `endpoint/<name>/variant/<variant>`.",
)
def endpoint_scales(resources: list[Resource]) -> Iterator[Found]:
    scaled = {target.props["resourceId"] for target in of_type(resources, SCALING_TARGET)}
    for endpoint in of_type(resources, ENDPOINT):
        for configuration in of_type(resources, CONFIGURATION):
            if configuration.outputs["name"] != endpoint.props["endpointConfigName"]:
                continue
            for variant in configuration.props["productionVariants"]:
                name = f"endpoint/{endpoint.outputs['name']}/variant/{variant['variantName']}"
                if not variant.get("serverlessConfig") and name not in scaled:
                    yield endpoint, f"nothing scales {name}"


@whole_rule(
    "job-encrypted",
    sources=("ours",),
    reason="What CKV_AWS_367 and CKV_AWS_368 ask of AWS's monitoring jobs holds for ours: "
    "volumes and outputs hold data.",
    remedy="Set VolumeKmsKeyId and the outputs' KmsKeyId to the key for data.",
)
def job_encrypted(resources: list[Resource]) -> Iterator[Found]:
    for pipeline, step, arguments in jobs(resources):
        if not cluster(arguments).get("VolumeKmsKeyId"):
            yield pipeline, f"step {step}: its volume is not encrypted with a key of ours"
        if not (_outputs(arguments)).get("KmsKeyId"):
            yield pipeline, f"step {step}: its output is not encrypted with a key of ours"


@whole_rule(
    "job-traffic-encrypted",
    sources=("ours",),
    reason="What SageMaker.9, .10, .13, .15, .22 and CKV_AWS_369 ask of AWS's monitoring jobs "
    "holds for ours, where a job has more than one host.",
    remedy="Set EnableInterContainerTrafficEncryption.",
)
def job_traffic_encrypted(resources: list[Resource]) -> Iterator[Found]:
    for pipeline, step, arguments in jobs(resources):
        settings = {**arguments, **(arguments.get("NetworkConfig") or {})}
        several = cluster(arguments).get("InstanceCount") != 1
        if several and not settings.get("EnableInterContainerTrafficEncryption"):
            yield pipeline, f"step {step}: its hosts talk in clear"


@whole_rule(
    "job-confined",
    sources=("ours",),
    reason="What SageMaker.11, .12, .14, .20 and .25 ask of AWS's monitoring jobs holds for ours; "
    "a job that calls AWS cannot be isolated, and is kept in the VPC.",
    remedy="Give the job the foundation's subnets, or EnableNetworkIsolation.",
)
def job_confined(resources: list[Resource]) -> Iterator[Found]:
    for pipeline, step, arguments in jobs(resources):
        settings = {**arguments, **(arguments.get("NetworkConfig") or {})}
        if not settings.get("VpcConfig") and not settings.get("EnableNetworkIsolation"):
            yield pipeline, f"step {step}: it has the whole internet"


@whole_rule(
    "job-key-encrypted",
    sources=("ours",),
    reason="Whoever may describe a job or a pipeline reads its environment.",
    remedy="Hand the key of pseudonyms over as KMS has encrypted it: `make pseudonym-key`.",
)
def job_key_encrypted(resources: list[Resource]) -> Iterator[Found]:
    for pipeline, step, arguments in jobs(resources):
        if "PSEUDONYM_KEY" in (arguments.get("Environment") or {}):
            yield pipeline, f"step {step}: the key of pseudonyms is in clear in its environment"


def rollback_alarms(endpoint: Props) -> set[str]:
    """The names of the alarms that roll an endpoint's deployment back."""
    deployment = endpoint.get("deploymentConfig") or {}
    alarms = (deployment.get("autoRollbackConfiguration") or {}).get("alarms") or []
    return {alarm["alarmName"] for alarm in alarms}


def fleets(alarm: Props) -> set[str]:
    """The endpoint configurations that an alarm's metrics are limited to."""
    metrics = [query.get("metric") or {} for query in alarm.get("metricQueries") or []]
    found = [(one.get("dimensions") or {}).get("EndpointConfigName") for one in [alarm, *metrics]]
    return {name for name in found if name}


def jobs(resources: list[Resource]) -> Iterator[tuple[Resource, str, dict[str, Any]]]:
    """Each processing and training step of each pipeline: its pipeline, name and arguments."""
    for pipeline in of_type(resources, PIPELINE):
        for step in _steps(_definition(resources, pipeline)["Steps"]):
            if step["Type"] in ("Processing", "Training"):
                yield pipeline, step["Name"], step["Arguments"]


def cluster(arguments: dict[str, Any]) -> dict[str, Any]:
    """The instances of a job."""
    resources = arguments.get("ResourceConfig") or arguments["ProcessingResources"]["ClusterConfig"]
    return dict(resources)


def _outputs(arguments: dict[str, Any]) -> dict[str, Any]:
    return arguments.get("OutputDataConfig") or arguments.get("ProcessingOutputConfig") or {}


def _definition(resources: list[Resource], pipeline: Resource) -> dict[str, Any]:
    """A pipeline's definition, which is inline or an object of the program's."""
    text = pipeline.props.get("pipelineDefinition")
    if not text:
        key = pipeline.props["pipelineDefinitionS3Location"]["objectKey"]
        (text,) = [
            one.props["content"] for one in of_type(resources, OBJECT) if one.props["key"] == key
        ]
    return dict(json.loads(text))


def _steps(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Steps and those inside conditions."""
    for step in steps:
        yield step
        for branch in ("IfSteps", "ElseSteps"):
            yield from _steps(step.get("Arguments", {}).get(branch) or [])
