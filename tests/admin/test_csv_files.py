"""AC-80: what a spreadsheet opens is text."""

from __future__ import annotations

import csv
import io

import pytest

from twostep.admin.csv_files import MARK, harmless, headed, written


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "  =1", "＋1"])
def test_whatever_a_spreadsheet_would_run_is_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    (row,) = csv.reader(io.StringIO(written([(cell, "x")]), newline=""))
    assert row == [f"'{cell}", "x"]


@pytest.mark.parametrize("cell", ["", "ann", "a=b", "•••• 42", "a•••@x.example", "it's"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell


def test_a_spreadsheet_knows_by_the_mark_in_front_how_the_letters_are_written() -> None:
    assert headed(["Name", "Straße"]) == f"{MARK}Name,Straße\r\n"
