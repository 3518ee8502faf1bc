"""Rules about KMS keys."""

from collections.abc import Iterator

from .documents import statements
from .rule import Props, rule

KEY = "aws:kms/key:Key"


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
