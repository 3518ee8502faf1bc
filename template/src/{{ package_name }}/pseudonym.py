"""Pseudonyms: what stands in the place of an identifier, so that rows of one person can be told from others'.

A pseudonym is BLAKE2b of the identifier under a secret key (RFC 7693, 128 bits, in hexadecimal): who has no
key can neither compute it nor undo it, and the same person has the same one in every batch. The key comes
from the environment; in the cloud, KMS keeps it. It is in no file, message or artefact: what tells one key
from another is its identifier, which is part of the data's version.
"""

import base64
import binascii
import hashlib
import json
import os
from functools import partial

import polars as pl

from .errors import UserError

VARIABLE = "PSEUDONYM_KEY"
# In a job: the key as KMS has encrypted it, and the context that KMS wants to hear with it, as JSON.
ENCRYPTED_VARIABLE = "PSEUDONYM_KEY_ENCRYPTED"
CONTEXT_VARIABLE = "PSEUDONYM_KEY_CONTEXT"
KEY_BYTES, PSEUDONYM_BYTES, IDENTIFIER_BYTES = 32, 16, 4
SETTING = "ingest.pseudonym_key"


class Key:
    """A secret key. Neither its text form nor an error shows it."""

    def __init__(self, secret: bytes) -> None:
        self._hash = partial(hashlib.blake2b, key=secret, digest_size=PSEUDONYM_BYTES)
        self.identifier = hashlib.blake2b(
            b"identifier", key=secret, digest_size=IDENTIFIER_BYTES, person=b"pseudonym key"
        ).hexdigest()

    def pseudonym(self, value: str) -> str:
        """The pseudonym of one identifier."""
        return self._hash(value.encode()).hexdigest()

    def pseudonyms(self, values: pl.Series) -> pl.Series:
        """The pseudonyms of a column of texts or integers; a missing value stays missing."""
        texts = values.cast(pl.String).cast(pl.Binary)
        hashed = [None if text is None else self._hash(text).digest() for text in texts.to_list()]
        return pl.Series(values.name, hashed, dtype=pl.Binary).bin.encode("hex")


def key(variable: str = VARIABLE) -> Key:
    """The key of the environment.

    Raises:
        UserError: there is none, or it is none.
    """
    if variable == VARIABLE and (encrypted := os.environ.get(ENCRYPTED_VARIABLE)):
        return Key(_decrypted(encrypted))
    text = os.environ.get(variable)
    if not text:
        raise UserError(
            f"{variable} is not set, and contract.yaml asks for pseudonyms: take the key from your team's "
            f"secret store; the first time, make one, `export {variable}=$(openssl rand -hex {KEY_BYTES})`, "
            "and put it there"
        )
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    if len(secret) != KEY_BYTES:
        raise UserError(f"{variable} is no key: it has to be {2 * KEY_BYTES} hexadecimal digits")
    return Key(secret)


def key_named(identifier: str) -> Key:
    """The key of the environment, which must be the one that `params.yaml` names.

    Raises:
        UserError: there is none, or it is another.
    """
    found = key()
    if found.identifier != identifier:
        raise UserError(
            f"the key in the environment is {found.identifier}, and {SETTING} in params.yaml is "
            f"{identifier}: set the right key; where this one is to take its place, run `make key`"
        )
    return found


def _decrypted(encrypted: str) -> bytes:
    """The key that KMS gives to this job."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = boto3.client("kms").decrypt(
            CiphertextBlob=base64.b64decode(encrypted, validate=True),
            EncryptionContext=json.loads(os.environ.get(CONTEXT_VARIABLE, "{}")),
        )
    except (BotoCoreError, ClientError, binascii.Error) as error:
        raise UserError(f"KMS does not decrypt {ENCRYPTED_VARIABLE} ({error})") from error
    return bytes(answer["Plaintext"])
