"""The compiled pipeline: what each step is, and that the service would take every request."""

import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.errors import UserError
from infra.names import CIPHERTEXT, Names
from infra.pipelines import graph, sagemaker, show
from infra.pipelines.executor import OPERATIONS, refused
from infra.pipelines.processing import LONGEST_VALUE
from infra.pipelines.references import Json
from infra.pipelines.target import Target
from infra.project import Release
from infra.rehearsal.shapes import unparsed, violations

from . import small_project
from .small_project import replaced
from .test_names import LONGEST

NAMES = Names("small", "dev", "123456789012", "eu-west-1")
REPOSITORY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/small"
RELEASE = Release("s3://small-prod-artifacts-1/pipeline/models/x/model.tar.gz", "c" * 64, "arn")


def target_of(root: Path, pseudonym_key: str = "", **changes: Any) -> Target:
    made = Target.of(
        NAMES,
        pseudonym_key=pseudonym_key,
        train_image=f"{REPOSITORY}@sha256:{'a' * 64}",
        serve_image=f"{REPOSITORY}@sha256:{'b' * 64}",
        key_arn=NAMES.arn("kms", "key/11111111-2222-3333-4444-555555555555"),
        subnets=("subnet-1a", "subnet-1b"),
        security_groups=("sg-1",),
        root=root,
    )
    return dataclasses.replace(made, **changes)


def compiled(root: Path, **changes: Any) -> Json:
    return sagemaker.definition(graph.load(root), target_of(root, **changes))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return small_project.write(tmp_path)


@pytest.fixture
def definition(root: Path) -> Json:
    return compiled(root)


def every_step(definition: Json) -> Iterator[Json]:
    for step in definition["Steps"]:
        yield step
        for branch in ("IfSteps", "ElseSteps"):
            yield from step["Arguments"].get(branch, [])


def named(definition: Json, name: str) -> Json:
    return next(step for step in every_step(definition) if step["Name"] == name)


def inputs(step: Json) -> dict[str, Any]:
    """What is mounted, by name."""
    arguments = step["Arguments"]
    found = {
        one["InputName"]: one["S3Input"]["S3Uri"] for one in arguments.get("ProcessingInputs", [])
    }
    for one in arguments.get("InputDataConfig", []):
        found[one["ChannelName"]] = one["DataSource"]["S3DataSource"]["S3Uri"]
    return found


# --- The table ------------------------------------------------------------------------------------


def test_train_is_a_training_job_and_hands_on_a_prefix(definition: Json) -> None:
    arguments = named(definition, "train")["Arguments"]
    assert named(definition, "train")["Type"] == "Training"
    assert arguments["OutputDataConfig"]["CompressionType"] == "NONE"
    assert arguments["Environment"]["STAGE_INPUTS"] == "/opt/ml/input/data"
    assert arguments["Environment"]["STAGE_OUTPUT"] == "/opt/ml/model"
    assert inputs(named(definition, "evaluate"))["train"] == {
        "Get": "Steps.train.ModelArtifacts.S3ModelArtifacts"
    }


def test_other_stages_are_processing_jobs_and_hand_on_their_output(definition: Json) -> None:
    step = named(definition, "ingest")
    (output,) = step["Arguments"]["ProcessingOutputConfig"]["Outputs"]
    assert step["Type"] == "Processing"
    assert step["Arguments"]["Environment"] == {
        "STAGE_INPUTS": "/opt/ml/processing/input",
        "STAGE_OUTPUT": "/opt/ml/processing/output/ingest",
    }
    assert output["S3Output"]["LocalPath"] == "/opt/ml/processing/output/ingest"
    assert inputs(named(definition, "train"))["ingest"] == {
        "Get": "Steps.ingest.ProcessingOutputConfig.Outputs['ingest'].S3Output.S3Uri"
    }


def test_a_job_runs_the_command_of_the_laptop(tmp_path: Path) -> None:
    text = replaced("python -m small.train", "python -m small.train --fast 'a b'")
    specification = named(compiled(small_project.write(tmp_path, dvc_yaml=text)), "train")[
        "Arguments"
    ]["AlgorithmSpecification"]
    assert specification["ContainerEntrypoint"] == ["python", "-m", "small.train"]
    assert specification["ContainerArguments"] == ["--fast", "a b"]


def test_a_processing_input_is_mounted_where_the_stage_looks(definition: Json) -> None:
    step = named(definition, "package")
    base = step["Arguments"]["Environment"]["STAGE_INPUTS"]
    for one in step["Arguments"]["ProcessingInputs"]:
        assert one["S3Input"]["LocalPath"] == f"{base}/{one['InputName']}"


def test_only_stages_that_read_parameters_get_them(definition: Json, root: Path) -> None:
    place = [f"s3://{NAMES.bucket('artifacts')}/params", {"Get": "Parameters.Params"}]
    mounted = inputs(named(definition, "package"))["params"]
    assert mounted == {"Std:Join": {"On": "/", "Values": place}}
    text = replaced("    params:\n      - train.seed\n", "")
    without = compiled(small_project.write(root, dvc_yaml=text))
    assert "params" not in inputs(named(without, "train"))


def test_the_gate_reads_the_verdict_and_fails_with_its_reason(definition: Json) -> None:
    gate = named(definition, "gate")["Arguments"]
    (condition,) = gate["Conditions"]
    (fail,) = gate["ElseSteps"]
    verdict = {"Get": "Steps.evaluate.PropertyFiles.verdict"}
    assert condition == {
        "Type": "Equals",
        "LeftValue": {"Std:JsonGet": {"PropertyFile": verdict, "Path": "$.passed"}},
        "RightValue": True,
    }
    assert fail["Type"] == "Fail"
    said = fail["Arguments"]["ErrorMessage"]["Std:Join"]["Values"]
    assert said[-1] == {"Std:JsonGet": {"PropertyFile": verdict, "Path": "$.reason"}}
    assert named(definition, "evaluate")["PropertyFiles"] == [
        {"PropertyFileName": "verdict", "OutputName": "evaluate", "FilePath": "verdict.json"}
    ]


def test_what_reads_the_evaluation_runs_only_behind_the_gate(definition: Json) -> None:
    gate = named(definition, "gate")["Arguments"]
    assert [step["Name"] for step in gate["IfSteps"]] == ["package", "register"]
    assert [step["Name"] for step in definition["Steps"]] == ["ingest", "train", "evaluate", "gate"]


def test_a_package_is_registered_as_pending_with_metrics_baselines_and_digests(
    definition: Json,
) -> None:
    request = named(definition, "register")["Arguments"]
    (container,) = request["InferenceSpecification"]["Containers"]
    assert request["ModelApprovalStatus"] == "PendingManualApproval"
    assert container["Image"] == f"{REPOSITORY}@sha256:{'b' * 64}"
    assert container["ModelDataUrl"]["Std:Join"]["Values"][-1] == "model.tar.gz"
    metrics = request["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"]
    assert metrics["Std:Join"]["Values"][-1] == "metrics.json"
    assert request["DriftCheckBaselines"]["ModelQuality"] == request["ModelMetrics"]["ModelQuality"]
    looked_up = request["CustomerMetadataProperties"]["digest"]["Std:JsonGet"]
    assert looked_up == {
        "PropertyFile": {"Get": "Steps.package.PropertyFiles.package"},
        "Path": "$.digest",
    }
    assert {"archive", "data", "params", "source", "lock"} <= set(
        request["CustomerMetadataProperties"]
    )


def test_a_package_is_registered_with_its_card_as_a_draft(definition: Json) -> None:
    card = {"Get": "Steps.package.PropertyFiles.card"}
    assert named(definition, "register")["Arguments"]["ModelCard"] == {
        "ModelCardContent": {"Std:JsonGet": {"PropertyFile": card, "Path": "$.content"}},
        "ModelCardStatus": "Draft",
    }
    assert named(definition, "package")["PropertyFiles"] == [
        {"PropertyFileName": "package", "OutputName": "package", "FilePath": "package.json"},
        {"PropertyFileName": "card", "OutputName": "package", "FilePath": "card.json"},
    ]


def test_this_projects_baseline_is_the_rows_it_learned_from() -> None:
    known = show.target("dev").target
    request = named(sagemaker.definition(graph.load(), known), "register")["Arguments"]
    rows = request["DriftCheckBaselines"]["ModelDataQuality"]["Statistics"]["S3Uri"]
    assert rows["Std:Join"]["Values"] == [
        {"Get": "Steps.features.ProcessingOutputConfig.Outputs['features'].S3Output.S3Uri"},
        "train.parquet",
    ]


# --- Data from outside ----------------------------------------------------------------------------


def test_external_data_is_a_parameter_and_its_stage_is_never_cached(tmp_path: Path) -> None:
    params = small_project.FILES["params.yaml"].replace("src/small/example.py", "data/rows.csv")
    made = compiled(small_project.write(tmp_path, params_yaml=params))
    parameters = {one["Name"]: one["DefaultValue"] for one in made["Parameters"]}
    assert parameters["Source"] == f"s3://{NAMES.bucket('data')}/source/current/"
    assert inputs(named(made, "ingest"))["source"] == {"Get": "Parameters.Source"}
    assert "CacheConfig" not in named(made, "ingest")
    assert "CacheConfig" in named(made, "train")


def test_a_folder_of_the_image_is_no_channel(tmp_path: Path) -> None:
    text = replaced("      - src/small/ingest.py", "      - governance/erasures")
    params = small_project.FILES["params.yaml"].replace("src/small/example.py", "data/rows.csv")
    image = small_project.FILES[".dockerignore"] + "!governance/\n"
    root = small_project.write(
        tmp_path, dvc_yaml=text, params_yaml=params, **{"_dockerignore": image}
    )
    assert inputs(named(compiled(root), "ingest")).keys() == {"source", "params"}


def test_data_at_an_s3_address_is_read_from_there(tmp_path: Path) -> None:
    params = small_project.FILES["params.yaml"].replace("src/small/example.py", "s3://other/rows")
    made = compiled(small_project.write(tmp_path, params_yaml=params))
    parameters = {one["Name"]: one["DefaultValue"] for one in made["Parameters"]}
    assert parameters["Source"] == "s3://other/rows"


def test_each_of_several_sources_has_a_parameter_of_its_own(tmp_path: Path) -> None:
    text = replaced("  train:\n", MORE + "  train:\n")
    params = small_project.FILES["params.yaml"].replace("src/small/example.py", "data/rows.csv")
    made = compiled(small_project.write(tmp_path, dvc_yaml=text, params_yaml=params))
    names = [one["Name"] for one in made["Parameters"]]
    assert names == ["Params", "SourceIngest", "SourceIngestPrices"]
    source = inputs(named(made, "ingest-prices"))["source"]
    assert source == {"Get": "Parameters.SourceIngestPrices"}


MORE = """  ingest-prices:
    cmd: python -m small.ingest
    deps: [data/prices.csv]
    outs: [build/prices]
"""


def test_a_stage_that_dvc_always_runs_is_never_cached(tmp_path: Path) -> None:
    text = replaced("  train:\n", "  train:\n    always_changed: true\n")
    made = compiled(small_project.write(tmp_path, dvc_yaml=text))
    assert "CacheConfig" not in named(made, "train")


def test_only_a_stage_that_brings_data_in_may_reach_the_network(definition: Json) -> None:
    isolated = {
        step["Name"]: step["Arguments"].get("EnableNetworkIsolation")
        or step["Arguments"].get("NetworkConfig", {}).get("EnableNetworkIsolation")
        for step in every_step(definition)
        if step["Type"] in ("Processing", "Training")
    }
    assert isolated == {"ingest": False, "train": True, "evaluate": True, "package": True}


# --- The released model ---------------------------------------------------------------------------


def test_a_released_model_is_mounted_and_told_by_its_digest(root: Path) -> None:
    step = named(compiled(root, release=RELEASE), "evaluate")
    assert inputs(step)["released"] == RELEASE.artifact
    assert step["Arguments"]["Environment"]["RELEASED_ENVIRONMENT"] == "prod"
    assert step["Arguments"]["Environment"]["RELEASED_DIGEST"] == RELEASE.digest


def test_without_a_released_model_the_stage_is_told_so(definition: Json) -> None:
    step = named(definition, "evaluate")
    assert "released" not in inputs(step)
    assert step["Arguments"]["Environment"]["RELEASED_DIGEST"] == "none"


def test_a_released_model_that_no_job_can_read_is_refused(root: Path) -> None:
    with pytest.raises(UserError, match=r"prod names 'releases/1', which no job can read"):
        compiled(root, release=Release("releases/1", "c" * 64, None))


# --- Pseudonyms -----------------------------------------------------------------------------------


def jobs(definition: Json) -> dict[str, Json]:
    """The arguments of each job, by the name of its step."""
    kinds = ("Processing", "Training")
    return {s["Name"]: s["Arguments"] for s in every_step(definition) if s["Type"] in kinds}


def test_ingest_alone_is_told_the_encrypted_key_and_runs_as_the_role_that_may_use_it(
    root: Path,
) -> None:
    found = jobs(compiled(root, pseudonym_key=CIPHERTEXT))
    told = found["ingest"]["Environment"]
    assert told["PSEUDONYM_KEY_ENCRYPTED"] == CIPHERTEXT
    assert json.loads(told["PSEUDONYM_KEY_CONTEXT"]) == NAMES.pseudonym_context
    assert told["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert found["ingest"]["RoleArn"] == NAMES.role_arn("ingest")
    assert found.keys() > {"ingest", "train"}
    for name, arguments in found.items():
        if name != "ingest":
            assert "PSEUDONYM" not in json.dumps(arguments), name
            assert arguments["RoleArn"] == NAMES.role_arn("training"), name


def test_without_pseudonyms_ingest_is_a_job_like_the_others(definition: Json) -> None:
    assert "PSEUDONYM" not in json.dumps(definition)
    assert {one["RoleArn"] for one in jobs(definition).values()} == {NAMES.role_arn("training")}


def test_ingest_as_a_training_job_is_told_the_same(tmp_path: Path) -> None:
    text = replaced("  ingest:\n", "  ingest:\n    meta: {job: training}\n")
    root = small_project.write(tmp_path, dvc_yaml=text)
    arguments = jobs(compiled(root, pseudonym_key=CIPHERTEXT))["ingest"]
    assert arguments["Environment"]["PSEUDONYM_KEY_ENCRYPTED"] == CIPHERTEXT
    assert arguments["RoleArn"] == NAMES.role_arn("ingest")


def test_ingest_reaches_kms_though_it_reads_another_stage(tmp_path: Path) -> None:
    before = "  fetch:\n    cmd: python -m small.fetch\n    outs: [build/fetch]\n"
    text = replaced("  ingest:\n", f"{before}  ingest:\n")
    text = text.replace("      - ${ingest.source}\n", "      - build/fetch\n")
    root = small_project.write(tmp_path, dvc_yaml=text)
    for key, isolated in (("", True), (CIPHERTEXT, False)):
        network = jobs(compiled(root, pseudonym_key=key))["ingest"]["NetworkConfig"]
        assert network["EnableNetworkIsolation"] is isolated


def test_the_service_takes_the_longest_key_and_the_longest_context(root: Path) -> None:
    target = Target.of(
        LONGEST,
        train_image=f"{REPOSITORY}@sha256:{'a' * 64}",
        serve_image=f"{REPOSITORY}@sha256:{'b' * 64}",
        key_arn=NAMES.arn("kms", "key/1"),
        pseudonym_key="A" * LONGEST_VALUE,
        root=root,
    )
    step = named(sagemaker.definition(graph.load(root), target), "ingest")
    request = known(step["Arguments"])
    assert refused(step, request) == []
    request["Environment"]["PSEUDONYM_KEY_ENCRYPTED"] += "A"
    assert any("length 257 is above 256" in one for one in refused(step, request))


# --- Where it runs --------------------------------------------------------------------------------


def test_everything_is_encrypted_and_inside_the_network(definition: Json, root: Path) -> None:
    key = target_of(root).key_arn
    vpc = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1a", "subnet-1b"]}
    processing, training = (named(definition, name)["Arguments"] for name in ("ingest", "train"))
    assert processing["ProcessingOutputConfig"]["KmsKeyId"] == key
    assert processing["ProcessingResources"]["ClusterConfig"]["VolumeKmsKeyId"] == key
    assert processing["NetworkConfig"]["VpcConfig"] == vpc
    assert processing["NetworkConfig"]["EnableInterContainerTrafficEncryption"]
    assert training["OutputDataConfig"]["KmsKeyId"] == key
    assert training["ResourceConfig"]["VolumeKmsKeyId"] == key
    assert training["VpcConfig"] == vpc
    assert training["EnableInterContainerTrafficEncryption"]


def test_without_a_network_of_ours_none_is_named(root: Path) -> None:
    assert "VpcConfig" not in json.dumps(compiled(root, subnets=(), security_groups=()))


@pytest.mark.parametrize(
    ("machine", "own"),
    [
        ("ml.m5.large", False),
        ("ml.m5d.large", True),
        ("ml.m6id.large", True),
        ("ml.g4dn.xlarge", True),
        ("ml.g5.xlarge", True),
        ("ml.p3.2xlarge", False),
        ("ml.p3dn.24xlarge", True),
        ("ml.trn1.2xlarge", True),
        ("ml.c6i.large", False),
    ],
)
def test_no_key_is_given_for_a_machine_with_disks_of_its_own(
    tmp_path: Path, machine: str, own: bool
) -> None:
    root = small_project.write(tmp_path, dvc_yaml=replaced("ml.c5.xlarge", machine))
    resources = named(compiled(root), "train")["Arguments"]["ResourceConfig"]
    assert ("VolumeKmsKeyId" not in resources) == own


def test_hints_reach_the_job(tmp_path: Path) -> None:
    text = replaced(
        "instance_type: ml.c5.xlarge",
        "{instance_count: 2, volume_gb: 100, max_minutes: 5, retries: 0}",
    )
    step = named(compiled(small_project.write(tmp_path, dvc_yaml=text)), "train")
    assert step["Arguments"]["ResourceConfig"]["InstanceCount"] == 2
    assert step["Arguments"]["ResourceConfig"]["VolumeSizeInGB"] == 100
    assert step["Arguments"]["StoppingCondition"] == {"MaxRuntimeInSeconds": 300}
    assert "RetryPolicies" not in step


def test_no_result_is_used_again_after_its_bucket_has_deleted_it(tmp_path: Path) -> None:
    def expiry(retention: str) -> Any:
        contract = small_project.FILES["contract.yaml"].replace("value: 1, unit: y", retention)
        root = tmp_path / retention.split(",")[0]
        root.mkdir()
        made = compiled(small_project.write(root, contract_yaml=contract))
        return named(made, "train").get("CacheConfig", {}).get("ExpireAfter")

    assert expiry("value: 365, unit: d") == "P30D"
    assert expiry("value: 7, unit: d") == "P6D"
    assert expiry("value: 1, unit: d") is None


# --- What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            replaced("  evaluate:\n", "  judge:\n"),
            "no stage evaluate, which SageMaker's pipeline is built around",
        ),
        (replaced("  package:\n", "  pack:\n"), "no stage package"),
        (
            replaced("      - build/evaluate\n      - params.yaml", "      - build/train"),
            "stage package does not read build/evaluate, so nothing keeps back a model",
        ),
        (
            replaced("    desc: Judge\n", "    meta: {job: training}\n"),
            "stage evaluate is a training job, and SageMaker looks into the files of processing",
        ),
    ],
)
def test_a_pipeline_without_a_gate_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        compiled(small_project.write(tmp_path, dvc_yaml=text))


def test_more_inputs_than_a_job_takes_are_refused(tmp_path: Path) -> None:
    names = [f"part{number}" for number in range(10)]
    parts = "".join(
        f"  {name}:\n    cmd: python -m small.part {name}\n    outs: [build/{name}]\n"
        for name in names
    )
    deps = "".join(f"      - build/{name}\n" for name in names)
    text = replaced("  package:\n", f"{parts}  package:\n")
    text = text.replace(
        "      - build/evaluate\n      - params", f"{deps}      - build/evaluate\n      - params"
    )
    with pytest.raises(
        UserError, match="stage package has 12 inputs, and a processing job takes 10"
    ):
        compiled(small_project.write(tmp_path, dvc_yaml=text))


def test_params_that_name_no_environment_to_compare_with_are_refused(tmp_path: Path) -> None:
    root = small_project.write(tmp_path)
    (root / "params.yaml").write_text("train: {seed: 7}\n")
    with pytest.raises(UserError, match=r"write `evaluate: \{released: prod\}`"):
        target_of(root)


def test_params_that_name_an_environment_that_is_none_are_refused(tmp_path: Path) -> None:
    params = small_project.FILES["params.yaml"].replace("released: prod", "released: production")
    root = small_project.write(tmp_path, params_yaml=params)
    said = r"^params\.yaml: evaluate\.released is 'production'.* one of dev, staging, prod$"
    with pytest.raises(UserError, match=said):
        target_of(root)


# --- Held against the service model ---------------------------------------------------------------


CARD = '{"model_overview": {"model_creator": "@small/team"}}'


def known(argument: Any) -> Any:
    """An argument with a plausible value for every reference."""
    if isinstance(argument, list):
        return [known(item) for item in argument]
    if not isinstance(argument, dict):
        return argument
    match argument:
        case {"Get": "Execution.PipelineExecutionId"}:
            return "k3q8z1x5w9a0"
        case {"Get": "Parameters.Params"}:
            return "d" * 64
        case {"Get": _}:
            return "s3://a-bucket/a/prefix"
        case {"Std:Join": {"On": separator, "Values": values}}:
            return separator.join(known(value) for value in values)
        case {"Std:JsonGet": {"Path": "$.content"}}:
            return CARD
        case {"Std:JsonGet": _}:
            return "e" * 64
    return {name: known(item) for name, item in argument.items()}


def requests(definition: Json) -> Iterator[tuple[Json, Json]]:
    for step in every_step(definition):
        if step["Type"] in OPERATIONS:
            yield step, known(step["Arguments"])


def this_project() -> Json:
    return sagemaker.definition(
        graph.load(), dataclasses.replace(show.target("dev").target, release=RELEASE)
    )


def test_the_service_takes_every_request_of_this_project() -> None:
    checked = 0
    for step, request in requests(this_project()):
        assert refused(step, request) == [], step["Name"]
        checked += 1
    assert checked == len(graph.load().stages) + 1


def test_the_service_takes_the_pipeline_itself() -> None:
    text = json.dumps(this_project())
    request = {
        "PipelineName": NAMES.prefix,
        "ClientRequestToken": "t" * 32,
        "RoleArn": NAMES.role_arn("pipeline"),
        "PipelineDefinition": text,
    }
    assert violations("sagemaker", "CreatePipeline", request) == []


def set_at(request: Json, path: str, value: Any) -> None:
    """Change what is at a path such as `RoleArn` or `ProcessingInputs.0.InputName`."""
    *before, last = path.split(".")
    inner: Any = request
    for key in before:
        inner = inner[int(key)] if key.isdigit() else inner[key]
    if value is None:
        del inner[last]
    else:
        inner[last] = value


PLANTED: list[tuple[str, str, Any, str]] = [
    ("train", "RoleArn", "training", "RoleArn: length 8 is below 20"),
    ("train", "RoleArn", None, "RoleArn: is missing"),
    ("train", "RolArn", "x", "RolArn: there is no such key"),
    ("train", "AlgorithmSpecification.TrainingInputMode", "file", "'file' is none of"),
    ("train", "AlgorithmSpecification.ContainerEntrypoint", "python", "is no list"),
    ("train", "InputDataConfig.0.ChannelName", "a channel", "does not match"),
    ("train", "InputDataConfig.0.DataSource.S3DataSource.S3Uri", "/x", "does not match"),
    ("train", "OutputDataConfig.CompressionType", "None", "'None' is none of GZIP, NONE"),
    ("train", "ResourceConfig.InstanceType", "m5.large", "'m5.large' is none of"),
    ("train", "ResourceConfig.InstanceCount", 1.5, "is no integer"),
    ("train", "StoppingCondition.MaxRuntimeInSeconds", "3600", "is no integer"),
    ("train", "EnableNetworkIsolation", "true", "is no boolean"),
    ("train", "VpcConfig.Subnets", [], "length 0 is below 1"),
    ("evaluate", "Environment.RELEASED_DIGEST", "x" * 257, "length 257 is above 256"),
    ("evaluate", "AppSpecification.ImageUri", "x" * 256, "length 256 is above 255"),
    ("evaluate", "ProcessingResources.ClusterConfig.InstanceCount", 0, "0 is below 1"),
    ("evaluate", "ProcessingInputs.0.S3Input.S3DataType", "Prefix", "'Prefix' is none of"),
    ("evaluate", "ProcessingOutputConfig.Outputs.0.S3Output.S3UploadMode", None, "is missing"),
    ("evaluate", "NetworkConfig.VpcConfig.SecurityGroupIds", None, "is missing"),
    ("register", "ModelApprovalStatus", "Pending", "'Pending' is none of"),
    ("register", "ModelPackageGroupName", "a group", "does not match"),
    ("register", "CustomerMetadataProperties.digest", 7, "is no string"),
    ("register", "InferenceSpecification.Containers", None, "is missing"),
    ("register", "ModelMetrics.ModelQuality.Statistics.S3Uri", None, "is missing"),
    ("register", "SkipModelValidation", "no", "'no' is none of All, None"),
    ("register", "ModelCard.ModelCardStatus", "draft", "'draft' is none of Draft"),
    ("register", "ModelCard.ModelCardContent", "x" * 100_001, "length 100001 is above 100000"),
    ("register", "ModelCard.ModelCardContent", "{\n}", "does not match"),
    ("register", "ModelCard.ModelCardContent", '{"name": "x"}', "ModelCard: name: Extra inputs"),
]


@pytest.mark.parametrize(("name", "path", "value", "message"), PLANTED)
def test_a_planted_fault_is_caught(
    definition: Json, name: str, path: str, value: Any, message: str
) -> None:
    (step, request) = next(pair for pair in requests(definition) if pair[0]["Name"] == name)
    assert refused(step, request) == []
    set_at(request, path, value)
    found = refused(step, request)
    assert any(message in one for one in found), found


def test_what_the_service_model_cannot_say_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    skipped = {name: unparsed("sagemaker", name) for name, _ in OPERATIONS.values()}
    with capsys.disabled():
        counts = ", ".join(f"{len(found)} in {name}" for name, found in skipped.items())
        print(f"\npatterns that Python cannot read, so that nothing is held to them: {counts}")
    for patterns in skipped.values():
        for pattern in patterns:
            with pytest.raises(re.error):
                re.compile(pattern)


# --- References -----------------------------------------------------------------------------------


def references(definition: Json) -> set[str]:
    return set(re.findall(r'"Get": "([^"]+)"', json.dumps(definition)))


def dangling(definition: Json) -> list[str]:
    """References to what no step, output, property file or parameter gives."""
    given = {"Execution.PipelineExecutionId"}
    given |= {f"Parameters.{one['Name']}" for one in definition["Parameters"]}
    for step in every_step(definition):
        name, arguments = step["Name"], step["Arguments"]
        if step["Type"] == "Training":
            given.add(f"Steps.{name}.ModelArtifacts.S3ModelArtifacts")
        for one in arguments.get("ProcessingOutputConfig", {}).get("Outputs", []):
            output = f"ProcessingOutputConfig.Outputs['{one['OutputName']}']"
            given.add(f"Steps.{name}.{output}.S3Output.S3Uri")
        for one in step.get("PropertyFiles", []):
            given.add(f"Steps.{name}.PropertyFiles.{one['PropertyFileName']}")
    return sorted(references(definition) - given)


def test_every_reference_leads_somewhere() -> None:
    assert dangling(this_project()) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda made: made["Parameters"].pop(),
        lambda made: named(made, "evaluate").pop("PropertyFiles"),
        lambda made: named(made, "ingest").update(Name="bring"),
    ],
)
def test_a_reference_that_leads_nowhere_is_seen(
    definition: Json, spoil: Callable[[Json], object]
) -> None:
    spoil(definition)
    assert dangling(definition) != []


def test_compiling_twice_gives_the_same(root: Path) -> None:
    assert json.dumps(compiled(root)) == json.dumps(compiled(root))


def test_the_graph_alone_decides_what_is_compiled(root: Path) -> None:
    expected, loaded, target = compiled(root), graph.load(root), target_of(root)
    for name in ("dvc.yaml", "params.yaml", "released.yaml"):
        (root / name).unlink()
    assert sagemaker.definition(loaded, target) == expected


# --- make pipeline --------------------------------------------------------------------------------


def test_make_pipeline_prints_the_definition_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    show.run(["dev"])
    printed = json.loads(capsys.readouterr().out)
    assert printed == sagemaker.definition(graph.load(), show.target("dev").target)


def test_people_get_a_table_of_every_step() -> None:
    made = this_project()
    text = "\n".join(show.table(made))
    for step in every_step(made):
        assert re.search(rf"^ *(else )?{step['Name']} ", text, re.MULTILINE)


def test_an_environment_that_is_none_is_refused() -> None:
    with pytest.raises(SystemExit, match="error: ENV is 'production': add one of ENV=dev"):
        show.run(["production"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"Pulumi\.dev\.yaml names no region"),
        ("config: {}", r"Pulumi\.dev\.yaml names no region"),
    ],
)
def test_a_stack_file_without_a_region_is_told_with_the_remedy(
    root: Path, text: str, said: str
) -> None:
    write_stacks(root, text, "")
    with pytest.raises(UserError, match=said):
        show.target("dev", root)


PLACE = "aws:region: eu-west-1, small-foundation:network"


@pytest.mark.parametrize(
    ("foundation", "made_up", "without"),
    [
        (f"{PLACE}: create", ["the account (123456789012)", "the key"], True),
        (f"{PLACE}: none, aws:allowedAccountIds: ['210987654321']", ["the key"], False),
    ],
)
def test_what_is_only_a_placeholder_is_told(
    root: Path, foundation: str, made_up: list[str], without: bool
) -> None:
    images = [f"small-training:{kind}Image: sha256:{'a' * 64}" for kind in ("train", "serve")]
    write_stacks(root, f"config: {{{foundation}}}", f"config: {{{', '.join(images)}}}")
    known = show.target("dev", root)
    assert list(known.made_up) == made_up
    header = show.header("dev", known)
    assert all(word in header for word in made_up)
    assert ("without a network" in header) is without


def test_a_key_of_pseudonyms_that_is_not_there_yet_is_a_placeholder(tmp_path: Path) -> None:
    column = "{name: a, customProperties: [{property: handling, value: subject}]}"
    contract = small_project.FILES["contract.yaml"]
    asking = contract.replace("{properties: []}", f"{{properties: [{column}]}}")
    for name, (text, key) in {
        "none": ("", None),
        "there": ("config: {small-training:pseudonymKey: AQID}", "AQID"),
    }.items():
        (tmp_path / name).mkdir()
        root = small_project.write(tmp_path / name, contract_yaml=asking)
        write_stacks(root, f"config: {{{PLACE}: none}}", text)
        shown = show.target("dev", root)
        assert ("the key of pseudonyms" in shown.made_up) is (key is None)
        told = shown.target.ingest_environment["PSEUDONYM_KEY_ENCRYPTED"]
        assert told == (key or CIPHERTEXT)


def test_an_existing_network_is_shown(root: Path) -> None:
    ids = "small-foundation:subnetIds: [subnet-1], small-foundation:securityGroupIds: [sg-1]"
    write_stacks(root, f"config: {{{PLACE}: existing, {ids}}}", "")
    known = show.target("dev", root)
    assert (known.target.subnets, known.target.security_groups) == (("subnet-1",), ("sg-1",))
    assert "without a network" not in show.header("dev", known)


def test_what_is_shown_is_told_apart_from_it(capsys: pytest.CaptureFixture[str]) -> None:
    show.run(["dev"])
    assert capsys.readouterr().err == f"{show.header('dev', show.target('dev'))}\n"


def write_stacks(root: Path, foundation: str, training: str) -> None:
    """The stack files of dev that `make pipeline` reads."""
    for program, text in (("foundation", foundation), ("training", training)):
        (root / "infra" / program).mkdir(parents=True)
        (root / "infra" / program / "Pulumi.dev.yaml").write_text(text)
