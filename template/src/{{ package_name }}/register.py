"""`make register`: the committed model becomes a version in the registry, once.

Only here do the commit and dvc.lock meet the package: the pipeline that made the package could know neither.
"""

import json

from . import gate, last_run, paths, tools, track
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
    """`build/` must be what the pipeline makes of the committed files."""
    if stale := json.loads(tools.dvc("status", "--json")):
        raise UserError(f"{', '.join(stale)} would run again: run `make repro`, and commit dvc.lock")


def check_unaltered(this: LastRun) -> None:
    """The package must be the one that the pipeline wrote."""
    said, found = this.package["digest"], digest_package(last_run.package_dir())
    if said != found:
        raise UserError(f"the package has digest {found}, and package.json says {said}: run `make repro`")


def lineage(this: LastRun) -> dict[str, str]:
    """What a version says of itself."""
    return {
        "package": this.package["digest"],
        "commit": this.commit or "",
        "dvc_lock": this.lock,
        "data": this.data,
        "contract": str(this.manifest["contract_version"]),
        "status": "pending",
    }


if __name__ == "__main__":
    run(main)
