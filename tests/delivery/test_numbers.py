"""Telephone numbers in the one form that is stored."""

from __future__ import annotations

import pytest

from twostep.delivery.numbers import (
    Mobile,
    NotAMobile,
    NotANumber,
    national,
    read_mobile,
    read_number,
)


@pytest.mark.parametrize(
    ("text", "region", "stored"),
    [
        ("(202) 555-0142", "US", "+12025550142"),
        ("+1 202 555 0142", "GB", "+12025550142"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("0034 612 345 678", "ES", "+34612345678"),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, region: str, stored: str) -> None:
    assert read_number(text, region=region) == stored


@pytest.mark.parametrize(
    "text", ["", "hello", "123", "+1 202 555 0142 ext. 7", "202555014299999999"]
)
def test_what_no_telephone_has_is_refused(text: str) -> None:
    with pytest.raises(NotANumber) as refused:
        read_number(text, region="US")
    assert not text or text not in str(refused.value)


def test_without_its_country() -> None:
    assert national("+12025550142", region="US") == "2025550142"
    with pytest.raises(NotANumber):
        national("+442079460958", region="US")


@pytest.mark.parametrize(
    ("text", "region", "number", "country"),
    [
        ("+1 212 555 2368", None, "+12125552368", "US"),
        ("612 345 678", "ES", "+34612345678", "ES"),
        ("+33 6 12 34 56 78", "US", "+33612345678", "FR"),
    ],
)
def test_a_mobile_is_read_in_its_national_or_its_international_form(
    text: str, region: str | None, number: str, country: str
) -> None:
    assert read_mobile(text, region=region) == Mobile(number=number, country=country)


@pytest.mark.parametrize(
    "text",
    [
        "+1 900 555 1234",
        "+1 800 555 1234",
        "+44 70 1234 5678",
        "+44 20 7946 0958",
        "+44 845 464 0000",
    ],
)
def test_ac_53_what_costs_more_than_a_mobile_is_refused(text: str) -> None:
    """AC-53: premium, free of charge, personal, landline, shared cost."""
    with pytest.raises(NotAMobile):
        read_mobile(text, region="GB")


def test_a_number_without_a_country_is_none_where_no_country_is_named() -> None:
    with pytest.raises(NotANumber):
        read_mobile("612 345 678", region=None)
