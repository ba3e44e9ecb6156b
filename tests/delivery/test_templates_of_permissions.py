"""What is mailed about permissions and break-glass links: who, to whom, and what, in words."""

from __future__ import annotations

import pytest

from tests.helpers.clocks import START
from twostep.core.gsm7 import size_of
from twostep.core.messages import MessageKind
from twostep.delivery.templates import Data, MessageTemplates, Place
from twostep.i18n.translations import languages

TEMPLATES = MessageTemplates()
CHANGED, OTHERS = MessageKind.PERMISSION_CHANGED, MessageKind.PERMISSION_OF_ANOTHER
DATA: Data = {
    "at": START, "browser": "", "network_address": "", "support": "", "last": 0, "by": "kim",
    "name": "ann", "granted": 1, "own": 0, "permissions": "manage_users,remove_two_step",
}  # fmt: skip
WHAT = "Manage users, Remove 2-Step Verification Admin Access."


def place(language: str = "en") -> Place:
    return Place(environment="Northside", host="login.northside.example", language=language)


def first_line(kind: MessageKind, **data: str | int) -> str:
    words = TEMPLATES.mail(kind, {**DATA, **data}, place())
    assert words.text.splitlines()[0] in " ".join(words.html.split())
    return words.text.splitlines()[0]


def test_the_user_reads_who_gave_them_what() -> None:
    assert first_line(CHANGED) == f"kim gave you a permission at Northside: {WHAT}"
    assert first_line(CHANGED, by="").startswith("The operator gave you a permission")
    taken = first_line(CHANGED, granted=0)
    assert taken == f"kim took a permission from you at Northside: {WHAT}"
    assert first_line(CHANGED, granted=0, by="").startswith("The operator took a permission")
    own = first_line(CHANGED, granted=0, own=1)
    assert own == f"You gave up a permission at Northside: {WHAT}"


def test_who_manages_users_reads_who_gave_whom_what() -> None:
    assert first_line(OTHERS) == f"kim gave ann a permission at Northside: {WHAT}"
    assert first_line(OTHERS, by="").startswith("The operator gave ann a permission")
    taken = first_line(OTHERS, granted=0)
    assert taken == f"kim took a permission from ann at Northside: {WHAT}"
    assert first_line(OTHERS, granted=0, by="").startswith("The operator took a permission")
    own = first_line(OTHERS, granted=0, own=1)
    assert own == f"kim gave up a permission at Northside: {WHAT}"


def test_a_break_glass_link_is_told_twice_and_differently() -> None:
    kind = MessageKind.BREAK_GLASS
    made, used = first_line(kind, used=0), first_line(kind, used=1)
    assert made.startswith("The operator made a break-glass link at Northside. With it ann can")
    assert used.startswith("Somebody used a break-glass link at Northside: ann has a new")


def test_what_a_later_version_calls_a_permission_is_left_out() -> None:
    assert first_line(CHANGED, permissions="everything,audit").endswith(": Read the audit log.")


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("granted", [0, 1])
@pytest.mark.parametrize("own", [0, 1])
@pytest.mark.parametrize("kind", [CHANGED, OTHERS, MessageKind.BREAK_GLASS])
def test_each_fits_into_one_text(kind: MessageKind, own: int, granted: int, language: str) -> None:
    data = {**DATA, "own": own, "granted": granted, "used": granted}
    assert size_of(TEMPLATES.text(kind, data, place(language))).fits
