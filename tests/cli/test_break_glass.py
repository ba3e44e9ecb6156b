"""``twostep break-glass``."""

from tests.helpers.command_line import CommandLine
from tests.helpers.house import PASSWORD

HARBOUR = ("-e", "Harbour Clinic")


def add(operator: CommandLine, name: str, *more: str) -> None:
    operator.done("user", "add", name, *HARBOUR, *more, typed=f"{PASSWORD}\n")


def test_ac_76_it_prints_a_link_and_says_aloud_who_is_told(operator: CommandLine) -> None:
    add(operator, "kim", "--administrator")
    said = operator.run("break-glass", "kim", *HARBOUR)
    assert said.status == 0
    assert "http://harbour.localhost:8000/break-glass/" in said.output
    assert "once, until 2026-01-01 00:15:" in said.output
    assert "everybody who manages users there is told by email" in said.error


def test_it_is_for_those_who_manage_users_when_nobody_else_can(operator: CommandLine) -> None:
    add(operator, "ann")
    refused = operator.refused("break-glass", "ann", *HARBOUR)
    assert "twostep permission grant ann manage-users" in refused
    add(operator, "kim", "--administrator")
    for number in range(7):
        add(operator, f"lou{number}", "--administrator")
    refused = operator.refused("break-glass", "kim", *HARBOUR)
    assert "lou0, lou1, lou2, lou3, lou4 and 2 more can manage users" in refused
    assert "/break-glass/" in operator.done("break-glass", "kim", *HARBOUR, "--even-if-others")
    operator.done("user", "disable", "kim", *HARBOUR)
    refused = operator.refused("break-glass", "kim", *HARBOUR, "--even-if-others")
    assert "twostep user enable kim" in refused
    assert "no user 'max'" in operator.refused("break-glass", "max", *HARBOUR)
