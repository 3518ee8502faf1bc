"""Controls that judge nothing here, and why: the programs make no such resource, or cannot obey.

| controls | about | why they judge nothing |
|---|---|---|
| SageMaker.1, SageMaker.2, SageMaker.3, SageMaker.8, SageMaker.21 | notebooks | none is made |
| SageMaker.6, SageMaker.7 | app images of Studio | none is made |
| SageMaker.9, SageMaker.11 | jobs of data quality | (1) |
| CKV_AWS_367, CKV_AWS_368, CKV_AWS_369 | jobs of data quality | (1) |
| SageMaker.10, SageMaker.20 | jobs of explainability | (1); the provider has none |
| SageMaker.12, SageMaker.15 | jobs of bias | (1); the provider has none |
| SageMaker.13, SageMaker.25 | jobs of model quality | (1); the provider has none |
| SageMaker.14, SageMaker.22 | monitoring schedules | (1) |
| SageMaker.17, SageMaker.18 | feature groups | there is no feature store |
| SageMaker.23, SageMaker.24 | inference experiments | the provider has none; see `endpoint-*` |
| SageMaker.16, SageMaker.19 | models from a private registry in a VPC | (2) |

(1) SageMaker Model Monitor is closed to new customers; the rules `job-*` ask the same of our jobs.
(2) RepositoryAccessMode Vpc is for registries other than ECR. Ours is ECR, reached through VPC
endpoints, and `model-from-registry` holds where a model comes from.

Whoever adds a resource of these types breaks the rule below, and writes rules for it first.
"""

from collections.abc import Iterator

from .rule import Props, rule

CONTROLS: dict[str, tuple[str, ...]] = {
    "aws:sagemaker/notebookInstance:NotebookInstance": (
        "SageMaker.1",
        "SageMaker.2",
        "SageMaker.3",
        "SageMaker.8",
        "SageMaker.21",
    ),
    "aws:sagemaker/appImageConfig:AppImageConfig": ("SageMaker.6",),
    "aws:sagemaker/image:Image": ("SageMaker.7",),
    "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition": (
        "SageMaker.9",
        "SageMaker.11",
        "CKV_AWS_367",
        "CKV_AWS_368",
        "CKV_AWS_369",
    ),
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule": ("SageMaker.14", "SageMaker.22"),
    "aws:sagemaker/featureGroup:FeatureGroup": ("SageMaker.17", "SageMaker.18"),
}
# About what the provider cannot make, or what cannot obey.
MOOT = (
    "SageMaker.10",
    "SageMaker.12",
    "SageMaker.13",
    "SageMaker.15",
    "SageMaker.16",
    "SageMaker.19",
    "SageMaker.20",
    "SageMaker.23",
    "SageMaker.24",
    "SageMaker.25",
)


@rule(
    "type-has-rules",
    *CONTROLS,
    sources=("ours",),
    reason="Controls that exist for a type are not skipped because nobody looked.",
    remedy="Write rules for the controls, and take the type from infra/policies/absent.py.",
)
def type_has_rules(type_: str, _props: Props) -> Iterator[str]:
    yield f"no rule covers {', '.join(CONTROLS[type_])}"
