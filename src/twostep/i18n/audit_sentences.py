"""Each event of the audit log as a sentence: who did what to whom.

The page, its export and the report say the same words. What stands in an event's data is put into
words where there are any, and left out of the sentence where there are none: it is a click away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from twostep.core.audit import EventKind
from twostep.i18n import (
    audit_account,
    audit_admin,
    audit_service,
    audit_sign_in,
    message_states,
    permissions,
    times,
)
from twostep.i18n.audit_choices import Choices, chosen, sentence_of
from twostep.i18n.audit_words import LEVELS, REASON, REASONS, UNREADABLE, Nameless
from twostep.i18n.sentences import Sentence, fill

SENTENCES: Final[Mapping[EventKind, Choices]] = MappingProxyType(
    {
        **audit_sign_in.SENTENCES,
        **audit_account.SENTENCES,
        **audit_admin.SENTENCES,
        **audit_service.SENTENCES,
    }
)

_BY_A_USER: Final = frozenset({"sign_in", "account"})
"""Sources of events whose actor is the user themselves, or nobody who is known."""

Party = str | Nameless | None
"""A name; whoever has none; or nobody at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event, as far as its sentence needs it. ``who`` did it, ``whom`` it was done to."""

    kind: EventKind | None
    who: Party
    whom: Party
    data: Mapping[str, object]


def told(event: Told, language: str) -> str:
    """The sentence, or two: the reason that an administrator gave stands behind.

    An event whose ``kind`` is None could not be read. Moments are told with their day and year.
    """
    if event.kind is None:
        return UNREADABLE.in_language(language, {})
    who, whom = _who(event), event.whom
    known = _in_words(event.data, language)
    if whom is not None:
        known["whom"] = _called(whom, language)
    known["who"] = _called(who, language)
    sentence = chosen(SENTENCES[event.kind], event.data, known)
    known.setdefault("whom", _called(Nameless.SOMEBODY, language))
    text = _capital(_filled(sentence, known, language), (who, whom), language)
    reason = REASONS_OF.get(str(event.data.get("reason")))
    if reason is None:
        return text
    words = reason.in_language(language, {})
    return f"{text} {_filled(REASON, {'reason': _inside(words)}, language)}"


REASONS_OF: Final[Mapping[str, Sentence]] = MappingProxyType(
    {code.value: words for code, words in REASONS.items()}
)

_WORDS: Final[Mapping[str, Mapping[str, Sentence]]] = MappingProxyType(
    {
        "level": {level.value: words for level, words in LEVELS.items()},
        "permission": {code.value: words for code, words in permissions.NAMES.items()},
        "kind_of_message": {code.value: words for code, words in message_states.KINDS.items()},
        "result": {code.value: words for code, words in message_states.STATES.items()},
    }
)
"""Data that are codes, by their names, and what each is called."""

_INSIDE: Final = frozenset({"level", "kind_of_message", "result"})
"""Those that stand in the middle of a sentence: what begins with a capital begins small there."""


def all_of_them() -> Mapping[str, Sentence]:
    """Every sentence of an event, by a name that stays the same, for the list of numbers."""
    return {
        f"{kind.name} {place}": sentence_of(choice)
        for kind, choices in SENTENCES.items()
        for place, choice in enumerate(choices, start=1)
    }


def _who(event: Told) -> Party:
    """Nobody is named where the operator acted; a person's own acts are by the person."""
    if event.who is not None:
        return event.who
    source = "" if event.kind is None else event.kind.value.split(":")[0]
    return Nameless.SOMEBODY if source in _BY_A_USER else Nameless.OPERATOR


def _called(party: Party, language: str) -> str:
    if isinstance(party, Nameless):
        return _inside(party.sentence.in_language(language, {}))
    return party or ""


def _in_words(data: Mapping[str, object], language: str) -> dict[str, int | str]:
    """The data that can stand in a sentence. A code that has no words is left out."""
    known: dict[str, int | str] = {}
    for name, value in data.items():
        if name in _WORDS:
            words = _WORDS[name].get(str(value))
            if words is not None:
                text = words.in_language(language, {})
                known[name] = _inside(text) if name in _INSIDE else text
        elif isinstance(value, int | str):
            known[name] = value
    return known


def _filled(sentence: Sentence, data: Mapping[str, int | str], language: str) -> str:
    return fill(
        sentence.in_language(language, data),
        data,
        moment=lambda at: times.moment(at, language),
        day=lambda at: times.moment(at, language),
    )


def _capital(text: str, parties: tuple[Party, ...], language: str) -> str:
    """A sentence begins with a capital, and a user's name as it is written."""
    words = [_called(party, language) for party in parties if isinstance(party, Nameless)]
    words.append(_called(Nameless.SOMEBODY, language))
    begins_so = any(
        text.startswith(each) and not text[len(each) : len(each) + 1].isalnum() for each in words
    )
    return text[:1].upper() + text[1:] if begins_so else text


def _inside(text: str) -> str:
    """Words in the middle of a sentence, for languages that write them small there."""
    return text[:1].lower() + text[1:]
