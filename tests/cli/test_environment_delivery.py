"""``twostep environment mail``, ``text`` and ``look``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.helpers.command_line import CommandLine
from tests.helpers.pictures import png

NOTHING = {
    "name": "Harbour Clinic",
    "relay": None,
    "starttls": None,
    "rate": None,
    "sender": None,
    "sender_name": None,
    "bounces": None,
    "text_provider": None,
    "colour": None,
    "logo": None,
}
HARBOUR = "harbour clinic"


def shown(operator: CommandLine, *arguments: str, typed: str = "") -> dict[str, object]:
    done = operator.done("environment", *arguments, "--json", typed=typed)
    found: dict[str, object] = json.loads(done)
    return found


def test_an_environment_has_nothing_of_its_own_until_it_is_set(operator: CommandLine) -> None:
    for word in ("mail", "text", "look"):
        assert shown(operator, word, HARBOUR) == NOTHING
    assert "as the settings say" in operator.done("environment", "mail", HARBOUR)


def test_a_mail_server_is_set_with_its_password_on_standard_input(operator: CommandLine) -> None:
    relay = "smtp://codes%40harbour.example@mail.harbour.example:2525"
    set_ = shown(
        operator, "mail", HARBOUR, "--relay", relay, "--password-stdin", "--starttls", "optional",
        "--rate", "30", "--sender", "codes@harbour.example", "--sender-name", "The Harbour",
        "--bounces", "bounces@harbour.example", typed="open sesame\n",
    )  # fmt: skip
    assert set_ == NOTHING | {
        "relay": relay,
        "starttls": "optional",
        "rate": 30,
        "sender": "codes@harbour.example",
        "sender_name": "The Harbour",
        "bounces": "bounces@harbour.example",
    }
    database = b"".join(file.read_bytes() for file in operator.folder.glob("twostep.db*"))
    assert b"codes@harbour.example" in database
    assert b"open sesame" not in database
    assert b"mail.harbour.example:" not in database
    northside = shown(operator, "mail", "northside housing")
    assert northside == NOTHING | {"name": "Northside Housing"}


def test_what_is_not_said_stays(operator: CommandLine) -> None:
    shown(operator, "mail", HARBOUR, "--relay", "smtps://mail.harbour.example")
    shown(operator, "mail", HARBOUR, "--sender", "codes@harbour.example")
    after = shown(operator, "look", HARBOUR, "--colour", "#0B6E6E")
    assert after == NOTHING | {
        "relay": "smtps://mail.harbour.example:465",
        "starttls": "wrapped",
        "sender": "codes@harbour.example",
        "colour": "#0b6e6e",
    }
    assert shown(operator, "mail", HARBOUR, "--clear") == NOTHING | {"colour": "#0b6e6e"}
    assert shown(operator, "look", HARBOUR, "--clear") == NOTHING


def test_a_provider_is_read_from_standard_input_and_never_shown(operator: CommandLine) -> None:
    url = "json://account:hidden@sms.example/{to}"
    said = operator.done("environment", "text", HARBOUR, "--provider-stdin", typed=f"{url}\n")
    assert "hidden" not in said
    assert shown(operator, "text", HARBOUR) == NOTHING | {"text_provider": "set"}
    database = b"".join(file.read_bytes() for file in operator.folder.glob("twostep.db*"))
    assert b"hidden" not in database
    assert shown(operator, "text", HARBOUR, "--clear") == NOTHING


def test_a_picture_becomes_the_logo(operator: CommandLine, tmp_path: Path) -> None:
    picture = tmp_path / "logo.png"
    picture.write_bytes(png())
    assert shown(operator, "look", HARBOUR, "--logo", str(picture)) == NOTHING | {"logo": "set"}
    picture.write_bytes(b"<svg/>")
    assert "not a PNG" in operator.refused("environment", "look", HARBOUR, "--logo", str(picture))
    missing = str(tmp_path / "none.png")
    assert "No such file" in operator.refused("environment", "look", HARBOUR, "--logo", missing)
    assert shown(operator, "look", HARBOUR) == NOTHING | {"logo": "set"}


@pytest.mark.parametrize(
    ("arguments", "typed", "said"),
    [
        (("mail", "--relay", "smtp://u:secret@h.example"), "", "without a password"),
        (("mail", "--relay", "http://h.example"), "", "smtp://"),
        (("mail", "--relay", "smtp://u@h.example"), "", "go together"),
        (("mail", "--relay", "smtp://h.example", "--password-stdin"), "x\n", "go together"),
        (("mail", "--relay", "smtp://u@h.example", "--password-stdin"), "", "No password came"),
        (("mail", "--relay", "smtp://h.example", "--starttls", "wrapped"), "", "smtps://"),
        (("mail", "--password-stdin"), "secret\n", "--relay"),
        (("mail", "--rate", "5"), "", "--relay"),
        (("mail", "--sender", "Ann <ann@h.example>"), "", "one email address"),
        (("mail", "--sender-name", "a\nBcc: x@h.example"), "", "can be seen"),
        (("mail", "--sender-name", "x" * 101), "", "1 to 100"),
        (("mail", "--bounces", f"{'b' * 22}@h.example"), "", "21 characters"),
        (("text", "--provider-stdin"), "json://secret@h.example\n", "{to} once"),
        (("text", "--provider-stdin"), "nonsense://secret@{to}\n", "does not know"),
        (("text", "--provider-stdin"), "", "No provider came"),
        (("look", "--colour", "teal"), "", "#0b6e6e"),
        (("look", "--colour", "#7fd1cc"), "", "has to be 4.5"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words_and_changes_nothing(
    operator: CommandLine, arguments: tuple[str, ...], typed: str, said: str
) -> None:
    word, *more = arguments
    refused = operator.refused("environment", word, HARBOUR, *more, typed=typed)
    assert said in refused
    assert "secret" not in refused
    assert shown(operator, "mail", HARBOUR) == NOTHING


def test_no_environment_of_that_name_is_said(operator: CommandLine) -> None:
    assert "There is no environment" in operator.refused("environment", "mail", "nowhere")
