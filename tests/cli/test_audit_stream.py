"""``twostep audit stream``. What is sent is tested in tests/flows."""

from __future__ import annotations

from tests.helpers.command_line import CommandLine

HARBOUR = ("-e", "Harbour Clinic")
SECRET = "a shared secret of some length 1\n"
HOOK = "https://siem.example.org/in"


def test_a_stream_is_set_shown_and_cleared(operator: CommandLine) -> None:
    assert "streamed nowhere" in operator.done("audit", "stream", *HARBOUR)
    said = operator.done("audit", "stream", *HARBOUR, "--webhook", HOOK, typed=SECRET)
    assert f"go to {HOOK}, people as references" in said
    shown = operator.run("audit", "stream", *HARBOUR, "--json").json
    assert (shown["to"], shown["resolved"], shown["failures"]) == (HOOK, False, 0)
    assert SECRET.strip() not in str(shown)
    syslog = ("--syslog", "tls://logs.example.org")
    said = operator.done("audit", "stream", *HARBOUR, *syslog, "--resolved")
    assert "tls://logs.example.org:6514, with names" in said
    assert "streamed nowhere" in operator.done("audit", "stream", *HARBOUR, "--clear")
    assert operator.run("audit", "stream", "-e", "Northside Housing", "--json").json["to"] is None


def test_what_cannot_be_is_refused(operator: CommandLine) -> None:
    for wrong in (
        ("--webhook", "http://siem.example.org/"),
        ("--syslog", "https://logs.example.org"),
        ("--resolved",),
        ("--syslog", "udp://h", "--clear"),
    ):
        operator.refused("audit", "stream", *HARBOUR, *wrong, typed=SECRET)
    said = operator.refused("audit", "stream", *HARBOUR, "--webhook", HOOK, typed="short\n")
    assert "secret" in said.lower()
