"""The graph is what DVC makes of dvc.yaml; what no job can run is refused with its line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra import project
from infra.errors import UserError
from infra.pipelines import graph, hints

from . import small_project
from .small_project import DVC, replaced


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return small_project.write(tmp_path)


def stages(root: Path) -> dict[str, graph.Stage]:
    return {stage.name: stage for stage in graph.load(root).stages}


def test_this_project_has_the_stages_that_the_compiler_needs() -> None:
    names = [stage.name for stage in graph.load().stages]
    assert names.index("train") < names.index("evaluate") < names.index("package")


def test_a_dependency_is_a_directory_a_file_in_the_image_or_external(tmp_path: Path) -> None:
    params = small_project.FILES["params.yaml"].replace("src/small/example.py", "data/rows.csv")
    found = stages(small_project.write(tmp_path, params_yaml=params))
    ingest, train = found["ingest"], found["train"]
    assert (ingest.inputs, ingest.files, ingest.external) == (
        (),
        ("src/small/ingest.py",),
        "data/rows.csv",
    )
    assert (train.inputs, train.files, train.external) == (("ingest",), ("contract.yaml",), None)


@pytest.mark.parametrize("let_in", ["!governance/", "!governance/erasures/", "!governance"])
def test_a_folder_in_git_is_in_the_image_wherever_it_is(tmp_path: Path, let_in: str) -> None:
    text = replaced("      - src/small/ingest.py", "      - governance/erasures")
    params = small_project.FILES["params.yaml"].replace("src/small/example.py", "data/rows.csv")
    image = f"{small_project.FILES['.dockerignore']}{let_in}\n"
    root = small_project.write(
        tmp_path, dvc_yaml=text, params_yaml=params, **{"_dockerignore": image}
    )
    ingest = stages(root)["ingest"]
    assert (ingest.inputs, ingest.files) == ((), ("governance/erasures",))
    assert ingest.external == "data/rows.csv"


def test_a_folder_that_no_image_holds_is_data_from_outside(tmp_path: Path) -> None:
    text = replaced("      - src/small/ingest.py", "      - governance/erasures")
    found = stages(small_project.write(tmp_path, dvc_yaml=text))
    assert found["ingest"].external == "governance/erasures"


def test_data_at_an_address_is_external(tmp_path: Path) -> None:
    params = small_project.FILES["params.yaml"].replace("src/small/example.py", "s3://bucket/rows")
    found = stages(small_project.write(tmp_path, params_yaml=params))
    assert found["ingest"].external == "s3://bucket/rows"


def test_a_file_inside_a_directory_that_a_stage_writes_is_that_directory(tmp_path: Path) -> None:
    text = replaced("      - build/ingest\n      - contract.yaml", "      - build/ingest/a.csv")
    assert stages(small_project.write(tmp_path, dvc_yaml=text))["train"].inputs == ("ingest",)


def test_a_directory_with_settings_of_dvc_is_the_directory(tmp_path: Path) -> None:
    text = replaced("- build/train\n    meta", "- build/train: {persist: true}\n    meta")
    assert stages(small_project.write(tmp_path, dvc_yaml=text))["train"].output == "train"


def test_params_yaml_as_a_file_is_no_file_of_the_image(root: Path) -> None:
    package = stages(root)["package"]
    assert package.whole_params
    assert package.reads_params
    assert package.files == ("src/small",)


def test_hints_are_read_and_the_rest_has_defaults(root: Path) -> None:
    found = stages(root)
    assert found["train"].hints.job == "training"
    assert found["train"].hints.instance_type == "ml.c5.xlarge"
    assert found["evaluate"].hints.job == "processing"
    assert found["evaluate"].hints.instance_type == hints.DEFAULTS["instance_type"]


def test_foreach_matrix_vars_and_templating_are_expanded(tmp_path: Path) -> None:
    text = """
vars:
  - machines.yaml
  - rounds: 4
stages:
  ingest:
    cmd: python -m small.ingest
    outs: [build/ingest]
  train:
    foreach: [small, large]
    do:
      cmd: python -m small.train ${item} ${rounds}
      deps: [build/ingest]
      outs: ["build/train-${item}"]
      meta: {instance_type: "${machine.${item}}"}
  evaluate:
    matrix: {part: [valid, test]}
    cmd: python -m small.evaluate
    deps: [build/train-small, build/train-large]
    outs: ["build/evaluate-${item.part}"]
"""
    (tmp_path / "machines.yaml").write_text("machine: {small: ml.m5.large, large: ml.m5.4xlarge}\n")
    text = text.replace("${machine.${item}}", "${machine.small}")
    found = stages(small_project.write(tmp_path, dvc_yaml=text))
    assert list(found) == [
        "ingest",
        "train@small",
        "train@large",
        "evaluate@valid",
        "evaluate@test",
    ]
    large = found["train@large"]
    assert large.command == ("python", "-m", "small.train", "large", "4")
    assert (large.step, large.output, large.hints.job) == ("train-large", "train-large", "training")
    assert large.hints.instance_type == "ml.m5.large"
    assert found["evaluate@test"].inputs == ("train-small", "train-large")


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(["ingest", "train", "evaluate", "package"]))
def test_a_stage_comes_after_those_it_reads_whatever_the_order_in_the_file(
    tmp_path: Path, order: list[str]
) -> None:
    blocks = _blocks()
    text = "stages:\n" + "".join(blocks[name] for name in order)
    found = [
        stage.name for stage in graph.load(small_project.write(tmp_path, dvc_yaml=text)).stages
    ]
    assert found == ["ingest", "train", "evaluate", "package"]


def _blocks() -> dict[str, str]:
    """The text of each stage."""
    found: dict[str, str] = {}
    for line in DVC.split("stages:\n")[1].splitlines(keepends=True):
        if not line.startswith("   "):
            name = line.strip().rstrip(":")
            found[name] = ""
        found[name] += line
    return found


# --- The cache ------------------------------------------------------------------------------------


def dvc_was_imported(root: Path) -> bool:
    code = (
        "import sys; from pathlib import Path; from infra.pipelines import graph; "
        f"graph.load(Path({str(root)!r})); print('dvc' in sys.modules, 'pulumi' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project.ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[1] == "False"
    return done.stdout.split()[0] == "True"


def test_a_graph_is_resolved_once_and_then_read_without_dvc_or_pulumi(root: Path) -> None:
    assert dvc_was_imported(root)
    assert not dvc_was_imported(root)


def test_what_is_read_from_the_cache_is_what_was_resolved(root: Path) -> None:
    assert graph.load(root) == graph.load(root)
    assert (root / graph.CACHE).is_file()


@pytest.mark.parametrize("name", ["dvc.yaml", "params.yaml", ".dockerignore", "more.yaml"])
def test_a_change_in_any_file_that_it_comes_from_is_noticed(tmp_path: Path, name: str) -> None:
    (tmp_path / "more.yaml").write_text("name: judged\n")
    text = "vars: [more.yaml]\n" + replaced("desc: Judge", "desc: ${name} ${train.seed}")
    root = small_project.write(tmp_path, dvc_yaml=text)
    assert stages(root)["evaluate"].description == "judged 7"
    changed = {
        "dvc.yaml": ("python -m small.train", "python -m small.learn"),
        "params.yaml": ("seed: 7", "seed: 8"),
        ".dockerignore": ("!src/\n", ""),
        "more.yaml": ("judged", "measured"),
    }[name]
    before = graph.load(root)
    (root / name).write_text((root / name).read_text().replace(*changed))
    if name == ".dockerignore":
        with pytest.raises(UserError, match="one channel for such data"):
            graph.load(root)
    else:
        assert graph.load(root) != before


@pytest.mark.parametrize("content", ["", "{}", '{"code": "other"}', "[]"])
def test_a_cache_that_is_broken_or_of_another_version_is_made_anew(
    root: Path, content: str
) -> None:
    before = graph.load(root)
    (root / graph.CACHE).write_text(content)
    assert graph.load(root) == before
    assert json.loads((root / graph.CACHE).read_text())["graph"]["stages"]


# --- What is refused ------------------------------------------------------------------------------

REFUSED = {
    "unknown hint": (
        replaced("instance_type: ml.c5.xlarge", "instance: ml.c5.xlarge"),
        "instance: ml",
        "stage train: the hint 'instance' is unknown: there are job, instance_type",
    ),
    "wrong number": (
        replaced("instance_type: ml.c5.xlarge", "volume_gb: plenty"),
        "volume_gb",
        "volume_gb is 'plenty': write a whole number from 1 to 16384",
    ),
    "too many": (
        replaced("instance_type: ml.c5.xlarge", "retries: 21"),
        "retries",
        "retries is 21: write a whole number from 0 to 20",
    ),
    "wrong machine": (
        replaced("ml.c5.xlarge", "c5.xlarge"),
        "instance_type",
        "instance_type is 'c5.xlarge'",
    ),
    "wrong job": (
        replaced("instance_type: ml.c5.xlarge", "job: batch"),
        "job: batch",
        "job is 'batch': write processing or training",
    ),
    "hints in a list": (
        replaced("    meta:\n      instance_type: ml.c5.xlarge", "    meta: [large]"),
        "meta",
        "meta is .'large'.: write hints by name",
    ),
    "a ring": (
        replaced("      - ${ingest.source}", "      - build/evaluate"),
        "    deps:",
        "the stages read in a ring: (ingest|train|evaluate)( -> (ingest|train|evaluate)){3}$",
    ),
    "two stages with one output": (
        replaced("build/evaluate\n  package", "build/train\n  package").replace(
            "      - build/evaluate\n      - params", "      - params"
        ),
        "    outs:\n      - build/train\n  package",
        "stage evaluate: build/train is already written by stage train: give each its own",
    ),
    "a training stage with two outputs": (
        replaced(
            "      - build/train\n    meta", "      - build/train\n      - build/more\n    meta"
        ),
        "    outs:\n      - build/train\n      - build/more",
        "stage train: a stage writes one directory, build/<name>, .* build/train, build/more",
    ),
    "no output": (
        replaced("    outs:\n      - build/package\n", ""),
        "  package:",
        "stage package: .* and this one has none",
    ),
    "a metric beside the output": (
        replaced(
            "      - build/package\n", "      - build/package\n    metrics:\n      - build/m.json\n"
        ),
        "    outs:\n      - build/package",
        "has build/package, build/m.json",
    ),
    "an output elsewhere": (
        replaced("      - build/package\n", "      - models/package\n"),
        "    outs:\n      - models",
        "its output is models/package: write build/package",
    ),
    "an output that is a channel": (
        replaced("      - build/package\n", "      - build/params\n"),
        "    outs:\n      - build/params",
        "build/params has the name of a channel of every job",
    ),
    "another command": (
        replaced("python -m small.train", "bash train.sh"),
        "cmd: bash",
        "its command is 'bash train.sh': a job runs `python -m small.<stage>`",
    ),
    "a module of others": (
        replaced("python -m small.train", "python -m other.train"),
        "cmd: python -m other",
        "a job runs `python -m small.<stage>`",
    ),
    "a shell": (
        replaced("python -m small.train", "python -m small.train && rm x"),
        "cmd: python -m small.train &&",
        "its command is .*, no shell",
    ),
    "two commands": (
        replaced(
            "cmd: python -m small.train", "cmd: [python -m small.train, python -m small.more]"
        ),
        "cmd: [python",
        "no shell",
    ),
    "a name that SageMaker refuses": (
        replaced("  train:\n", "  train.one:\n"),
        "  train.one",
        "SageMaker takes no step 'train.one'",
    ),
    "a name that is too long": (
        replaced("  train:\n", f"  {'t' * 65}:\n"),
        "  ttt",
        "at most 64",
    ),
    "a name of the compiler's": (
        replaced("  train:\n", "  register:\n"),
        "  register",
        "the step register is one that the compiler adds: rename the stage",
    ),
    "a directory that nobody writes": (
        replaced("      - build/train\n      - released", "      - build/trian\n      - released"),
        "    deps:\n      - build/trian",
        "it reads build/trian, which no stage writes",
    ),
    "two sources for one job": (
        replaced("      - src/small/ingest.py", "      - data/a.csv\n      - data/b.csv"),
        "    deps:\n      - ${ingest",
        "data/a.csv, data/b.csv are neither stages' directories nor in the image",
    ),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_cannot_run_in_the_cloud_is_refused_with_its_line(tmp_path: Path, fault: str) -> None:
    text, passage, message = REFUSED[fault]
    line = text[: text.index(passage)].count("\n") + 1
    with pytest.raises(UserError, match=message) as caught:
        graph.load(small_project.write(tmp_path, dvc_yaml=text))
    if fault == "a ring":
        assert str(caught.value).startswith("dvc.yaml, line ")
    else:
        assert f"dvc.yaml, line {line}: stage " in str(caught.value)


def test_a_float_in_a_matrix_is_refused_as_sagemaker_would(tmp_path: Path) -> None:
    text = replaced("  train:\n", "  train:\n    matrix: {rate: [0.1]}\n")
    with pytest.raises(UserError, match=r"line 12: stage train@0\.1: SageMaker takes no step"):
        graph.load(small_project.write(tmp_path, dvc_yaml=text))


def test_two_stages_that_become_one_step_are_refused(tmp_path: Path) -> None:
    text = replaced("  evaluate:\n", "  train-a:\n")
    text = text.replace("  train:\n", "  train:\n    matrix: {part: [a]}\n")
    with pytest.raises(UserError, match="the step train-a is one of stage train@a"):
        graph.load(small_project.write(tmp_path, dvc_yaml=text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stages: [", r"^dvc\.yaml, line 1: expected the node content"),
        ("", "has no stage"),
        ("stages: {}", "has no stage"),
        ("stage:\n  a: 1\n", r"dvc.yaml, line 1: stage: extra keys not allowed"),
        (replaced("cmd: python -m small.train", "command: x"), r"dvc.yaml, line \d+: stages.train"),
        (replaced("${ingest.source}", "${ingest.place}"), "ingest.place"),
        ("vars: [gone.yaml]\n" + DVC, "gone.yaml"),
    ],
)
def test_what_dvc_refuses_is_told_in_a_sentence(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        graph.load(small_project.write(tmp_path, dvc_yaml=text))
    assert "\n" not in str(caught.value)


def test_a_params_file_that_is_no_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^params\.yaml, line 3: "):
        graph.load(small_project.write(tmp_path, params_yaml="a: 1\nb: [\n"))


def test_a_missing_file_is_told_with_its_remedy(root: Path) -> None:
    (root / "dvc.yaml").unlink()
    with pytest.raises(UserError, match=r"missing: restore it with `git checkout dvc\.yaml`"):
        graph.load(root)
