"""Which sentence an event gets: the first one of its kind that fits what is known of it.

Events say no more than was recorded. Where a datum is missing, an older release had not recorded it
yet, or an erasure has taken it, a sentence is chosen that is true without it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twostep.i18n.sentences import Sentence

_HOLE = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class If:
    """A sentence for the events whose datum of that name has that value, as JSON spells it."""

    datum: str
    value: str
    sentence: Sentence


Choices = Sequence[Sentence | If]


def chosen(choices: Choices, stored: Mapping[str, object], told: Mapping[str, object]) -> Sentence:
    """The first one that fits, or else the last one. ``stored``: the event's data as they are;
    ``told``: what can be put into words.
    """
    for choice in choices:
        sentence = choice.sentence if isinstance(choice, If) else choice
        fits = not isinstance(choice, If) or _spelt(stored.get(choice.datum)) == choice.value
        if fits and set(_HOLE.findall(sentence.text)) <= set(told):
            return sentence
    return sentence_of(choices[-1])


def sentence_of(choice: Sentence | If) -> Sentence:
    """The sentence of a choice."""
    return choice.sentence if isinstance(choice, If) else choice


def _spelt(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value
