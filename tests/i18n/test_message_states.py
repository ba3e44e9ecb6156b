"""The words for what became of a message: there are some for everything, and they claim no more."""

from __future__ import annotations

import pytest

from twostep.core.contacts import ContactKind
from twostep.core.messages import GaveUp, MessageKind, MessageState, Route, Try
from twostep.i18n import message_states
from twostep.i18n.message_states import MEANINGS, advice


def test_there_are_words_for_everything() -> None:
    """A new state, kind or reason without words would be an error on the page."""
    assert set(message_states.STATES) == set(MEANINGS) == set(MessageState)
    assert set(message_states.KINDS) == set(MessageKind)
    assert set(message_states.ROUTES) == set(Route)
    assert set(message_states.ADDRESSES) == set(ContactKind)
    assert set(message_states.REASONS) == set(GaveUp)
    assert set(message_states.TRIES) == set(Try)


@pytest.mark.parametrize("state", MessageState)
@pytest.mark.parametrize("reason", [None, *GaveUp])
def test_there_is_something_to_do_about_everything(
    state: MessageState, reason: GaveUp | None
) -> None:
    assert all(advice(state, reason, last=last).text for last in (None, *Try))


def test_what_a_server_put_off_is_not_told_as_what_nobody_has_tried() -> None:
    queued = MessageState.QUEUED
    assert "asked again" in advice(queued, None, last=Try.PUT_OFF).text
    assert "asked again" not in advice(queued, None, last=None).text


@pytest.mark.parametrize("ended", [Try.UNREACHABLE, Try.BROKEN_OFF, Try.NOT_BEGUN])
def test_what_an_operator_can_mend_is_not_told_as_a_server_that_wants_to_be_asked_again(
    ended: Try,
) -> None:
    said = advice(MessageState.QUEUED, None, last=ended).text
    assert "Nothing is to be done" not in said
    assert "operator" in said or "whoever runs the mail server" in said


def test_nothing_is_called_delivered_that_a_server_has_only_taken() -> None:
    for state in (MessageState.ACCEPTED, MessageState.SENT):
        assert "Whether it arrived" in MEANINGS[state].text
        assert "delivered" not in MEANINGS[state].text
