"""An address as somebody typed it: exactly one, or none."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.contacts import ContactKind
from twostep.delivery.mail_form import demand_address
from twostep.flows.contact_reading import (
    Address,
    ByCarrier,
    NotUsable,
    Problem,
    Typed,
    choices,
    day_of,
    read,
)

NOW = 1_795_219_200_000
"""21 November 2026, when the table of carriers was read."""
AFTER_VERIZON = NOW + 131 * 86_400_000

EMAIL, SMS_EMAIL, PHONE = ContactKind.EMAIL, ContactKind.SMS_EMAIL, ContactKind.PHONE


def problem(kind: ContactKind, typed: Typed, now: int = NOW) -> tuple[Problem, str | None]:
    found = read(kind, typed, now=now)
    assert isinstance(found, NotUsable), found
    return found.problem, found.carrier.name if found.carrier else None


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ann@northside.example", "ann@northside.example"),
        ("  Ann.Lee+codes@Northside.EXAMPLE ", "Ann.Lee+codes@northside.example"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("josé@northside.example", "josé@northside.example"),
        ("Ann@mail.Corp.LOCAL", "Ann@mail.corp.local"),
    ],
)
def test_an_address_is_stored_in_one_form(typed: str, stored: str) -> None:
    assert read(EMAIL, typed, now=NOW) == Address(text=stored)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ann",
        "ann@localhost",
        "ann@northside.example,bo@northside.example",
        "ann@northside.example bo@northside.example",
        "Ann Lee <ann@northside.example>",
        "<ann@northside.example>",
        '"ann lee"@northside.example',
        "ann@[203.0.113.7]",
        "ann@northside.example\r\nBcc: bo@northside.example",
        "ann@northside.example\n",
        "ann\x00@northside.example",
        "ann@northside.example\u2028",
        "=?utf-8?q?a=0d=0aBcc:bo?=@northside.example",
        "a" * 400 + "@northside.example",
        "ann@a.local,bo@b.local",
        "Ann Lee <ann@a.local",
        "ann@a.local\r\n",
        "ann@.local",
        "@a.local",
        "ann@a.invalid",
    ],
)
def test_ac_52_what_is_not_exactly_one_plain_address_is_refused(typed: str) -> None:
    """AC-52."""
    assert problem(EMAIL, typed) == (Problem.NOT_AN_ADDRESS, None)


@given(st.text() | st.emails() | st.builds(lambda a, b: f"{a}{b}", st.emails(), st.text()))
def test_ac_52_whatever_is_taken_is_one_address_that_a_header_can_hold(typed: str) -> None:
    found = read(EMAIL, typed, now=NOW)
    if isinstance(found, Address):
        assert demand_address(found.text) == found.text
        assert found.text.count("@") == 1
        assert not set(found.text) & set(' ,;<>"\r\n\0\t')


@pytest.mark.parametrize("kind", [EMAIL, SMS_EMAIL])
def test_a_dead_gateway_is_refused_with_its_name(kind: ContactKind) -> None:
    assert problem(kind, "5552345678@txt.att.net") == (Problem.DEAD_GATEWAY, "AT&T")
    by_carrier = ByCarrier(number="(212) 555-2368", carrier="t_mobile")
    assert problem(SMS_EMAIL, by_carrier) == (Problem.DEAD_GATEWAY, "T-Mobile")


def test_a_dying_gateway_is_taken_with_a_warning_until_its_last_day() -> None:
    found = read(SMS_EMAIL, "2125552368@vtext.com", now=NOW)
    assert isinstance(found, Address)
    assert found.dying is not None
    assert (found.text, found.dying.name) == ("2125552368@vtext.com", "Verizon")
    late = problem(SMS_EMAIL, "2125552368@vtext.com", AFTER_VERIZON)
    assert late == (Problem.DEAD_GATEWAY, "Verizon")


def test_a_private_gateway_is_nobodys_business() -> None:
    address = "2125552368@sms.northside.example"
    assert read(SMS_EMAIL, address, now=NOW) == Address(text=address)


def test_the_form_builds_the_address_from_number_and_carrier() -> None:
    for number in ("(212) 555-2368", "+1 212 555 2368", "212.555.2368"):
        built = read(SMS_EMAIL, ByCarrier(number=number, carrier="google_fi"), now=NOW)
        assert built == Address(text="2125552368@msg.fi.google.com")


@pytest.mark.parametrize(
    ("number", "carrier", "expected"),
    [
        ("12", "google_fi", Problem.NOT_A_NUMBER),
        ("+44 20 7946 0018", "google_fi", Problem.NOT_A_NUMBER),
        ("2125552368", "nobody", Problem.NO_CARRIER),
        ("", "google_fi", Problem.NOT_A_NUMBER),
    ],
)
def test_what_makes_no_gateway_address_is_said(
    number: str, carrier: str, expected: Problem
) -> None:
    assert problem(SMS_EMAIL, ByCarrier(number=number, carrier=carrier)) == (expected, None)


def test_a_number_has_its_country() -> None:
    assert read(PHONE, "+1 (212) 555-2368", now=NOW) == Address(text="+12125552368", country="US")
    assert problem(PHONE, "212 555 2368") == (Problem.NOT_A_NUMBER, None)
    assert problem(PHONE, "+1 900 555 2368") == (Problem.NOT_A_MOBILE, None)
    assert problem(PHONE, "+1 900 555 23") == (Problem.NOT_A_NUMBER, None)


@pytest.mark.parametrize("kind", [EMAIL, PHONE])
def test_a_carrier_belongs_to_the_sms_email_alone(kind: ContactKind) -> None:
    typed = ByCarrier(number="2125552368", carrier="verizon")
    assert problem(kind, typed) == (Problem.NOT_AN_ADDRESS, None)


def test_the_form_offers_what_works_first_and_nothing_dead() -> None:
    assert [each.key for each in choices(NOW)] == [
        "google_fi", "verizon", "us_cellular", "cricket",
    ]  # fmt: skip
    assert "verizon" not in {each.key for each in choices(AFTER_VERIZON)}


def test_a_day_is_one_of_utc() -> None:
    assert day_of(NOW) == date(2026, 11, 21)
    assert day_of(NOW - 1) == date(2026, 11, 20)
