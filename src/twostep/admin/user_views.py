"""What stands on the page of one user, and on the dialogs that it leads to. Moments are
milliseconds, words are sentences by number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from twostep.admin.message_views import MessageLine
from twostep.core.contacts import ContactKind, ContactState
from twostep.core.help_desk_codes import HelpDeskPurpose
from twostep.core.policies import TwoStepVerification
from twostep.core.reasons import Reason, Reasons
from twostep.flows.user_edits import Names
from twostep.i18n.sentences import Sentence
from twostep.web.proof_fields import ProofFields
from twostep.web.rendering import FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """An act that the administrator may do to this user, and where it is."""

    path: str
    words: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """What lets nobody try now. ``browser``: only in this one, which the account knows; None: in
    every other.
    """

    why: Reason
    browser: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedLine:
    """A caller was checked: when, by whom, until when that stands."""

    at: int
    by: str
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInLine:
    """What happened on the way in, with the reasons in full. ``asked``: why the second step was
    asked in it. ``level``: what the sign-in has shown. ``sent_to``: where a code went.
    """

    at: int
    what: Sentence
    browser: str = ""
    address: str = ""
    level: Sentence | None = None
    sent_to: str = ""
    asked: Reasons = ()
    reasons: Reasons = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressLine:
    """One field of the profile. ``state`` None: there is no address that counts."""

    kind: ContactKind
    masked: str = ""
    state: ContactState | None = None
    changed_at: int = 0
    waiting: str = ""
    asked_again: bool = False
    change_path: str | None = None
    remove_path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLine:
    """One device. ``remembered_until``: None where a code is asked there. ``times``: it stands for
    so many sign-ins that each threw the cookie away.
    """

    browser: str
    address: str
    last_used_at: int
    remembered_until: int | None
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """One live session, and how it began."""

    browser: str
    address: str
    started_at: int
    last_used_at: int
    level: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLine:
    """A help-desk code that is open. ``by`` is empty where the operator made it. ``withdraw_path``:
    None for whoever may not.
    """

    purpose: HelpDeskPurpose
    made_at: int
    until: int
    uses_left: int
    by: str
    withdraw_path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """One event about the user, in a sentence."""

    at: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """What matters first. ``devices``: on how many the user is signed in now."""

    devices: int
    disabled_at: int | None
    pauses: tuple[Pause, ...]
    paused_until: int | None
    set_up_code_asked: bool
    invited_until: int | None
    reset_until: int | None
    checked: CheckedLine | None
    last: SignInLine | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodsLine:
    """What the user has to sign in with. ``recovery_codes``: how many are left, None: none made."""

    has_password: bool
    app_since: int | None
    recovery_codes: int | None
    codes_since: int | None
    policy: TwoStepVerification


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPage:
    """``/admin/users/<id>``. ``first``: the acts that stand beside the menu. ``out_of_reach``: the
    user holds a permission that whoever looks does not. ``audit_path``: None without permission.
    """

    template: ClassVar[str] = "user_page.html"

    here: str
    name: str
    user_name: str
    oneself: bool
    out_of_reach: bool
    first: tuple[MenuItem, ...]
    menu: tuple[MenuItem, ...]
    unlock_path: str | None
    now: Now
    methods: MethodsLine
    addresses: tuple[AddressLine, ...]
    devices: tuple[DeviceLine, ...]
    sessions: tuple[SessionLine, ...]
    sign_ins: tuple[SignInLine, ...]
    messages: tuple[MessageLine, ...]
    messages_path: str | None
    codes: tuple[CodeLine, ...]
    permissions: tuple[Sentence, ...]
    permissions_path: str
    events: tuple[EventLine, ...]
    audit_path: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserAct:
    """The dialog of one simple act, named by ``deed``, with what it ends."""

    template: ClassVar[str] = "user_act.html"

    csrf: str
    deed: str
    here: str
    back: str
    called: str
    sessions: int
    devices: int
    proof: ProofFields
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EditUser:
    """The dialog of **Edit**. ``shown``: the names as they were when it was opened."""

    template: ClassVar[str] = "user_edit.html"

    csrf: str
    here: str
    back: str
    called: str
    user_name: str
    full_name: str
    shown: Names
    addresses: tuple[AddressLine, ...]
    proof: ProofFields
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EditAddress:
    """The dialog in which an address is entered, or (``removing``) removed."""

    template: ClassVar[str] = "user_address.html"

    csrf: str
    here: str
    back: str
    called: str
    kind: ContactKind
    masked: str
    removing: bool
    typed: str
    proof: ProofFields
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressChoice:
    """An address of the user to which a code can go."""

    kind: ContactKind
    masked: str
    state: ContactState
    changed_at: int
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckCaller:
    """**Check caller**: to which address the code is to go."""

    template: ClassVar[str] = "caller_check.html"

    csrf: str
    here: str
    back: str
    called: str
    choices: tuple[AddressChoice, ...]
    proof: ProofFields
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBackCode:
    """The same, once the code is on its way. ``again``: where another one is sent."""

    template: ClassVar[str] = "caller_check_code.html"

    csrf: str
    here: str
    back: str
    again: str
    called: str
    sent_to: str
    sent_at: int
    until: int
    proof: ProofFields
    errors: tuple[FieldError, ...] = ()
