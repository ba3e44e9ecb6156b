"""``twostep environment``."""

import pytest

from tests.helpers.command_line import CommandLine


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
