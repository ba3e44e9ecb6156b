"""Checks of callers: how long a code is good, and how long a check stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.situations import NOW
from twostep.core.caller_checks import (
    CODE_LASTS,
    CODE_LENGTH,
    STANDS_FOR,
    TRIES,
    CallerCheck,
)
from twostep.core.messages import ASKED_FOR, MINUTE, MessageKind, Priority, priority_of
from twostep.core.sent_codes import LONGEST_LIFE

SENT = CallerCheck(
    id=bytes(16),
    user_id=b"u" * 16,
    made_by=b"k" * 16,
    contact_id=b"c" * 16,
    message_id=b"m" * 16,
    tries=0,
    made_at=NOW,
    expires_at=NOW + CODE_LASTS,
)


def test_the_numbers_are_those_of_every_code_that_is_sent() -> None:
    """SECURITY 5.4: six digits, ten minutes, five tries."""
    assert (CODE_LENGTH, CODE_LASTS, TRIES) == (6, LONGEST_LIFE, 5)
    assert STANDS_FOR == 15 * MINUTE


def test_its_message_is_one_that_somebody_waits_for_and_is_counted_like_a_code() -> None:
    assert MessageKind.CHECK_CALLER in ASKED_FOR
    assert priority_of(MessageKind.CHECK_CALLER) is Priority.SOMEBODY_WAITS


def test_a_code_takes_tries_until_its_time_is_over_or_five_were_made() -> None:
    assert SENT.takes_tries(NOW)
    assert SENT.takes_tries(NOW + CODE_LASTS - 1)
    assert not SENT.takes_tries(NOW + CODE_LASTS)
    assert replace(SENT, tries=4).takes_tries(NOW)
    assert not replace(SENT, tries=5).takes_tries(NOW)
    assert not replace(SENT, live=False).takes_tries(NOW), "another one took its place"
    assert not replace(SENT, passed_at=NOW).takes_tries(NOW), "it was used"


@pytest.mark.parametrize(
    ("after", "stands"), [(-1, False), (0, True), (STANDS_FOR - 1, True), (STANDS_FOR, False)]
)
def test_a_check_stands_for_a_quarter_of_an_hour(after: int, stands: bool) -> None:
    passed = replace(SENT, passed_at=NOW)
    assert passed.stands_until(NOW + after) == (NOW + STANDS_FOR if stands else None)


def test_a_code_that_nobody_read_back_says_nothing_about_the_caller() -> None:
    assert SENT.stands_until(NOW) is None
