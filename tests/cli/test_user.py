"""``twostep user``."""

import pytest

from tests.helpers.command_line import CommandLine
from tests.helpers.house import PASSWORD

HARBOUR = ("-e", "Harbour Clinic")
ALL = {
    "audit", "help_desk_codes", "manage_users", "messages", "remove_two_step", "system_properties",
}  # fmt: skip


def add(operator: CommandLine, name: str, *more: str) -> str:
    return operator.done("user", "add", name, *HARBOUR, *more, typed=f"{PASSWORD}\n")


def listed(operator: CommandLine) -> dict[str, dict[str, object]]:
    users = operator.run("user", "list", *HARBOUR, "--json").json
    return {user.pop("name"): user for user in users}


def test_a_user_is_added_with_the_password_from_standard_input(operator: CommandLine) -> None:
    assert add(operator, "Ann Lee") == "Ann Lee was added to Harbour Clinic.\n"
    assert listed(operator) == {
        "Ann Lee": {
            "full_name": "",
            "second_step": False,
            "permissions": [],
            "disabled": False,
            "stopped": False,
            "paused_until": None,
            "added_at": operator.clock.now,
        }
    }
    assert operator.run("user", "list", "-e", "Northside Housing", "--json").json == []
    assert "Ann Lee" in operator.done("user", "list", *HARBOUR)


def test_a_user_is_added_with_what_the_person_is_called(operator: CommandLine) -> None:
    add(operator, "ann", "--full-name", "  Ann   Lee ")
    assert listed(operator)["ann"]["full_name"] == "Ann Lee"


def test_a_full_name_that_cannot_be_read_adds_nobody(operator: CommandLine) -> None:
    for name in ("a" * 151, "Ann\u202eLee"):
        ran = operator.run("user", "add", "ann", "--full-name", name, *HARBOUR, typed=PASSWORD)
        assert ran.status == 2
        assert "all of which can be seen" in ran.error
    assert listed(operator) == {}


def test_an_administrator_has_every_permission(operator: CommandLine) -> None:
    add(operator, "morgan", "--administrator")
    assert set(listed(operator)["morgan"]["permissions"]) == ALL  # type: ignore[call-overload]


def test_a_password_is_never_an_argument(operator: CommandLine) -> None:
    assert operator.run("user", "add", "ann", PASSWORD, *HARBOUR).status == 2
    assert operator.run("user", "add", "ann", "--password", PASSWORD, *HARBOUR).status == 2
    assert "--password" not in operator.done("user", "add", "--help")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "No password came on standard input"),
        ("\n", "No password came on standard input"),
        ("short\n", "at least 15 characters"),
        ("harbour clinic harbour\n", "."),
    ],
)
def test_a_password_that_cannot_be_used_adds_nobody(
    operator: CommandLine, typed: str, said: str
) -> None:
    refused = operator.refused("user", "add", "ann", *HARBOUR, typed=typed)
    assert said in refused
    assert "short" not in refused.replace("too short", "")
    assert listed(operator) == {}


def test_blanks_at_the_ends_of_a_password_belong_to_it(operator: CommandLine) -> None:
    """Fifteen characters with them, thirteen without."""
    operator.done("user", "add", "ann", *HARBOUR, typed=" a heron waits \r\n")


def test_a_name_that_is_taken_or_cannot_be_read_is_refused_before_the_password_is_asked(
    operator: CommandLine,
) -> None:
    add(operator, "ann")
    assert "already" in operator.refused("user", "add", "ANN", *HARBOUR)
    assert "1 to 150 characters" in operator.refused("user", "add", "\u200b", *HARBOUR)


def test_a_user_is_disabled_and_enabled(operator: CommandLine) -> None:
    add(operator, "ann")
    assert operator.done("user", "disable", "ann", *HARBOUR) == "ann is disabled.\n"
    assert listed(operator)["ann"]["disabled"] is True
    assert "already" in operator.done("user", "disable", "ann", *HARBOUR)
    assert operator.done("user", "enable", "Ann", *HARBOUR) == "ann is enabled.\n"
    assert listed(operator)["ann"]["disabled"] is False


def test_a_user_is_unlocked_and_nobody_else_is_found(operator: CommandLine) -> None:
    add(operator, "ann")
    assert "may try again" in operator.done("user", "unlock", "ann", *HARBOUR)
    assert "There is no user 'bo'" in operator.refused("user", "unlock", "bo", *HARBOUR)


def test_an_address_is_entered_shown_masked_and_removed(operator: CommandLine) -> None:
    add(operator, "ann")

    def address(*more: str) -> str:
        return operator.done("user", "address", "ann", *more, *HARBOUR)

    assert address() == ""
    entered = address("--email", "ann@northside.example", "--phone", "+1 212 555 2368")
    assert "ann has the email a•••@northside.example now, unconfirmed." in entered
    assert "phone: •••• 68 (unconfirmed)" in entered
    assert "ann@northside.example" not in entered
    assert "already" in address("--email", "ann@northside.example")
    assert "Verizon ends" in address("--sms-email", "2125552368@vtext.com")
    assert "any more" in address("--remove", "email")
    assert "to remove" in address("--remove", "email")
    assert "email: a" not in address()


@pytest.mark.parametrize(
    ("option", "typed", "why"),
    [
        ("--email", "ann@a.example,bo@a.example", "not one email address"),
        ("--sms-email", "2125552368@txt.att.net", "AT&T no longer turns email into text messages"),
        ("--phone", "212 555 2368", "not a telephone number"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_with_the_reason(
    operator: CommandLine, option: str, typed: str, why: str
) -> None:
    add(operator, "ann")
    refused = operator.run("user", "address", "ann", option, typed, *HARBOUR)
    assert refused.status == 2
    assert why in refused.error


def test_of_two_addresses_either_both_are_entered_or_none(operator: CommandLine) -> None:
    add(operator, "ann")
    both = ["--email", "ann@northside.example", "--phone", "212 555 2368"]
    assert operator.run("user", "address", "ann", *both, *HARBOUR).status == 2
    assert operator.done("user", "address", "ann", *HARBOUR) == ""
