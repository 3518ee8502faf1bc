"""docs/access.md: what each role may read, write and delete, by the policies themselves."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

from .. import project
from ..access.documents import Document
from ..access.ground import Keys
from ..access.permitted import permitted
from ..access.places import CIRCUMSTANCES, STORED, VERBS, Place, places
from ..foundation.roles import PURPOSES, documents
from ..foundation.settings import FoundationSettings
from ..names import ACCOUNT, ENVIRONMENTS, Names

INTRODUCTION = """\
# Who may read what

Written by `make graph` from the policies in `infra/access`: change those, and run it again. What
must stay so, and why, is a line each in [access_matrix.md](../infra/access_matrix.md).

A role reaches its own environment, and nothing of another one but what is named here. From another
account than the registry's, versions are looked up and used, not registered and not approved. Who
takes a role on is said in `infra/foundation/Pulumi.<env>.yaml`; an administrator of an account
stands above all roles. The records of access tell who did read or write.

| role | | reads | writes | deletes |
|---|---|---|---|---|
"""
# By verb, what a role may reach, and under which circumstances.
Grants = dict[str, dict[str, str]]


def page(root: Path) -> str:
    """The whole page; the same for the same policies."""
    roles = {name: held(name, root) for name in ENVIRONMENTS}
    lines = [
        line
        for kind in PURPOSES
        for line in _lines(kind, {name: of[kind] for name, of in roles.items() if kind in of})
    ]
    everyone = [found for of in roles.values() for found in of.values()]
    return INTRODUCTION + "\n".join([*lines, "", *_nobody(everyone)])


def grants(policies: list[Document], known: list[Place]) -> Grants:
    """What the policies of a role permit."""
    found: Grants = {verb: {} for verb in VERBS}
    for place in known:
        for verb, request in place.requests.items():
            for words, given in CIRCUMSTANCES.items():
                if permitted(policies, request, given):
                    found[verb][place.words] = words
                    break
    return found


def held(environment: str, root: Path) -> dict[str, Grants]:
    """What each role of an environment may do, by its kind."""
    names = Names(project.load(root).slug, environment, ACCOUNT, project.region(environment, root))
    settings = FoundationSettings.of_stack_file(names, root)
    known = places(names, settings.registry_names)
    keys = Keys("data", "logs", "topic", "pseudonym" if project.load(root).pseudonymised else None)
    made = documents(settings, keys)
    return {kind: grants(role.policies, known) for kind, role in made.items()}


def _lines(kind: str, held: Mapping[str, Grants]) -> Iterator[str]:
    """A line for environments, one after another, in which the role may do the same."""
    for same, group in groupby(held, held.__getitem__):
        environments = list(group)
        where = "" if len(environments) == len(held) else f" in {' and '.join(environments)}"
        cells = " | ".join(_words(same[verb]) for verb in VERBS)
        yield f"| {kind}{where} | {PURPOSES[kind]} | {cells} |"


def _words(found: Mapping[str, str]) -> str:
    return ", ".join(f"{words} {given}".strip() for words, given in found.items()) or "nothing"


def _nobody(everyone: list[Grants]) -> Iterator[str]:
    """What is in the buckets, and no role of any environment may read or delete."""
    for verb in ("read", "delete"):
        words = [words for words, *_ in STORED if not any(words in one[verb] for one in everyone)]
        if words:
            yield f"No role {verb}s {', '.join(words)}.\n"
