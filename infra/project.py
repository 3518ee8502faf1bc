"""What the project's own files say, so that nobody is asked twice."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .errors import UserError
from .names import ENVIRONMENTS

ROOT = Path(__file__).resolve().parents[1]
# From the least to the most sensitive, as in the contract.
CLASSIFICATIONS = ("public", "internal", "personal", "sensitive")
DAYS = {"d": 1, "m": 30, "y": 365}
# What a column's `handling` says where ingest puts a pseudonym in the place of each value.
PSEUDONYMS = ("pseudonym", "subject")
REGION, ACCOUNTS = "aws:region", "aws:allowedAccountIds"


@dataclass(frozen=True)
class Project:
    """What pyproject.toml and contract.yaml say.

    `classification` is the highest of any column, `retention_days` how long data may be kept,
    `pseudonymised` whether any column comes in as pseudonyms.
    """

    slug: str
    package: str
    description: str
    repository: str
    owner: str
    contract: str
    contract_version: str
    classification: str
    retention_days: int
    pseudonymised: bool


@dataclass(frozen=True)
class Release:
    """A released model: its archive, the digest that `register` printed, the package's ARN."""

    artifact: str
    digest: str
    package: str | None


@cache
def load(root: Path = ROOT) -> Project:
    """Read pyproject.toml and contract.yaml, once.

    Raises:
        UserError: a file is missing, or says nothing of the retention.
    """
    about = tomllib.loads(_text(root, "pyproject.toml"))
    contract = _yaml(root, "contract.yaml")
    (package,) = about["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    return Project(
        slug=about["project"]["name"],
        package=Path(package).name,
        description=about["project"]["description"],
        repository=about["project"]["urls"]["Repository"],
        owner=contract["team"]["name"],
        contract=contract["id"],
        contract_version=contract["version"],
        classification=_classification(contract),
        retention_days=_retention_days(contract),
        pseudonymised=_pseudonymised(contract),
    )


def release(environment: str, root: Path = ROOT) -> Release | None:
    """What released.yaml names for an environment, if anything.

    Raises:
        UserError: the file is missing, or does not name the environment.
    """
    releases = _yaml(root, "released.yaml")
    if environment not in releases:
        raise UserError(
            f"released.yaml has no environment {environment!r}: add the line `{environment}: none`"
        )
    named = releases[environment]
    if named == "none":
        return None
    return Release(named["artifact"], named["digest"], named.get("package"))


def configuration(program: str, environment: str, root: Path = ROOT) -> dict[str, Any]:
    """What the stack file of a program says, by key.

    Raises:
        UserError: there is no such environment, or the stack file is missing.
    """
    if environment not in ENVIRONMENTS:
        said = f"ENV is {environment!r}" if environment else "no environment is named"
        raise UserError(f"{said}: add one of {', '.join(f'ENV={name}' for name in ENVIRONMENTS)}")
    about = _yaml(root, f"infra/{program}/Pulumi.{environment}.yaml") or {}
    return dict(about.get("config") or {})


def region(environment: str, root: Path = ROOT) -> str:
    """The region of an environment, by its foundation's stack file.

    Raises:
        UserError: there is no such environment, or its stack file has no region.
    """
    found = configuration("foundation", environment, root).get(REGION)
    if not found:
        raise UserError(
            f"infra/foundation/Pulumi.{environment}.yaml names no region: "
            f"`cd infra/foundation && pulumi config set --stack {environment} {REGION} <region>`"
        )
    return str(found)


def account(environment: str, root: Path = ROOT) -> str | None:
    """The number of an environment's account, if its foundation's stack file names one.

    Raises:
        UserError: there is no such environment, or the stack file is missing.
    """
    named = configuration("foundation", environment, root).get(ACCOUNTS)
    return str(named[0]) if isinstance(named, list) and named else None


def _columns(contract: dict[str, Any]) -> list[dict[str, Any]]:
    return [column for table in contract["schema"] for column in table["properties"]]


def _pseudonymised(contract: dict[str, Any]) -> bool:
    return any(
        custom["property"] == "handling" and custom["value"] in PSEUDONYMS
        for column in _columns(contract)
        for custom in column.get("customProperties", [])
    )


def _classification(contract: dict[str, Any]) -> str:
    columns = _columns(contract)
    named = {column["classification"] for column in columns if "classification" in column}
    if unknown := sorted(named - set(CLASSIFICATIONS)):
        raise UserError(
            f"contract.yaml: classification {unknown[0]!r} is none of {', '.join(CLASSIFICATIONS)}"
        )
    return max(named, key=CLASSIFICATIONS.index, default="internal")


def _retention_days(contract: dict[str, Any]) -> int:
    for promise in contract.get("slaProperties", []):
        if promise["property"] == "retention":
            if promise.get("unit") not in DAYS:
                raise UserError(
                    f"contract.yaml: the retention's unit is {promise.get('unit')!r}: "
                    f"write one of {', '.join(DAYS)}"
                )
            return int(promise["value"]) * DAYS[promise["unit"]]
    raise UserError(
        "contract.yaml does not say how long data is kept: add "
        "`slaProperties: [{property: retention, value: 5, unit: y}]`"
    )


def _yaml(root: Path, name: str) -> Any:
    return yaml.safe_load(_text(root, name))


def _text(root: Path, name: str) -> str:
    try:
        return (root / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(
            f"{root / name} is missing: restore it with `git checkout {name}`"
        ) from None
