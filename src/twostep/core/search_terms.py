"""By which words a user is found: those of their name and of their user name, from the first letter
on.

Somebody types what they hear on the telephone. So capitals, accents and the order of the words make
no difference, and the beginning of each word is enough.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

from twostep.core.users import name_key

MOST_TERMS: Final = 24
"""Of one user. More words than any name has, so that a list from elsewhere fills no table."""

MOST_WORDS: Final = 5
"""Of one search: further ones narrow nothing down that these have not."""

LONGEST_WORD: Final = 150
"""In code points, as the longest user name."""

_PLAIN: Final = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t"}
    | {"æ": "ae", "œ": "oe", "þ": "th"}
    | dict.fromkeys("\u2018\u2019\u02bb\u02bc\u2032`", "'")
)
"""Letters that Unicode does not take apart, as they are typed on a keyboard that has none of them;
and whatever a keyboard or a word processor makes of an apostrophe.
"""


def terms_of(name: str, full_name: str = "") -> tuple[str, ...]:
    """What is stored of a user: the user name as a whole, each word of the full name, and what
    stands between their dots and dashes. A term that another one begins with is left out: whoever
    types it finds the other.
    """
    words = [_folded(name), *f"{_folded(name)} {_folded(full_name)}".split()]
    whole = [_run_together(word) for word in words]
    parts = [part for word in words for part in _parts(word)]
    found = dict.fromkeys(term[:LONGEST_WORD] for term in (*whole, *parts) if term)
    kept = [term for term in found if not _begins_another(term, found)]
    return tuple(kept[:MOST_TERMS])


def words_of(typed: str) -> tuple[str, ...]:
    """What somebody looks for who typed this: each is to be the beginning of one of the user's
    terms. Empty: nothing that can be looked for.
    """
    typed_words = (_run_together(word) for word in _folded(typed).split())
    # "Lee, Ann": what stands before a comma begins a word as well as the comma with it.
    bare = (word.rstrip(",;") or word for word in typed_words)
    words = dict.fromkeys(word[:LONGEST_WORD] for word in bare)
    return tuple(word for word in words if not _begins_another(word, words))[:MOST_WORDS]


def _folded(text: str) -> str:
    """The key of a name without accents; where it is nothing else, the key."""
    key = name_key(text)
    apart = unicodedata.normalize("NFKD", key.translate(_PLAIN)).translate(_PLAIN)
    return "".join(c for c in apart if unicodedata.category(c) != "Mn").strip() or key


def _run_together(word: str) -> str:
    """Without apostrophes, which are heard by nobody; where it is nothing else, as it is."""
    return word.replace("'", "") or word


def _parts(word: str) -> list[str]:
    """The letters and digits between punctuation and signs."""
    return "".join(" " if unicodedata.category(c)[0] in "PS" else c for c in word).split()


def _begins_another(term: str, terms: Iterable[str]) -> bool:
    return any(other != term and other.startswith(term) for other in terms)
