"""Updates by copier and cruft, in every order, on a small template with three releases."""

import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
import yaml

from . import journey
from .journey import (
    ROOT,
    commit,
    create,
    cruft_create,
    files,
    git,
    must,
    release,
    replace,
    run,
    update,
    write,
)

TOOLS = ("copier", "cruft")
CONFIG = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))
SAME_SLUG = {"project_slug": "my-model"}
MINIMUM = CONFIG["_min_copier_version"]


def lines(**changed: str) -> str:
    """A file with room between its lines."""
    values = {f"line_{number}": str(number) for number in range(1, 31)}
    return "".join(f"{key}: {value}\n" for key, value in {**values, **changed}.items())


@pytest.fixture(scope="module")
def three_releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """v1, v2 (changes, adds and removes files) and v3 (asks a new question as well)."""
    return make_three_releases(tmp_path_factory.mktemp("updates") / "template")


def make_three_releases(target: Path) -> Path:
    template = journey.small_template(target)
    release(template, "v1.0.0", {
        "README.md.jinja": "# {{ project_name }}\n\n{{ description }}\n",
        "params.yaml": lines(),
        "src/{{ package_name }}/train.py": '"""Train."""\n',
        "unwanted.txt": "The team deletes this.\n",
        "obsolete.txt": "The next version drops this.\n",
        "{% if github %}github.txt{% endif %}": "Only with GitHub.\n",
        ".pre-commit-config.yaml": (ROOT / "template/.pre-commit-config.yaml").read_text(),
        ".gitignore": "/.venv\n",
    })  # fmt: skip
    release(template, "v2.0.0", {
        "params.yaml": lines(line_3="three"),
        "src/{{ package_name }}/new.py": '"""New."""\n',
        "unwanted.txt": "The team deletes this, and the template changes it.\n",
        "obsolete.txt": None,
    })  # fmt: skip
    journey.add_question(template, "channel", "#general")
    release(template, "v3.0.0", {
        "README.md.jinja": "# {{ project_name }}\n\n{{ description }}\n\nAsk in {{ channel }}.\n",
        "params.yaml": lines(line_3="three", line_25="twenty-five"),
    })  # fmt: skip
    return template


def at_release(template: Path, version: str, target: Path) -> Path:
    """The template as its users saw it when `version` was the newest."""
    git(template.parent, "clone", "-q", str(template), str(target))
    move_to(target, version)
    return target


def move_to(template: Path, version: str) -> None:
    """Publish a release: the default branch and the newest tag are one commit."""
    git(template, "fetch", "-q", "--tags")
    git(template, "reset", "-q", "--hard", version)
    for tag in git(template, "tag").split():
        if tag > version:
            git(template, "tag", "-d", tag)


def edit(project: Path) -> None:
    """What the team does: lines next to the template's and far from them, files of its own, a file
    that it does not want."""
    for line in ("5", "14", "23"):
        replace(project / "params.yaml", f"line_{line}: {line}", f"line_{line}: ours")
    replace(project / "src/my_model/train.py", '"""Train."""', '"""Train, our way."""')
    (project / "src/my_model/ours.py").write_text('"""Ours."""\n')
    (project / "unwanted.txt").unlink()


@pytest.mark.parametrize("tools", list(product(TOOLS, repeat=3)), ids="-".join)
def test_a_team_that_alternates_tools_ends_with_the_newest_version_and_its_own_edits(
    tools: tuple[str, ...], three_releases: Path, tmp_path: Path
) -> None:
    template = at_release(three_releases, "v1.0.0", tmp_path / "template")
    # Only copier takes braces from the command line (test_cookiecutter.py); cruft keeps them.
    name = {"project_name": 'Ours: "a" {{ b }} \\ é 🎉'} if tools[0] == "copier" else {}
    answers = {"project_slug": "my-model", **name}
    project = create(tools[0], template, tmp_path / "my-model", **answers)
    edit(project)
    commit(project, "Our edits")

    move_to(template, "v2.0.0")
    assert_merged(project, update(tools[1], project))
    commit(project, "Update to v2")

    move_to(template, "v3.0.0")
    assert_merged(project, update(tools[2], project, channel="#models"))

    fresh = create("copier", template, tmp_path / "fresh", channel="#models", **answers)
    edit(fresh)
    assert files(project) == files(fresh)


def assert_merged(project: Path, done: subprocess.CompletedProcess[str]) -> None:
    """The update worked, and nothing is left of a conflict in any form."""
    assert done.returncode == 0, done.stdout
    assert "conflict" not in done.stdout.lower()
    for name, content in files(project).items():
        assert not name.endswith((".rej", ".orig")), name
        assert b"<<<<<<<" not in content, name
    assert not git(project, "diff", "--name-only", "--diff-filter=U")


@pytest.mark.parametrize("tool", TOOLS)
def test_an_answer_can_be_changed_later_by_either_tool(
    tool: str, three_releases: Path, tmp_path: Path
) -> None:
    template = at_release(three_releases, "v1.0.0", tmp_path / "template")
    project = create(tool, template, tmp_path / "my-model")
    move_to(template, "v2.0.0")
    changed = {"ci": "gitlab", "personal_data": "yes", "description": "Another one."}
    assert_merged(project, update(tool, project, **changed))
    assert not (project / "github.txt").exists()
    commit(project, "Update to v2")

    move_to(template, "v3.0.0")
    other = "cruft" if tool == "copier" else "copier"
    assert_merged(project, update(other, project))
    fresh = create("copier", template, tmp_path / "fresh", project_slug="my-model", **changed)
    assert files(project) == files(fresh)


def test_the_oldest_copier_makes_the_whole_journey(three_releases: Path, tmp_path: Path) -> None:
    """The newest is the one that all the other tests use."""
    if not shutil.which("uvx"):
        pytest.skip("uvx, which fetches the old copier, is not installed")
    oldest = f"copier@{MINIMUM}"
    assert MINIMUM in must(*journey.copier(oldest), "--version", cwd=tmp_path)
    template = at_release(three_releases, "v1.0.0", tmp_path / "template")
    project = create(oldest, template, tmp_path / "my-model")
    edit(project)
    commit(project, "Our edits")
    move_to(template, "v2.0.0")
    assert_merged(project, update(oldest, project))
    commit(project, "Update to v2")
    move_to(template, "v3.0.0")
    assert_merged(project, update("cruft", project, channel="#models"))

    answers = {"project_slug": "my-model", "channel": "#models"}
    fresh = create("copier", template, tmp_path / "fresh", **answers)
    edit(fresh)
    assert files(project) == files(fresh)


# --- Conflicts -----------------------------------------------------------------------------------


def ready_to_commit(project: Path) -> None:
    """What `make setup` does for the hooks, with the tools that run these tests."""
    (project / ".venv").symlink_to(sys.prefix)
    must(".venv/bin/pre-commit", "install", "--hook-type", "pre-commit", cwd=project)


def try_to_commit(project: Path) -> subprocess.CompletedProcess[str]:
    """Stage everything, as someone in a hurry would; this little project has no types to check."""
    git(project, "add", "-A")
    return run("git", "commit", "-m", "Update", cwd=project, SKIP="mypy")


@pytest.mark.parametrize(
    ("tool", "markers"),
    [
        ("copier", ("<<<<<<< before updating", ">>>>>>> after updating")),
        ("cruft", ("<<<<<<< ours", ">>>>>>> theirs")),
    ],
)
def test_a_true_conflict_is_the_tools_ordinary_one_and_cannot_be_committed(
    tool: str, markers: tuple[str, str], three_releases: Path, tmp_path: Path
) -> None:
    template = at_release(three_releases, "v1.0.0", tmp_path / "template")
    project = create(tool, template, tmp_path / "my-model")
    replace(project / "params.yaml", "line_3: 3", "line_3: ours")
    commit(project, "Our edit")
    move_to(template, "v2.0.0")
    ready_to_commit(project)

    update(tool, project)
    content = (project / "params.yaml").read_text()
    assert all(marker in content for marker in (*markers, "line_3: ours", "line_3: three"))
    assert git(project, "diff", "--name-only", "--diff-filter=U") == "params.yaml"

    done = try_to_commit(project)
    assert done.returncode != 0
    assert "no conflict marker is left" in done.stdout
    assert "params.yaml:3: Merge conflict string '<<<<<<<'" in done.stdout

    (project / "params.yaml").write_text(lines(line_3="both"))
    done = try_to_commit(project)
    assert done.returncode == 0, done.stdout


def test_a_rejected_hunk_cannot_be_forgotten(three_releases: Path, tmp_path: Path) -> None:
    """cruft leaves .rej files where git lacks the old version of a file; the hook lends it only to
    the project in whose directory the user is."""
    template = at_release(three_releases, "v2.0.0", tmp_path / "template")
    project = create("cruft", template, tmp_path / "my-model")
    (project / "params.yaml").write_text("nothing: alike\n")
    must("rm", "-rf", ".git", cwd=project)
    git(project, "init", "-q")
    commit(project, "Our own history")
    move_to(template, "v3.0.0")
    ready_to_commit(project)

    options = ("--skip-apply-ask", "--project-dir", project.name)
    must(*journey.CRUFT, "update", *options, cwd=tmp_path)
    assert (project / "params.yaml.rej").exists()
    git(project, "add", "-u")  # the .rej file is not even staged
    done = run("git", "commit", "-m", "Update", cwd=project, SKIP="mypy")
    assert done.returncode != 0
    assert "params.yaml.rej" in done.stdout

    (project / "params.yaml.rej").unlink()
    done = try_to_commit(project)
    assert done.returncode == 0, done.stdout


# --- cruft's other commands, and a template that moves --------------------------------------------


def cruft(command: str, project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return run(*journey.CRUFT, command, *options, cwd=project)


@pytest.mark.parametrize("tool", TOOLS)
def test_cruft_check_and_diff_tell_how_a_project_stands(
    tool: str, three_releases: Path, tmp_path: Path
) -> None:
    template = at_release(three_releases, "v1.0.0", tmp_path / "template")
    project = create(tool, template, tmp_path / "my-model")
    assert cruft("check", project).returncode == 0
    assert cruft("diff", project, "--exit-code").stdout == ""

    replace(project / "params.yaml", "line_14: 14", "line_14: ours")
    commit(project, "Our edit")
    shown = cruft("diff", project, "--exit-code")
    assert shown.returncode == 1
    changed = [line for line in shown.stdout.splitlines() if line[:1] in "+-" and line[1:2] == "l"]
    assert sorted(changed) == ["+line_14: 14", "-line_14: ours"]

    move_to(template, "v2.0.0")
    assert cruft("check", project).returncode == 1
    assert update(tool, project).returncode == 0
    assert cruft("check", project).returncode == 0


def test_cruft_link_adopts_a_project(three_releases: Path, tmp_path: Path) -> None:
    template = at_release(three_releases, "v2.0.0", tmp_path / "template")
    project = create("copier", template, tmp_path / "my-model", ci="jenkins")
    before = (project / ".cruft.json").read_bytes()
    (project / ".cruft.json").unlink()
    commit(project, "As if copier alone had made it")
    done = cruft(
        "link", project, str(template), "--no-input", "--extra-context", '{"ci": "jenkins"}'
    )
    assert done.returncode == 0, done.stdout
    assert (project / ".cruft.json").read_bytes() == before

    commit(project, "Link")
    move_to(template, "v3.0.0")
    assert_merged(project, update("cruft", project))
    fresh = create("copier", template, tmp_path / "fresh", project_slug="my-model", ci="jenkins")
    assert files(project) == files(fresh)


@pytest.mark.parametrize("tools", [("copier", "cruft"), ("cruft", "copier")], ids="-".join)
def test_a_template_that_moved_is_followed_by_changing_its_address(
    tools: tuple[str, str], three_releases: Path, tmp_path: Path
) -> None:
    old = at_release(three_releases, "v1.0.0", tmp_path / "template")
    project = create("cruft", old, tmp_path / "my-model")
    edit(project)
    commit(project, "Our edits")
    new = old.rename(tmp_path / "moved")
    assert update(tools[0], project).returncode != 0

    # The command of docs/updates.md.
    must("sed", "-i", f"s#{old}#{new}#", ".copier-answers.yml", ".cruft.json", cwd=project)
    commit(project, "Follow the template")
    for tool, version in zip(tools, ("v2.0.0", "v3.0.0"), strict=True):
        move_to(new, version)
        assert_merged(project, update(tool, project))
        commit(project, f"Update to {version}")

    fresh = create("copier", new, tmp_path / "fresh", project_slug="my-model")
    edit(fresh)
    assert files(project) == files(fresh)


def test_a_version_asked_of_cruft_by_name_is_cleared_before_copier_updates(
    three_releases: Path, tmp_path: Path
) -> None:
    template = at_release(three_releases, "v2.0.0", tmp_path / "template")
    must(*cruft_create(template), "--checkout", "v1.0.0", cwd=tmp_path)
    project = tmp_path / "my-model"
    git(project, "init", "-q")
    replace(project / ".cruft.json", '"checkout": "v1.0.0"', '"checkout": null')
    commit(project, "Start, with the name of the version cleared")
    assert_merged(project, update("copier", project))
    assert files(project) == files(create("copier", template, tmp_path / "fresh", **SAME_SLUG))


# --- The whole template --------------------------------------------------------------------------


@pytest.mark.parametrize("tools", [("copier", "cruft"), ("cruft", "copier")], ids="-".join)
def test_the_whole_template_updates_as_the_small_one_does(
    tools: tuple[str, str], template: Path, tmp_path: Path
) -> None:
    here = tmp_path / "template"
    git(tmp_path, "clone", "-q", str(template), str(here))
    project = create(tools[0], here, tmp_path / "my-model", task="regression")
    replace(project / "README.md", "# My model\n", "# Our model\n")
    write(project, {"src/my_model/ours.py": '"""Ours."""\n'})
    commit(project, "Our edits")
    readme = here / "template/README.md.jinja"
    readme.write_text(readme.read_text() + "\nThe end.\n")
    release(here, "v1.1.0", {"src/{{ package_name }}/new.py": '"""New."""\n'})

    assert_merged(project, update(tools[1], project))
    fresh = create("copier", here, tmp_path / "fresh", project_slug="my-model", task="regression")
    replace(fresh / "README.md", "# My model\n", "# Our model\n")
    write(fresh, {"src/my_model/ours.py": '"""Ours."""\n'})
    assert files(project) == files(fresh)
