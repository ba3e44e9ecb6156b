"""A file of ours as a spreadsheet reads it."""

from __future__ import annotations

import codecs
import csv
import io

from tests.helpers.http import Answer


def sheet_of(answer: Answer) -> list[list[str]]:
    """Every line of a CSV file, the first one included. The mark by which Excel knows the letters
    must be there, and is taken away.
    """
    assert answer.status == 200, answer.text
    assert (answer.header("content-type") or "").startswith("text/csv")
    assert answer.body.startswith(codecs.BOM_UTF8)
    text = answer.body.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))
