"""How long it takes to compile the pipeline, beside SageMaker's own SDK: `make bench`.

The same graph of a rendered project, in one run: from the resolved graph to the definition, the
whole command `make pipeline` with the graph cached and not, and the SDK's start and build.
"""

import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from infra.names import Names
from infra.pipelines import graph, sagemaker
from infra.pipelines.target import Target
from tests.oracles.sdk import environment

ROOT = Path(__file__).resolve().parents[1]
NAMES = Names("a-project", "dev", "123456789012", "eu-west-1")
RUNS = 5
MAKE = ["make", "--no-print-directory"]


def main() -> None:
    """Print a table: what, seconds."""
    with tempfile.TemporaryDirectory() as scratch:
        root = render(Path(scratch) / "project")
        run(root, "infra/.venv/.ready")
        run(root, "pipeline")  # compiles its libraries
        cached = median(lambda: run(root, "pipeline"))
        anew = median(lambda: run(root, "pipeline"), before=(root / graph.CACHE).unlink)
        stages, target = graph.load(root), target_of(root)
        ours = median(lambda: sagemaker.definition(stages, target))
        environment.build([(root, target)], Path(scratch))  # compiles the SDK
        sdk = environment.build([(root, target)] * RUNS, Path(scratch))
    theirs = statistics.median(sdk.seconds)
    print(f"{'graph to definition':<44}{ours:9.4f} s")
    print(f"{'make pipeline, the graph cached':<44}{cached:9.2f} s")
    print(f"{'make pipeline, the graph not cached':<44}{anew:9.2f} s")
    print(f"{'SDK, graph to definition':<44}{theirs:9.2f} s, {theirs / ours:.0f} times ours")
    whole = sdk.start + theirs
    print(f"{'SDK, its start and imports too':<44}{whole:9.2f} s, {whole / cached:.0f} times ours")


def render(target: Path) -> Path:
    """A project of the work tree, with the answers that are offered."""
    # Only here: copier takes a second.
    from copier import run_copy

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the work tree may have changes that no commit has
        run_copy(
            str(ROOT),
            target,
            {"project_name": "A project"},
            defaults=True,
            vcs_ref="HEAD",
            quiet=True,
        )
    return target


def target_of(root: Path) -> Target:
    """An environment in a made-up account."""
    return Target.of(
        NAMES,
        train_image=f"registry/a-project@sha256:{'a' * 64}",
        serve_image=f"registry/a-project@sha256:{'b' * 64}",
        key_arn=NAMES.arn("kms", "key/1"),
        root=root,
    )


def run(root: Path, target: str) -> None:
    """Run a target of the project's Makefile."""
    done = subprocess.run([*MAKE, target], cwd=root, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"error: make {target} failed:\n{done.stdout}\n{done.stderr}")


def median(call: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """The median of some runs, in seconds."""
    seconds = []
    for _ in range(RUNS):
        before()
        begun = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
