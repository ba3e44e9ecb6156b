"""What stands on the list of users. Moments are milliseconds, words are sentences by number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from twostep.admin.message_views import Choice
from twostep.flows.user_lists import Line
from twostep.i18n.sentences import Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class UserLine:
    """One user. ``path`` is where their page is."""

    path: str
    line: Line
    second_step: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Users:
    """``/admin/users``: the users of the environment, whoever they are of them.

    ``search`` stands in the field: words, or the name of the one user that these are.
    ``by_address``: the keyed hash of the address that was typed, empty where none was. ``order``:
    how they are sorted, by which the template chooses a sentence. ``first``: where the list begins,
    where this is another page of it. ``stopped``: as many were looked at as one page may, and there
    may be more on the way.
    """

    template: ClassVar[str] = "user_list.html"

    csrf: str
    search: str
    by_address: str
    two_steps: tuple[Choice, ...]
    states: tuple[Choice, ...]
    signed_in: tuple[Choice, ...]
    filtered: bool
    searched: bool
    order: str
    lines: tuple[UserLine, ...]
    previous: str | None
    next: str | None
    first: str | None
    stopped: bool
    manages: bool
    file_path: str
