"""From the facts to the view of the list of users."""

from __future__ import annotations

from collections.abc import Iterable

from twostep.admin.message_views import Choice
from twostep.admin.user_list_forms import FILE_PATH, PATH, Asked
from twostep.admin.user_list_views import UserLine, Users
from twostep.core.user_filters import SignedIn
from twostep.flows.user_lists import Line, Page
from twostep.i18n import user_lists as words
from twostep.i18n.sentences import Sentence


def list_of(asked: Asked, found: Page, *, csrf: str, search: str, manages: bool) -> Users:
    """The page with the list."""
    later = bool(asked.after or asked.before)
    return Users(
        csrf=csrf,
        search=search,
        by_address=asked.address,
        two_steps=_choices((("set-up", words.SET_UP), *words.SECOND_STEPS.items()), asked.two_step),
        states=_choices(words.STATES.items(), asked.state),
        signed_in=_choices(words.SIGNED_IN.items(), asked.signed_in),
        filtered=bool(asked.filters),
        searched=asked.searched,
        order=_order(asked),
        lines=tuple(_line(line) for line in found.lines),
        previous=None if found.previous is None else asked.at(before=found.previous).path(),
        next=None if found.next is None else asked.at(after=found.next).path(),
        first=asked.at().path() if later else None,
        stopped=found.stopped,
        manages=manages,
        file_path=asked.at().path(FILE_PATH),
    )


def _line(line: Line) -> UserLine:
    return UserLine(
        path=f"{PATH}/{line.user_id.hex()}",
        line=line,
        second_step=words.SECOND_STEPS[line.second_step],
    )


def _order(asked: Asked) -> str:
    if asked.search:
        return "word"
    if asked.signed_in == SignedIn.WITHIN_7_DAYS:
        return "newest"
    before = (SignedIn.BEFORE_30_DAYS, SignedIn.BEFORE_90_DAYS)
    return "longest-away" if asked.signed_in in before else "name"


def _choices(sentences: Iterable[tuple[str, Sentence]], chosen: str) -> tuple[Choice, ...]:
    return tuple(
        Choice(value=str(value), words=sentence, chosen=value == chosen)
        for value, sentence in sentences
    )
