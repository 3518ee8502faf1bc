"""Settings: what `pulumi config` says, checked before any resource is made."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, get_origin

import pulumi
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

from . import project
from .errors import UserError
from .names import Environment, Names

Existing = Literal["create", "existing", "none"]


class SettingError(ValueError):
    """A value that will not do, or one item of a list; what is `surplus` is to go away."""

    def __init__(self, why: str, *, item: int | None = None, surplus: bool = False) -> None:
        super().__init__(why)
        self.item, self.surplus = item, surplus


class RefusedError(ValueError):
    """A whole sentence, which names its key, value and remedy itself."""


@contextmanager
def refusing() -> Iterator[None]:
    """What a component refuses is a fault of the field, and is told along with all others."""
    try:
        yield
    except UserError as error:
        raise RefusedError(str(error)) from None


class Settings(BaseModel):
    """What all three programs are told. The stack's name is the environment.

    `PROGRAM` is the folder of the program in infra/.
    """

    PROGRAM: ClassVar[str] = ""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)

    environment: Environment = Field(description="the stack's name")
    region: Annotated[str, Field(pattern=r"^[a-z]{2,4}(-[a-z]+)+-\d$")] = Field(
        description="the AWS region, such as eu-west-1"
    )
    account: Annotated[str, Field(pattern=r"^\d{12}$")] = Field(
        description="the number of the AWS account, 12 digits: the first of aws:allowedAccountIds"
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
        values: dict[str, Any] = {
            "environment": pulumi.get_stack(),
            "region": aws.get("region"),
            "account": _account(_value(aws.get("allowedAccountIds") or "[]")),
        }
        given = {name: value for name, value in values.items() if value is not None}
        return cls.of({**_configured(cls), **given})

    @classmethod
    def of_stack_file(cls, names: Names, root: Path = project.ROOT) -> Self:
        """What the stack file of an environment says, read without the engine.

        Raises:
            UserError: as `load`; or there is no such file.
        """
        about = project.configuration(cls.PROGRAM, names.environment, root)
        prefix = f"{names.slug}-{cls.PROGRAM}:"
        own = {k.removeprefix(prefix): v for k, v in about.items() if k.startswith(prefix)}
        place = {
            "environment": names.environment,
            "region": names.region,
            "account": names.account,
        }
        return cls.of({**own, **place})

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
            folder = f"infra/{cls.PROGRAM}"
            file = f"{folder}/Pulumi.{values.get('environment', '<env>')}.yaml"
            said = f"{file} will not do (run `pulumi config` in {folder}):"
            raise UserError("\n  ".join([said, *problems])) from None

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
        else _value(config.require(name))
        for name in names
    }


def _is_text(field: FieldInfo) -> bool:
    """Whether a value is its text; all others are JSON."""
    return field.annotation in (str, str | None) or get_origin(field.annotation) is Literal


def _account(allowed: Any) -> Any:
    """The first of the accounts; what is no list stays as it is, and is refused."""
    if not isinstance(allowed, list):
        return allowed
    # `pulumi config set --path` writes what looks like a number as a number.
    return str(allowed[0]) if allowed else None


def _value(text: str) -> Any:
    """What JSON says; what is none stays text, which its field refuses in its own words."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _problem(cls: type[Settings], fault: Any, values: dict[str, Any]) -> str:
    """The key, the value, what is allowed, and the line that mends it."""
    # A default that is wrong beside other values is reported by the field's name in Python.
    aliases = {name: str(field.alias) for name, field in cls.model_fields.items()}
    fields = {str(field.alias): field for field in cls.model_fields.values()}
    place, *items = fault["loc"]
    key = aliases.get(place, place)
    environment = str(values.get("environment", "<env>"))
    if fault["type"] == "extra_forbidden":
        known = ", ".join(sorted(fields.keys() - {"environment", "region", "account"}))
        return (
            f"{key}: there is no such setting; there are {known} (`{_removal(key, environment)}`)"
        )
    error, value = fault.get("ctx", {}).get("error"), fault["input"]
    if isinstance(error, RefusedError):
        return str(error)
    if isinstance(error, SettingError) and error.item is not None:
        items, value = [error.item], value[error.item]
    path = f"{key}[{items[0]}]" if items else key
    if isinstance(error, SettingError) and error.surplus:
        line = _removal(path, environment)
    else:
        line = _remedy(fields[key], path, value, environment)
    said = [f"is {value!r}" if key in values else "is missing"]
    if error:
        said.append(str(error))
    elif key in values:
        wanted = cls.model_json_schema()["properties"][key]
        said.append(_allowed(wanted["items"] if items else wanted))
    return f"{path} ({fields[key].description}) {': '.join(said)} (`{line}`)"


def _removal(path: str, environment: str) -> str:
    """The line that takes a setting, or an item of a list, away."""
    words = f"--path '{path}'" if path.endswith("]") else path
    return f"pulumi config rm {words} --stack {environment}"


def _remedy(field: FieldInfo, path: str, value: Any, environment: str) -> str:
    """The line that says something else.

    A field whose line is no `pulumi config set` says so: `json_schema_extra={"remedy": line}`.
    """
    if isinstance(field.json_schema_extra, dict):
        return str(field.json_schema_extra["remedy"]).format(environment=environment)
    if path == "environment":
        return "pulumi stack select dev"
    if path == "account":
        words = "--path 'aws:allowedAccountIds[0]' <account>"
    elif path == "region":
        words = "aws:region <region>"
    elif path.endswith("]"):
        words = f"--path '{path}' <value>"
    elif get_origin(field.annotation) is list:
        # One more; text where a list should be gives way to the list.
        words = f"--path '{path}[{len(value) if isinstance(value, list) else 0}]' <value>"
    else:
        words = f"{path} <value>"
    return f"pulumi config set {words} --stack {environment}"


def _allowed(wanted: dict[str, Any]) -> str:
    """What may be written, by a field's JSON schema; its description says how a text looks."""
    wanted = next((one for one in wanted.get("anyOf", ()) if one["type"] != "null"), wanted)
    match wanted:
        case {"enum": [*others, last]}:
            return f"write {', '.join(map(repr, others))} or {last!r}"
        case {"type": "array"}:
            return "write a list"
        case {"type": "boolean"}:
            return "write true or false"
        case {"type": "integer"}:
            return f"write a whole number{_bounds(wanted)}"
    return "write it in that form"


def _bounds(wanted: dict[str, Any]) -> str:
    """The least and the greatest of a number."""
    said = ""
    match wanted:
        case {"minimum": least, "maximum": most}:
            said = f" from {least} to {most}"
        case {"minimum": least}:
            said = f", at least {least}"
        case {"exclusiveMinimum": less}:
            said = f" above {less}"
    return said + (f", a multiple of {wanted['multipleOf']}" if "multipleOf" in wanted else "")
