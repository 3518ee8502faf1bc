"""What the rungs share: the engine, and one run of the real programs through a project's life."""

import functools
from collections.abc import Iterator
from dataclasses import replace

import pytest
from botocore.loaders import JSONFileLoader
from hypothesis import settings
from pulumi.automation import PulumiCommand

from infra import project
from infra.names import PROGRAMS
from infra.rehearsal import engine as engines
from infra.rehearsal.rehearsal import Done, Rehearsal

# No test is about time, and a busy machine is slow.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# The slowest first, or one worker is left with them at the end.
SLOWEST = ("life", "test_rehearsal.py", "test_executor.py", "test_policies.py", "test_draw.py")


def group(item: pytest.Item) -> str:
    """One worker has all tests of a file, and one has all that share the long run of `life`."""
    return "life" if "life" in getattr(item, "fixturenames", ()) else item.path.name


def pytest_itemcollected(item: pytest.Item) -> None:
    """Put a test where its group is."""
    item.add_marker(pytest.mark.xdist_group(group(item)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slowest, and leave the others in their order."""
    places = {name: place for place, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: places.get(group(item), len(SLOWEST)))


@pytest.fixture(scope="session", autouse=True)
def _descriptions_are_read_once() -> Iterator[None]:
    """Moto gives each test a session of its own, which would read each service's JSON anew."""
    read = JSONFileLoader.load_file
    once = functools.cache(functools.partial(read, JSONFileLoader()))
    JSONFileLoader.load_file = lambda _, path: once(path)
    yield
    JSONFileLoader.load_file = read


@pytest.fixture
def pseudonyms(monkeypatch: pytest.MonkeyPatch) -> None:
    """The contract asks for pseudonyms, whatever this project's own does."""
    about = replace(project.load(), pseudonymised=True)
    monkeypatch.setattr(project, "load", lambda _root=project.ROOT: about)


@pytest.fixture
def no_pseudonyms(monkeypatch: pytest.MonkeyPatch) -> None:
    """The contract asks for none, whatever this project's own does."""
    about = replace(project.load(), pseudonymised=False)
    monkeypatch.setattr(project, "load", lambda _root=project.ROOT: about)


@pytest.fixture(scope="session")
def engine() -> PulumiCommand:
    """Pulumi's engine, where one is at hand; no test fetches or builds one."""
    if (found := engines.at_hand()) is None:
        pytest.skip(engines.MISSING)
    return found


@pytest.fixture
def stage(engine: PulumiCommand) -> Iterator[Rehearsal]:
    """A rehearsal of this project's own, in which a test may overwrite the programs."""
    with Rehearsal(project.ROOT, engine) as stage:
        yield stage


@pytest.fixture(scope="session")
def life(engine: PulumiCommand) -> dict[str, Done]:
    """The three real programs on the real engine, from nothing to the end, by the name of each act.

    `first`, `again` and `destroy` are per program: `life["first foundation"]`.
    """
    with Rehearsal(project.ROOT, engine) as stage:
        acts = {f"first {program}": stage.up(program) for program in PROGRAMS}
        acts |= {f"again {program}": stage.up(program) for program in PROGRAMS}
        for name, version in (("promoted", 1), ("replaced", 2)):
            stage.release(stage.package(version))
            acts[name] = stage.up("serving", refresh=True)
        acts["replaced again"] = stage.up("serving", refresh=True)
        stage.configure("serving", instanceType="ml.m7i.xlarge")
        acts["resized"] = stage.up("serving", refresh=True)
        for program in ("foundation", "training"):
            acts[f"{program} at last"] = stage.up(program, refresh=True)
        stage.configure("training", schedule="cron(0 3 ? * SUN *)")
        acts["rescheduled"] = stage.up("training", refresh=True)
        acts |= {f"destroy {program}": stage.destroy(program) for program in PROGRAMS}
        stage.roll_back()
        stage.release(stage.package(3))
        acts["rolled back"] = stage.up("serving", refresh=True)
        for program in reversed(PROGRAMS):
            stage.unprotect(program)
            acts[f"end {program}"] = stage.destroy(program)
        return acts
