"""What SageMaker gives to each way of serving: the table that the program follows.

Sources in SageMaker's documentation: "Serverless endpoints: feature support", "Deployment
guardrails: exclusions", and ModelDataSource of CreateModel.
"""

from dataclasses import dataclass
from typing import Literal

Name = Literal["realtime", "serverless", "batch"]


@dataclass(frozen=True)
class Shape:
    """What a way of serving has.

    `endpoint`: something that answers at any time. `instances`: a fleet of ours, scaled, its
    volumes under a key of ours. `network`: the container is isolated, and in the VPC where there is
    one. `capture`: requests can be kept. `canary`: a part of the traffic can go first. `archive`:
    the model must be a single tar.gz.
    """

    endpoint: bool
    instances: bool
    network: bool
    capture: bool
    canary: bool
    archive: bool


SHAPES: dict[Name, Shape] = {
    "realtime": Shape(
        endpoint=True, instances=True, network=True, capture=True, canary=True, archive=False
    ),
    "serverless": Shape(
        endpoint=True, instances=False, network=False, capture=False, canary=False, archive=True
    ),
    # A transform job brings its own instances; what stands is the model.
    "batch": Shape(
        endpoint=False, instances=False, network=True, capture=False, canary=False, archive=True
    ),
}
