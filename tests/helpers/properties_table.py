"""The table of docs/operate/properties.md, made from the catalogue that the code uses.

``python -m tests.helpers.properties_table`` writes it into the document; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from twostep.core.properties import CATALOGUE, Property, Stricter
from twostep.core.property_values import Choice, Day

DOCUMENT = Path(__file__).parents[2] / "docs" / "operate" / "properties.md"
BEGIN = "<!-- written by tests/helpers/properties_table.py from core/properties.py -->\n"
END = "<!-- end of the written part -->\n"


def render(catalogue: Iterable[Property]) -> str:
    """The whole table in Markdown."""
    lines = ["| property | what it does | default | may be | stricter |", "|---|---|---|---|---|"]
    lines += [
        f"| `{item.name}` | {item.help} | {_default(item)} | {item.kind.bounds} "
        f"| {_stricter(item)} |"
        for item in catalogue
    ]
    return "\n".join(lines) + "\n"


def _default(item: Property) -> str:
    text = item.kind.shown(item.default)
    return f"`{text}`" if text else "empty"


def _stricter(item: Property) -> str:
    if item.stricter is None:
        return "neither, so it has no floor"
    if isinstance(item.kind, Choice):
        values = sorted(
            item.kind.values, key=item.kind.rank, reverse=item.stricter is Stricter.SMALLER
        )
        return " → ".join(values)
    if isinstance(item.kind, Day):
        return "the earlier day; empty is the earliest"
    return f"the {item.stricter.value} number"


def with_table(document: str, table: str) -> str:
    """The document with that table between its two marks. Raises ValueError without them."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError("the document has lost the marks of its written part")
    return before + begin + table + end + after


if __name__ == "__main__":
    DOCUMENT.write_text(with_table(DOCUMENT.read_text(), render(CATALOGUE.values())))
