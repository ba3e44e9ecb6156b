"""``twostep property``."""

import pytest

from tests.helpers.command_line import CommandLine

HARBOUR = ("-e", "Harbour Clinic")


def holding(operator: CommandLine, name: str, environment: str = "Harbour Clinic") -> object:
    return operator.run("property", "list", "-e", environment, "--json").json[name]


def test_a_property_is_set_for_one_environment(operator: CommandLine) -> None:
    said = operator.done("property", "set", "two-step-verification", "Required", *HARBOUR)
    assert "two_step_verification is now required in Harbour Clinic." in said
    required = {"value": "required", "source": "environment"}
    assert holding(operator, "two_step_verification") == required
    built_in = {"value": "optional", "source": None}
    assert holding(operator, "two_step_verification", "Northside Housing") == built_in
    said = operator.done("property", "set", "two_step_verification", "off", *HARBOUR)
    assert "It was required." in said
    assert holding(operator, "two_step_verification") == {"value": "off", "source": "environment"}
    assert "environment" in operator.done("property", "list", *HARBOUR)


def test_a_day_is_written_and_shown_as_a_day(operator: CommandLine) -> None:
    """It is stored as a millisecond, which nobody reads."""
    said = operator.done("property", "set", "two_step_required_from", "2026-05-01", *HARBOUR)
    assert "two_step_required_from is now 2026-05-01 in Harbour Clinic." in said
    assert holding(operator, "two_step_required_from") == {
        "value": "2026-05-01",
        "source": "environment",
    }
    said = operator.done("property", "set", "two_step_required_from", "", *HARBOUR)
    assert "two_step_required_from is now empty in Harbour Clinic. It was 2026-05-01." in said


def test_the_methods_and_the_codes_are_properties(operator: CommandLine) -> None:
    said = operator.done("property", "set", "allow-email-codes", "Yes", *HARBOUR)
    assert "allow_email_codes is now yes in Harbour Clinic." in said
    operator.done("property", "set", "allow_authenticator", "no", *HARBOUR)
    operator.done("property", "set", "tfa_code_length", "8", "--installation-floor")
    assert holding(operator, "allow_authenticator") == {"value": "no", "source": "environment"}
    assert holding(operator, "tfa_code_length") == {"value": "8", "source": "floor"}
    listed = operator.done("property", "list", *HARBOUR)
    assert "tfa_code_length" in listed
    assert "tfa_code_minutes" in listed


def test_the_installation_has_defaults_and_floors(operator: CommandLine) -> None:
    operator.done("property", "set", "session_hours", "8", "--installation-default")
    assert holding(operator, "session_hours") == {"value": "8", "source": "default"}
    operator.done("property", "set", "session_hours", "4", "--installation-floor")
    assert holding(operator, "session_hours") == {"value": "4", "source": "floor"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("session_hours", "25", *HARBOUR), "a whole number from 1 to 24"),
        (("two_step_verification", "maybe", *HARBOUR), "off, optional, required"),
        (("session_ours", "2", *HARBOUR), "There is no property 'session_ours'"),
        (("tfa_code_length", "5", *HARBOUR), "a whole number from 6 to 12"),
        (("tfa_code_minutes", "11", *HARBOUR), "a whole number from 1 to 10"),
        (("allow_email_codes", "perhaps", *HARBOUR), "one of: yes, no"),
        (("allow_authenticator", "no", *HARBOUR), "a second step that nobody could have"),
        (("support_contact", "it", "--installation-floor"), "no floor"),
        (("session_hours", "2"), "--environment"),
        (("session_hours", "2", *HARBOUR, "--installation-floor"), "Choose one"),
        (("session_hours", "2", "--installation-default", "--installation-floor"), "Choose one"),
    ],
)
def test_what_cannot_be_set_is_refused_with_the_bounds(
    operator: CommandLine, arguments: tuple[str, ...], said: str
) -> None:
    before = operator.done("property", "list", *HARBOUR, "--json")
    assert said in operator.refused("property", "set", *arguments)
    assert operator.done("property", "list", *HARBOUR, "--json") == before
