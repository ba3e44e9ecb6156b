"""What stands on **Security Settings** and on the pages that it leads to. See ``views``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from twostep.core.reasons import Reasons
from twostep.i18n.activities import Activity
from twostep.pages.contact_views import ContactsLine
from twostep.pages.views import RecoveryCodesLine
from twostep.web.acts import Act
from twostep.web.rendering import FieldError

__all__ = [
    "Act", "ActivityLine", "Confirm", "DeviceLine", "SecuritySettings", "SessionLine",
    "StayCard", "TwoStepState",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """One live session; ``id`` is what the form sends as ``session``, ``browser`` such as "Chrome
    on Windows".
    """

    id: str
    current: bool
    browser: str
    address: str
    started_at: int
    last_used_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLine:
    """One device; ``id`` is what the form sends as ``device``.

    ``remembered_until``: None where a code is asked at the next sign-in. ``times``: of so many
    sign-ins, each without our cookie, that a line would be too much for each.
    """

    id: str
    current: bool
    browser: str
    address: str
    first_used_at: int
    last_used_at: int
    remembered_until: int | None
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityLine:
    """One act of the recent past, the newest first on the page."""

    at: int
    activity: Activity
    browser: str = ""
    address: str = ""
    reasons: Reasons = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StayCard:
    """*Stay signed in on this device*: what was chosen, whether the installation's switch overrules
    it, and the limits of every session.
    """

    chosen: bool = False
    overruled: bool = False
    idle_minutes: int = 60
    hours: int = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class SecuritySettings:
    """``/security``. ``two_step_since``: None where nothing is set up. ``may_configure`` draws
    **Configure**.

    ``codes_to``: codes are sent there at sign-in, and the app is not what is asked.
    ``two_step_off_here``: the environment has it switched off; keys stay. The forms are ``POST
    /security/two-step`` and ``POST /security/sessions/end`` with ``session``, an id or ``others``.
    """

    template: ClassVar[str] = "security_settings.html"

    csrf: str
    password_changed_at: int | None
    two_step_since: int | None
    two_step_off_here: bool = False
    codes_to: str = ""
    may_configure: bool = True
    recovery_codes: RecoveryCodesLine | None = None
    contacts: ContactsLine = field(default_factory=ContactsLine)
    stay: StayCard = field(default_factory=StayCard)
    devices: tuple[DeviceLine, ...]
    sessions: tuple[SessionLine, ...]
    activity: tuple[ActivityLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodesChoice:
    """How somebody stands with codes that are sent: to which masked addresses they can go, since
    when they have turned them on, and whether an address is known to be theirs.
    """

    to: tuple[str, ...] = ()
    since: int | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoStepState:
    """**Configure** where there is something to choose. ``since``: the authenticator app is set up;
    ``codes``: None where none are sent here.
    """

    template: ClassVar[str] = "two_step_state.html"

    csrf: str
    since: int | None
    codes: CodesChoice | None = None
    required: bool = False
    app_allowed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """``/security/confirm``: who is signed in shows once more that it is they.

    ``act`` is what they are about to do; ``by_code``: a code is asked, else the password.
    ``or_recovery_code``, ``or_sent_code``: one of these will do as well.
    """

    template: ClassVar[str] = "confirm.html"

    csrf: str
    act: Act
    by_code: bool
    user_name: str
    issuer: str
    or_recovery_code: bool = False
    or_sent_code: bool = False
    digits: int = 6
    errors: tuple[FieldError, ...] = ()
