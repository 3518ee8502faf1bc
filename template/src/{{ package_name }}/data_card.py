"""The data card: where the data is from, what is in it, whose it is and what may be done with it.

After Gebru et al., Datasheets for Datasets, Communications of the ACM 64(12), 2021.
"""

from collections.abc import Iterator

from .facts import HANDLING, Facts, grounds
from .markdown import table

FILE = "data_card.md"
# A source may have thousands of files.
SHOWN_FILES = 20


def page(facts: Facts) -> str:
    """The card as Markdown."""
    return "\n".join(_lines(facts))


def _lines(facts: Facts) -> Iterator[str]:
    yield from ("# Data card", "")
    yield from (f"- {heading}: {text}" for heading, text in facts.data.items())
    yield from (f"- Purpose: {facts.purpose}", f"- Use: {facts.use}", f"- Limits: {facts.limitations}")
    yield f"- Team: {facts.team}"
    if facts.source.files:
        yield from ("", "## Files", "")
        yield from _files(facts)
    yield from ("", "## Columns", "")
    yield from table(
        ("column", "type", "allowed", "class", "handling", "meaning"),
        (
            (c.name, c.type, c.allowed, c.classification, HANDLING[c.handling], c.description)
            for c in facts.contract.columns
        ),
    )
    yield from ("", "## Personal data", "")
    yield from _personal(facts)
    if facts.sizes:
        yield from ("", "## Groups", "")
        yield from _groups(facts)
    yield from ("", "## Quality", "")
    yield from facts.quality.results()
    yield ""


def _files(facts: Facts) -> Iterator[str]:
    files = facts.source.files
    yield from table(("file", "SHA-256, or the ETag on S3"), ((f.path, f.mark) for f in files[:SHOWN_FILES]))
    if len(files) > SHOWN_FILES:
        yield from ("", f"{len(files) - SHOWN_FILES} more are in `build/ingest/source.json`.")


def _personal(facts: Facts) -> Iterator[str]:
    if facts.personal:
        yield from table(
            ("column", "class", "handling", "legal basis", "purpose"),
            (
                (c.name, c.classification, HANDLING[c.handling], "; ".join(grounds(c)), c.purpose)
                for c in facts.personal
            ),
        )
        yield ""
    else:
        yield "The contract calls no column personal."
    yield from facts.protection


def _groups(facts: Facts) -> Iterator[str]:
    """How many rows each group of the protected columns has, in all and in each part."""
    parts = tuple(facts.rows)
    yield from table(
        ("column", "group", "rows", *parts),
        (
            (column, name, sum(sizes.values()), *(sizes[part] for part in parts))
            for column, groups in facts.sizes.items()
            for name, sizes in groups.items()
        ),
    )
