"""What stands in the dialogs by which users come in: **Send password reset**, **Invite** and
**Import**.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from twostep.flows.user_imports import Sample
from twostep.i18n.notices import Said
from twostep.web.proof_fields import ProofFields
from twostep.web.rendering import FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class SendReset:
    """``/admin/users/<id>/password-reset``. ``masked``: where the link would go. ``why_not``: why
    none can be sent, by its code; empty where one can. ``codes_too``: codes go there as well.
    """

    template: ClassVar[str] = "password_reset_send.html"

    csrf: str
    called: str
    here: str
    back: str
    caller_check: str
    masked: str
    why_not: str
    codes_too: bool
    link_lasts: int
    proof: ProofFields
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteUser:
    """``/admin/users/invite``: a new user. ``link_lasts``: hours."""

    template: ClassVar[str] = "user_invite.html"

    csrf: str
    link_lasts: int
    user_name: str
    full_name: str
    email: str
    proof: ProofFields
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteAgain:
    """``/admin/users/<id>/invite``: for a user who has not chosen a password yet. ``why_not`` as in
    :class:`SendReset`. ``open_until``: until when (ms) the last invitation is good, None where none
    is.
    """

    template: ClassVar[str] = "user_invite_again.html"

    csrf: str
    called: str
    here: str
    back: str
    masked: str
    why_not: str
    open_until: int | None
    link_lasts: int
    proof: ProofFields
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportUsers:
    """``/admin/users/import``: a list of new users is chosen, or pasted. ``columns``: their names.
    ``example``: what such a list looks like. ``pasted``: what was pasted before, and not read.
    """

    template: ClassVar[str] = "user_import.html"

    csrf: str
    columns: tuple[str, ...]
    example: str
    most: int
    pasted: str = ""
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongLine:
    """A line that is wrong, with the name that stands in it, and why."""

    number: int
    name: str
    why: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class ListShown:
    """``/admin/users/import/<id>``: a list as it was read, being imported, or imported.

    ``state`` by its code. ``without``: how many cannot sign in until they are invited. ``wrong``:
    the lines that are wrong, of which ``more`` leads to the next. ``samples``: the first lines.
    """

    template: ClassVar[str] = "user_import_list.html"

    csrf: str
    here: str
    state: str
    lines: int
    bad: int
    invited: int
    without: int
    finished: int
    wrong: tuple[WrongLine, ...]
    more: str | None
    samples: tuple[Sample, ...]
    proof: ProofFields
    errors: tuple[FieldError, ...] = ()
