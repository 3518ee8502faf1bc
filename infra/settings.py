"""Settings: what `pulumi config` says, checked before any resource is made."""

import re
from typing import Annotated, Any, Literal, Self, get_origin

import pulumi
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

from . import project
from .errors import UserError
from .names import Names

Existing = Literal["create", "existing", "none"]


class Settings(BaseModel):
    """What all three programs are told. The stack's name is the environment."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)

    environment: Literal["dev", "staging", "prod"] = Field(description="the stack's name")
    region: Annotated[str, Field(pattern=r"^[a-z]{2,4}(-[a-z]+)+-\d$")] = Field(
        description="the AWS region, such as eu-west-1"
    )
    account: Annotated[str, Field(pattern=r"^\d{12}$")] = Field(
        description="the number of the AWS account, 12 digits"
    )
    organization: str = Field(
        "organization",
        description="the Pulumi organisation that owns the stacks; `organization` with a bucket",
    )

    @classmethod
    def load(cls) -> Self:
        """Read the configuration of the stack that is being deployed.

        Raises:
            UserError: it has a key too many, or a key is missing or wrong; all of them at once.
        """
        aws = pulumi.Config("aws")
        # `pulumi config set --path` writes what looks like a number as a number.
        accounts = [str(account) for account in aws.get_object("allowedAccountIds") or []]
        values: dict[str, Any] = {
            "environment": pulumi.get_stack(),
            "region": aws.get("region"),
            "account": next(iter(accounts), None),
        }
        given = {name: value for name, value in values.items() if value is not None}
        return cls.of({**_configured(cls), **given})

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Settings from plain values.

        Raises:
            UserError: a value is missing, wrong or unknown; all of them at once.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            problems = [_problem(cls, fault, values) for fault in error.errors()]
            raise UserError("\n  ".join(["the stack's settings will not do:", *problems])) from None

    @property
    def names(self) -> Names:
        """What everything is called in this environment."""
        return Names(project.load().slug, self.environment, self.account, self.region)


def _configured(cls: type[Settings]) -> dict[str, Any]:
    """The stack's configuration in the project's namespace, each value as its field wants it."""
    config = pulumi.Config()
    fields = {str(field.alias): field for field in cls.model_fields.values()}
    prefix = f"{pulumi.get_project()}:"
    names = [
        key.removeprefix(prefix)
        for key in pulumi.runtime.config.CONFIG.get()
        if key.startswith(prefix)
    ]
    return {
        name: config.require(name)
        if name not in fields or _is_text(fields[name])
        else config.require_object(name)
        for name in names
    }


def _is_text(field: FieldInfo) -> bool:
    """Whether a value is its text; all others are JSON."""
    return field.annotation in (str, str | None) or get_origin(field.annotation) is Literal


def _problem(cls: type[Settings], fault: Any, values: dict[str, Any]) -> str:
    """The key, the value, what is allowed, and the line that mends it.

    A field whose line is no `pulumi config set` says so: `json_schema_extra={"remedy": line}`.
    """
    # A default that is wrong beside other values is reported by the field's name in Python.
    aliases = {name: str(field.alias) for name, field in cls.model_fields.items()}
    place = str((fault["loc"] or [""])[0])
    key = aliases.get(place, place)
    fields = {str(field.alias): field for field in cls.model_fields.values()}
    line = {
        "environment": "pulumi stack select dev",
        "region": "pulumi config set aws:region <region>",
        "account": "pulumi config set --path 'aws:allowedAccountIds[0]' <account>",
    }.get(key, f"pulumi config set {key} <value>")
    if fault["type"] == "extra_forbidden":
        known = ", ".join(sorted(fields.keys() - {"environment", "region", "account"}))
        return f"{key}: there is no such setting; there are {known} (`pulumi config rm {key}`)"
    if key not in fields:
        return str(fault["msg"])
    said = "is missing" if fault["type"] == "missing" else f"is {fault['input']!r}: {fault['msg']}"
    said = re.sub(r"^(is .*: )Value error, ", r"\1", said)
    own = fields[key].json_schema_extra
    if isinstance(own, dict):
        line = str(own["remedy"]).format_map({"environment": "<env>", **values})
    return f"{key} ({fields[key].description}) {said} (`{line}`)"
