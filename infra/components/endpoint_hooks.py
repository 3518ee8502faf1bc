"""What must be asked of SageMaker itself while an endpoint is deployed."""

from typing import Any

import boto3
import pulumi

from infra.errors import UserError


def serves_what_was_deployed(name: str, region: str) -> pulumi.ResourceHook:
    """After a deployment: fail the update where AWS has rolled back.

    The provider waits for the endpoint to be in service, which it is after a rollback, too.
    """

    def check(args: pulumi.ResourceHookArgs) -> None:
        endpoint, deployed = _wanted(args)
        found = boto3.client("sagemaker", region_name=region).describe_endpoint(
            EndpointName=endpoint
        )
        if found["EndpointConfigName"] != deployed:
            raise UserError(rolled_back(endpoint, deployed, found))

    return pulumi.ResourceHook(f"{name}-serves-what-was-deployed", check)


def rolled_back(endpoint: str, deployed: str, found: dict[str, Any]) -> str:
    """What happened, in the words of DescribeEndpoint, and what to do."""
    reason = found.get("FailureReason", "AWS gives no reason; see the alarms of the endpoint")
    return (
        f"endpoint {endpoint} does not serve {deployed}, which was deployed: AWS has rolled back "
        f"to {found['EndpointConfigName']}, and the endpoint is {found['EndpointStatus']} "
        f"({reason}). The model before is still served. Put its package back into released.yaml, "
        "or mend what the alarms show, and run `pulumi up --refresh`"
    )


def gives_scaling_up(name: str, region: str) -> pulumi.ResourceHook:
    """Before a deployment on another type of instance: take the endpoint out of autoscaling.

    SageMaker refuses to change the type of a fleet that is being scaled. Its scaling is replaced
    afterwards, because it is triggered by the type (`scaling.py`).
    """

    def deregister(args: pulumi.ResourceHookArgs) -> None:
        endpoint, deployed = _wanted(args)
        sagemaker = boto3.client("sagemaker", region_name=region)
        serving = sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
        before, after = _types(sagemaker, serving), _types(sagemaker, deployed)
        if before != after:
            autoscaling = boto3.client("application-autoscaling", region_name=region)
            _deregister(autoscaling, [f"endpoint/{endpoint}/variant/{one}" for one in before])

    return pulumi.ResourceHook(f"{name}-gives-scaling-up", deregister)


def _wanted(args: pulumi.ResourceHookArgs) -> tuple[str, str]:
    """The endpoint, and the configuration that it is to serve."""
    inputs = args.new_inputs or {}
    return inputs["name"], inputs["endpointConfigName"]


def _types(sagemaker: Any, configuration: str) -> dict[str, str | None]:
    """The type of the instances of each variant; none where it is serverless."""
    found = sagemaker.describe_endpoint_config(EndpointConfigName=configuration)
    return {one["VariantName"]: one.get("InstanceType") for one in found["ProductionVariants"]}


def _deregister(autoscaling: Any, resources: list[str]) -> None:
    found = autoscaling.describe_scalable_targets(
        ServiceNamespace="sagemaker", ResourceIds=resources
    )
    for target in found["ScalableTargets"]:
        autoscaling.deregister_scalable_target(
            ServiceNamespace="sagemaker",
            ResourceId=target["ResourceId"],
            ScalableDimension=target["ScalableDimension"],
        )
