"""Which environment a command is about, and a session that is really in its account."""

from pathlib import Path
from typing import Any

import boto3
import yaml

from .. import project
from ..errors import UserError
from ..names import Names

ENVIRONMENTS = ("dev", "staging", "prod")
PROGRAMS = ("foundation", "training", "serving")
REGION, ACCOUNTS = "aws:region", "aws:allowedAccountIds"


def names(environment: str, root: Path) -> Names:
    """What everything is called in an environment, by its foundation's stack file.

    Raises:
        UserError: there is no such environment, or its stack file has no region or account.
    """
    account = str((configuration("foundation", environment, root).get(ACCOUNTS) or [""])[0])
    if not account:
        raise UserError(
            f"infra/foundation/Pulumi.{environment}.yaml names no account: "
            f"`cd infra/foundation && pulumi config set --stack {environment} "
            f"--path '{ACCOUNTS}[0]' <account>`"
        )
    return Names(project.load(root).slug, environment, account, region(environment, root))


def region(environment: str, root: Path) -> str:
    """The region of an environment.

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


def configuration(program: str, environment: str, root: Path) -> dict[str, Any]:
    """What the stack file of a program says, by key.

    Raises:
        UserError: there is no such environment, or the stack file is missing.
    """
    if environment not in ENVIRONMENTS:
        said = f"ENV is {environment!r}" if environment else "no environment is named"
        raise UserError(f"{said}: add one of {', '.join(f'ENV={name}' for name in ENVIRONMENTS)}")
    file = root / "infra" / program / f"Pulumi.{environment}.yaml"
    try:
        about = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        name = file.relative_to(root)
        raise UserError(f"{name} is missing: restore it with `git checkout {name}`") from None
    return dict(about.get("config") or {})


def connect(where: Names) -> boto3.Session:
    """A session in the environment's account, by the credentials that are there.

    Raises:
        UserError: they are another account's.
    """
    session = boto3.Session(region_name=where.region)
    account = session.client("sts").get_caller_identity()["Account"]
    if account != where.account:
        raise UserError(
            f"these credentials are of account {account}, and {where.environment} is in "
            f"{where.account}: log in there, or set AWS_PROFILE"
        )
    return session
