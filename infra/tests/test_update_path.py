"""From one version of the programs to the next: what is sent, and what is not touched."""

import pytest

from infra.rehearsal.rehearsal import Done, Rehearsal

Life = dict[str, Done]
# What a change of serving or training must never reach.
FOUNDATIONS = ("aws:s3/bucket:", "aws:kms/", "aws:iam/", "aws:ec2/", "aws:ecr/", "aws:vpc/")


def reached(done: Done) -> set[str]:
    return {type_ for type_ in done.touched() if type_.startswith(FOUNDATIONS)}


@pytest.mark.parametrize("act", ["promoted", "replaced", "resized", "rescheduled"])
def test_a_change_above_reaches_no_bucket_key_role_or_network(life: Life, act: str) -> None:
    assert life[act].error is None
    assert life[act].touched()
    assert not reached(life[act])


def test_planted_a_role_in_the_way_of_a_change_is_seen(stage: Rehearsal) -> None:
    text = (
        "import json\n"
        "from pulumi_aws import iam\n"
        "who = {{'Effect': 'Allow', 'Principal': {{'AWS': '*'}}, 'Action': 'sts:AssumeRole'}}\n"
        "trust = json.dumps({{'Version': '2012-10-17', 'Statement': [who]}})\n"
        "iam.Role('it', name='it', assume_role_policy=trust, description='{}')"
    )
    file = stage.root / "infra" / "serving" / "__main__.py"
    file.write_text(text.format("one"), encoding="utf-8")
    assert stage.up("serving").error is None
    file.write_text(text.format("two"), encoding="utf-8")
    changed = stage.up("serving")
    assert reached(changed) == {"aws:iam/role:Role"}
    assert changed.operations == ["UpdateAssumeRolePolicy", "UpdateRole"]


def test_another_instance_type_rolls_out_a_configuration_of_the_same_model(life: Life) -> None:
    done = life["resized"]
    sent = [
        name
        for name in done.operations
        if name in ("CreateModel", "CreateEndpointConfig", "UpdateEndpoint")
    ]
    assert sent == ["CreateEndpointConfig", "UpdateEndpoint"]
    (configuration,) = (c["params"] for c in done.calls if c["operation"] == "CreateEndpointConfig")
    assert {v["InstanceType"] for v in configuration["ProductionVariants"]} == {"ml.m7i.xlarge"}
    assert "DeleteEndpoint" not in done.operations


def test_another_schedule_is_one_request(life: Life) -> None:
    assert set(life["rescheduled"].operations) <= {"CreateSchedule", "UpdateSchedule"}
    assert life["rescheduled"].operations


def test_a_promotion_leaves_training_and_foundation_as_they_are(life: Life) -> None:
    assert not life["foundation at last"].touched()
    assert not life["training at last"].touched()
