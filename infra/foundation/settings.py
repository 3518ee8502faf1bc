"""What an environment's foundation is told."""

import ipaddress
from typing import Annotated, ClassVar, Literal, TypeVar

from pydantic import Field, ValidationInfo, field_validator

from .. import project
from ..access.ground import Federation, Ground, Keys, People
from ..names import Environment, Names
from ..settings import Existing, SettingError, Settings

# `pulumi config set --path` writes what looks like a number as a number.
Account = Annotated[str, Field(pattern=r"^\d{12}$", coerce_numbers_to_str=True)]
Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Principal = Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:iam::\d{12}:(role|user)/.+$")]
ARNS = "by ARN, arn:aws:iam::<account>:role/<name> or user/<name>"
# How many bits more than the network's a subnet has: a sixteenth of the addresses.
SUBNET_BITS = 4
FEW_ZONES = "write two to sixteen different zones"

Value = TypeVar("Value", str, list[str])


class FoundationSettings(Settings):
    """One owner of what exists once: where it is `create`; elsewhere `existing` or `none`."""

    PROGRAM: ClassVar[str] = "foundation"

    # What `existing` and `none` leave open has a default, and is checked against the choice.
    registry: Literal["create", "existing"] = Field(
        description="the image repository and package group: create in their owner, or existing"
    )
    registry_account: Annotated[str, Field(pattern=r"^(\d{12})?$")] = Field(
        "",
        description="the account of an existing registry, where it is another one, 12 digits",
    )
    registry_environment: Environment = Field(
        "dev",
        validate_default=True,
        description="the environment that owns an existing registry",
    )
    registry_readers: list[Account] = Field(
        [],
        validate_default=True,
        description="other accounts that may use this registry's images and approved models, "
        "12 digits each",
    )
    boundary: Literal["create", "existing"] = Field(
        "create", description="the permissions boundary of every role: create or existing"
    )
    boundary_arn: Annotated[str, Field(pattern=r"^(arn:aws[a-z-]*:iam::\d{12}:policy/.+)?$")] = (
        Field(
            "",
            validate_default=True,
            description="the ARN of an existing boundary, arn:aws:iam::<account>:policy/<name>",
        )
    )
    network: Existing = Field(
        description="the private network of jobs and endpoints: create, existing or none"
    )
    vpc_cidr: str = Field("10.0.0.0/20", description="the addresses of a new network, /16 to /24")
    availability_zones: list[str] = Field(
        [], validate_default=True, description="two or more zones of the region for a new network"
    )
    subnet_ids: list[Annotated[str, Field(pattern=r"^subnet-[0-9a-f]+$")]] = Field(
        [],
        validate_default=True,
        description="the subnets of an existing network, such as subnet-0a1b2c3d",
    )
    security_group_ids: list[Annotated[str, Field(pattern=r"^sg-[0-9a-f]+$")]] = Field(
        [],
        validate_default=True,
        description="the security groups of jobs in an existing network, such as sg-0a1b2c3d",
    )
    oidc: Existing = Field(
        description="the account's identity provider for CI: create, existing, or none"
    )
    ci_provider: Literal["github", "gitlab"] = Field("github", description="whose CI it is")
    trail: Existing = Field(
        description="the record of who reads and writes the buckets: create, existing or none"
    )
    tracking: Literal["managed", "none"] = Field(
        "none", description="managed MLflow, which is billed while it exists, or none"
    )
    monthly_budget: Annotated[int, Field(gt=0)] = Field(
        description="what the environment may cost a month, in US dollars"
    )
    budget_emails: list[Email] = Field(
        [], description="who is told of the budget besides the topic, by e-mail address"
    )
    alarm_emails: list[Email] = Field([], description="who is told of alarms, by e-mail address")
    log_retention_days: Annotated[int, Field(ge=365)] = Field(
        365, description="how long access logs, flow logs and the trail are kept, in days"
    )
    scientists: list[Principal] = Field(
        [], description=f"the roles and users that may experiment, {ARNS}"
    )
    approvers: list[Principal] = Field(
        [], description=f"the roles and users that may approve models, {ARNS}"
    )
    callers: list[Principal] = Field(
        [], description=f"the roles and users that may ask the endpoint, {ARNS}"
    )

    @field_validator("registry_account")
    @classmethod
    def _account_of_existing(cls, value: str, info: ValidationInfo) -> str:
        return _only_with(value, info, "registry", "existing")

    @field_validator("registry_environment")
    @classmethod
    def _another_environment(cls, value: str, info: ValidationInfo) -> str:
        here = info.data.get("registry_account") in ("", info.data.get("account"))
        if (
            info.data.get("registry") == "existing"
            and here
            and value == info.data.get("environment")
        ):
            raise ValueError("registry is existing: name the other environment that owns it")
        return value

    @field_validator("registry_readers")
    @classmethod
    def _readers_of_ours(cls, value: list[str], info: ValidationInfo) -> list[str]:
        if info.data.get("account") in value:
            place = value.index(str(info.data["account"]))
            raise SettingError(
                "this account is no other one: leave it out", item=place, surplus=True
            )
        return _only_with(value, info, "registry", "create")

    @field_validator("boundary_arn")
    @classmethod
    def _arn_of_existing(cls, value: str, info: ValidationInfo) -> str:
        return _needed_with(value, info, "boundary", "existing")

    @field_validator("vpc_cidr")
    @classmethod
    def _addresses(cls, value: str) -> str:
        words = "write a private network of size /16 to /24, such as 10.0.0.0/20"
        try:
            network = ipaddress.IPv4Network(value)
        except ValueError as error:
            raise ValueError(f"{error}: {words}") from None
        if not network.is_private or not 16 <= network.prefixlen <= 24:
            raise ValueError(words)
        return value

    @field_validator("availability_zones")
    @classmethod
    def _zones(cls, value: list[str], info: ValidationInfo) -> list[str]:
        region, most = info.data.get("region", ""), 2**SUBNET_BITS
        _needed_with(value, info, "network", "create")
        for number, zone in enumerate(value):
            if not zone.startswith(region):
                raise SettingError(f"it is not in {region}", item=number)
            if zone in value[:number]:
                raise SettingError(FEW_ZONES, item=number)
        if len(value) == 1:
            raise SettingError(FEW_ZONES)
        if len(value) > most:
            raise SettingError(FEW_ZONES, item=most, surplus=True)
        return value

    @field_validator("subnet_ids", "security_group_ids")
    @classmethod
    def _ids(cls, value: list[str], info: ValidationInfo) -> list[str]:
        return _needed_with(value, info, "network", "existing")

    @property
    def registry_names(self) -> Names:
        """The names of the environment that owns the registry."""
        if self.registry == "create":
            return self.names
        account = self.registry_account or self.account
        return Names(self.names.slug, self.registry_environment, account, self.region)

    @property
    def federation(self) -> Federation | None:
        """The repository whose CI may take roles on, if any may."""
        if self.oidc == "none":
            return None
        return Federation(self.ci_provider, project.load().repository)

    @property
    def permissions_boundary(self) -> str:
        """The ARN of the policy that limits every role: the organisation's, or the project's."""
        return self.boundary_arn or self.names.boundary_arn

    def ground(self, keys: Keys) -> Ground:
        """What the roles are written in terms of."""
        return Ground(
            names=self.names,
            registry=self.registry_names,
            keys=keys,
            boundary_arn=self.permissions_boundary,
            people=People(tuple(self.scientists), tuple(self.approvers), tuple(self.callers)),
            federation=self.federation,
        )


def _needed_with(value: Value, info: ValidationInfo, key: str, choice: str) -> Value:
    """A value that one choice needs, and that no other takes."""
    if not value and info.data.get(key) == choice:
        raise ValueError(f"{key} is {choice}, which needs it")
    return _only_with(value, info, key, choice)


def _only_with(value: Value, info: ValidationInfo, key: str, choice: str) -> Value:
    if value and info.data.get(key, choice) != choice:
        raise SettingError(f"{key} is {info.data[key]}, which does not take it", surplus=True)
    return value
