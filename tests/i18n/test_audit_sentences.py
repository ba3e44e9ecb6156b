"""Each event in a sentence, whatever is known of it, in every language."""

from __future__ import annotations

import re

import pytest

from twostep.core.audit import EventKind
from twostep.core.messages import MessageKind, MessageState
from twostep.core.permissions import ALL
from twostep.core.sessions import Level
from twostep.i18n import message_states, permissions
from twostep.i18n.audit_sentences import SENTENCES, Party, Told, told
from twostep.i18n.audit_words import LEVELS, Nameless
from twostep.i18n.translations import languages

UNTIL = 1_775_989_860_000
"""12 April 2026, 10:31 UTC."""

DATA: dict[str, object] = {
    "masked": "a•••@northside.example",
    "left": 3,
    "level": "2e",
    "until": UNTIL,
    "permission": "remove_two_step",
    "property": "session_hours",
    "old": "8",
    "new": "12",
    "kind_of_message": "code",
    "result": "refused",
    "through": 1_000,
    "day": "2026-04-12",
    "name": "Harbour",
    "sessions": 4,
}
"""Everything that some sentence says."""


OF_ANN = "bo removed the 2-step verification of ann"
KEY_TAKEN = "bo took away the audit key, as a file"


def tell(
    kind: EventKind | None,
    data: dict[str, object] | None = None,
    *,
    who: Party = "bo",
    whom: Party = "ann",
    language: str = "en",
) -> str:
    return told(Told(kind=kind, who=who, whom=whom, data=data or {}), language)


def test_every_kind_of_event_has_a_sentence() -> None:
    assert set(SENTENCES) == set(EventKind)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_is_told_whatever_is_known_of_it(kind: EventKind, language: str) -> None:
    """With all data and with none, of people with a name and without, of nobody."""
    parties: list[Party] = ["bo", None, *Nameless]
    for who in parties:
        for whom in parties:
            for data in ({}, DATA):
                text = tell(kind, data, who=who, whom=whom, language=language)
                assert text.endswith("."), text
                assert "%" not in text
                assert "  " not in text
                assert text[0].isupper() or re.match(r"(bo|ann)\b", text)
                assert not re.search(r"\bNone\b", text)


@pytest.mark.parametrize("kind", EventKind)
def test_whoever_did_it_to_others_is_named(kind: EventKind) -> None:
    """By the source of the kind: what an administrator does says who, and mostly to whom."""
    source, *_ = kind.value.split(":")
    if source == "admin":
        assert re.search(r"\bbo\b", tell(kind))
        assert "The operator" in tell(kind, who=None) or "the operator" in tell(kind, who=None)
    if source in {"sign_in", "account"}:
        assert re.search(r"\bann\b", tell(kind))


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        (
            EventKind.TWO_STEP_REMOVED,
            {"proven_by": "second_step", "reason": "lost_phone", "set_up_code": True},
            f"{OF_ANN}, by a second step of their own. Reason: the phone is lost.",
        ),
        (
            EventKind.TWO_STEP_REMOVED,
            {"proven_by": "first_step", "reason": "a reason of a later release"},
            f"{OF_ANN}, by a password, having no second step of their own.",
        ),
        (
            EventKind.TWO_STEP_PAUSED,
            {"until": UNTIL},
            "bo paused the 2-step verification of ann until 12 April 2026, 10:31 UTC.",
        ),
        (
            EventKind.HELP_DESK_CODE_MADE,
            {"purpose": "today", "reason": "forgot_phone"},
            "bo made ann a help-desk code for today's work. Reason: the phone was forgotten.",
        ),
        (
            EventKind.PERMISSION_GRANTED,
            {"permission": "remove_two_step"},
            "bo gave ann the permission “Remove 2-Step Verification Admin Access”.",
        ),
        (EventKind.PERMISSION_GRANTED, {"permission": "older"}, "bo gave ann a permission."),
        (
            EventKind.SIGN_IN_COMPLETED,
            {"level": "2e"},
            "ann signed in: password and a code by email.",
        ),
        (EventKind.STAY_SIGNED_IN_SET, {"stays": True}, "ann chose to stay signed in."),
        (EventKind.STAY_SIGNED_IN_SET, {"stays": False}, "ann chose not to stay signed in."),
        (
            EventKind.PROPERTY_CHANGED,
            {"property": "session_hours", "old": "8", "new": "12"},
            "bo changed the property session_hours from “8” to “12”.",
        ),
        (
            EventKind.MESSAGE_SETTLED,
            {"kind_of_message": "code", "result": "refused"},
            "A message to ann (code to sign in) ended as: refused.",
        ),
        (
            EventKind.AUDIT_EXPORTED,
            {"what": "key"},
            f"{KEY_TAKEN}: whoever has it can check the log, and forge it.",
        ),
    ],
    ids=str,
)
def test_what_is_known_is_said(kind: EventKind, data: dict[str, object], said: str) -> None:
    assert tell(kind, data) == said


def test_whoever_has_no_name_is_called_what_they_are_and_begins_with_a_capital() -> None:
    unlocked = EventKind.USER_UNLOCKED
    assert tell(unlocked, who=None) == "The operator unlocked ann."
    assert tell(unlocked, who=Nameless.ERASED) == "An erased person unlocked ann."
    assert tell(unlocked, whom=Nameless.ERASED) == "bo unlocked an erased person."
    refused = tell(EventKind.PASSWORD_REFUSED, who=None, whom=Nameless.UNKNOWN)
    assert refused == "A password given for somebody who is no user here was refused."


def test_a_name_that_looks_like_one_of_ours_or_like_a_hole_is_only_a_name() -> None:
    assert tell(EventKind.USER_UNLOCKED, who="the operators") == "the operators unlocked ann."
    assert tell(EventKind.USER_UNLOCKED, who="%(whom)s") == "%(whom)s unlocked ann."


def test_a_row_that_cannot_be_read_says_so() -> None:
    assert "cannot be read" in tell(None)


def test_codes_that_stand_in_sentences_have_words() -> None:
    assert set(LEVELS) == set(Level)
    assert set(permissions.NAMES) == ALL
    assert set(message_states.KINDS) == set(MessageKind)
    assert set(message_states.STATES) == set(MessageState)
