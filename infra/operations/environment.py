"""Which environment a command is about, and a session that is really in its account."""

from pathlib import Path

import boto3

from .. import project
from ..errors import UserError
from ..names import Names


def names(environment: str, root: Path) -> Names:
    """What everything is called in an environment, by its foundation's stack file.

    Raises:
        UserError: there is no such environment, or its stack file has no region or account.
    """
    account = project.account(environment, root)
    if account is None:
        raise UserError(
            f"infra/foundation/Pulumi.{environment}.yaml names no account: "
            f"`cd infra/foundation && pulumi config set --stack {environment} "
            f"--path '{project.ACCOUNTS}[0]' <account>`"
        )
    return Names(project.load(root).slug, environment, account, project.region(environment, root))


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
