"""`make exp SET="train.max_depth=4"`: the pipeline with other parameters, kept by DVC as an experiment."""

import difflib
import subprocess
import sys
from typing import Any

from . import paths, tools, track
from .errors import UserError, run
from .files import flatten, read_yaml

USAGE = 'make exp SET="train.max_depth=4 train.l2=2"'
NEXT = """
It is in the workspace now, and the next experiment starts from there.
  keep it:      git commit --all --message "..."
  go back:      git restore params.yaml dvc.lock && make repro
  see them all: make compare"""


def main() -> None:
    """Run the experiment and log it; without success, leave the parameters as they were."""
    changes = sys.argv[1:]
    path = paths.ROOT / "params.yaml"
    check(changes, flatten(read_yaml(path, dict[str, Any])))
    if tools.commit() is None:
        raise UserError(
            "an experiment is kept beside a commit, and there is none yet: "
            'run `git add --all && git commit --message "First model"`'
        )
    before = path.read_bytes()
    options = [option for change in changes for option in ("--set-param", change)]
    command = tools.dvc_command("exp", "run", *options)
    if subprocess.run(command, cwd=paths.ROOT, env=tools.dvc_environment(), check=False).returncode:
        path.write_bytes(before)
        raise UserError("the experiment failed, see above; params.yaml is as it was")
    track.main()
    print(NEXT)


def check(changes: list[str], params: dict[str, Any]) -> None:
    """Require changes of parameters that exist.

    Raises:
        UserError: there is no change, or one that DVC would not understand.
    """
    if not changes:
        raise UserError(f"say what to change, for example {USAGE}; the parameters are {', '.join(params)}")
    for change in changes:
        name, equals, _ = change.partition("=")
        if not equals:
            raise UserError(f"{change!r} is no change: write name=value, for example {USAGE}")
        # DVC's own marks: +name adds an entry, ~name removes one.
        if name not in params and not name.startswith(("+", "~")):
            near = difflib.get_close_matches(name, params, n=1) or [", ".join(params)]
            raise UserError(f"params.yaml has no parameter {name!r}: did you mean {near[0]}?")


if __name__ == "__main__":
    run(main)
