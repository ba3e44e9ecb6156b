"""Texts by a gateway and by a provider, each against a real server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import pytest

from tests.helpers.post_office import PostOffice
from tests.helpers.text_provider import TextProvider, text_provider
from twostep.delivery.mail import Mailer, Relay, Tls
from twostep.delivery.outcomes import Accepted, Outcome, Refused, Unreachable
from twostep.delivery.texts import Provider, TextTooLong, WrongProvider, through_gateway

TEXT = "Your Northside code is 123456\n\n@login.example #123456"
NUMBER = "+15552345678"


@pytest.fixture
def provider() -> Iterator[TextProvider]:
    with text_provider() as running:
        yield running


def send(provider: TextProvider, to: str = NUMBER, text: str = TEXT) -> Outcome:
    return asyncio.run(Provider(provider.url).send(to=to, text=text))


def gateway_mail(text: str) -> object:
    return through_gateway(
        sender="codes@login.example",
        to="5552345678@text.example",
        text=text,
        message_id="abc@login.example",
        at=0,
        language="en",
    )


def test_a_gateway_gets_plain_text_without_a_subject_and_with_the_last_line_last() -> None:
    with PostOffice() as office:
        relay = Relay(host="localhost", port=office.port, tls=Tls.NEVER, greeting="login.example")
        mail = through_gateway(
            sender="codes@login.example",
            to="5552345678@text.example",
            text=TEXT,
            message_id="abc@login.example",
            at=0,
            language="en",
        )

        async def run() -> Outcome:
            mailer = Mailer(relay)
            outcome = await mailer.send(mail)
            await mailer.close()
            return outcome

        assert isinstance(asyncio.run(run()), Accepted)
        (taken,) = office.mails
        assert taken.recipients == ("5552345678@text.example",)
        assert taken.message["Subject"] == ""
        assert taken.message["From"] == "codes@login.example"
        assert taken.message.get_content_type() == "text/plain"
        assert taken.message["Content-Transfer-Encoding"] == "7bit"
        assert taken.message.get_content().splitlines()[-1] == "@login.example #123456"


@pytest.mark.parametrize("text", ["a" * 161, "ł" * 71])
def test_a_text_that_would_be_cut_is_not_sent(provider: TextProvider, text: str) -> None:
    with pytest.raises(TextTooLong) as refused:
        gateway_mail(text)
    assert text not in str(refused.value)
    with pytest.raises(TextTooLong):
        send(provider, text=text)
    assert provider.texts == []


def test_a_provider_gets_the_text_for_the_number(provider: TextProvider) -> None:
    assert isinstance(send(provider), Accepted)
    assert provider.texts == [(f"/texts/{NUMBER}", TEXT)]


def test_ac_67_a_provider_that_fails_is_quoted_without_number_and_code(
    provider: TextProvider,
) -> None:
    provider.status = 401
    outcome = send(provider)
    assert isinstance(outcome, Unreachable)
    assert "401" in outcome.words
    assert "5552345678" not in outcome.words
    assert "123456" not in outcome.words


@pytest.mark.parametrize("number", ["5552345678", "+1555", "+1555234567x", "", "+15552345678/../x"])
def test_what_is_no_number_goes_nowhere(provider: TextProvider, number: str) -> None:
    assert isinstance(send(provider, number), Refused)
    assert provider.texts == []


@pytest.mark.parametrize(
    "url",
    ["", "json://127.0.0.1/texts", "json://127.0.0.1/{to}/{to}", "nothing://host/{to}", "{to}"],
)
def test_an_address_that_is_no_provider_s_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(WrongProvider):
        Provider(url)


def test_ac_67_no_log_holds_code_number_or_password_whatever_its_level(
    provider: TextProvider, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Apprise writes all three at the level of debugging (AC-67)."""
    caplog.set_level(logging.DEBUG)
    for status in (200, 500):
        provider.status = status
        send(provider)
    assert len(provider.texts) >= 2
    captured = capfd.readouterr()
    said = caplog.text + captured.out + captured.err
    for secret in ("123456", "5552345678", "provider-secret"):
        assert secret not in said
