"""`make janitor`: what earlier releases have left behind; with YES=1 it is removed.

A release leaves the model and the endpoint configuration before it in place, as AWS may yet
roll back to them; and every push leaves two images. So they pile up. What an endpoint, a
stack, a release or a package refers to is never touched.
"""

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .. import project
from . import command, environment, idle_images, idle_models
from .leftover import States
from .push import Repository

# A push is deployed within this time, or is forgotten.
GRACE = timedelta(days=30)


def main(root: Path = project.ROOT) -> None:
    """List what can go; remove it where told to."""
    parser = argparse.ArgumentParser(prog="make janitor", description=__doc__)
    parser.add_argument("environment", nargs="?", default="")
    parser.add_argument("--yes", action="store_true", help="remove it")
    given = parser.parse_args()
    names = environment.names(given.environment, root)
    session = environment.connect(names)
    states = States.read(root)
    repository = Repository.read(given.environment, root)
    ours = repository.url.startswith(names.account)
    found = list(idle_models.idle_models(session, names, states))
    if ours:
        used = states.digests() | idle_images.digests_in_git(root)
        used |= idle_images.digests_of_packages(session, names.slug)
        found += idle_images.idle_images(session, repository, used, datetime.now(UTC) - GRACE)
    else:
        place = repository.url
        print(f"janitor: the images are in another account, {place}: its environment tidies them")
    for leftover in found:
        print(f"  {leftover.kind} {leftover.name}: {leftover.reason}")
    if not given.yes:
        hint = f"; `make janitor ENV={given.environment} YES=1` removes them" if found else ""
        print(f"janitor: {len(found)} can go{hint}")
        return
    idle_models.remove(session, found)
    if ours:
        idle_images.remove(session, repository, found)
    print(f"janitor: {len(found)} removed")


if __name__ == "__main__":
    command.run(main)
