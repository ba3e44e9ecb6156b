"""``twostep environment``."""

import pytest

from tests.helpers.command_line import CommandLine
from tests.helpers.house import PASSWORD


def test_an_environment_is_added_listed_and_found(operator: CommandLine) -> None:
    said = operator.done(
        "environment", "add", "Acme", "--address", "https://acme.example",
        "--also", "https://login.acme.example",
    )  # fmt: skip
    assert "Acme was added" in said
    assert "https://acme.example/welcome/" in said
    listed = operator.run("environment", "list", "--json").json
    assert listed[-1] == {
        "name": "Acme",
        "address": "https://acme.example",
        "also": ["https://login.acme.example"],
    }
    assert [each["name"] for each in listed] == ["Harbour Clinic", "Northside Housing", "Acme"]
    assert "https://login.acme.example" in operator.done("environment", "list")
    assert operator.run("user", "list", "-e", "https://acme.example", "--json").json == []


@pytest.mark.parametrize(
    ("name", "address", "said"),
    [
        ("Acme", "http://acme.example", "https://"),
        ("Acme", "acme.example", "http:// or https://"),
        ("Acme", "https://acme.example/login", "without a path"),
        ("Acme", "http://harbour.localhost:8000", "Another environment has the address"),
        ("harbour clinic", "https://acme.example", "already"),
        ("", "https://acme.example", "1 to 100 characters"),
        ("x" * 101, "https://acme.example", "1 to 100 characters"),
    ],
)
def test_what_cannot_be_an_environment_is_refused(
    operator: CommandLine, name: str, address: str, said: str
) -> None:
    assert said in operator.refused("environment", "add", name, "--address", address)
    assert len(operator.run("environment", "list", "--json").json) == 2


def test_which_environment_is_meant_must_be_said_where_there_are_several(
    operator: CommandLine,
) -> None:
    assert "--environment" in operator.refused("user", "list")
    assert "There is no environment 'acme'" in operator.refused("user", "list", "-e", "acme")
    assert operator.run("user", "list", "-e", "harbour CLINIC", "--json").json == []


def test_the_operator_sees_who_could_not_be_reached_before_setting_a_floor(
    operator: CommandLine,
) -> None:
    place = ("-e", "Harbour Clinic")
    for name in ("ann", "bo", "cy"):
        operator.done("user", "add", name, *place, typed=f"{PASSWORD}\n")
    operator.done("user", "address", "bo", "--email", "bo@harbour.example", *place)
    counts = operator.run("environment", "readiness", "Harbour Clinic", "--json").json
    assert counts["no_address"] == {"people": 2, "more": False, "with_app": 0}
    assert counts["unconfirmed"]["people"] == 1
    by_text = operator.run("environment", "readiness", "harbour clinic", "--by", "text", "--json")
    assert by_text.json["no_address"]["people"] == 3
    said = operator.done("environment", "readiness", "Harbour Clinic")
    assert "Entered by an administrator, not confirmed" in said
    assert "/admin/readiness?by=either" in said
