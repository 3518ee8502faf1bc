"""The rules: each fires on a fault and on nothing else; the programs break none of them."""

import datetime
import re
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from infra import policies
from infra.errors import UserError
from infra.names import ENVIRONMENTS
from infra.policies import absent, iam, keys, observability, sagemaker, suppressions
from infra.policies.__main__ import report
from infra.policies.rule import Rule, Violation
from infra.policies.situations import SHAPES, Recorder, situations
from infra.policies.suppressions import Suppression, judge

from .policy_fixtures import CASES, Resources

TODAY = datetime.date(2030, 1, 15)
# What AWS Security Hub and Checkov look at, and this project has resources for or says why not.
SECURITY_HUB = [f"SageMaker.{number}" for number in range(1, 26)]
CHECKOV = [
    *(f"CKV_AWS_{number}" for number in (98, 367, 368, 369, 370)),
    *(f"CKV_AWS_{number}" for number in (60, 61, 62, 63, 274, 287, 288, 289, 290, 355, 356, 358)),
    *(f"CKV_AWS_{number}" for number in (18, 21, 53, 54, 55, 56, 70, 145, 300, 379)),
    *(f"CKV_AWS_{number}" for number in (7, 33, 26, 169, 385, 66, 158, 338, 319)),
    *(f"CKV_AWS_{number}" for number in (51, 136, 163, 23, 130)),
    *(f"CKV2_AWS_{number}" for number in (5, 6, 11, 12, 40, 56, 61, 64, 65)),
]


def broken(name: str, resources: Resources) -> list[str]:
    return [violation.said for violation in policies.RULES[name].over(resources)]


@pytest.mark.parametrize(
    ("name", "resources"),
    [
        pytest.param(name, resources, id=f"{name}-{number}")
        for name, (_, faults) in CASES.items()
        for number, resources in enumerate(faults, 1)
    ],
)
def test_a_rule_fires_on_its_fault(name: str, resources: Resources) -> None:
    assert broken(name, resources)


@pytest.mark.parametrize(
    ("name", "resources"),
    [
        pytest.param(name, resources, id=f"{name}-{number}")
        for name, (sound, _) in CASES.items()
        for number, resources in enumerate(sound, 1)
    ],
)
def test_a_rule_is_silent_where_nothing_is_wrong(name: str, resources: Resources) -> None:
    assert broken(name, resources) == []


def test_every_rule_has_fixtures() -> None:
    assert CASES.keys() == policies.RULES.keys()
    assert all(sound and faults for sound, faults in CASES.values())


def test_every_rule_says_why_and_what_to_do() -> None:
    for rule in policies.RULES.values():
        assert rule.sources, rule.name
        assert rule.reason.endswith("."), rule.name
        assert rule.remedy.endswith("."), rule.name


@pytest.mark.parametrize("control", [*SECURITY_HUB, *CHECKOV, "sagemaker-model-in-vpc"])
def test_a_known_control_has_a_rule_or_a_reason_for_none(control: str) -> None:
    covered = {source for rule in policies.RULES.values() for source in rule.sources}
    moot = {*absent.MOOT, *(one for controls in absent.CONTROLS.values() for one in controls)}
    assert (control in covered) != (control in moot)


def test_the_table_of_controls_without_a_rule_names_them_all() -> None:
    rows = [line for line in str(absent.__doc__).splitlines() if line.startswith("| ")]
    written = {name for row in rows for name in re.findall(r"SageMaker\.\d+|CKV_AWS_\d+", row)}
    listed = {one for controls in absent.CONTROLS.values() for one in controls}
    assert written == {*absent.MOOT, *listed}


def found(*rules: str, environment: str = "dev") -> list[tuple[str, Violation]]:
    return [(environment, Violation(rule, "serving type name", "said")) for rule in rules]


def suppression(rule: str = "a", days: int = 1, **other: str | tuple[str, ...]) -> Suppression:
    values = {"resource": "serving type name", "reason": "Because.", **other}
    return Suppression(rule=rule, expires=TODAY + datetime.timedelta(days), **values)  # type: ignore[arg-type]


def names(left: list[tuple[str, Violation]]) -> list[str]:
    return [violation.rule for _, violation in left]


def test_a_suppression_covers_its_rule_on_its_resource_only() -> None:
    given = [suppression()]
    assert judge(found("a"), given, ["a", "b"], TODAY) == []
    assert names(judge(found("a", "b"), given, ["a", "b"], TODAY)) == ["b"]
    assert judge(found("a"), [suppression(resource="serving type *")], ["a"], TODAY) == []
    elsewhere = suppression(resource="serving type other")
    assert names(judge(found("a"), [elsewhere], ["a"], TODAY)) == ["a", "suppression-unused"]


def test_a_suppression_for_one_environment_covers_no_other() -> None:
    given = [suppression(environments=("dev",))]
    assert judge(found("a"), given, ["a"], TODAY) == []
    both = [*found("a"), *found("a", environment="prod")]
    assert judge(both, given, ["a"], TODAY) == found("a", environment="prod")


def test_a_suppression_holds_until_the_end_of_its_last_day() -> None:
    assert judge(found("a"), [suppression(days=0)], ["a"], TODAY) == []
    expired = judge(found("a"), [suppression(days=-1)], ["a"], TODAY)
    assert names(expired) == ["a", "suppression-expired"]


def test_a_suppression_of_an_unknown_rule_is_a_violation() -> None:
    assert names(judge([], [suppression("typo")], ["a"], TODAY)) == ["suppression-of-no-rule"]


def test_an_unused_suppression_is_a_violation_where_everything_was_looked_at() -> None:
    assert names(judge([], [suppression()], ["a"], TODAY)) == ["suppression-unused"]
    assert judge([], [suppression()], ["a"], TODAY, complete=False) == []


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ("- {rule: a, resource: b, expires: 2030-01-15}", "reason"),
        ("- {rule: a, resource: b, reason: '', expires: 2030-01-15}", "no reason"),
        ("- {rule: a, resource: b, reason: c, expires: soon}", "'soon'"),
        ("- {rule: a, resource: b, reason: c, expires: 2030-01-15, until: d}", "until"),
    ],
)
def test_a_suppression_without_reason_or_date_is_refused(
    tmp_path: Path, entry: str, named: str
) -> None:
    file = tmp_path / "suppressions.yaml"
    file.write_text(entry)
    with pytest.raises(UserError, match=named):
        suppressions.load(file)


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="module")
def found_in_programs(recorder: Recorder) -> list[tuple[str, Violation]]:
    return [one for environment in ENVIRONMENTS for one in recorder.found(environment)]


def test_the_programs_break_no_rule(found_in_programs: list[tuple[str, Violation]]) -> None:
    today = datetime.date.today()
    left = judge(found_in_programs, suppressions.load(), policies.RULES, today)
    assert left == [], "\n".join(report(left))


@pytest.mark.usefixtures("pseudonyms")
def test_a_program_with_pseudonyms_breaks_no_rule() -> None:
    (situation, *_) = situations("prod")
    resources = Recorder().resources(situation)
    assert "pseudonym" in {one.name for one in resources if one.type == keys.KEY}
    broken_ones = [("prod", violation) for violation in policies.violations(resources)]
    today = datetime.date.today()
    left = judge(broken_ones, suppressions.load(), policies.RULES, today, complete=False)
    assert left == [], "\n".join(report(left))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("shape", SHAPES)
def test_the_rules_have_something_to_judge(
    recorder: Recorder, environment: str, shape: str
) -> None:
    """A shape whose resources are missing would break no rule either."""
    (situation,) = [one for one in situations(environment) if one.name == shape]
    types = [resource.type for resource in recorder.resources(situation)]
    assert types.count(sagemaker.MODEL) == 1
    assert types.count(sagemaker.ENDPOINT) == (0 if shape == "batch" else 1)
    assert list(sagemaker.jobs(recorder.resources(situation)))


def test_every_type_in_a_rule_is_one_that_pulumi_has() -> None:
    """A mistyped token would never fire."""
    tokens = {
        value
        for module in policies.MODULES
        for value in vars(module).values()
        if isinstance(value, str) and value.startswith("aws:")
    } | {*absent.CONTROLS}
    assert tokens >= {
        one for rule in policies.RULES.values() if isinstance(rule, Rule) for one in rule.types
    }
    sources = Path(str(find_spec("pulumi_aws").origin)).parent  # type: ignore[union-attr]
    for token in tokens:
        place = re.sub("([A-Z])", r"_\1", token.split(":")[1]).lower()
        assert f"'{token}'" in (sources / f"{place}.py").read_text(encoding="utf-8"), token


def test_a_fault_planted_in_the_programs_is_found(recorder: Recorder) -> None:
    (situation,) = [one for one in situations("prod") if one.name == "realtime"]
    faults: dict[str, tuple[str, dict[str, Any]]] = {
        iam.ROLE: ("role-has-boundary", {"permissionsBoundary": None}),
        keys.KEY: ("key-rotates", {"enableKeyRotation": False}),
        observability.METRIC_ALARM: ("alarm-has-action", {"alarmActions": []}),
        sagemaker.MODEL: ("model-without-name", {"name": "model"}),
        sagemaker.ENDPOINT: ("endpoint-rolls-back", {"deploymentConfig": {}}),
    }
    resources = [
        replace(one, props={**one.props, **faults[one.type][1]}) if one.type in faults else one
        for one in recorder.resources(situation)
    ]
    seen = {violation.rule for violation in policies.violations(resources)}
    assert {rule for rule, _ in faults.values()} <= seen
