"""A claim, and how it is put to the test in an account."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import boto3

from ..names import Names


@dataclass(frozen=True)
class Account:
    """Where the checks run."""

    session: boto3.Session
    names: Names
    root: Path


class NotYetError(Exception):
    """A check has nothing to look at; says what is missing."""


class DisprovedError(Exception):
    """The claim does not hold; says what was found."""


@dataclass(frozen=True)
class Check:
    """`run` returns what it found, or raises NotYetError or DisprovedError."""

    claim: str
    how: str
    run: Callable[[Account], str]
