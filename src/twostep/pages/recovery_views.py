"""What stands on the pages about recovery codes; ``views`` says how such a class is to be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from twostep.pages.views import RecoveryCodesLine, Wait
from twostep.web.acts import Act
from twostep.web.rendering import FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodes:
    """``/security/recovery-codes``: how many are left, and the button that makes new ones.

    ``line`` is None where codes would be of no use. ``replaces`` and ``going_to`` go along with the
    form: the set that it is for, and the page to go on to afterwards.
    """

    template: ClassVar[str] = "recovery_codes.html"

    csrf: str
    line: RecoveryCodesLine | None
    replaces: str = ""
    going_to: str = "/security"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodesShown:
    """The answer to that button, and the only page on which the codes ever stand.

    ``codes`` as they are to be printed. ``made_at`` and ``address``, the host to sign in at, tell a
    sheet of paper from its neighbours.
    """

    template: ClassVar[str] = "recovery_codes_shown.html"

    csrf: str
    codes: tuple[str, ...]
    user_name: str
    address: str
    made_at: int
    going_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodeUsed:
    """``/security/recovery-codes/used``: after a sign-in by a recovery code, the app is asked for.

    With none left it cannot be put off.
    """

    template: ClassVar[str] = "recovery_codes_used.html"

    csrf: str
    left: int
    going_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterRecoveryCode:
    """``/sign-in/recovery``; with an ``act`` that asks for it, ``/security/confirm/recovery``."""

    template: ClassVar[str] = "recovery_codes_enter.html"

    csrf: str
    user_name: str
    act: Act | None = None
    errors: tuple[FieldError, ...] = ()
    wait: Wait | None = None
