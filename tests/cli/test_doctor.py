"""``twostep doctor``, against a real mail server and a real name server of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.helpers.command_line import CommandLine, Said
from tests.helpers.name_server import NameServer
from tests.helpers.post_office import PostOffice
from twostep.app import build_installation, close
from twostep.storage.tables import delivery_routes

WHOLE = {
    "northside.org": ["v=spf1 mx -all"],
    "s1._domainkey.northside.org": ["p=abc"],
    "_dmarc.northside.org": ["v=DMARC1; p=none"],
}


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    """Set as the installation's mail server."""
    with PostOffice() as office:
        monkeypatch.setenv("TWOSTEP_SMTP", f"smtp://localhost:{office.port}")
        monkeypatch.setenv("TWOSTEP_SMTP_STARTTLS", "never")
        monkeypatch.setenv("TWOSTEP_MAIL_SENDER", "codes@northside.org")
        yield office


@pytest.fixture
def names() -> Iterator[NameServer]:
    with NameServer(texts=dict(WHOLE)) as server:
        yield server


def asked(operator: CommandLine, names: NameServer, *arguments: str) -> Said:
    server = "{}:{}".format(*names.address)
    return operator.run("doctor", "--name-server", server, *arguments, "--json")


def verdicts(said: Said) -> dict[tuple[str, str], str]:
    return {(each["where"], each["what"]): each["verdict"] for each in said.json}


def test_an_installation_with_everything_is_healthy(
    operator: CommandLine, office: PostOffice, names: NameServer
) -> None:
    said = asked(operator, names)
    assert said.status == 0
    assert verdicts(said) == {
        ("this machine", "key"): "good",
        ("this machine", "templates"): "good",
        ("this machine", "database"): "good",
        ("this machine", "clock"): "good",
        ("settings", "connection"): "good",
        ("settings", "TLS"): "mind",
        ("settings", "login"): "good",
        ("settings", "sender"): "good",
        ("settings", "SPF"): "good",
        ("settings", "DKIM"): "good",
        ("settings", "DMARC"): "good",
    }
    assert office.mails == []
    shown = operator.done("doctor", "--name-server", "{}:{}".format(*names.address))
    assert "v=spf1 mx -all" in shown


def test_what_is_wrong_ends_with_status_1(
    operator: CommandLine, office: PostOffice, names: NameServer
) -> None:
    del names.texts["northside.org"]
    office.on_sender = lambda _number, _address: "553 not yours"
    said = asked(operator, names, "--dkim-selector", "nothere")
    assert said.status == 1
    wrong = {what for (_, what), verdict in verdicts(said).items() if verdict == "wrong"}
    assert wrong == {"SPF", "sender", "DKIM"}


@pytest.mark.usefixtures("office")
def test_a_name_server_that_cannot_say_is_no_fault(
    operator: CommandLine, names: NameServer
) -> None:
    names.rcode = names.rcode.SERVFAIL
    said = asked(operator, names)
    assert said.status == 0
    assert verdicts(said)["settings", "SPF"] == "unknown"
    assert "DNS did not answer" in said.output


def test_an_environment_s_own_server_and_sender_are_looked_at(
    operator: CommandLine, office: PostOffice, names: NameServer
) -> None:
    with PostOffice(password="open sesame") as theirs:
        operator.done(
            "environment", "mail", "harbour clinic",
            "--relay", f"smtp://codes@localhost:{theirs.port}", "--password-stdin",
            "--starttls", "never", "--sender", "codes@harbour.org", typed="wrong\n",
        )  # fmt: skip
        said = asked(operator, names)
        assert said.status == 1
        found = verdicts(said)
        assert found["Harbour Clinic", "login"] == "wrong"
        assert found["Harbour Clinic", "SPF"] == "wrong"
        assert found["settings", "SPF"] == found["settings", "sender"] == "good"
        assert "wrong\\n" not in said.output
        northside = asked(operator, names, "-e", "northside housing")
        assert not any(where == "Harbour Clinic" for where, _ in verdicts(northside))
    assert office.mails == theirs.mails == []


def test_a_route_that_does_not_open_is_wrong(operator: CommandLine, names: NameServer) -> None:
    operator.done("environment", "mail", "harbour clinic", "--relay", "smtp://localhost:9")
    installation = build_installation(operator.settings, clock=operator.clock)
    installation.database.write(
        lambda c: c.execute(update(delivery_routes).values(sealed=b"x" * 40)).close()
    )
    close(installation)
    said = asked(operator, names)
    assert verdicts(said)["Harbour Clinic", "own delivery"] == "wrong"


def test_without_a_mail_server_that_is_said_and_no_fault(
    operator: CommandLine, names: NameServer
) -> None:
    said = asked(operator, names)
    assert said.status == 0
    assert verdicts(said)["settings", "mail server"] == "mind"
    assert names.asked == []


def test_a_template_that_is_none_is_wrong(
    operator: CommandLine,
    names: NameServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "ours" / "messages" / "code"
    folder.mkdir(parents=True)
    (folder / "text.txt").write_text("{% if %}")
    monkeypatch.setenv("TWOSTEP_TEMPLATES_DIR", str(tmp_path / "ours"))
    said = asked(operator, names)
    assert said.status == 1
    assert verdicts(said)["this machine", "templates"] == "wrong"
    assert "text.txt" in said.output
    (folder / "text.txt").write_text("{{ data.code }}")
    assert asked(operator, names).status == 0


@pytest.mark.parametrize("lost", ["twostep.key", "twostep.db"])
def test_a_file_that_is_lost_is_wrong_and_the_rest_is_looked_at_all_the_same(
    operator: CommandLine, office: PostOffice, names: NameServer, lost: str
) -> None:
    for file in operator.folder.glob(f"{lost}*"):
        file.unlink()
    said = asked(operator, names)
    assert said.status == 1
    found = verdicts(said)
    assert found["this machine", "database"] == "wrong"
    assert (found["this machine", "key"] == "wrong") is (lost == "twostep.key")
    assert found["settings", "sender"] == "good"
    assert office.mails == []


def test_a_key_file_that_others_can_read_is_wrong(operator: CommandLine, names: NameServer) -> None:
    (operator.folder / "twostep.key").chmod(0o644)
    said = asked(operator, names)
    assert verdicts(said)["this machine", "key"] == "wrong"


@pytest.mark.parametrize("server", ["", "localhost", "127.0.0.1:x", "[::1", "1.2.3.4:5:6"])
def test_a_name_server_is_an_address(operator: CommandLine, server: str) -> None:
    assert "IP address" in operator.refused("doctor", "--name-server", server)


def test_a_clock_that_is_not_the_database_s_is_wrong(
    empty_url: str, tmp_path: Path, names: NameServer
) -> None:
    """The operator's stands still here, and PostgreSQL's does not. SQLite has none."""
    operator = CommandLine(tmp_path, database=empty_url)
    expected = "wrong" if empty_url.startswith("postgresql") else "good"
    assert verdicts(asked(operator, names))["this machine", "clock"] == expected
