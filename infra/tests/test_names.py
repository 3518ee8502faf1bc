"""Names fit what AWS allows, whatever the project is called."""

import re

from hypothesis import given
from hypothesis import strategies as st

from infra.names import Names

# As the template's question takes them: letters, digits, single hyphens, at most 32.
SLUGS = st.from_regex(r"[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,10}){0,2}", fullmatch=True).filter(
    lambda slug: len(slug) <= 32
)
REGIONS = st.sampled_from(["eu-west-1", "ap-northeast-1", "us-gov-west-1", "cn-northwest-1"])
NAMES = st.builds(
    Names,
    slug=SLUGS,
    environment=st.sampled_from(["dev", "staging", "prod"]),
    account=st.from_regex(r"[0-9]{12}", fullmatch=True),
    region=REGIONS,
)
ROLES = (
    "pipeline",
    "training",
    "ingest",
    "serving",
    "monitoring",
    "trigger",
    "caller",
    "scientist",
    "approver",
    "tracking",
    "plan",
    "deploy",
)
LONGEST = Names("a" * 32, "staging", "123456789012", "us-gov-west-1")


@given(NAMES)
def test_buckets_have_legal_names(names: Names) -> None:
    for kind in ("data", "artifacts", "logs"):
        assert re.fullmatch(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", names.bucket(kind))


def test_the_state_has_names_that_all_environments_share() -> None:
    dev, prod = (Names("tumours", name, "123456789012", "eu-west-1") for name in ("dev", "prod"))
    assert dev.state_bucket == prod.state_bucket == "tumours-state-123456789012"
    assert dev.state_bucket_arn == prod.state_bucket_arn == f"arn:aws:s3:::{dev.state_bucket}"
    assert dev.state_key_alias == prod.state_key_alias == "alias/tumours-state"


def test_the_longest_slug_still_fits() -> None:
    assert len(LONGEST.bucket("artifacts")) == 63
    assert max(len(LONGEST.role(kind)) for kind in ROLES) <= 64
    assert len(LONGEST.prefix) <= 63


@given(NAMES, NAMES)
def test_environments_share_no_name(one: Names, other: Names) -> None:
    if (one.slug, one.environment) == (other.slug, other.environment):
        return
    if one.slug == other.slug:
        assert one.prefix != other.prefix
        assert not one.bucket("data").startswith(f"{other.prefix}-")


@given(NAMES)
def test_arns_carry_the_partition_of_the_region(names: Names) -> None:
    partition = {"us-gov-west-1": "aws-us-gov", "cn-northwest-1": "aws-cn"}.get(names.region, "aws")
    for arn in (names.role_arn("training"), names.bucket_arn("data"), names.arn("sns", "x")):
        assert arn.split(":")[:2] == ["arn", partition]


def test_machines_in_china_have_another_domain() -> None:
    assert Names("a", "dev", "1", "cn-north-1").domain == "amazonaws.com.cn"
    assert Names("a", "dev", "1", "eu-west-1").domain == "amazonaws.com"


def test_iam_and_s3_arns_name_no_region() -> None:
    names = Names("tumours", "dev", "123456789012", "eu-west-1")
    assert names.role_arn("serving") == "arn:aws:iam::123456789012:role/tumours-dev-serving"
    assert names.bucket_arn("data") == "arn:aws:s3:::tumours-dev-data-123456789012"
    assert names.boundary_arn == "arn:aws:iam::123456789012:policy/tumours-dev-boundary"
