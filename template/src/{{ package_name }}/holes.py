"""Holes in a model's lineage: what would keep anybody from finding out later what it was made from."""

from collections.abc import Iterator

from . import contract as contracts
from . import lineage, params, paths, tools
from .contract import Contract
from .digests import digest_file
from .files import read_json
from .governance import changes
from .governance.contract import released_contract
from .ingest import DATA, RECORD, Ingested
from .lineage import Lineage, Package
from .params import NO_KEY

AGAIN = "run `dvc repro --force`, and commit dvc.lock"
SOURCE = f"build/ingest/{RECORD}"
BUILT = {
    "data": f"build/validate/{DATA}",
    "ingested": SOURCE,
    "origin": SOURCE,
    "pseudonym_key": SOURCE,
    "contract_version": "contract.yaml",
}
PLACES = BUILT | lineage.IN_GIT


def found() -> Iterator[str]:
    """A sentence a hole in the lineage of the last run, with its remedy."""
    source = read_json(paths.input_dir("ingest") / RECORD, Ingested)
    contract = contracts.load(paths.ROOT / "contract.yaml")
    said = read_json(paths.input_dir("package") / lineage.FILE, Package).inputs
    yield from of_inputs(said, lineage.of_run())
    with tools.files_of("HEAD", *lineage.IN_GIT.values()) as root:
        yield from of_commit(lineage.in_git(paths.ROOT), lineage.in_git(root))
    yield from of_source(source, digest_file(paths.input_dir("ingest") / DATA))
    yield from of_key(source, contract, params.load().ingest.pseudonym_key)
    yield from of_contract(*released_contract(), contract)


def of_inputs(said: Lineage, there: Lineage) -> Iterator[str]:
    """The package must have been made from what is there."""
    names = {PLACES[name] for name in PLACES if getattr(said, name) != getattr(there, name)}
    if names:
        yield f"the package was made from another {', another '.join(sorted(names))}: {AGAIN}"


def of_commit(there: dict[str, str], committed: dict[str, str]) -> Iterator[str]:
    """What git has must be all that is there: it ignores some files."""
    for name, digest in there.items():
        if committed.get(name) != digest:
            place = lineage.IN_GIT[name]
            yield (
                f"git ignores a part of {place}, which `git status --ignored {place}` names: remove it, or "
                f"`git add --force` it, then {AGAIN}"
            )


def of_source(source: Ingested, digest: str) -> Iterator[str]:
    """The data must have a source, and be what came from it. `digest` is that of the data."""
    if not source.source:
        yield f"{SOURCE} names no source: name one in params.yaml, under ingest.source, and {AGAIN}"
    if source.sha256 != digest:
        yield f"{SOURCE} tells of data with digest {source.sha256}, and that of {DATA} is {digest}: {AGAIN}"


def of_key(source: Ingested, contract: Contract, identifier: str) -> Iterator[str]:
    """Pseudonyms must be of the key that params.yaml names."""
    if contract.pseudonymised and source.key != identifier:
        yield (
            f"the pseudonyms are of key {source.key or NO_KEY}, and ingest.pseudonym_key in params.yaml is "
            f"{identifier}: {AGAIN}"
        )


def of_contract(base: str, old: Contract | None, contract: Contract) -> Iterator[str]:
    """A contract that has changed since the release must have a new version."""
    if old is not None and (version := changes.needed(old, contract)) is not None:
        yield (
            f"contract.yaml says version {contract.version}, and differs from that of {base}: let it say "
            f"version {version}, and run `make repro`"
        )
