"""Notices in words."""

import pytest

from tests.helpers.sample_pages import MINUTE, NOW
from twostep.i18n.notices import Notice, clock_off, said, words


@pytest.mark.parametrize(
    ("slow", "minutes", "begins"),
    [
        (True, 4, "Your phone's clock is about 4 minutes slow."),
        (False, 4, "Your phone's clock is about 4 minutes fast."),
        (True, 1, "Your phone's clock is about 1 minute slow."),
    ],
)
def test_a_phone_whose_clock_is_off_is_told_by_how_much(
    slow: bool, minutes: int, begins: str
) -> None:
    """CT-4: in words, with what to do."""
    text = words(clock_off(slow=slow, minutes=minutes), "en", now=NOW)
    assert text == f"{begins} Set it to automatic time and try the next code."


def test_tries_are_counted_in_words() -> None:
    assert "1 try left" in words(said(Notice.CODE_WRONG, tries=1), "en", now=NOW)
    assert "3 tries left" in words(said(Notice.CODE_WRONG, tries=3), "en", now=NOW)


def test_a_pause_says_from_when_codes_are_looked_at_again() -> None:
    text = words(said(Notice.PAUSED_UNTIL, until=NOW + MINUTE), "en", now=NOW)
    assert "from 10:32 UTC on" in text


def test_the_first_step_has_one_answer_for_everything_that_can_be_wrong() -> None:
    """It is true of an unknown name, a wrong password, a disabled user and a pause alike."""
    text = words(said(Notice.NAME_OR_PASSWORD_WRONG), "en", now=NOW)
    assert "do not match, or sign-in with this name is paused" in text
    assert Notice.NAME_OR_PASSWORD_WRONG.sentence.counted is None


def test_two_equal_notices_compare_equal_whatever_the_order_of_their_data() -> None:
    assert said(Notice.CODE_WRONG, a=1, b=2) == said(Notice.CODE_WRONG, b=2, a=1)
