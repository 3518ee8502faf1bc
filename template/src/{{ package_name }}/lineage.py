"""What a package was made from: what is enough to tell each input from any other, in `package.json`."""

from pathlib import Path

import msgspec

from . import contract as contracts
from . import paths
from .digests import digest_file, digest_tree
from .files import read_json
from .ingest import RECORD, Ingested
from .params import NO_KEY

FILE = "package.json"
# The inputs that git keeps, and where they are in the project.
IN_GIT = {
    "params": "params.yaml",
    "contract": "contract.yaml",
    "source": f"src/{Path(__file__).parent.name}",
    "lock": "locks/train.txt",
    "erasures": "governance/erasures",
}


class Lineage(msgspec.Struct, frozen=True):
    """The inputs of a package, by digest (SHA-256) unless they have a name of their own.

    `ingested` is the data as it came in, `data` the rows of it that were learned from and tested on, `origin`
    the state of the source that it came from; see `Source.state`. `pseudonym_key` is the identifier of the
    key, not the key. `source` is this package's code, `lock` the versions that are installed with it, and
    `erasures` the list of those whose rows stayed outside.
    """

    data: str
    ingested: str
    origin: str
    pseudonym_key: str
    erasures: str
    contract: str
    contract_version: str
    params: str
    source: str
    lock: str


class Package(msgspec.Struct, frozen=True):
    """`digest` names the model; see `digests.digest_package`. `archive` is the digest of its archive."""

    digest: str
    archive: str
    inputs: Lineage


def of_run() -> Lineage:
    """The inputs of this run."""
    source = read_json(paths.input_dir("ingest") / RECORD, Ingested)
    files = in_git(paths.ROOT) | {"params": digest_file(paths.params_file())}
    return Lineage(
        data=digest_file(paths.input_dir("validate") / "data.parquet"),
        ingested=source.sha256,
        origin=source.state or "none",
        pseudonym_key=source.key or NO_KEY,
        contract_version=contracts.load(paths.ROOT / "contract.yaml").version,
        **files,
    )


def in_git(root: Path) -> dict[str, str]:
    """The digests of the inputs that git keeps, in a copy of the project; of those that are there."""
    places = {name: root / place for name, place in IN_GIT.items()}
    return {
        name: digest_tree(path) if path.is_dir() else digest_file(path)
        for name, path in places.items()
        if path.exists()
    }
