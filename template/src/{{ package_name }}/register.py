"""`make register`: the committed model becomes a version in the registry, once.

Only here do the commit and dvc.lock meet the package: the pipeline that made the package could know neither.
"""

import json
from collections.abc import Iterator
from typing import Any

from . import gate, holes, last_run, paths, tools, track
from .digests import digest_package
from .errors import UserError, run
from .last_run import LastRun


def main() -> None:
    """Check that the model is worth a version and can be traced, then register it."""
    check_committed()
    this = last_run.read()
    gate.require_passed(paths.input_dir("evaluate"))
    check_unaltered(this)
    check_current()
    check_traceable()
    version, new = track.register(this, lineage(this))
    digest = this.package["digest"]
    if new:
        print(f"register: {version} is package {digest}, waiting for approval")
    else:
        print(f"register: {version} is this package already, {digest}")


def check_committed() -> None:
    """Everything must be in a commit, so that the version can be made again."""
    if tools.commit() is None:
        raise UserError('nothing is committed yet: run `git add --all && git commit --message "First model"`')
    if changed := tools.uncommitted():
        shown = ", ".join(changed[:3]) + (", ..." if len(changed) > 3 else "")
        raise UserError(f"{len(changed)} files differ from the last commit ({shown}): commit them first")
    if not tools.git("ls-files", "dvc.lock"):
        raise UserError(
            "dvc.lock is not in git: run `make repro`, then `git add --force dvc.lock` and commit"
        )


def check_current() -> None:
    """`build/` must be what the pipeline makes of the committed files, and DVC must keep it."""
    status = json.loads(tools.dvc("status", "--json"))
    if lost := [place for place, state in _outputs(status) if state == "not in cache"]:
        raise UserError(
            f"DVC's cache lacks {', '.join(lost)}: run `dvc fetch` where a remote has it, else `make repro`"
        )
    if status:
        raise UserError(f"{', '.join(status)} would run again: run `make repro`, and commit dvc.lock")


def check_traceable() -> None:
    """Whoever asks later must be able to find out what the model was made from."""
    if found := list(holes.found()):
        raise UserError("\n  ".join(["this model cannot be traced:", *found]) if found[1:] else found[0])


def check_unaltered(this: LastRun) -> None:
    """The package must be the one that the pipeline wrote."""
    said, found = this.package["digest"], digest_package(last_run.package_dir())
    if said != found:
        raise UserError(f"the package has digest {found}, and package.json says {said}: {holes.AGAIN}")


def lineage(this: LastRun) -> dict[str, str]:
    """What a version says of itself: enough to find each input later, and to see whether it is the same."""
    return {
        "digest": this.package["digest"],
        "archive": this.package["archive"],
        **this.package["inputs"],
        "commit": this.commit or "",
        "dvc_lock": this.lock,
        "verdict": this.verdict,
        "metrics": ", ".join(_metrics(this)),
        "status": "pending",
    }


def _metrics(this: LastRun) -> Iterator[str]:
    for name, test in this.metrics["test"].items():
        yield f"{name} {test['value']:.4f} ({test['low']:.4f} to {test['high']:.4f})"


def _outputs(status: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The outputs of which `dvc status` has something to tell, and what."""
    for changes in status.values():
        for change in changes:
            if isinstance(change, dict):  # else a word, such as that the command has changed
                yield from change.get("changed outs", {}).items()


if __name__ == "__main__":
    run(main)
