"""Reasons in words."""

from zoneinfo import ZoneInfo

import pytest

from tests.helpers.sample_pages import MINUTE, NOW
from twostep.core.reasons import Code, because
from twostep.i18n.messages import SENTENCES, sentence


def test_every_code_has_one_sentence_of_its_own() -> None:
    assert set(SENTENCES) == set(Code)
    texts = [each.text for each in SENTENCES.values()]
    assert sorted(texts) == sorted(set(texts))


@pytest.mark.parametrize("code", Code)
def test_every_reason_can_be_said_as_a_whole_sentence(code: Code) -> None:
    said = sentence(
        because(code, until=NOW, changed=NOW, source="floor", act="x", minutes=5), "en", now=NOW
    )
    assert said[0].isupper() or said.startswith("2-Step Verification")
    assert said.endswith(".")


def test_a_pause_says_until_when() -> None:
    reason = because(Code.TOO_MANY_CODES, until=NOW + 30 * MINUTE)
    assert sentence(reason, "en", now=NOW) == (
        "Too many wrong codes: sign-in is paused until 11:01 UTC."
    )
    assert sentence(reason, "en", now=NOW, timezone=ZoneInfo("America/Chicago")) == (
        "Too many wrong codes: sign-in is paused until 06:01."
    )


def test_a_reason_that_lacks_its_moment_is_an_error_and_not_a_hole() -> None:
    with pytest.raises(KeyError):
        sentence(because(Code.TOO_MANY_CODES), "en", now=NOW)
