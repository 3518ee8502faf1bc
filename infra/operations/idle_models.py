"""Models and endpoint configurations that no endpoint and no stack has."""

from collections.abc import Iterator
from typing import Any

import boto3

from ..errors import UserError
from ..names import Names
from .leftover import CONFIGURATION, MODEL, Leftover, States

AT_REST = ("InService", "OutOfService", "Failed")


def idle_models(session: boto3.Session, names: Names, states: States) -> Iterator[Leftover]:
    """The endpoint configurations and models of this environment that are not in use.

    Raises:
        UserError: an endpoint is on its way from one configuration to another.
    """
    sagemaker = session.client("sagemaker")
    # In this order, so that what comes into use meanwhile is seen in use.
    configurations = set(
        _ours(sagemaker, names, "endpoint_configs", "EndpointConfigs", "EndpointConfig")
    )
    models = set(_ours(sagemaker, names, "models", "Models", "Model"))
    serving = in_use(sagemaker)
    kept = serving | {name for name in configurations if states.name(name)}
    used_models = {model for name in sorted(kept) for model in _models_of(sagemaker, name)}
    for name in sorted(configurations - kept):
        yield Leftover(CONFIGURATION, name, "no endpoint has it, and no stack")
    for name in sorted(models - used_models):
        if not states.name(name):
            yield Leftover(MODEL, name, "no configuration in use has it, and no stack")


def in_use(sagemaker: Any) -> set[str]:
    """The configurations of all endpoints in the account, ours or not.

    Raises:
        UserError: an endpoint is on its way from one configuration to another.
    """
    found = set()
    for page in sagemaker.get_paginator("list_endpoints").paginate():
        for endpoint in page["Endpoints"]:
            about = sagemaker.describe_endpoint(EndpointName=endpoint["EndpointName"])
            if about["EndpointStatus"] not in AT_REST:
                raise UserError(
                    f"the endpoint {endpoint['EndpointName']} is {about['EndpointStatus']}: "
                    "run it again when that is over"
                )
            found.add(about["EndpointConfigName"])
    return found


def _ours(sagemaker: Any, names: Names, listing: str, field: str, kind: str) -> Iterator[str]:
    """The names of what carries this project's and environment's tags."""
    wanted = [
        {"Key": "project", "Value": names.slug},
        {"Key": "environment", "Value": names.environment},
    ]
    for page in sagemaker.get_paginator(f"list_{listing}").paginate(NameContains=names.prefix):
        for found in page[field]:
            tags = sagemaker.list_tags(ResourceArn=found[f"{kind}Arn"])["Tags"]
            if all(tag in tags for tag in wanted):
                yield str(found[f"{kind}Name"])


def _models_of(sagemaker: Any, configuration: str) -> set[str]:
    about = sagemaker.describe_endpoint_config(EndpointConfigName=configuration)
    variants = [*about["ProductionVariants"], *about.get("ShadowProductionVariants", [])]
    return {variant["ModelName"] for variant in variants if "ModelName" in variant}


def remove(session: boto3.Session, leftovers: list[Leftover]) -> None:
    """Remove what `idle_models` found."""
    sagemaker = session.client("sagemaker")
    for leftover in leftovers:
        if leftover.kind == CONFIGURATION:
            sagemaker.delete_endpoint_config(EndpointConfigName=leftover.name)
        elif leftover.kind == MODEL:
            sagemaker.delete_model(ModelName=leftover.name)
