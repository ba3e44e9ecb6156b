"""What a sentence is, before it is filled and translated.

Each sentence that a code stands for has a number. The number never changes and is never used again,
so that a script, a translator and a help desk can speak of a sentence whatever its words are today.
Numbers 1000 to 1999 are the reasons of decisions, 2000 to 2999 notices, 3000 to 3999 whole-page
messages and, from 3300 on, what administrators are told, 4000 to 4999 activities, 5000 to 5999 what
became of a message that was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from twostep.i18n.translations import translations

Data = Mapping[str, int | str]


def N_(text: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Marks a text for the translators and leaves it as it is."""
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence with ``%(name)s`` for its data.

    Where ``counted`` names a datum, ``text`` is for one and ``several`` for any other number of it.
    """

    number: int
    text: str
    several: str | None = None
    counted: str | None = None

    def in_language(self, language: str, data: Data) -> str:
        """The translated text, its data not filled in yet."""
        catalogue = translations(language)
        if self.several is None or self.counted is None:
            return catalogue.gettext(self.text)
        return catalogue.ngettext(self.text, self.several, int(data[self.counted]))


def says(number: int, text: str) -> Sentence:
    """A sentence of one form."""
    return Sentence(number=number, text=text)


def counts(number: int, one: str, several: str, *, by: str) -> Sentence:
    """A sentence that differs for one and for several; ``by`` names the datum that is counted."""
    return Sentence(number=number, text=one, several=several, counted=by)


def fill(text: str, data: Data, *, moment: Callable[[int], str], day: Callable[[int], str]) -> str:
    """The text with its data. Two data are moments in milliseconds: ``until``, which ``moment``
    puts in words, and ``changed``, of which ``day`` tells the day.
    """
    ways = {"until": moment, "changed": day}
    words = {
        name: ways[name](value) if name in ways and isinstance(value, int) else value
        for name, value in data.items()
    }
    return text % words
