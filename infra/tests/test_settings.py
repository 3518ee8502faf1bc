"""Settings are checked before anything is made; a mistake is told with its key and its remedy."""

import re
from string import ascii_lowercase
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.errors import UserError
from infra.foundation.settings import FoundationSettings
from infra.rehearsal.record import ProgramError, record
from infra.rehearsal.written import written
from infra.training.settings import TrainingSettings

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
PERSON = "arn:aws:iam::123456789012:role/person"


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
        (
            {"network": "create", "availabilityZones": ["eu-west-1a", "us-east-1a"]},
            r"availabilityZones\[1\] .* is 'us-east-1a': it is not in eu-west-1",
        ),
        ({"availabilityZones": ZONES}, "network is none, which does not take it"),
        ({"network": "existing"}, "subnetIds .*network is existing, which needs it"),
        ({"network": "existing", "subnetIds": ["subnet-0a"]}, "securityGroupIds .*needs it"),
        ({"subnetIds": ["net-1"]}, "subnetIds"),
        ({"vpcCidr": "8.8.0.0/20"}, "vpcCidr .*private network of size /16 to /24"),
        ({"vpcCidr": "10.0.0.0/28"}, "vpcCidr .*private network of size /16 to /24"),
        ({"vpcCidr": "ten"}, "vpcCidr .* is 'ten'.*private network of size /16 to /24"),
        ({"vpcCidr": "10.0.0.1/20"}, "vpcCidr .*has host bits set: write a private network"),
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
        ({"registryReaders": ["123456789012"]}, r"registryReaders\[0\] .*leave it out"),
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


def test_the_file_is_named() -> None:
    assert refusal({**SAID, "environment": "prod", "trail": "x"}).startswith(
        "infra/foundation/Pulumi.prod.yaml will not do"
    )


NETWORK = {"network": "create", "availabilityZones": ZONES}


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"monthlyBudget": "many"}, "config set monthlyBudget <value>"),
        ({"region": "Ireland"}, "config set aws:region <region>"),
        ({"account": "12"}, "config set --path 'aws:allowedAccountIds[0]' <account>"),
        ({"availabilityZones": ZONES}, "config rm availabilityZones"),
        ({"boundaryArn": "arn:aws:iam::123456789012:policy/b"}, "config rm boundaryArn"),
        ({"registryAccount": "999999999999"}, "config rm registryAccount"),
        (
            {"registryReaders": ["999999999999", "123456789012"]},
            "config rm --path 'registryReaders[1]'",
        ),
        ({"network": "create"}, "config set --path 'availabilityZones[0]' <value>"),
        (
            {**NETWORK, "availabilityZones": ZONES[:1]},
            "config set --path 'availabilityZones[1]' <v",
        ),
        (
            {**NETWORK, "availabilityZones": ["eu-west-1a"] * 2},
            "config set --path 'availabilityZones[1]' <value>",
        ),
        (
            {**NETWORK, "availabilityZones": [f"eu-west-1{letter}" for letter in ascii_lowercase]},
            "config rm --path 'availabilityZones[16]'",
        ),
        ({"scientists": "me"}, "config set --path 'scientists[0]' <value>"),
        ({"scientists": [PERSON, "me"]}, "config set --path 'scientists[1]' <value>"),
        ({"scientists": [PERSON, ["me"]]}, "config set --path 'scientists[1]' <value>"),
    ],
)
def test_the_remedy_is_the_line_that_mends_it(changes: dict[str, Any], line: str) -> None:
    said = refusal({**SAID, **changes})
    assert said.count("\n") == 1
    assert f"(`pulumi {line}" in said
    assert said.endswith("--stack dev`)")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"monthlyBudget": "400 USD"}, "is '400 USD': write a whole number above 0"),
        ({"logRetentionDays": 30}, "is 30: write a whole number, at least 365"),
        ({"scientists": "me"}, "is 'me': write a list"),
        ({"network": "all"}, "is 'all': write 'create', 'existing' or 'none'"),
        ({"subnetIds": ["net-1"]}, "such as subnet-0a1b2c3d) is 'net-1': write it in that form"),
        ({"scientists": ["me"]}, "arn:aws:iam::<account>:role/<name> or user/<name>) is 'me': "),
        ({"network": "create"}, "is missing: network is create, which needs it"),
    ],
)
def test_what_is_allowed_is_said_in_words(changes: dict[str, Any], words: str) -> None:
    said = refusal({**SAID, **changes})
    assert words in said
    assert "^" not in said


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"parallelism": 101}, "is 101: write a whole number from 1 to 100"),
        ({"newDataTrigger": "perhaps"}, "is 'perhaps': write true or false"),
        ({"schedule": "daily"}, "cron(0 3 ? * MON *), or rate(7 days)) is 'daily': write it in"),
        (
            {"trainImage": "latest"},
            "sha256:..., which `make push` writes) is 'latest': write it in",
        ),
    ],
)
def test_training_says_what_is_allowed(changes: dict[str, Any], words: str) -> None:
    given = {name: SAID[name] for name in ("environment", "region", "account")}
    given |= {**written("training"), "maxHours": 1, "logGroups": "create"}
    with pytest.raises(UserError, match=re.escape(words)) as error:
        TrainingSettings.of({**given, **changes})
    assert "infra/training/Pulumi.dev.yaml" in str(error.value)


def test_text_where_a_number_or_a_list_belongs_is_told_with_all_other_faults() -> None:
    wrong = {"monthlyBudget": "400 USD", "scientists": "me", "network": "some", "trial": "none"}
    with pytest.raises(ProgramError) as error:
        record("foundation", "dev", {**wrong, "logRetentionDays": "many", "approvers": "[me"})
    said = str(error.value)
    assert said.startswith("infra/foundation/Pulumi.dev.yaml will not do")
    for key in (*wrong, "logRetentionDays", "approvers"):
        assert re.search(rf"\n  {key}\b", said), key


def test_what_components_refuse_is_told_with_all_other_faults() -> None:
    wrong = {"maxInstances": 1, "canaryPercent": 90, "instanceType": "ml.m5d.large"}
    wrong |= {"minInstances": 2, "latencyAlarmMs": "soon", "logRetentionDays": 366}
    with pytest.raises(ProgramError) as error:
        record("serving", "prod", wrong)
    for key in wrong.keys() - {"minInstances"}:
        assert f"\n  {key} " in str(error.value), key


@pytest.mark.parametrize("accounts", ["123456789012", "mine", "[mine", '["mine"]', '[["mine"]]'])
def test_an_account_that_is_none_is_told(accounts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for where in (pulumi, pulumi.config):
        monkeypatch.setattr(where, "get_project", lambda: "x-foundation")
    monkeypatch.setattr(pulumi, "get_stack", lambda: "dev")
    monkeypatch.setitem(pulumi.runtime.config.CONFIG.get(), "aws:allowedAccountIds", accounts)
    with pytest.raises(UserError, match=r"account .* is .*'aws:allowedAccountIds\[0\]' <account>"):
        FoundationSettings.load()


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
    told = r"infra/foundation/Pulumi\..*\.yaml will not do .*:\n  .*`"
    assert text == "" or re.match(told, text, re.DOTALL)


def refusal(values: dict[str, Any]) -> str:
    try:
        FoundationSettings.of(values)
    except UserError as error:
        return str(error)
    return ""
