"""Mail servers as operators write them down."""

from __future__ import annotations

import pytest

from twostep.delivery.mail import Relay, Tls
from twostep.delivery.relays import NotAMailServer, address_of, read_relay


@pytest.mark.parametrize(
    ("text", "relay"),
    [
        ("smtp://mail.example.org", Relay(host="mail.example.org", port=587)),
        ("smtps://mail.example.org", Relay(host="mail.example.org", port=465, tls=Tls.WRAPPED)),
        (" smtp://[::1]:25/ ", Relay(host="::1", port=25)),
        ("smtp://us%40er@h.example:2525", Relay(host="h.example", port=2525, user="us@er")),
    ],
)
def test_an_address_is_read_and_written_again(text: str, relay: Relay) -> None:
    assert read_relay(text) == relay
    assert read_relay(address_of(relay)) == relay


def test_what_is_said_beside_it_holds() -> None:
    relay = read_relay("smtp://u@h.example", starttls=Tls.NEVER, password="secret")
    assert (relay.tls, relay.password) == (Tls.NEVER, "secret")
    assert read_relay("smtps://h.example", starttls=Tls.NEVER).tls is Tls.WRAPPED
    assert "secret" not in address_of(relay)


@pytest.mark.parametrize(
    "text",
    [
        "", "mail.example.org", "http://mail.example.org", "smtp://", "smtp://h/path",
        "smtp://u:secret@h.example", "smtp://h.example?x=1", "smtp://h.example:99999",
        "smtp://h.example:none", "smtp://[::1",
    ],
)  # fmt: skip
def test_anything_else_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(NotAMailServer) as refused:
        read_relay(text)
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None
