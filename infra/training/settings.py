"""What an environment's training is told."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, JsonValue, ValidationInfo, field_validator

from .. import project
from ..log_retention import LogRetentionDays
from ..pipelines.processing import LONGEST_VALUE
from ..pseudonym_key import is_key
from ..settings import RefusedError, SettingError, Settings

Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
PUSHED: dict[str, JsonValue] = {"remedy": "make push ENV={environment}"}
ENCRYPTED: dict[str, JsonValue] = {"remedy": "make pseudonym-key ENV={environment}"}
BASE64 = r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"


class TrainingSettings(Settings):
    """The images of the jobs, and what starts the pipeline besides people."""

    PROGRAM: ClassVar[str] = "training"

    train_image: Digest = Field(
        description="the digest of the jobs' image, sha256:..., which `make push` writes",
        json_schema_extra=PUSHED,
    )
    serve_image: Digest = Field(
        description="the digest of the server's image, sha256:..., which `make push` writes",
        json_schema_extra=PUSHED,
    )
    pseudonym_key: Annotated[str, Field(pattern=BASE64, max_length=LONGEST_VALUE)] = Field(
        "",
        validate_default=True,
        description="the key of pseudonyms as KMS has encrypted it, which `make pseudonym-key` "
        "writes",
        json_schema_extra=ENCRYPTED,
    )
    schedule: str | None = Field(
        None,
        pattern=r"^(cron\((\S+ ){5}\S+\)|rate\(\d+ (minute|hour|day)s?\))$",
        description="when to train, in UTC, as EventBridge Scheduler writes it: "
        "cron(0 3 ? * MON *), or rate(7 days)",
    )
    new_data_trigger: bool = Field(
        False, description="whether to train when source/current/manifest.json is written"
    )
    parallelism: Annotated[int, Field(ge=1, le=100)] = Field(
        2, description="how many steps of an execution may run at once"
    )
    max_hours: Annotated[int, Field(ge=1, le=24 * 28)] = Field(
        description="how many hours an execution may take before people are told"
    )
    log_groups: Literal["create", "existing"] = Field(
        description="SageMaker's log groups of jobs, which an account has once: create or existing"
    )
    log_retention_days: LogRetentionDays = Field(
        365, description="how long the logs of jobs are kept"
    )

    @field_validator("pseudonym_key")
    @classmethod
    def _as_the_contract_asks(cls, value: str, info: ValidationInfo) -> str:
        if is_key(value):
            # Without the value, which would be in every log.
            raise RefusedError(
                "pseudonymKey is a key in clear, which belongs in no file: run `make pseudonym-key "
                f"ENV={info.data.get('environment')}`, and make another key if anybody may have "
                "read this one"
            )
        wanted = project.load().pseudonymised
        if wanted and not value:
            raise ValueError("contract.yaml asks for pseudonyms, which need it")
        if value and not wanted:
            raise SettingError("contract.yaml asks for no pseudonyms", surplus=True)
        return value
