"""`make pseudonym-key`: hand the key of pseudonyms over to an environment, encrypted by its KMS.

The key is in PSEUDONYM_KEY and in your team's secret store, and is shown nowhere. What is written
into the stack file, KMS decrypts for the job of `ingest` alone, not for who has run this.
"""

import argparse
import base64
import os
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

from .. import project
from ..errors import UserError
from ..names import Names
from ..pipelines.processing import LONGEST_VALUE
from ..pseudonym_key import VARIABLE, is_key
from . import command, environment
from .stacks import Stack


def main(root: Path = project.ROOT) -> None:
    """Encrypt the key, and write it into the stack file."""
    parser = argparse.ArgumentParser(prog="make pseudonym-key", description=__doc__)
    parser.add_argument("environment", nargs="?", default="")
    names = environment.names(parser.parse_args().environment, root)
    if not project.load(root).pseudonymised:
        raise UserError(
            "contract.yaml asks for no pseudonyms: give a column `handling: pseudonym` or `subject`"
        )
    secret = take()
    value = as_value(encrypt(environment.connect(names), names, secret), names)
    Stack("training", names.environment, root).configure({"pseudonymKey": value})
    print(f"pseudonym-key: written to infra/training/Pulumi.{names.environment}.yaml, as")
    print(f"  {names.key_alias('pseudonym')} has encrypted it; commit it, then")
    print(f"  cd infra/training && pulumi up --refresh --stack {names.environment}")


def take() -> bytes:
    """The key of the environment, taken out of it: no program that is started later sees it.

    Raises:
        UserError: there is none, or it is none.
    """
    text = os.environ.pop(VARIABLE, "")
    if not text:
        raise UserError(
            f"{VARIABLE} is not set: take the key that `make repro` uses from your team's secret "
            "store"
        )
    if not is_key(text):
        raise UserError(f"{VARIABLE} is no key: it has to be 64 hexadecimal digits")
    return bytes.fromhex(text)


def encrypt(session: boto3.Session, names: Names, secret: bytes) -> bytes:
    """The key as KMS encrypts it for one project and environment.

    Raises:
        UserError: there is no key to encrypt it with yet.
    """
    try:
        answer = session.client("kms").encrypt(
            KeyId=names.key_alias("pseudonym"),
            Plaintext=secret,
            EncryptionContext=names.pseudonym_context,
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "NotFoundException":
            raise
        raise UserError(
            f"infra/foundation has no {names.key_alias('pseudonym')} yet: "
            f"`cd infra/foundation && pulumi up --stack {names.environment}`"
        ) from None
    return bytes(answer["CiphertextBlob"])


def as_value(encrypted: bytes, names: Names) -> str:
    """The encrypted key as a job's environment takes it.

    Raises:
        UserError: it is too long.
    """
    value = base64.b64encode(encrypted).decode()
    if len(value) > LONGEST_VALUE:
        raise UserError(
            f"the encrypted key has {len(value)} characters, and a job's environment takes "
            f"{LONGEST_VALUE}: let {names.key_alias('pseudonym')} be the symmetric key of "
            f"infra/foundation again, `pulumi up --refresh --stack {names.environment}`"
        )
    return value


if __name__ == "__main__":
    command.run(main)
