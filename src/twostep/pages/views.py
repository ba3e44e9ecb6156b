"""What stands on each page: one frozen dataclass per page, and no HTML.

Moments are milliseconds, identifiers are text that a form can carry, sentences are codes (reasons,
notices). What a person typed comes back in a view, secrets never do. A form's ``csrf`` is the token
that it must send back; ``errors`` are shown beside their fields.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from twostep.core.reasons import Reasons
from twostep.web.rendering import FieldError, Message

__all__ = [
    "AnotherWay", "ChangePassword", "EnterCode", "FieldError", "Home", "Locked", "Message",
    "RecoveryCodesLine", "SetUp", "SignIn", "Wait", "WayLine", "Welcome",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """How long a page waits, as WCAG 2.2.1 wants it said.

    ``more_time_url``: where a POST (with the page's ``csrf``) makes it longer, or None once it
    cannot be.
    """

    until: int
    more_time_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """``/sign-in``: user name and password. ``going_to``: where the person wanted to go, a checked
    path.
    """

    template: ClassVar[str] = "sign_in.html"

    csrf: str
    user_name: str = ""
    going_to: str = ""
    forgot_url: str | None = "/forgot-password"
    errors: tuple[FieldError, ...] = ()
    wait: Wait | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterCode:
    """``/sign-in/code``: the code of the authenticator app.

    ``remember_days``: for how many days the tick box offers to remember this device, or None where
    there is no box. ``issuer`` is what the app calls this account; ``reasons`` say why a code is
    asked, the telling
    one first.
    """

    template: ClassVar[str] = "enter_code.html"

    csrf: str
    user_name: str
    issuer: str
    digits: int = 6
    remember_days: int | None = None
    remember: bool = False
    reasons: Reasons = ()
    errors: tuple[FieldError, ...] = ()
    wait: Wait | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WayLine:
    """One second step that this person has; ``url`` is the page that takes it, or with ``sends``
    takes the POST that sends a code to ``masked`` and shows that page.
    """

    way: str
    url: str
    masked: str = ""
    sends: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AnotherWay:
    """``/sign-in/another-way``: what this person has, best first."""

    template: ClassVar[str] = "another_way.html"

    csrf: str
    user_name: str
    ways: tuple[WayLine, ...]
    wait: Wait | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """The dialog of **Configure**, a page of its own: inside a sign-in, or on **Security
    Settings**.

    ``qr``: SVG with a ``viewBox``, black on white, its quiet zone of four modules included.
    ``key``: base32 without blanks; the page groups it. ``account``: the account as the app will
    list it. ``save_url`` takes the POST of **Verify and Save**. ``cancel_url`` is a link where
    there is a session, and takes a POST where ``inside_sign_in``. ``required``: the environment
    asks for it before anything else opens. ``reasons``: why now, where that needs saying.
    ``codes_url``: where codes that are sent can be chosen instead; ``help_desk_url``: where a code
    of the help desk is taken instead, where the person has one.
    """

    template: ClassVar[str] = "set_up.html"

    csrf: str
    issuer: str
    account: str
    qr: Markup
    key: str
    save_url: str
    cancel_url: str
    inside_sign_in: bool
    required: bool = False
    replaces: bool = False
    reasons: Reasons = ()
    codes_url: str | None = None
    help_desk_url: str | None = None
    digits: int = 6
    errors: tuple[FieldError, ...] = ()
    wait: Wait | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodesLine:
    """How somebody stands with their recovery codes, where they would be of use.

    ``made_at``: None where none were ever made. ``few``: the time has come to make new ones.
    ``app_missing``: this session was opened by one, and the app has not been shown since.
    """

    made_at: int | None
    left: int
    few: bool
    app_missing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """``/``: who you are, and the applications. ``may_set_up``: 2-step verification is not off
    here. ``required_from``: from when a second step will be required, None where it is not so far.
    """

    template: ClassVar[str] = "home.html"

    two_step_on: bool
    may_set_up: bool = True
    required_from: int | None = None
    recovery_codes: RecoveryCodesLine | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword:
    """A new password: on **Security Settings**, or inside a sign-in, where it comes before anything
    else.

    ``user_name`` is for the browser's password store. ``ask_current``: with the current password.
    ``reasons``: why it is asked inside a sign-in. ``cancel_url`` as in :class:`SetUp`.
    """

    template: ClassVar[str] = "change_password.html"

    csrf: str
    user_name: str
    shortest: int
    save_url: str
    cancel_url: str
    inside_sign_in: bool = False
    ask_current: bool = True
    reasons: Reasons = ()
    errors: tuple[FieldError, ...] = ()
    wait: Wait | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """``/welcome/<token>``: the first administrator of an environment chooses user name and
    password. ``link_lasts``: minutes.
    """

    template: ClassVar[str] = "welcome.html"

    csrf: str
    save_url: str
    shortest: int
    link_lasts: int
    user_name: str = ""
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterHelpDeskCode:
    """``/sign-in/help-desk-code``. ``reasons``: why nothing else will do; ``other_ways``: something
    else may.
    """

    template: ClassVar[str] = "enter_help_desk_code.html"

    csrf: str
    user_name: str
    reasons: Reasons = ()
    other_ways: bool = True
    errors: tuple[FieldError, ...] = ()
    wait: Wait | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """A pause after wrong codes. ``until`` is None where only an administrator can end it.
    ``recovery_url``: where a recovery code is taken meanwhile, where the person has one.
    """

    template: ClassVar[str] = "locked.html"

    csrf: str
    until: int | None
    reasons: Reasons = ()
    recovery_url: str | None = None
    help_desk_url: str | None = None
