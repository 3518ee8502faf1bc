"""Add to copier.yml the names that a package must not have: `python -m scripts.reserved_names`.

Names are only ever added. To take one away would need every Python since 3.10 at hand.
"""

import keyword
import re
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COPIER = ROOT / "copier.yml"
# What lies beside the package, and modules whose distribution has another name.
OURS = """
    benchmarks build conftest docs git hooks infra main src template tests
    dateutil dotenv google grpc jinja2 jwt model_signing pkg_resources skl2onnx sklearn torch
    typing_extensions xgboost yaml
"""
BLOCK = re.compile(
    r"(?<=^reserved_names:\n)(.*?default: >-\n)(.*?)(?=\n\n)", re.DOTALL | re.MULTILINE
)


def locked() -> set[str]:
    """The distributions of every lock, spelled as modules."""
    return {
        name.lower().replace("-", "_").replace(".", "_")
        for lock in (ROOT / "template" / "locks").glob("*.txt*")
        for name in re.findall(
            r"^([A-Za-z0-9._-]+)==", lock.read_text(encoding="utf-8"), re.MULTILINE
        )
    }


def taken() -> set[str]:
    """The names that could be a package and must not."""
    names = {*sys.stdlib_module_names, *keyword.kwlist, *OURS.split(), *locked()}
    return {name for name in names if re.fullmatch("[a-z][a-z0-9_]*", name)}


def listed(config: str) -> set[str]:
    """The names that copier.yml has."""
    found = BLOCK.search(config)
    if not found:
        sys.exit("error: copier.yml has no block `reserved_names`: restore it from git.")
    return set(found[2].split())


def extended(config: str) -> str:
    """copier.yml with every name."""
    names = " ".join(sorted(taken() | listed(config)))
    block = textwrap.fill(names, 98, initial_indent=" " * 4, subsequent_indent=" " * 4)
    return BLOCK.sub(lambda found: found[1] + block, config)


if __name__ == "__main__":
    COPIER.write_text(extended(COPIER.read_text(encoding="utf-8")), encoding="utf-8")
