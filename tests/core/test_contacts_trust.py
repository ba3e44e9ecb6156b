"""What an address is trusted with: after an administrator's change (AC-31), after half a year in
which nothing went there (AC-79), and in a country to which nothing is sent (AC-53).
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.situations import NOW
from twostep.core.contacts import (
    RESET_WAITS,
    UNUSED_FOR,
    Contact,
    ContactKind,
    EnteredBy,
    asks_again,
    reached,
    reset_by_mail_from,
    still_good,
)

OWN = Contact(
    id=b"own.............",
    user_id=b"ann.............",
    kind=ContactKind.EMAIL,
    entered_by=EnteredBy.USER,
    confirmed_at=NOW,
    changed_at=NOW,
)
ENTERED = replace(OWN, entered_by=EnteredBy.ADMINISTRATOR, confirmed_at=None)
WAITS = replace(OWN, confirmed_at=None)
PHONE = replace(OWN, id=b"phone...........", kind=ContactKind.PHONE, country="US")
TEXT = replace(ENTERED, kind=ContactKind.SMS_EMAIL, changed_at=NOW + 5)


@pytest.mark.parametrize(
    ("contacts", "at"),
    [
        ([], 0),
        ([OWN, PHONE], 0),
        ([OWN, WAITS], 0),
        ([ENTERED], NOW + RESET_WAITS),
        ([ENTERED, TEXT], NOW + 5 + RESET_WAITS),
        ([OWN, TEXT], NOW + 5 + RESET_WAITS),
        ([replace(ENTERED, confirmed_at=NOW + 1)], 0),
    ],
)
def test_ac_31_an_administrators_entry_holds_a_reset_by_mail_back_for_a_day(
    contacts: list[Contact], at: int
) -> None:
    """AC-31: whoever may change addresses does not so take over an account, before its person has
    heard of it at the old address."""
    assert reset_by_mail_from(contacts) == at
    assert RESET_WAITS == 24 * 60 * 60_000


@pytest.mark.parametrize(
    ("contact", "later", "asked"),
    [
        (OWN, UNUSED_FOR - 1, False),
        (OWN, UNUSED_FOR, True),
        (ENTERED, UNUSED_FOR, True),
        (WAITS, UNUSED_FOR, False),
        (replace(OWN, used_at=NOW + 9), UNUSED_FOR + 8, False),
        (replace(OWN, used_at=NOW + 9), UNUSED_FOR + 9, True),
        (replace(OWN, used_at=NOW - 9), UNUSED_FOR, True),
        (replace(OWN, changed_at=NOW - 9), UNUSED_FOR - 1, False),
    ],
)
def test_ac_79_what_was_not_used_for_half_a_year_is_asked_about(
    contact: Contact, later: int, asked: bool
) -> None:
    """AC-79."""
    assert asks_again(contact, NOW + later) is asked
    assert UNUSED_FOR == 180 * 24 * 60 * 60_000


def test_ac_79_codes_go_on_to_it_for_whoever_has_nothing_else() -> None:
    """AC-79: nobody is locked out of a mailbox that is theirs."""
    now = NOW + UNUSED_FOR
    fresh = replace(PHONE, used_at=now)
    assert still_good([OWN, fresh], now, other_way=False) == (OWN, fresh)
    assert still_good([OWN, fresh], now, other_way=True) == (fresh,)


def test_ac_53_a_number_of_a_country_that_nobody_has_named_gets_nothing() -> None:
    """AC-53; by default none is named."""
    assert reached([OWN, PHONE], ()) == (OWN,)
    assert reached([OWN, PHONE], ("GB",)) == (OWN,)
    assert reached([OWN, PHONE], ("GB", "US")) == (OWN, PHONE)
    assert reached([replace(PHONE, country="")], ("US",)) == ()
