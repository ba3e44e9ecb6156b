"""What stands on the dialogs by which an administrator helps a user who cannot come in. See
``views``.

``called`` is the user's name, ``here`` where the form goes, ``back`` the page of the user, and
``told`` whether a message can tell them. ``by_password``: the administrator has no second step, so
that their password is asked (D-08).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from twostep.admin.message_views import Choice
from twostep.core.help_desk_codes import HelpDeskPurpose
from twostep.i18n.sentences import Sentence
from twostep.web.proof_fields import ProofFields
from twostep.web.rendering import FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveTwoStep:
    """**Remove 2-step Verification**: what goes, before it goes.

    ``has_one`` False: there is nothing to turn off. ``required``: a second step is required here;
    with ``asks_set_up_code`` a code of the administrator's is asked before the user sets up again.
    """

    template: ClassVar[str] = "two_step_removal.html"

    csrf: str
    called: str
    here: str
    back: str
    caller_check: str
    has_one: bool
    sessions: int
    devices: int
    required: bool
    asks_set_up_code: bool
    told: bool
    by_password: bool
    reasons: tuple[Choice, ...]
    note: str
    proof: ProofFields
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeShown:
    """A code, shown this one time. ``groups``: how it is read aloud, group by group.

    ``after_removal``: the second step of the user was turned off with it.
    """

    template: ClassVar[str] = "help_desk_code_shown.html"

    called: str
    back: str
    code: str
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    purpose: HelpDeskPurpose
    until: int
    uses: int
    told: bool
    after_removal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EndChoice:
    """One end of a pause: its word on the wire, and the moment (ms) that it means now."""

    value: str
    until: int
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseTwoStep:
    """**Pause**. ``paused_until``: a pause runs, and the new end takes its place.

    ``has_one`` False, and none ``required``: there is nothing to pause. ``day``: what stands in the
    field for a day, whose bounds are ``first_day`` and ``last_day``.
    """

    template: ClassVar[str] = "two_step_pause.html"

    csrf: str
    called: str
    here: str
    back: str
    paused_until: int | None
    has_one: bool
    required: bool
    ends: tuple[EndChoice, ...]
    day_chosen: bool
    day: str
    first_day: str
    last_day: str
    told: bool
    by_password: bool
    reasons: tuple[Choice, ...]
    note: str
    proof: ProofFields
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EndPause:
    """**End the pause now**. ``paused_until``: until when it would go on; None: there is none."""

    template: ClassVar[str] = "two_step_pause_end.html"

    csrf: str
    called: str
    here: str
    back: str
    paused_until: int | None
    proof: ProofFields
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutesChoice:
    """How long a code works. One of ``hours`` and ``minutes`` is nothing."""

    value: int
    hours: int
    minutes: int
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCodeLine:
    """A code that is alive: what for, since when and until when, and how often it can still be
    used. The code itself is not known any more. ``withdraw``: where it is withdrawn.
    """

    purpose: HelpDeskPurpose
    made_at: int
    until: int
    uses_left: int
    reason: Sentence
    note: str
    withdraw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHelpDeskCode:
    """**Help-desk code**. ``form_id``: by it a form is known that is sent twice; ``purpose``: None
    where none was chosen; ``uses``: text as typed.
    """

    template: ClassVar[str] = "help_desk_code_new.html"

    csrf: str
    called: str
    here: str
    back: str
    form_id: str
    caller_check: str
    codes: tuple[OpenCodeLine, ...]
    purpose: HelpDeskPurpose | None
    minutes: tuple[MinutesChoice, ...]
    uses: str
    most_uses: int
    told: bool
    reasons: tuple[Choice, ...]
    note: str
    proof: ProofFields
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawCode:
    """**Withdraw**: ``line`` is the code; None where it is over already."""

    template: ClassVar[str] = "help_desk_code_withdraw.html"

    csrf: str
    called: str
    here: str
    back: str
    line: OpenCodeLine | None
    proof: ProofFields
    errors: tuple[FieldError, ...] = ()
