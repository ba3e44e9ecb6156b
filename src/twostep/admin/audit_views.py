"""What stands on the pages of the audit log. Moments are milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from twostep.core.reasons import Reason
from twostep.i18n.sentences import Sentence
from twostep.web.rendering import FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class KindChoice:
    """One of the groups of kinds. ``value`` is what the address bar says."""

    value: str
    words: Sentence
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """One event: when, and the sentence that tells it."""

    path: str
    at: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLog:
    """``/admin/audit``: what happened in the environment, the newest first.

    ``who`` and ``whom`` stand in the fields of the search, ``who_was`` and ``whom_was`` are whose
    names these are. ``one_kind``: a single kind is asked
    for, by its code. ``looked_to``: how far back this page looked, where it did not fill. ``csv``
    and ``json_lines`` lead to files with all of what is asked for.
    """

    template: ClassVar[str] = "audit_log.html"

    csrf: str
    who: str
    who_was: str
    whom: str
    whom_was: str
    kinds: tuple[KindChoice, ...]
    one_kind: str
    from_day: str
    to_day: str
    filtered: bool
    later_pages: bool
    lines: tuple[EventLine, ...]
    looked_to: int | None
    older: str | None
    newest: str
    csv: str
    json_lines: str
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Datum:
    """One datum of an event, as it is stored."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventShown:
    """``/admin/audit/<id>``: one event, and all that is known of it.

    ``who`` and ``whom`` are links to all events by that person, and to all to them. ``number`` is
    its place in the chain, None until it is sealed, with ``mac``. ``note``: what was written beside
    the reason, empty for nothing.
    """

    template: ClassVar[str] = "audit_event.html"

    text: str
    at: int
    exactly: str
    kind: str
    who: str
    who_path: str | None
    whom: str
    whom_path: str | None
    like_this: str | None
    reasons: tuple[Reason, ...]
    address: str
    browser: str
    data: tuple[Datum, ...]
    id: str
    number: int | None
    mac: str
    note: str = ""
    errors: tuple[FieldError, ...] = ()
