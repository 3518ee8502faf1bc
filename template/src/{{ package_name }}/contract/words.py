"""The words that may stand in contract.yaml: those that are obeyed here, and those that only describe.

A word that is not here is a slip of the pen or a rule that nothing would enforce. Either way the contract
would promise less than it seems to.
"""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from ..errors import UserError
from ..yaml_file import YamlFile

ANYWHERE = "id description authoritativeDefinitions customProperties"
DESCRIBING = f"{ANYWHERE} name tags"
ELEMENT = f"{DESCRIBING} physicalName physicalType logicalType businessName deprecated synonyms quality"
CONTRACT = frozenset(
    f"""{DESCRIBING} apiVersion kind version schema slaProperties status tenant domain dataProduct context
    servers support price team roles contractCreatedTs""".split()
)
TABLE = frozenset(f"{ELEMENT} properties dataGranularityDescription context".split())
COLUMN = frozenset(
    f"""{ELEMENT} logicalTypeOptions required unique primaryKey primaryKeyPosition classification semanticType
    criticalDataElement examples encryptedName partitioned partitionKeyPosition
    transformSourceObjects transformLogic transformDescription""".split()
)
QUALITY = frozenset(
    f"""{DESCRIBING} type metric arguments engine implementation severity unit mustBe mustBeLessOrEqualTo
    mustBeGreaterOrEqualTo mustBeBetween dimension method businessImpact scheduler schedule""".split()
)
SERVICE_LEVEL = frozenset(f"{ANYWHERE} property value unit element driver scheduler schedule".split())
# Custom properties that mean something here: those of the whole contract, and those of columns.
OF_ALL = ("legalBasis", "purpose", "handling", "severity", "tolerance")
OF_COLUMNS = (*OF_ALL, "protected", "outside")

Place = tuple[str | int, ...]


def check(file: YamlFile) -> None:
    """Every word of a contract, before it is looked at what the words say.

    Raises:
        UserError: some are not known; all of them, each with its line.
    """
    if problems := [f"line {file.line(*place)}: {what}" for place, what in _contract(file.value)]:
        raise UserError(f"{file.name} has words that mean nothing here:\n  " + "\n  ".join(problems))


def _contract(document: Any) -> Iterator[tuple[Place, str]]:
    yield from _words(document, (), CONTRACT, OF_ALL)
    for place, level in _items(document, (), "slaProperties"):
        yield from _words(level, place, SERVICE_LEVEL)
    for place, table in _items(document, (), "schema"):
        yield from _words(table, place, TABLE)
        for below, column in _items(table, place, "properties"):
            yield from _words(column, below, COLUMN, OF_COLUMNS)


def _words(
    said: Any, place: Place, known: frozenset[str], own: tuple[str, ...] = ()
) -> Iterator[tuple[Place, str]]:
    """The words of one thing that mean nothing, and those of its rules and custom properties."""
    for word in said if isinstance(said, dict) else ():
        if word not in known:
            yield (*place, str(word)), f"`{word}`{_meant(str(word), known)}"
    for below, rule in _items(said, place, "quality"):
        if rule.get("type") != "text":  # which asks for nothing
            yield from _words(rule, below, QUALITY)
    seen: set[str] = set()
    for below, custom in _items(said, place, "customProperties"):
        name = str(custom.get("property"))
        if name in own:
            if name in seen:
                yield below, f"`{name}`, a second time: keep one"
        elif name in OF_COLUMNS:
            whole = " or the whole contract" if name in OF_ALL else ""
            yield below, f"`{name}`, which is for a column{whole}"
        elif meant := _meant(name, own):
            yield below, f"`{name}`{meant}"
        seen.add(name)


def _meant(word: str, known: Iterable[str]) -> str:
    close = get_close_matches(word, known, n=1, cutoff=0.8)
    return f": did you mean `{close[0]}`?" if close else ""


def _items(said: Any, place: Place, name: str) -> Iterator[tuple[Place, dict[Any, Any]]]:
    """The things in a list, where it is one; whether it may be anything else, the document's types tell."""
    listed = said.get(name) if isinstance(said, dict) else None
    for i, item in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(item, dict):
            yield (*place, name, i), item
