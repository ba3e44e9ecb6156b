"""The main journey of the whole service, in the steps that a person would name.

It is written once, for whoever walks it: with a mouse, with the keyboard alone, without JavaScript,
at a server on SQLite or on PostgreSQL.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tests.browser.phones import STEP, Phone
from tests.browser.windows import Window
from tests.helpers.house import PASSWORD

OpenWindow = Callable[[], Window]
"""A further browser of the same kind at the same address."""


def main_journey(
    open_window: OpenWindow,
    folder: Path,
    *,
    issuer: str,
    name: str = "ann",
    password: str = PASSWORD,
    clock: Callable[[], int],
    forward: Callable[[int], object],
) -> Phone:
    """CT-3, CT-4 and CT-5: set up an app, sign out, and sign in with its code, which works once.

    ``clock`` is the server's; ``forward`` moves it by so many milliseconds.
    """
    window = open_window()
    window.sign_in(name, password)
    window.demand_home()
    window.configure()
    window.demand_title("Set up 2-step verification")
    phone = window.scan(folder, clock)
    demand_good_address(phone, issuer=issuer, account=name)
    window.verify_and_save(phone.code())
    window.demand_text("2-Step Verification is on.")
    window.sign_out()
    forward(STEP)
    window.sign_in(name, password)
    window.demand_title("Enter your code")
    window.give_code(phone.wrong_code())
    window.demand_text("That code did not match.")
    window.demand_text("4 tries left before a pause.")
    right = phone.code()
    window.give_code(right)
    window.demand_home()
    demand_refused_again(open_window(), right, name=name, password=password)
    return phone


def demand_refused_again(window: Window, code: str, *, name: str, password: str) -> None:
    """In another browser the same code, a moment later, is worth nothing."""
    window.sign_in(name, password)
    window.demand_title("Enter your code")
    window.give_code(code)
    window.demand_text("That code was already used.")
    window.open("/")
    window.demand_title("Sign in")


def demand_good_address(phone: Phone, *, issuer: str, account: str) -> None:
    """What all three apps of CT-3 read alike."""
    assert phone.address.startswith("otpauth://totp/")
    assert re.fullmatch(r"[A-Z2-7]{32}", phone.secret), "160 bits in base32, without padding"
    assert phone.name == f"{issuer}:{account}"
    assert phone.issuer == issuer
    assert "+" not in phone.address, "apps show the plus"
    assert phone.label.count(":") == 1
    for other in ("algorithm", "digits", "period"):
        assert f"{other}=" not in phone.address, "apps ignore it, or know it already"
