"""The operators' document describes each property as the catalogue has it."""

from dataclasses import replace

import pytest

from tests.helpers.properties_table import DOCUMENT, render, with_table
from twostep.core.properties import CATALOGUE, Stricter
from twostep.core.property_values import WholeNumber


def test_the_document_holds_the_table_of_the_catalogue() -> None:
    """After a change: ``python -m tests.helpers.properties_table`` writes it anew."""
    document = DOCUMENT.read_text()
    assert document == with_table(document, render(CATALOGUE.values()))


def test_every_part_of_a_property_changes_the_table() -> None:
    item = CATALOGUE["session_hours"]
    changed = [
        replace(item, name="session_days"),
        replace(item, help="Another help."),
        replace(item, default="11"),
        replace(item, kind=WholeNumber(least=1, most=25)),
        replace(item, stricter=Stricter.GREATER),
        replace(item, stricter=None),
    ]
    assert len({render([each]) for each in [item, *changed]}) == 1 + len(changed)


def test_a_document_without_its_marks_is_noticed() -> None:
    with pytest.raises(ValueError, match="lost the marks"):
        with_table("# Properties\n", render(CATALOGUE.values()))
