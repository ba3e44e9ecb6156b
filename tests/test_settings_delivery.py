"""The settings of messages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.certificates import make_certificate
from twostep.delivery.mail import Mailer, Relay, Tls
from twostep.delivery.mailbox import Mailbox
from twostep.settings import DemoSettings, Settings, WrongSettings, load


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def loaded(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(f"TWOSTEP_{name.upper()}", value)
    return load()


def test_without_a_mail_server_nothing_leaves() -> None:
    outgoing = load().outgoing()
    assert (outgoing.open_mail, outgoing.texts, outgoing.rate) == (None, None, None)


@pytest.mark.parametrize(
    ("smtp", "starttls", "relay"),
    [
        ("smtp://mail.example.org", "required", Relay(host="mail.example.org", port=587)),
        (
            "smtp://us%40example.org@mail.example.org:2525",
            "optional",
            Relay(host="mail.example.org", port=2525, tls=Tls.OPTIONAL, user="us@example.org"),
        ),
        ("smtps://10.0.0.5", "required", Relay(host="10.0.0.5", port=465, tls=Tls.WRAPPED)),
        ("smtp://localhost:25", "never", Relay(host="localhost", port=25, tls=Tls.NEVER)),
    ],
)
def test_a_mail_server_is_one_address(
    monkeypatch: pytest.MonkeyPatch, smtp: str, starttls: str, relay: Relay
) -> None:
    settings = loaded(
        monkeypatch, smtp=smtp, smtp_starttls=starttls, mail_sender="codes@login.example"
    )
    assert settings.relay == relay
    outgoing = settings.outgoing()
    assert outgoing.open_mail is not None
    assert outgoing.sender == "codes@login.example"


def test_the_password_may_stand_in_a_file_and_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("open sesame\n")
    settings = loaded(
        monkeypatch,
        smtp="smtp://us@mail.example.org",
        mail_sender="codes@login.example",
        smtp_password_file="secret",
    )
    assert settings.relay is not None
    assert settings.relay.password == "open sesame"
    assert "sesame" not in repr(settings) + repr(settings.relay)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("smtp", "mail.example.org"),
        ("smtp", "smtp://us:pa55word@mail.example.org"),
        ("smtp", "smtp://mail.example.org/pa55word"),
        ("smtp", "https://mail.example.org"),
        ("smtp", "smtp://mail.example.org:pa55word"),
        ("mail_sender", "Pa55word <codes@login.example>"),
        ("mail_sender", "a@b.example, pa55word@c.example"),
        ("mail_bounces", "pa55word"),
        ("mail_rate", "0"),
        ("smtp_starttls", "pa55word"),
        ("smtp_authorities", "pa55word.pem"),
        ("smtp_connections", "1"),
        ("text_provider", "json://pa55word"),
        ("text_provider", "pa55word://{to}"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(WrongSettings) as wrong:
        loaded(monkeypatch, **{name: value})
    assert f"TWOSTEP_{name.upper()} must be" in str(wrong.value)
    assert "pa55word" not in str(wrong.value).lower()


@pytest.mark.parametrize(
    ("name", "value", "lacking"),
    [
        ("smtp", "smtp://mail.example.org", "MAIL_SENDER"),
        ("mail_sender", "codes@login.example", "SMTP"),
    ],
)
def test_a_mail_server_and_a_sender_go_together(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, lacking: str
) -> None:
    with pytest.raises(WrongSettings, match=f"set TWOSTEP_{lacking} too"):
        loaded(monkeypatch, **{name: value})


def test_authorities_are_certificates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "authorities.pem"
    monkeypatch.setenv("TWOSTEP_SMTP_AUTHORITIES", str(file))
    for content in ("", "no certificate\n"):
        file.write_text(content)
        with pytest.raises(WrongSettings, match="a PEM file of certificates"):
            load()
    make_certificate(file, tmp_path / "key.pem")
    assert load().smtp_authorities == file


def test_a_provider_of_texts_is_an_apprise_address(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, text_provider="json://us:pa55word@127.0.0.1/{to}")
    assert settings.outgoing().texts is not None
    assert "pa55word" not in repr(settings)


def test_an_environment_s_own_server_gets_what_this_machine_decides(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authorities, key = tmp_path / "authorities.pem", tmp_path / "key.pem"
    make_certificate(authorities, key)
    settings = loaded(monkeypatch, smtp_authorities=str(authorities), smtp_connections="9")
    own = settings.with_ours(Relay(host="mail.harbour.example", port=587, user="u", password="p"))
    assert (own.authorities, own.connections, own.user) == (authorities, 9, "u")
    door = settings.outgoing().open_own_mail(Relay(host="mail.harbour.example", port=587))
    assert isinstance(door, Mailer)
    assert door.relay.authorities == authorities


def test_the_demo_sends_nothing_by_an_environment_s_own_server_either(tmp_path: Path) -> None:
    outgoing = DemoSettings(mailbox=tmp_path).outgoing()
    door = outgoing.open_own_mail(Relay(host="mail.harbour.example", port=587))
    assert isinstance(door, Mailbox)
    assert outgoing.open_own_texts is None


@pytest.mark.parametrize("address", [f"{'b' * 22}@login.example", "a+b@login.example"])
def test_an_address_for_reports_has_room_for_a_reference(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    with pytest.raises(WrongSettings, match="TWOSTEP_MAIL_BOUNCES"):
        loaded(monkeypatch, mail_bounces=address)
