"""Whole-page messages."""

import pytest

from twostep.i18n.matters import Matter


@pytest.mark.parametrize("matter", Matter)
def test_each_message_says_what_happened_and_what_to_do(matter: Matter) -> None:
    explanation = matter.explanation
    assert not explanation.title.text.endswith(".")
    assert explanation.happened.text.endswith(".")
    assert explanation.to_do.text.endswith(".")


@pytest.mark.parametrize("matter", Matter)
def test_each_message_leads_on_to_a_page_of_this_address_or_nowhere(matter: Matter) -> None:
    path = matter.explanation.path
    assert path is None or (path.startswith("/") and not path.startswith("//"))
