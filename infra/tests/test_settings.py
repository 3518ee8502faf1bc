"""Settings are checked before anything is made; a mistake is told with its key and its remedy."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.errors import UserError
from infra.foundation.settings import FoundationSettings

SAID: dict[str, Any] = {
    "environment": "dev",
    "region": "eu-west-1",
    "account": "123456789012",
    "registry": "create",
    "network": "none",
    "oidc": "none",
    "trail": "none",
    "monthlyBudget": 100,
}
ZONES = ["eu-west-1a", "eu-west-1b"]


def settings(**changes: Any) -> FoundationSettings:
    values = {**SAID, **changes}
    return FoundationSettings.of({key: value for key, value in values.items() if value is not None})


def test_few_settings_are_enough() -> None:
    assert settings().names.prefix.endswith("-dev")


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        settings().monthly_budget = 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"account": None}, r"account .* is missing .*aws:allowedAccountIds\[0\]"),
        ({"account": "12"}, "account .* is '12'"),
        ({"region": "Ireland"}, "region .* is 'Ireland'.*aws:region"),
        ({"environment": "test"}, "environment .* is 'test'.*'dev', 'staging' or 'prod'"),
        ({"monthlyBudget": 0}, "monthlyBudget .* is 0.*pulumi config set monthlyBudget"),
        ({"monthlyBudgett": 5}, "there is no such setting.*pulumi config rm monthlyBudgett"),
        ({"registry": "yes"}, "registry .* is 'yes'.*'create' or 'existing'"),
        ({"network": "create"}, "availabilityZones .*network is create, which needs it"),
        ({"network": "create", "availabilityZones": ["eu-west-1a"]}, "two to sixteen"),
        ({"network": "create", "availabilityZones": ["eu-west-1a"] * 2}, "two to sixteen"),
        ({"network": "create", "availabilityZones": ["us-east-1a", "eu-west-1a"]}, "us-east-1a is"),
        ({"availabilityZones": ZONES}, "network is none, which does not take it"),
        ({"network": "existing"}, "subnetIds .*network is existing, which needs it"),
        ({"network": "existing", "subnetIds": ["subnet-0a"]}, "securityGroupIds .*needs it"),
        ({"subnetIds": ["net-1"]}, "subnetIds"),
        ({"vpcCidr": "8.8.0.0/20"}, "vpcCidr .*private network of size /16 to /24"),
        ({"vpcCidr": "10.0.0.0/28"}, "vpcCidr .*private network of size /16 to /24"),
        ({"vpcCidr": "ten"}, "vpcCidr .* is 'ten'"),
        ({"boundary": "existing"}, "boundaryArn .*boundary is existing, which needs it"),
        (
            {"boundaryArn": "arn:aws:iam::123456789012:policy/b"},
            "boundary is create, which does no",
        ),
        ({"registryAccount": "999999999999"}, "registryAccount .*registry is create"),
        ({"registry": "existing"}, "registryEnvironment .*name the other environment"),
        (
            {"registry": "existing", "environment": "prod", "registryReaders": ["999999999999"]},
            "registryReaders .*registry is existing, which does not take it",
        ),
        ({"registryReaders": ["123456789012"]}, "registryReaders .*leave it out"),
        ({"scientists": ["arn:aws:iam::123456789012:root"]}, "scientists"),
        ({"alarmEmails": ["nobody"]}, "alarmEmails"),
        ({"logRetentionDays": 30}, "logRetentionDays .*365"),
    ],
)
def test_a_mistake_names_the_key_and_the_remedy(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        settings(**changes)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(UserError) as error:
        settings(account=None, monthlyBudget=-1, trail="perhaps")
    assert all(key in str(error.value) for key in ("account", "monthlyBudget", "trail"))


@pytest.mark.parametrize(
    "changes",
    [
        {"network": "create", "availabilityZones": ZONES},
        {"network": "existing", "subnetIds": ["subnet-0a"], "securityGroupIds": ["sg-0b"]},
        {"registryReaders": ["999999999999"]},
        {"boundary": "existing", "boundaryArn": "arn:aws:iam::123456789012:policy/org/limit"},
        {"registry": "existing", "registryAccount": "999999999999"},
        {"registry": "existing", "environment": "prod"},
    ],
)
def test_what_a_choice_needs_is_taken(changes: dict[str, Any]) -> None:
    assert settings(**changes).model_dump(by_alias=True).items() >= changes.items()


def test_numbers_of_accounts_may_be_written_as_numbers() -> None:
    assert settings(registryReaders=[999999999999]).registry_readers == ["999999999999"]


def test_the_owner_of_the_registry_is_itself() -> None:
    assert settings().registry_names == settings().names


def test_an_existing_registry_is_in_this_account_unless_another_is_named() -> None:
    near = settings(environment="prod", registry="existing").registry_names
    far = settings(environment="prod", registry="existing", registryAccount="9" * 12).registry_names
    assert (near.environment, near.account) == ("dev", "123456789012")
    assert (far.environment, far.account) == ("dev", "9" * 12)


def test_without_an_identity_provider_ci_has_no_roles() -> None:
    assert settings(oidc="none").federation is None
    assert settings(oidc="existing", ciProvider="gitlab").federation is not None


@given(
    st.dictionaries(
        st.sampled_from([*SAID, "vpcCidr", "availabilityZones", "boundaryArn", "callers"]),
        st.none()
        | st.text(max_size=20)
        | st.integers()
        | st.lists(st.text(max_size=5), max_size=3),
    )
)
def test_whatever_is_said_is_taken_or_refused_in_words(changes: dict[str, Any]) -> None:
    text = refusal({**SAID, **changes})
    assert text == "" or re.match("the stack's settings will not do:\n  .*`", text)


def refusal(values: dict[str, Any]) -> str:
    try:
        FoundationSettings.of(values)
    except UserError as error:
        return str(error)
    return ""
