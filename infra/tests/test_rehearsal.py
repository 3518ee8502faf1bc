"""The programs on the real engine: order, references, protection, hooks, secrets."""

import json
import os
import re
from typing import Any

import pytest
import yaml
from pulumi.automation import PulumiCommand

from infra import project
from infra.errors import UserError
from infra.names import CIPHERTEXT, PROGRAMS
from infra.rehearsal import scenes, tree
from infra.rehearsal.record import record
from infra.rehearsal.rehearsal import Done, Rehearsal

Life = dict[str, Done]
ROLLOUT = ("CreateModel", "CreateEndpointConfig", "CreateEndpoint", "UpdateEndpoint")
ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
MODEL = "aws:sagemaker/model:Model"
CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"

# A model, its configuration and its endpoint, as small as can be; what varies is between the bars.
TRIO = """
import boto3
import pulumi
from pulumi_aws import sagemaker

def compare(arguments):
    client = boto3.client("sagemaker", region_name=pulumi.Config("aws").require("region"))
    used = client.describe_endpoint(EndpointName="trio")["EndpointConfigName"]
    if used != arguments.new_inputs["endpointConfigName"]:
        raise RuntimeError(f"rolled back to {used}")

kept = pulumi.ResourceOptions(retain_on_delete=True)
model = sagemaker.Model(
    "trio",
    |model|
    execution_role_arn="arn:aws:iam::123456789012:role/serving",
    primary_container={"model_package_name": "|package|"},
    opts=kept,
)
configuration = sagemaker.EndpointConfiguration(
    "trio",
    production_variants=[{
        "variant_name": "main", "model_name": model.name,
        "instance_type": "ml.m5.large", "initial_instance_count": 2,
    }],
    opts=kept,
)
hooks = pulumi.ResourceHookBinding(after_update=[pulumi.ResourceHook("compare", compare)])
sagemaker.Endpoint(
    "trio", name="trio", endpoint_config_name=configuration.name,
    opts=pulumi.ResourceOptions(|options|),
)
"""


def trio(stage: Rehearsal, version: int, *, model: str = "", options: str = "hooks=hooks") -> None:
    """Make the serving program one of a model, a configuration and an endpoint."""
    text = TRIO.replace("|package|", stage.package(version))
    write(stage, "serving", text.replace("|model|", model).replace("|options|", options))


def write(stage: Rehearsal, program: str, text: str) -> None:
    (stage.root / "infra" / program / "__main__.py").write_text(text, encoding="utf-8")


def rollout(done: Done) -> list[str]:
    return [name for name in done.operations if name in ROLLOUT]


def ops(done: Done, type_: str) -> set[str]:
    return {step.op for step in done.steps if step.type == type_} - {"same", "refresh"}


def params(done: Done, operation: str) -> dict[str, Any]:
    (call,) = (call for call in done.calls if call["operation"] == operation)
    return dict(call["params"])


# --- The real programs --------------------------------------------------------------------------


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_comes_up_from_nothing_and_a_second_up_changes_nothing(
    life: Life, program: str
) -> None:
    first, again = life[f"first {program}"], life[f"again {program}"]
    assert first.error is None
    assert first.calls
    assert again.error is None
    assert not again.touched()
    assert not again.calls
    assert tree.count(again.steps) == tree.count(first.steps)


def test_before_a_release_there_is_no_endpoint(life: Life) -> None:
    assert not rollout(life["first serving"])


def test_a_first_release_makes_model_configuration_and_endpoint_in_this_order(life: Life) -> None:
    promoted = life["promoted"]
    assert promoted.error is None
    assert rollout(promoted) == ["CreateModel", "CreateEndpointConfig", "CreateEndpoint"]
    model, configuration = params(promoted, "CreateModel"), params(promoted, "CreateEndpointConfig")
    assert model["PrimaryContainer"]["ModelPackageName"].endswith("/1")
    assert {v["ModelName"] for v in configuration["ProductionVariants"]} == {model["ModelName"]}
    endpoint = params(promoted, "CreateEndpoint")
    assert endpoint["EndpointConfigName"] == configuration["EndpointConfigName"]


def test_the_next_release_moves_the_endpoint_in_place_and_keeps_what_went_before(
    life: Life,
) -> None:
    before, after = life["promoted"], life["replaced"]
    assert after.error is None
    assert rollout(after) == ["CreateModel", "CreateEndpointConfig", "UpdateEndpoint"]
    assert ops(after, ENDPOINT) == {"update"}
    old, new = params(before, "CreateEndpoint"), params(after, "UpdateEndpoint")
    assert new["EndpointName"] == old["EndpointName"]
    assert new["EndpointConfigName"] != old["EndpointConfigName"]
    assert not [name for name in after.operations if name.startswith("DeleteModel")]
    assert "DeleteEndpointConfig" not in after.operations
    assert not life["replaced again"].touched()


def test_a_rollback_fails_the_update_and_says_which_configuration_is_in_use(life: Life) -> None:
    told = life["rolled back"].error
    assert told is not None
    assert params(life["resized"], "UpdateEndpoint")["EndpointConfigName"] in told


@pytest.mark.parametrize("program", ["foundation", "serving"])
def test_what_is_protected_is_not_destroyed_and_nothing_goes_before_the_refusal(
    life: Life, program: str
) -> None:
    refused = life[f"destroy {program}"]
    assert refused.error is not None
    assert "because it is protected" in refused.error
    assert not refused.calls


def test_without_protection_everything_goes_in_an_order_that_the_cloud_accepts(
    stage: Rehearsal,
) -> None:
    """moto refuses to delete a VPC that has subnets, and a role that has policies."""
    stage.up("foundation")
    stage.unprotect("foundation")
    gone = stage.destroy("foundation")
    assert gone.error is None
    assert not json.loads(gone.state)["checkpoint"]["latest"].get("resources")
    last_subnet = max(n for n, name in enumerate(gone.operations) if name == "DeleteSubnet")
    assert last_subnet < gone.operations.index("DeleteVpc")


def test_what_was_released_outlives_its_programs(life: Life) -> None:
    """Models, their configurations and the pipeline's files are retained, so their bucket stays."""
    for program in ("serving", "training"):
        assert life[f"end {program}"].error is None
        assert not {"DeleteModel", "DeleteEndpointConfig", "DeleteObject"} & set(
            life[f"end {program}"].operations
        )
    assert "BucketNotEmpty" in str(life["end foundation"].error)


def test_all_that_is_protected_is_counted(life: Life, capsys: pytest.CaptureFixture[str]) -> None:
    planned = [one for one in record("foundation", "dev") if one.protect]
    assert len(planned) > 1
    scenes._refused("foundation", life["destroy foundation"])
    assert f"refused, {len(planned)} protected" in capsys.readouterr().out


def test_a_tree_has_each_resource_once(life: Life) -> None:
    promoted = life["promoted"]
    assert any(step.op == "refresh" for step in promoted.steps)
    drawn = "\n".join(tree.lines(promoted.steps))
    assert drawn.count("Dashboard dashboard") == 1
    assert "2 Dashboard" not in drawn


def test_a_project_of_an_organisation_is_rehearsed_in_one_of_its_own(
    stage: Rehearsal, engine: PulumiCommand
) -> None:
    for program in PROGRAMS:
        stage.configure(program, organization="acme")
    with Rehearsal(stage.root, engine, answers=False) as inner:
        assert inner.up("foundation").error is None
        assert inner.up("training").error is None


def test_an_environment_that_is_not_there_is_named(engine: PulumiCommand) -> None:
    with pytest.raises(UserError, match="ENV is 'production': add one of ENV=dev, "):
        Rehearsal(project.ROOT, engine, "production")


def test_another_description_of_the_project_replaces_nothing(stage: Rehearsal) -> None:
    assert stage.up("foundation").error is None
    about = stage.root / "pyproject.toml"
    text = about.read_text(encoding="utf-8")
    described = re.sub(r"(?m)^description = .*", 'description = "Something else"', text)
    assert described != text
    about.write_text(described, encoding="utf-8")
    done = stage.up("foundation")
    assert done.error is None
    assert not done.touched()


# --- Pseudonyms -----------------------------------------------------------------------------------


def handle(stage: Rehearsal, word: str) -> None:
    """Let the contract handle its first column so, and keep all others."""
    file = stage.root / "contract.yaml"
    contract = yaml.safe_load(file.read_text(encoding="utf-8"))
    first, *others = contract["schema"][0]["properties"]
    first["customProperties"] = [{"property": "handling", "value": word}]
    for column in others:
        column.pop("customProperties", None)
    file.write_text(yaml.safe_dump(contract), encoding="utf-8")


def test_with_pseudonyms_training_waits_for_the_key_and_then_nothing_changes(
    stage: Rehearsal,
) -> None:
    handle(stage, "pseudonym")
    first = stage.up("foundation")
    assert first.error is None
    aliases = [call["params"] for call in first.calls if call["operation"] == "CreateAlias"]
    assert f"alias/{stage.slug}-dev-pseudonym" in {one["AliasName"] for one in aliases}
    stage.configure("training", pseudonymKey=None)
    assert "make pseudonym-key ENV=dev" in str(stage.up("training").error)
    stage.configure("training", pseudonymKey=CIPHERTEXT)
    made = stage.up("training")
    assert made.error is None
    assert params(made, "CreatePipeline")["PipelineDefinition"].count(CIPHERTEXT) == 1
    for program in ("foundation", "training"):
        again = stage.up(program)
        assert again.error is None
        assert not again.touched()


def test_a_contract_that_asks_for_pseudonyms_no_more_does_not_take_their_key_away(
    stage: Rehearsal,
) -> None:
    handle(stage, "subject")
    assert stage.up("foundation").error is None
    handle(stage, "keep")
    done = stage.up("foundation")
    assert "protect" in str(done.error)
    assert "ScheduleKeyDeletion" not in done.operations


# --- Small programs, with a fault planted where the name says so ----------------------------------


def test_stacks_hand_on_their_outputs_and_miss_the_ones_that_are_not_there(
    stage: Rehearsal,
) -> None:
    write(stage, "foundation", "import pulumi\npulumi.export('there', 'a value')")
    reading = (
        "import pulumi\n"
        "stack = pulumi.StackReference('organization/{}/dev')\n"
        "from pulumi_aws import sns\n"
        "sns.Topic('it', name='it', display_name=stack.require_output('{}'))"
    )
    project = f"{stage.slug}-foundation"
    assert stage.up("foundation").error is None
    write(stage, "training", reading.format(project, "there"))
    assert params(stage.up("training"), "CreateTopic")["Attributes"] == {"DisplayName": "a value"}
    write(stage, "training", reading.format(project, "not_there"))
    assert "not_there" in str(stage.up("training").error)


def test_a_program_runs_as_it_reads_after_two_changes_of_one_second(stage: Rehearsal) -> None:
    file = stage.root / "infra" / "foundation" / "__main__.py"
    for word in ("left", "next"):
        write(stage, "foundation", f"import pulumi\npulumi.export('word', '{word}')")
        os.utime(file, (0, 0))
        assert word in stage.up("foundation").state


def test_a_secret_is_not_in_clear_in_the_state_file(stage: Rehearsal) -> None:
    text = "import pulumi\npulumi.export('word', {})"
    write(stage, "foundation", text.format("pulumi.Output.secret('hush-hush')"))
    assert stage.up("foundation").error is None
    assert "hush-hush" not in stage.state_file("foundation")
    write(stage, "foundation", text.format("'hush-hush'"))
    assert stage.up("foundation").error is None
    assert "hush-hush" in stage.state_file("foundation")


def test_an_endpoint_is_moved_and_a_rollback_behind_the_engine_is_noticed(stage: Rehearsal) -> None:
    trio(stage, 1)
    assert stage.up("serving", refresh=True).error is None
    trio(stage, 2)
    moved = stage.up("serving", refresh=True)
    assert moved.error is None
    in_use = params(moved, "UpdateEndpoint")["EndpointConfigName"]
    stage.roll_back()
    trio(stage, 3)
    assert f"rolled back to {in_use}" in str(stage.up("serving", refresh=True).error)


def test_planted_without_the_hook_a_rollback_passes_for_a_success(stage: Rehearsal) -> None:
    trio(stage, 1, options="")
    assert stage.up("serving").error is None
    stage.roll_back()
    trio(stage, 2, options="")
    assert stage.up("serving").error is None
    # A bare second up is green as well; with a refresh the engine sees it, and would try again.
    assert not stage.up("serving").touched()
    assert stage.up("serving", refresh=True).touched() == {ENDPOINT}


def test_planted_a_named_model_goes_before_the_next_one_comes(stage: Rehearsal) -> None:
    named = 'name="named",'
    trio(stage, 1, model=named)
    assert stage.up("serving").error is None
    trio(stage, 2, model=named)
    done = stage.up("serving")
    order = [step.op for step in done.steps if step.type == MODEL and step.op != "same"]
    assert order.index("delete-replaced") < order.index("create-replacement")
    # And as the old one is retained, its name is not free.
    assert "CreateModel: ModelName 'named' is taken already" in str(done.error)


def test_planted_an_unprotected_endpoint_is_destroyed(stage: Rehearsal) -> None:
    trio(stage, 1, options="protect=True")
    assert stage.up("serving").error is None
    assert "because it is protected" in str(stage.destroy("serving").error)
    trio(stage, 1, options="protect=False")
    assert stage.up("serving").error is None
    done = stage.destroy("serving")
    assert done.error is None
    # Model and configuration stay, as they are retained.
    assert done.operations == ["DeleteEndpoint"]


def test_planted_a_program_that_is_never_the_same_shows_at_the_second_up(stage: Rehearsal) -> None:
    text = (
        "import uuid\n"
        "from pulumi_aws import sns\n"
        "sns.Topic('it', name='it', display_name=str(uuid.uuid4()))"
    )
    write(stage, "foundation", text)
    assert stage.up("foundation").error is None
    assert stage.up("foundation").touched() == {"aws:sns/topic:Topic"}


def test_planted_a_request_that_the_service_model_forbids_fails_the_update(
    stage: Rehearsal,
) -> None:
    write(stage, "foundation", "from pulumi_aws import kms\nkms.Key('it', key_usage='PLAY')")
    assert "kms CreateKey: KeyUsage" in str(stage.up("foundation").error)
