"""Rules about KMS keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .documents import Statement, statements
from .rule import Found, Props, attached, of_type, rule, whole_rule

if TYPE_CHECKING:
    from infra.rehearsal.record import Resource

KEY = "aws:kms/key:Key"
ALIAS = "aws:kms/alias:Alias"
# What brings to light what a key has encrypted, or lets others do so.
OPENING = ("kms:CreateGrant", "kms:Decrypt", "kms:ReEncryptFrom")


@rule(
    "key-rotates",
    KEY,
    sources=("CKV_AWS_7",),
    reason="A key that rotates has encrypted only a year's data when it leaks.",
    remedy="Set enableKeyRotation.",
)
def key_rotates(_type: str, props: Props) -> Iterator[str]:
    spec = props.get("customerMasterKeySpec", "SYMMETRIC_DEFAULT")
    if spec == "SYMMETRIC_DEFAULT" and not props.get("enableKeyRotation"):
        yield "it does not rotate"


@rule(
    "key-policy-names-principals",
    KEY,
    sources=("CKV_AWS_33",),
    reason="A key that everyone may use locks nothing.",
    remedy="Name the principals, or add a condition such as kms:ViaService.",
)
def key_policy_names_principals(_type: str, props: Props) -> Iterator[str]:
    for statement in statements(props.get("policy")):
        if statement.allows and statement.anyone and not statement.condition:
            yield f"its policy allows {', '.join(statement.actions)} to every principal"


@rule(
    "key-policy-written",
    KEY,
    sources=("CKV2_AWS_64",),
    reason="AWS's default policy leaves the key to whatever IAM policies say.",
    remedy="Set the key's policy.",
)
def key_policy_written(_type: str, props: Props) -> Iterator[str]:
    if not props.get("policy"):
        yield "it has no policy of its own"


@whole_rule(
    "key-of-pseudonyms-closed",
    sources=("ours",),
    reason="Whoever has the key of pseudonyms can tell whose each pseudonym is.",
    remedy="Compare aws:PrincipalArn and the encryption context by StringEquals, in the key's own "
    "policy: IAM policies alone would let every administrator in.",
)
def key_of_pseudonyms_closed(resources: list[Resource]) -> Iterator[Found]:
    for key in of_type(resources, KEY):
        aliases = attached(resources, ALIAS, "targetKeyId", key)
        if any(alias.props["name"].endswith("-pseudonym") for alias in aliases):
            yield from ((key, f"its policy allows {action} too widely") for action in opened(key))


def opened(key: Resource) -> Iterator[str]:
    """What a key's policy allows of `OPENING`, but for one role and one purpose."""
    for statement in statements(key.props.get("policy")):
        if not _one_for_one_purpose(statement):
            yield from (action for action in OPENING if statement.permits(action))


def _one_for_one_purpose(statement: Statement) -> bool:
    compared = statement.condition.get("StringEquals", {})
    contexts = [key for key in compared if key.startswith("kms:encryptioncontext:")]
    return len(compared.get("aws:principalarn", ())) == 1 and bool(contexts)
