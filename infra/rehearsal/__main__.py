"""`make rehearse`: the programs on Pulumi's real engine, without an account."""

import argparse
import sys

from infra import project
from infra.errors import UserError

from . import engine, scenes
from .rehearsal import Rehearsal


def main() -> None:
    """Find the engine, copy the project, play the scenes."""
    parser = argparse.ArgumentParser(prog="make rehearse", description=__doc__)
    parser.add_argument("--environment", default="dev", help="whose stack files to use (dev)")
    parser.add_argument(
        "--tree",
        action="store_true",
        help="print the tree of what would exist: on the engine where it is at hand, else without",
    )
    arguments = parser.parse_args()
    try:
        if not arguments.tree:
            with Rehearsal(project.ROOT, engine.get(scenes.say), arguments.environment) as stage:
                scenes.play(stage)
        elif cli := engine.at_hand():
            with Rehearsal(project.ROOT, cli, arguments.environment, answers=False) as stage:
                scenes.show(stage)
        else:
            scenes.sketch(arguments.environment)
    except UserError as error:
        sys.exit(f"error: {error}")


main()
