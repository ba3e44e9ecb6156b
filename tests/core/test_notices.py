"""Notices: who is told where, how often, and of which browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.clocks import DAY, HOUR, MINUTE, START
from twostep.core.contacts import Contact, ContactKind, EnteredBy
from twostep.core.devices import Device, EnvironmentNumbers
from twostep.core.generations import Generations
from twostep.core.messages import ASKED_FOR, MessageKind
from twostep.core.notices import (
    LONGEST_WORDS,
    LOOKS_BACK,
    Telling,
    addresses_for,
    is_news,
    one_line,
    telling,
)

NOW = START + 12 * HOUR
TOLD, LAST, ENOUGH = Telling.TOLD, Telling.TOLD_LAST, Telling.ENOUGH
NOTICES = sorted(set(MessageKind) - ASKED_FOR)
OF_TRIES = [MessageKind.CODES_REFUSED, MessageKind.LOCKOUT]
OF_DEEDS = [kind for kind in NOTICES if kind not in OF_TRIES]
HERE, THERE = "203.0.113.7", "198.51.100.7"


def contact(
    kind: ContactKind, *, by: EnteredBy = EnteredBy.USER, confirmed: bool = True
) -> Contact:
    return Contact(
        id=kind.value.encode().ljust(16, b"."),
        user_id=bytes(16),
        kind=kind,
        entered_by=by,
        confirmed_at=NOW if confirmed else None,
        changed_at=NOW,
    )


EMAIL, GATEWAY, PHONE = (contact(kind) for kind in ContactKind)
ENTERED = [
    contact(kind, by=EnteredBy.ADMINISTRATOR, confirmed=False)
    for kind in (ContactKind.EMAIL, ContactKind.SMS_EMAIL)
]


@pytest.mark.parametrize("kind", OF_TRIES)
def test_ac_53_wrong_tries_are_told_once_an_hour_and_three_times_a_day(kind: MessageKind) -> None:
    assert telling(kind, [], at=NOW) is TOLD
    assert telling(kind, [NOW - HOUR + 1], at=NOW) is ENOUGH
    assert telling(kind, [NOW - HOUR], at=NOW) is TOLD
    assert telling(kind, [NOW - 5 * HOUR, NOW - HOUR], at=NOW) is LAST
    assert telling(kind, [NOW - 5 * HOUR, NOW - 3 * HOUR, NOW - HOUR], at=NOW) is ENOUGH
    assert telling(kind, [NOW - DAY, NOW - 3 * HOUR, NOW - HOUR], at=NOW) is LAST


@pytest.mark.parametrize("kind", OF_DEEDS)
def test_ac_53_a_deed_is_told_however_soon_but_five_times_a_day(kind: MessageKind) -> None:
    assert telling(kind, [NOW, NOW - 1, NOW - MINUTE], at=NOW) is TOLD
    assert telling(kind, [NOW - MINUTE] * 4, at=NOW) is LAST
    assert telling(kind, [NOW - MINUTE] * 5, at=NOW) is ENOUGH
    assert telling(kind, [NOW - DAY] * 5, at=NOW) is TOLD


def test_what_another_node_s_clock_says_is_to_come_counts() -> None:
    assert telling(MessageKind.LOCKOUT, [NOW + MINUTE], at=NOW) is ENOUGH


@given(
    st.sampled_from(NOTICES),
    st.lists(st.integers(NOW, NOW + 3 * DAY), max_size=60).map(sorted),
)
def test_ac_53_no_day_has_more_than_five_of_a_kind(kind: MessageKind, happened: list[int]) -> None:
    told: list[int] = []
    for at in happened:
        if telling(kind, [time for time in told if time > at - LOOKS_BACK], at=at) is not ENOUGH:
            told.append(at)
    assert max((sum(at - DAY < time <= at for time in told) for at in told), default=0) <= 5


def test_a_change_goes_to_every_confirmed_address() -> None:
    every = [PHONE, GATEWAY, EMAIL]
    for kind in (
        MessageKind.SET_UP,
        MessageKind.REPLACED,
        MessageKind.TURNED_OFF,
        MessageKind.REMOVED,
        MessageKind.RECOVERY_CODES_MADE,
        MessageKind.PASSWORD_CHANGED,
        MessageKind.PASSWORD_SUSPECT,
    ):
        assert addresses_for(kind, every) == (EMAIL, GATEWAY, PHONE)


@pytest.mark.parametrize(
    "kind",
    [*OF_TRIES, MessageKind.NEW_DEVICE, MessageKind.RECOVERY_CODE_USED],
)
def test_what_happens_at_a_sign_in_goes_by_mail_where_there_is_a_mailbox(kind: MessageKind) -> None:
    assert addresses_for(kind, [PHONE, GATEWAY, EMAIL]) == (EMAIL,)
    assert addresses_for(kind, [PHONE, GATEWAY]) == (GATEWAY, PHONE)


@pytest.mark.parametrize("kind", NOTICES)
def test_an_administrators_entry_is_told_where_nothing_is_confirmed(kind: MessageKind) -> None:
    assert addresses_for(kind, [PHONE, *ENTERED]) == (PHONE,)
    assert ENTERED[0] in addresses_for(kind, ENTERED)
    assert addresses_for(kind, ENTERED[1:]) == (ENTERED[1],)


@pytest.mark.parametrize("kind", NOTICES)
def test_an_address_that_waits_for_its_code_is_told_nothing(kind: MessageKind) -> None:
    waits = contact(ContactKind.EMAIL, confirmed=False)
    assert addresses_for(kind, [waits]) == ()
    assert addresses_for(kind, []) == ()


def device(first_used_at: int = NOW - MINUTE, **more: object) -> Device:
    """One that never showed its cookie again."""
    made = Device(
        id=first_used_at.to_bytes(16, "big"),
        user_id=bytes(16),
        browser="Firefox on Linux",
        address=HERE,
        first_used_at=first_used_at,
        last_used_at=first_used_at,
        verified_at=None,
        days_at_issue=None,
        passes_until=None,
        forgotten_at=None,
        generations=Generations(installation=1, password=1, second_step=1),
        numbers=EnvironmentNumbers(remembering=1, off=1),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def news(others: Sequence[Device]) -> bool:
    return is_news(others, browser="Firefox on Linux", address=HERE, now=NOW)


def test_the_very_first_browser_is_no_news_and_the_second_is() -> None:
    assert not news([])
    assert news([device()])
    assert news([device(forgotten_at=NOW)])


def test_a_browser_that_throws_its_cookies_away_is_told_of_once_a_day() -> None:
    today = [device(NOW - MINUTE), device(NOW - 2 * MINUTE)]
    before = [device(NOW - 13 * HOUR), device(NOW - 2 * DAY)]
    assert not news(today)
    assert not news([device(NOW - MINUTE), *before])
    assert news(before)


def test_what_makes_a_browser_another_one_is_told_of_each_time() -> None:
    lost = [device(NOW - number * MINUTE) for number in range(1, 9)]
    for different in (
        {"browser": "Chrome on Windows"},
        {"address": THERE},
        {"address": ""},
        {"last_used_at": NOW},
        {"forgotten_at": NOW},
    ):
        assert news([replace(one, **different) for one in lost])
    assert not news(lost)


@given(st.text())
def test_what_a_browser_says_of_itself_is_one_line_and_not_long(text: str) -> None:
    line = one_line(text)
    assert line.isprintable()
    assert len(line.splitlines()) <= 1
    assert len(line) <= LONGEST_WORDS


def test_a_browser_cannot_write_lines_of_a_mail() -> None:
    assert one_line("Chrome\r\nBcc: x@a.example\n\nSign in") == "Chrome Bcc: x@a.example Sign in"
    assert one_line("Firefox on Linux") == "Firefox on Linux"
