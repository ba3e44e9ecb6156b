"""Files of comma-separated values (RFC 4180), in UTF-8, as a spreadsheet opens them.

Threat: a user name that begins like a formula is run by the spreadsheet that opens the file
(CWE-1236, AC-80). Such a cell gets an apostrophe in front, which spreadsheets take for "this is
text".
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

MARK: Final = "\ufeff"
"""In front of each file: without it Excel takes UTF-8 for the letters of one country, and *Jörg*
for *JÃ¶rg*. Lists that are read here may have it, and Python's ``utf-8-sig`` takes it away.
"""

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""The last four are the wide forms, which some spreadsheets take for the others (OWASP, CSV
injection)."""


def headed(names: Sequence[str]) -> str:
    """How a file begins: the mark, and the names of its columns."""
    return MARK + written([names])


def written(rows: Iterable[Sequence[str]]) -> str:
    """Rows as the file has them; no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def harmless(cell: str) -> str:
    """The cell, as text and nothing else, also where blanks stand before the sign."""
    return f"'{cell}" if cell.lstrip(" \u00a0").startswith(_BEGINS_A_FORMULA) else cell
