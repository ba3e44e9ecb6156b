"""A signed request, to a real server."""

from __future__ import annotations

import hmac
import socket

import pytest

from tests.helpers.receivers import webhook_server
from twostep.delivery.webhooks import NotAWebhook, WebhookAway, read_webhook

SECRET = "a shared secret of some length 1"
AT = 1_700_000_000_999


def test_a_body_arrives_with_the_signature_that_its_receiver_can_make() -> None:
    with webhook_server() as received:
        read_webhook(f"http://127.0.0.1:{received.port}/in?x=1", SECRET).post(b"{}", at=AT)
        (body,), (headers,) = received.wait_for(1), received.headers
    assert headers["twostep-timestamp"] == "1700000000"
    right = hmac.digest(SECRET.encode(), b"1700000000." + body, "sha256").hex()
    assert headers["twostep-signature"] == f"sha256={right}"
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize("status", [302, 400, 401, 500, 503])
def test_any_other_answer_means_not_taken_and_no_redirect_is_followed(status: int) -> None:
    with webhook_server() as received:
        received.status = status
        with pytest.raises(WebhookAway, match=str(status)):
            read_webhook(f"http://127.0.0.1:{received.port}/", SECRET).post(b"{}", at=AT)
        assert received.bodies == []


def test_who_does_not_listen_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(WebhookAway):
        read_webhook(f"http://127.0.0.1:{port}/", SECRET).post(b"{}", at=AT)


@pytest.mark.parametrize(
    "url",
    ["", "example.org", "ftp://h/", "http://example.org/", "https://u:p@example.org/",
     "https://example.org/#x", "https://example.org/a b", "https://h:99999/", "https://ex\u00e4mple.org/"],
)  # fmt: skip
def test_what_events_may_not_go_to_is_refused(url: str) -> None:
    with pytest.raises(NotAWebhook):
        read_webhook(url, SECRET)


def test_a_secret_that_could_be_guessed_is_refused_and_none_is_printed() -> None:
    with pytest.raises(NotAWebhook):
        read_webhook("https://example.org/", "short")
    assert SECRET not in repr(read_webhook("https://example.org/", SECRET))
