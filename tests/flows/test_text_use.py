"""Whether numbers are of any use: the terms of an environment, and who would send (AC-53)."""

from __future__ import annotations

from tests.helpers.house import House
from twostep.core.text_terms import TextTerms
from twostep.flows.delivery_routes import set_texts
from twostep.flows.text_use import takes_numbers, terms_of


def test_by_default_no_text_is_sent_to_anybody(house: House) -> None:
    """AC-53."""
    assert terms_of(house.installation, house.harbour.id) == TextTerms(a_day=1000)
    assert not takes_numbers(house.installation, house.harbour.id, ours=True)


def test_numbers_are_taken_where_they_are_allowed_a_country_is_named_and_a_provider_is_there(
    house: House,
) -> None:
    house.set(house.harbour, "allow_text_codes", "yes")
    house.set(house.harbour, "text_countries", "es us")
    house.set(house.harbour, "text_messages_a_day", "7")
    terms = terms_of(house.installation, house.harbour.id)
    assert terms == TextTerms(countries=("ES", "US"), a_day=7, allowed=True)
    assert takes_numbers(house.installation, house.harbour.id, ours=True)
    assert not takes_numbers(house.installation, house.harbour.id, ours=False)
    assert not takes_numbers(house.installation, house.northside.id, ours=True)
    set_texts(house.installation, house.harbour, "json://texts.example/{to}")
    assert takes_numbers(house.installation, house.harbour.id, ours=False)
