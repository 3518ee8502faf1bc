"""The data contract: what the columns are, which values they may have, and what may be done with them.

`contract.yaml` is written in the terms of the Open Data Contract Standard. Everything that holds for the
data follows from it: what the pipeline trains on, what the server answers, what is kept, and for how long.
This package has no heavy imports, because the server reads the contract too.
"""

from pathlib import Path

from ..errors import UserError
from ..yaml_file import YamlFile
from .columns import Column, Contract, Rule
from .document import contract_of
from .problems import problems

__all__ = ["Column", "Contract", "Rule", "load"]


def load(path: Path) -> Contract:
    """Read the contract at `path`.

    Raises:
        UserError: it is not YAML, not a contract, asks for what is not enforced here, or contradicts itself.
            A mistake is named with its line, and contradictions all at once.
    """
    file = YamlFile(path)
    contract = contract_of(file)
    if found := list(problems(contract, file)):
        raise UserError(f"{path.name} contradicts itself:\n  " + "\n  ".join(found))
    return contract
