"""What stands on the pages of a forgotten password and of links to choose one; ``views`` says how
such a class is to be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from twostep.web.rendering import FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgotPassword:
    """``/forgot-password``: a user name or an address, and the button that has a link mailed.
    ``link_lasts``: minutes.
    """

    template: ClassVar[str] = "forgot_password.html"

    csrf: str
    link_lasts: int
    user_name: str = ""
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoosePassword:
    """``/reset/<token>`` and ``/invitation/<token>``: a password, the first one where ``invited``;
    ``/break-glass/<token>``, where the second step goes as well.

    ``user_name`` says for whom, and is for the browser's password store.
    """

    template: ClassVar[str] = "choose_password.html"

    csrf: str
    user_name: str
    shortest: int
    save_url: str
    invited: bool
    break_glass: bool = False
    errors: tuple[FieldError, ...] = ()
