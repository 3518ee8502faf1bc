"""`make key`: the key in the environment becomes the one behind the pseudonyms.

With another key everybody has another pseudonym, hence its identifier in params.yaml: a new key is a new
version of the data. The records of erasures are carried over in one pass over the source, since a pseudonym
under the old key says nothing under the new one.
"""

import re

import msgspec
import polars as pl

from .. import contract as contracts
from .. import erasures, params, paths, pseudonym, source, track
from ..contract import Contract
from ..errors import UserError, run
from ..files import write_json
from ..params import NO_KEY, Ingest
from ..pseudonym import Key

BEFORE_VARIABLE = "PSEUDONYM_KEY_BEFORE"
LINE = re.compile(r"^(\s+pseudonym_key:\s*)\S+", re.MULTILINE)


def main() -> None:
    """Write the key's identifier into params.yaml, after what hangs on the old key has been carried over."""
    contract = contracts.load(paths.ROOT / "contract.yaml")
    if not contract.pseudonymised:
        raise UserError(
            "contract.yaml asks for no pseudonyms: give a column `handling: pseudonym` or `subject`"
        )
    settings = params.load().ingest
    new, old = pseudonym.key(), settings.pseudonym_key
    if new.identifier == old:
        print(f"key: {old} is the key already")
        return
    left = carry_over(contract, settings, new)
    name_key(new.identifier)
    print(f"key: {new.identifier} is the key now; run `make repro`, which makes all pseudonyms anew")
    if old != NO_KEY:
        print(f"key: under {old} were {models_of(old)} and their baselines: train and set them anew")
    if left:
        print(
            f"key: {left} of the erasures could not be carried over, as the source lacks these people: "
            "should they come back, run `make forget` for them again"
        )


def carry_over(contract: Contract, settings: Ingest, new: Key) -> int:
    """Write each erasure under the new key, too: how many people the source does not hold.

    Raises:
        UserError: there are erasures, and the old key is not at hand.
    """
    pending = {e.pseudonym: e for e in erasures.load() if e.key == settings.pseudonym_key}
    if not pending or contract.subject is None:
        return 0
    old = pseudonym.key(BEFORE_VARIABLE)
    if old.identifier != settings.pseudonym_key:
        raise UserError(
            f"{BEFORE_VARIABLE} is key {old.identifier}, and the erasures are under the key in params.yaml, "
            f"{settings.pseudonym_key}: set that one"
        )
    name = contract.subject.name
    opened = source.opened(settings, contract)
    with source.readable(settings.source, personal=True):
        subjects = (
            opened.whole().select(pl.col(name).cast(pl.String)).collect(engine="streaming")[name].unique()
        )
    was = old.pseudonyms(subjects)
    for subject, before in zip(subjects, was, strict=True):
        if before in pending:
            erasure = msgspec.structs.replace(
                pending.pop(before), pseudonym=new.pseudonym(subject), key=new.identifier
            )
            write_json(erasures.directory() / f"{erasure.pseudonym}.json", erasure)
    return len(pending)


def models_of(identifier: str) -> str:
    """The registered models whose data has the pseudonyms of a key, in words."""
    try:
        names = [v.number for v in track.versions() if v.tags.get("pseudonym_key") == identifier]
    except UserError as error:
        return f"models that the registry cannot name ({error})"
    return f"the models {', '.join(names)}" if names else "no registered models"


def name_key(identifier: str) -> None:
    """Write the identifier into params.yaml, and leave all else there as it is."""
    path = paths.ROOT / "params.yaml"
    text, count = LINE.subn(rf"\g<1>{identifier}", path.read_text(encoding="utf-8"))
    if count != 1:
        raise UserError(
            f"params.yaml has no line for ingest.pseudonym_key: write `pseudonym_key: {identifier}` there"
        )
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run(main)
