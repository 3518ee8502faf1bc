"""Both images, built from a project's Dockerfile and put to work, without a daemon or a registry.

buildah builds and runs them in a chroot. Their base is Debian's own Python, which debootstrap
brings once for each machine and which knows this machine's package index, as a company's base
image would.
"""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

# The images take minutes to build: with `--dist loadgroup`, one worker has all tests of this file.
pytestmark = pytest.mark.xdist_group("image")

DEBIAN, PYTHON = "bookworm", "3.11"
PACKAGES = "ca-certificates,python3,python3-pip"
LEFT_OUT = ("proc", "sys", "var/cache/apt", "var/lib/apt/lists")
STAGES = ("ingest", "validate", "features", "train", "evaluate", "package")
HOSTILE = 'Says "hello" \\ to $HOME and ${USER} # é ☂'
ISOLATION = ("--isolation=chroot", "--network=host")
# Where packages come from and which certificates to trust; other settings stay with the machine.
INDEX = re.compile(
    r"(PIP|UV)_\w*(INDEX|FIND_LINKS|CERT|TRUSTED|INSECURE|TLS|TIMEOUT)\w*|SSL_CERT_FILE|\w+_PROXY",
    re.IGNORECASE,
)
INDEX_FILES = ("/etc/pip.conf", "~/.config/pip/pip.conf", "/etc/uv/uv.toml", "~/.config/uv/uv.toml")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
Images = dict[str, str]


class Buildah:
    """buildah with a storage of its own."""

    def __init__(self, storage: Path) -> None:
        self._command = ["buildah", "--root", f"{storage}/root", "--runroot", f"{storage}/run"]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self._command, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __call__(self, *arguments: str) -> str:
        with self.start(*arguments) as process:
            printed, _ = process.communicate()
        assert process.returncode == 0, f"buildah {' '.join(arguments)}\n{printed}"
        return printed.strip()

    def config(self, image: str) -> dict[str, Any]:
        """What an image says about itself."""
        about = json.loads(self("inspect", "--type", "image", image))
        config: dict[str, Any] = about["Docker"]["config"]
        return config

    def size(self, image: str) -> float:
        """In MB."""
        (about,) = json.loads(self("images", "--json", image))
        number, unit = about["size"].split()
        return float(number) * {"KB": 0.001, "MB": 1, "GB": 1000}[unit]


class Container:
    """A container made from an image; commands run in it one after the other, or side by side."""

    def __init__(self, buildah: Buildah, image: str) -> None:
        self._buildah = buildah
        self._name = buildah("from", "--pull-never", image)
        self.files = Path(buildah("mount", self._name))

    def start(self, *command: str, volume: str = "", **environment: str) -> subprocess.Popen[str]:
        options = [f"--env={name}={value}" for name, value in environment.items()]
        options += [f"--volume={volume}"] if volume else []
        return self._buildah.start("run", *ISOLATION, *options, self._name, "--", *command)

    def run(self, *command: str, volume: str = "", **environment: str) -> str:
        with self.start(*command, volume=volume, **environment) as process:
            printed, _ = process.communicate()
        assert process.returncode == 0, f"{command}\n{printed}"
        return printed


@pytest.fixture(scope="module")
def buildah() -> Iterator[Buildah]:
    missing = [tool for tool in ("buildah", "debootstrap") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} missing: apt-get install buildah debootstrap")
    if os.geteuid() != 0:
        pytest.skip("not root, which a build in a chroot needs: run `sudo make test`")
    with tempfile.TemporaryDirectory(prefix="andaime-images-", dir="/var/tmp") as storage:
        command = Buildah(Path(storage))
        yield command
        command("rm", "--all")
        command("rmi", "--all", "--force")


@pytest.fixture(scope="module")
def debian() -> Path:
    """Debian with Python, as an archive that is made once for each machine."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "andaime"
    cache.mkdir(parents=True, exist_ok=True)
    archive = cache / f"debian-{DEBIAN}-python.tar"
    with FileLock(f"{archive}.lock"):
        if not archive.exists():
            bootstrap(archive)
    return archive


def bootstrap(archive: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="andaime-debian-", dir="/var/tmp") as root:
        made = subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", DEBIAN, root],
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stdout[-2000:] + made.stderr
        left_out = [f"--exclude=./{name}/*" for name in LEFT_OUT]
        partial = archive.with_suffix(".partial")
        subprocess.run(["tar", "-C", root, *left_out, "-cf", partial, "."], check=True)
        partial.rename(archive)


@pytest.fixture(scope="module")
def base(buildah: Buildah, debian: Path) -> str:
    container = buildah("from", "scratch")
    buildah("add", "--quiet", container, str(debian), "/")
    settings = {name: value for name, value in os.environ.items() if INDEX.fullmatch(name)}
    settings["PATH"] = "/usr/local/bin:/usr/bin:/bin"
    if CERTIFICATES.exists():
        buildah("add", "--quiet", container, str(CERTIFICATES), str(CERTIFICATES))
        settings |= dict.fromkeys(("SSL_CERT_FILE", "PIP_CERT"), str(CERTIFICATES))
    for file in INDEX_FILES:
        source, target = Path(file).expanduser(), file.replace("~", "/root")
        if source.exists():
            buildah("add", "--quiet", container, str(source), target)
    buildah("config", *(f"--env={name}={value}" for name, value in settings.items()), container)
    buildah("commit", "--quiet", "--rm", container, "localhost/python")
    return "localhost/python"


@pytest.fixture(scope="module")
def project(render: Callable[..., Path]) -> Path:
    return render(python_version=PYTHON, description=HOSTILE)


@pytest.fixture(scope="module")
def images(buildah: Buildah, base: str, project: Path) -> Images:
    """The names of the two images."""
    names = {target: f"localhost/{target}" for target in ("train", "serve")}
    for target, name in names.items():
        options = [f"--target={target}", f"--tag={name}", f"--build-arg=PYTHON_IMAGE={base}"]
        buildah("bud", *ISOLATION, "--pull-never", "--format=docker", *options, str(project))
    return names


@pytest.fixture(scope="module")
def job(buildah: Buildah, images: Images, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the pipeline wrote in the train image, one job a stage, as in the cloud."""
    directory = tmp_path_factory.mktemp("job")
    container = Container(buildah, images["train"])
    # A job's parameters come with it, on a channel.
    copy = "mkdir /job/params && cp params.yaml /job/params"
    container.run("sh", "-c", copy, volume=f"{directory}:/job")
    for stage in STAGES:
        container.run(
            "python", "-m", f"my_model.{stage}",
            volume=f"{directory}:/job", STAGE_INPUTS="/job", STAGE_OUTPUT=f"/job/{stage}",
        )  # fmt: skip
    return directory


def test_the_pipeline_runs_in_the_train_image(job: Path) -> None:
    assert json.loads((job / "ingest" / "source.json").read_text())["rows"] == 569
    assert json.loads((job / "evaluate" / "verdict.json").read_text())["passed"] is True
    assert (job / "package" / "model" / "model.onnx").exists()


def test_the_serve_image_answers_with_that_model_writes_nothing_and_stops_when_told(
    buildah: Buildah, images: Images, job: Path
) -> None:
    model = job / "package" / "model"
    about = buildah.config(images["serve"])
    container = Container(buildah, images["serve"])
    kind, *probe = about["Healthcheck"]["Test"]
    assert kind == "CMD"
    volume, port = f"{model}:/opt/ml/model:ro", str(free_port())
    container.run("true", volume=volume)  # the mount points are made
    before = time.time()
    # As SageMaker starts it.
    with container.start(*about["Entrypoint"], "serve", volume=volume, PORT=port) as process:
        assert process.stdout is not None
        assert f"on http://0.0.0.0:{port}" in process.stdout.readline()
        container.run(*probe, PORT=port)
        answer = ask(int(port), (model / "example.json").read_bytes())
        assert {row["label"] for row in answer["predictions"]} <= {"malignant", "benign"}
        os.kill(program(process.pid), signal.SIGTERM)
        printed, _ = process.communicate(timeout=20)
    assert (process.returncode, printed) == (0, "")
    assert written_since(before, container.files) == []
    with container.start(*probe, PORT=port) as process:
        process.communicate()
    assert process.returncode != 0  # nothing serves any more


def test_the_serve_image_holds_only_what_serving_needs(buildah: Buildah, images: Images) -> None:
    container = Container(buildah, images["serve"])
    libraries = {path.name for path in container.files.glob("venv/lib/python*/site-packages/*")}
    assert {"msgspec", "numpy", "onnxruntime", "uvicorn"} <= libraries
    assert not {"dvc", "matplotlib", "mlflow", "onnx", "pip", "polars", "pytest"} & libraries
    assert not {"scipy", "sklearn", "wandb", "xgboost"} & libraries
    assert [path.name for path in (container.files / "app").iterdir()] == ["src"]
    assert container.run("id", "-u").strip() == "65532"
    with container.start("touch", "/app/src/x") as process:
        assert "Permission denied" in process.communicate()[0]


@pytest.mark.parametrize("target", ["train", "serve"])
def test_an_image_compiles_nothing_and_says_what_it_is(
    buildah: Buildah, images: Images, base: str, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    look = "for t in cc gcc g++ c++ clang make rustc cargo uv; do command -v $t; done; true"
    assert Container(buildah, images[target]).run("sh", "-c", look) == ""
    about = buildah.config(images[target])
    assert about["Labels"] | {
        "org.opencontainers.image.title": "my-model",
        "org.opencontainers.image.description": HOSTILE,
        "org.opencontainers.image.source": "https://github.com/my-org/my-model",
        "org.opencontainers.image.licenses": "LicenseRef-Proprietary",
    } == about["Labels"]  # fmt: skip
    assert about.get("User", "") == {"train": "", "serve": "65532:65532"}[target]
    added = buildah.size(images[target]) - buildah.size(base)
    assert added < {"train": 900, "serve": 220}[target]
    with capsys.disabled():
        print(f"\n{target} image: {added:.0f} MB over its base")


def test_make_pin_writes_the_digest_behind_the_tag(project: Path, tmp_path: Path) -> None:
    """docker is played by a script, as no registry need be reachable."""
    dockerfile, docker = tmp_path / "Dockerfile", tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    shutil.copy(project / "Dockerfile", dockerfile)
    image = f"python:{PYTHON}-slim-trixie"

    def pin(script: str) -> int:
        docker.write_text(f'#!/bin/sh\n[ "$6" = {image} ] && {script}\n')
        docker.chmod(0o755)
        command = ["make", "-C", str(tmp_path), "-f", str(project / "Makefile"), "pin"]
        path = f"{docker.parent}:{os.environ['PATH']}"
        return subprocess.run(command, check=False, env={**os.environ, "PATH": path}).returncode

    unpinned = dockerfile.read_text()
    for digest in ("sha256:0123abc", "sha256:4567def"):  # the second replaces the first
        assert pin(f"echo {digest}") == 0
        pinned = dockerfile.read_text()
        assert pinned == unpinned.replace(f"={image}\n", f"={image}@{digest}\n") != unpinned
    assert pin("exit 1") != 0
    assert dockerfile.read_text() == pinned


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def ask(port: int, body: bytes) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/invocations", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    assert answer.status == 200
    predictions: dict[str, Any] = json.loads(answer.read())
    connection.close()
    return predictions


def program(process: int) -> int:
    """The program itself, which has workers of its own, inside buildah's wrappers."""
    if Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")[0].endswith(b"python"):
        return process
    (child,) = {
        int(child)
        for thread in Path(f"/proc/{process}/task").iterdir()
        for child in (thread / "children").read_text().split()
    }
    return program(child)


def written_since(moment: float, root: Path) -> list[Path]:
    """Files in a container newer than `moment`, those left out that buildah itself writes."""
    return [
        path
        for path in root.rglob("*")
        if path.is_file() and not path.is_symlink() and path.lstat().st_mtime > moment
        and path.relative_to(root).parts[0] not in ("etc", "run")
    ]  # fmt: skip
