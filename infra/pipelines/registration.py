"""The step that makes a version in the model registry, which waits until a person approves it."""

from .graph import Stage
from .references import CARD, CONTENTS, EXECUTION, GATE, PACKAGE, Json, file, look_up
from .target import Target

JSON, CSV, PARQUET = "application/json", "text/csv", "application/vnd.apache.parquet"
# What package.json says of what the package was made from.
INPUTS = (
    "data",
    "ingested",
    "origin",
    "pseudonym_key",
    "erasures",
    "contract",
    "contract_version",
    "params",
    "source",
    "lock",
)


def step(stages: dict[str, Stage], target: Target) -> Json:
    """A version in the registry, which waits until a person approves it."""
    package, evaluation = stages[PACKAGE], stages[GATE]
    metrics = _statistics(file(evaluation, "metrics.json"), JSON)
    return {
        "Name": "register",
        "Type": "RegisterModel",
        "Arguments": {
            "ModelPackageGroupName": target.package_group,
            "ModelMetrics": {"ModelQuality": metrics},
            "DriftCheckBaselines": _baselines(stages, metrics),
            "CustomerMetadataProperties": {
                "digest": look_up(CONTENTS, "$.digest"),
                "archive": look_up(CONTENTS, "$.archive"),
                **{name: look_up(CONTENTS, f"$.inputs.{name}") for name in INPUTS},
                "execution": EXECUTION,
            },
            "InferenceSpecification": {
                "Containers": [
                    {"Image": target.serve_image, "ModelDataUrl": file(package, "model.tar.gz")}
                ],
                "SupportedContentTypes": [JSON, CSV],
                "SupportedResponseMIMETypes": [JSON, CSV],
            },
            "ModelApprovalStatus": "PendingManualApproval",
            # Text within JSON, as the registry takes a card as one text.
            "ModelCard": {
                "ModelCardContent": look_up(CARD, "$.content"),
                "ModelCardStatus": "Draft",
            },
            "SkipModelValidation": "None",
        },
    }


def _baselines(stages: dict[str, Stage], metrics: Json) -> Json:
    """What later data and results are held against: the rows learned from, and these metrics."""
    found: Json = {"ModelQuality": metrics}
    if "features" in stages:
        rows = _statistics(file(stages["features"], "train.parquet"), PARQUET)
        found["ModelDataQuality"] = rows
    return found


def _statistics(uri: Json, content_type: str) -> Json:
    return {"Statistics": {"ContentType": content_type, "S3Uri": uri}}
