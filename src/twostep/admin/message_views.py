"""What stands on the pages of messages. Moments are milliseconds, words are sentences by number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from twostep.i18n.sentences import Sentence
from twostep.web.rendering import FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of a field's choices. ``value`` is what the address bar says."""

    value: str
    words: Sentence
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """One message. ``words`` are the mail server's own, of the last try.

    ``failed``: it did not go out, and will not. ``next_try_at``: when it is tried again.
    """

    id: str
    user_name: str
    kind: Sentence
    route: Sentence
    masked: str
    state: Sentence
    failed: bool
    reason: Sentence | None
    words: str
    attempts: int
    made_at: int
    tried_at: int | None
    next_try_at: int | None
    settled_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TryLine:
    """One try, and what the server said at it."""

    at: int
    ended: Sentence
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How long a crowd's codes take (``Messages.crowd``), at so many a minute."""

    minutes: int
    a_minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialForm:
    """The form of **Send test message**: what is typed, and which kinds of address there are."""

    user_name: str = ""
    kinds: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """``/admin/messages``: what became of each message of the environment.

    ``who`` stands in the field of the search: the name of the user whose messages these are.
    ``by_address``: they are those to one address. ``here`` leads to the same list, ``older`` to its
    next page. ``no_mails``, ``no_texts``: nothing is set by which they could leave.
    """

    template: ClassVar[str] = "message_list.html"

    csrf: str
    who: str
    by_address: str
    from_day: str
    states: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    routes: tuple[Choice, ...]
    filtered: bool
    later_pages: bool
    lines: tuple[MessageLine, ...]
    here: str
    older: str | None
    newest: str
    test: TrialForm
    crowd: int
    rate: Rate | None
    no_mails: bool = False
    no_texts: bool = False
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageShown:
    """``/admin/messages/<id>``: one message, and each of its tries, the newest first.

    ``waits``: something is still to come. ``of_user`` leads to all messages of this person.
    """

    template: ClassVar[str] = "message_shown.html"

    csrf: str
    line: MessageLine
    meaning: Sentence
    advice: Sentence
    tries: tuple[TryLine, ...]
    earlier_tries: int
    waits: bool
    expires_at: int
    here: str
    of_user: str
    address_kind: str
    errors: tuple[FieldError, ...] = ()
