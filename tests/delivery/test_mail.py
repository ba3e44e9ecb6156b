"""Mail through a real SMTP server. What is claimed is compared with that server's own log."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from selectors import BaseSelector
from typing import Any, TypeVar

import pytest

from tests.helpers.certificates import make_certificate
from tests.helpers.post_office import PostOffice
from twostep.delivery import mail
from twostep.delivery.mail import Mailer, Relay, Tls
from twostep.delivery.mail_form import Mail
from twostep.delivery.outcomes import Accepted, Outcome, Refused, Unreachable

T = TypeVar("T")

MAIL = Mail(
    sender="codes@login.example",
    sender_name="Northside",
    to="ann@northside.example",
    subject="Your Northside code is 123456",
    text="123456\n",
    html="<p>123456</p>",
    message_id="0123456789abcdef@login.example",
    at=1_767_225_600_000,
    language="en",
)


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with PostOffice() as office:
        yield office


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """Somebody's certificate for this machine, and the server that shows it."""
    folder = tmp_path_factory.mktemp("certificate")
    file, key = folder / "cert.pem", folder / "key.pem"
    make_certificate(file, key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    return file, context


def relay(office: PostOffice, tls: Tls = Tls.NEVER, **more: Any) -> Relay:
    return Relay(host="localhost", port=office.port, tls=tls, greeting="login.example", **more)


def with_mailer(use: Callable[[Mailer], Coroutine[Any, Any, T]], to: Relay) -> T:
    async def run() -> T:
        mailer = Mailer(to)
        try:
            return await use(mailer)
        finally:
            await mailer.close()
            await no_connection_is_left()

    return asyncio.run(run())


async def no_connection_is_left() -> None:
    """TLS says good-bye, which the other side answers: whoever ends the loop before that leaves a
    socket open. What stays open for ever is a mistake of the mailer's.
    """
    selector: BaseSelector = asyncio.get_running_loop()._selector  # type: ignore[attr-defined]
    async with asyncio.timeout(60):
        # The loop's own wake-up pipe is always there.
        while len(selector.get_map()) > 1:  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0)


def send(to: Relay, *mails: Mail) -> list[Outcome]:
    """One after the other, through one mailer."""

    async def all_of_them(mailer: Mailer) -> list[Outcome]:
        return [await mailer.send(one) for one in mails or (MAIL,)]

    return with_mailer(all_of_them, to)


def test_a_mail_is_sent_and_the_server_s_words_are_kept(office: PostOffice) -> None:
    assert send(relay(office)) == [Accepted(words="250 2.0.0 Ok: queued as 1")]
    assert office.heard() == [
        "EHLO login.example",
        "MAIL FROM:<codes@login.example>",
        "RCPT TO:<ann@northside.example>",
        "DATA",
        "QUIT",
    ]
    (taken,) = office.mails
    assert (taken.sender, taken.recipients) == ("codes@login.example", ("ann@northside.example",))
    assert taken.message["Subject"] == "Your Northside code is 123456"


def test_by_itself_it_greets_with_a_name_and_always_the_same(office: PostOffice) -> None:
    send(replace(relay(office), greeting=None), MAIL)
    (greeting,) = {line for line in office.heard() if line.startswith("EHLO")}
    assert len(greeting.split()) == 2


def test_connections_are_kept_for_the_next_mail(office: PostOffice) -> None:
    outcomes = send(relay(office), *[MAIL] * 3)
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert office.connections == 1
    assert [line.split()[0] for line in office.heard()] == [
        "EHLO",
        *["MAIL", "RCPT", "DATA"] * 3,
        "QUIT",
    ]


def test_no_more_connections_at_once_than_are_allowed(office: PostOffice) -> None:
    async def at_once(mailer: Mailer) -> list[Outcome]:
        return await asyncio.gather(*[mailer.send(MAIL) for _ in range(12)])

    outcomes = with_mailer(at_once, relay(office, connections=3))
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert len(office.mails) == 12
    assert office.connections == 3


def test_a_kept_connection_that_the_server_has_closed_costs_nothing(office: PostOffice) -> None:
    async def twice(mailer: Mailer) -> list[Outcome]:
        first = await mailer.send(MAIL)
        await asyncio.to_thread(office.hang_up)
        return [first, await mailer.send(MAIL)]

    assert [type(outcome) for outcome in with_mailer(twice, relay(office))] == [Accepted, Accepted]
    assert (office.connections, len(office.mails)) == (2, 2)


def test_a_server_that_breaks_off_at_the_next_mail_gets_it_on_a_new_connection(
    office: PostOffice,
) -> None:
    """A connection that was kept may be over without our having heard of it."""
    office.on_sender = lambda number, _: None if number == 2 else "250 Ok"
    outcomes = send(relay(office), MAIL, MAIL)
    assert [type(outcome) for outcome in outcomes] == [Accepted, Accepted]
    assert (office.connections, len(office.mails)) == (2, 2)


def test_a_server_that_leaves_at_the_next_mail_gets_it_on_a_new_connection(
    office: PostOffice,
) -> None:
    office.on_sender = lambda number, _: "421 4.4.2 Too long idle" if number == 2 else "250 Ok"
    outcomes = send(relay(office), MAIL, MAIL)
    assert [type(outcome) for outcome in outcomes] == [Accepted, Accepted]
    assert (office.connections, len(office.mails)) == (2, 2)


def test_a_sender_that_is_refused_is_refused_on_a_kept_connection_too(office: PostOffice) -> None:
    office.on_sender = lambda number, _: "550 5.7.1 Not you" if number > 1 else "250 Ok"
    first, second, third = send(relay(office), MAIL, MAIL, MAIL)
    assert isinstance(first, Accepted)
    assert second == third == Refused(code=550, words="550 5.7.1 Not you", permanent=True)
    assert office.connections == 1


@pytest.mark.parametrize("answer", ["530 5.7.0 Must issue STARTTLS", "535 5.7.8 Not so"])
def test_a_server_that_does_not_let_us_in_has_not_refused_this_mail(
    office: PostOffice, answer: str
) -> None:
    office.on_sender = lambda _number, _address: answer
    assert send(relay(office)) == [Unreachable(words=answer)]


def test_a_connection_that_was_idle_for_long_is_left_for_a_new_one(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "IDLE_SECONDS", 0.0)
    outcomes = send(relay(office), MAIL, MAIL)
    assert [type(outcome) for outcome in outcomes] == [Accepted, Accepted]
    assert office.connections == 2
    assert office.heard().count("QUIT") == 2


def test_envelope_and_sender_may_differ(office: PostOffice) -> None:
    send(relay(office), replace(MAIL, envelope_sender="bounces@login.example"))
    assert "MAIL FROM:<bounces@login.example>" in office.heard()
    assert office.mails[0].message["From"] == "Northside <codes@login.example>"


def test_a_greylisting_server_says_later_and_takes_it_then(office: PostOffice) -> None:
    office.on_recipient = lambda number, _: (
        "451 4.7.1 Greylisted, come back" if number == 1 else "250 Ok"
    )
    assert send(relay(office), MAIL, MAIL) == [
        Refused(code=451, words="451 4.7.1 Greylisted, come back", permanent=False),
        Accepted(words="250 2.0.0 Ok: queued as 1"),
    ]
    assert office.connections == 1
    assert "RSET" in office.heard()


@pytest.mark.parametrize("answer", ["550 5.1.1 No such user", "554 5.7.1 Rejected as spam"])
def test_a_server_that_refuses_is_quoted(office: PostOffice, answer: str) -> None:
    office.on_recipient = lambda _number, _address: answer
    assert send(relay(office)) == [Refused(code=int(answer[:3]), words=answer, permanent=True)]
    assert answer in office.said()
    assert "DATA" not in office.heard()


def test_a_server_may_refuse_the_content(office: PostOffice) -> None:
    office.on_content = lambda _number, _content: "554 5.6.0 Not this"
    assert send(relay(office)) == [Refused(code=554, words="554 5.6.0 Not this", permanent=True)]
    assert office.mails == []


def test_a_server_that_leaves_is_left(office: PostOffice) -> None:
    """421 is for now, and the connection is over (RFC 5321 section 3.8)."""
    office.on_recipient = lambda number, _: "421 4.3.2 Closing" if number == 1 else "250 Ok"
    first, second = send(relay(office), MAIL, MAIL)
    assert first == Refused(code=421, words="421 4.3.2 Closing", permanent=False)
    assert isinstance(second, Accepted)
    assert office.connections == 2


@pytest.mark.parametrize("command", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_a_connection_that_breaks_before_the_content_has_delivered_nothing(
    office: PostOffice, command: str
) -> None:
    office.breaks_off_at = command
    (outcome,) = send(relay(office))
    assert isinstance(outcome, Unreachable)
    assert not outcome.handed_over
    assert office.mails == []


def test_a_connection_that_breaks_in_the_midst_of_the_content_may_have_delivered_it(
    office: PostOffice,
) -> None:
    office.on_content = lambda _number, _content: None
    (outcome,) = send(relay(office))
    assert isinstance(outcome, Unreachable)
    assert outcome.handed_over
    assert office.heard()[-1] == "DATA"
    assert office.contents_asked == 1


def test_a_server_that_never_answers_is_left_in_time(office: PostOffice) -> None:
    office.waits = lambda: asyncio.get_running_loop().create_future()
    (outcome,) = send(relay(office, lasts=0.3))
    assert isinstance(outcome, Unreachable)
    assert outcome.handed_over
    assert outcome.words == "the mail server gave no answer in time"


def test_a_server_that_takes_its_time_gets_it(office: PostOffice) -> None:
    office.waits = lambda: asyncio.sleep(0.3)
    assert isinstance(send(relay(office))[0], Accepted)


def test_a_filter_that_looks_for_longer_than_other_answers_may_take_is_waited_for(
    office: PostOffice,
) -> None:
    """What is sent again because the answer came too late comes twice."""
    office.waits = lambda: asyncio.sleep(1)
    assert isinstance(send(relay(office, patience=0.5))[0], Accepted)
    assert office.contents_asked == 1


@pytest.mark.parametrize("quoted", ["open sesame", "b3BlbiBzZXNhbWU="])
def test_our_password_is_not_kept_where_the_server_quotes_it(
    office: PostOffice, quoted: str
) -> None:
    office.on_recipient = lambda _number, _address: f"550 5.7.1 no, {quoted}"
    (outcome,) = send(relay(office, password="open sesame"))
    assert outcome.words == "550 5.7.1 no, •••"


def test_nobody_there_is_unreachable(office: PostOffice) -> None:
    nowhere = replace(relay(office), port=1)
    (outcome,) = send(nowhere)
    assert isinstance(outcome, Unreachable)
    assert not outcome.handed_over
    assert "localhost" in outcome.words


def test_a_relay_without_tls_gets_nothing_where_tls_is_required(office: PostOffice) -> None:
    (outcome,) = send(relay(office, Tls.REQUIRED, user="us", password="open sesame"))
    assert isinstance(outcome, Unreachable)
    assert "STARTTLS" in outcome.words
    assert [line.split()[0] for line in office.heard()] == ["EHLO"]


def test_the_password_is_not_sent_without_tls_where_tls_is_optional(office: PostOffice) -> None:
    office.password = "open sesame"
    (outcome,) = send(relay(office, Tls.OPTIONAL, user="us", password="open sesame"))
    assert outcome == Unreachable(
        words="the mail server offers no TLS, so the password was not sent"
    )
    assert [line.split()[0] for line in office.heard()] == ["EHLO"]


@pytest.mark.parametrize("tls", [Tls.REQUIRED, Tls.OPTIONAL])
def test_a_certificate_that_nobody_vouches_for_ends_the_try(
    certificate: tuple[Path, ssl.SSLContext], tls: Tls
) -> None:
    with PostOffice(tls=certificate[1]) as office:
        (outcome,) = send(relay(office, tls, user="us", password="open sesame"))
        assert isinstance(outcome, Unreachable)
        assert "certificate" in outcome.words.lower()
        assert office.heard() == ["EHLO login.example", "STARTTLS"]


def test_a_certificate_of_another_name_ends_the_try(
    certificate: tuple[Path, ssl.SSLContext],
) -> None:
    with PostOffice(tls=certificate[1]) as office:
        elsewhere = replace(
            relay(office, Tls.REQUIRED, authorities=certificate[0]), host="127.0.0.2"
        )
        (outcome,) = send(elsewhere)
        assert isinstance(outcome, Unreachable)
        assert office.mails == []


@pytest.mark.parametrize("tls", [Tls.REQUIRED, Tls.OPTIONAL, Tls.WRAPPED])
def test_with_tls_we_are_let_in_and_the_mail_goes(
    certificate: tuple[Path, ssl.SSLContext], tls: Tls
) -> None:
    file, context = certificate
    with PostOffice(tls=context, wrapped=tls is Tls.WRAPPED, password="open sesame") as office:
        to = relay(office, tls, user="us", password="open sesame", authorities=file)
        assert isinstance(send(to)[0], Accepted)
        commands = [line.split()[0] for line in office.heard()]
        hidden = [] if tls is Tls.WRAPPED else ["EHLO", "STARTTLS"]
        assert commands[: len(hidden) + 2] == [*hidden, "EHLO", "AUTH"]
        assert len(office.mails) == 1


def test_a_wrong_password_is_the_relay_s_no_and_not_this_message_s(
    certificate: tuple[Path, ssl.SSLContext],
) -> None:
    file, context = certificate
    with PostOffice(tls=context, password="open sesame") as office:
        to = relay(office, Tls.REQUIRED, user="us", password="wrong", authorities=file)
        (outcome,) = send(to)
        assert isinstance(outcome, Unreachable)
        assert outcome.words.startswith("535")
        assert "wrong" not in outcome.words


def test_the_password_is_not_shown() -> None:
    shown = repr(Relay(host="post.example", port=587, user="us", password="open sesame"))
    assert "open sesame" not in shown


@pytest.mark.parametrize("international", [True, False])
def test_an_address_with_letters_of_the_world_goes_where_the_server_takes_it(
    international: bool,
) -> None:
    with PostOffice(international=international) as office:
        first, second = send(relay(office), replace(MAIL, to="jürgen@northside.example"), MAIL)
        if international:
            assert isinstance(first, Accepted)
            assert office.mails[0].recipients == ("jürgen@northside.example",)
            begun = [line for line in office.heard() if line.startswith("MAIL")]
            assert begun == [
                "MAIL FROM:<codes@login.example> SMTPUTF8 BODY=8BITMIME",
                "MAIL FROM:<codes@login.example>",
            ]
        else:
            assert isinstance(first, Refused)
            assert first.permanent
            assert not any(line.startswith("RCPT TO:<j") for line in office.heard())
        assert isinstance(second, Accepted)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\n\r"])
def test_a_text_cannot_end_the_mail_and_begin_another(office: PostOffice, end: str) -> None:
    """SMTP smuggling: a lone line end before or after the dot, which servers take differently."""
    smuggled = f"a{end}.{end}MAIL FROM:<eve@e.example>{end}RCPT TO:<bo@b.example>{end}DATA{end}b"
    (outcome,) = send(relay(office), replace(MAIL, text=smuggled, html=smuggled, subject=smuggled))
    assert isinstance(outcome, Accepted)
    assert [line.split()[0] for line in office.heard()] == ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"]
    (taken,) = office.mails
    assert taken.recipients == ("ann@northside.example",)
    body = taken.message.get_body(("plain",))
    assert body is not None
    assert "RCPT TO:<bo@b.example>" in body.get_content()


@pytest.mark.parametrize(
    "to", ["ann@a.example, bo@b.example", "ann@a.example\r\nRCPT TO:<bo@b.example>"]
)
def test_two_addresses_are_none(office: PostOffice, to: str) -> None:
    (outcome,) = send(relay(office), replace(MAIL, to=to))
    assert isinstance(outcome, Refused)
    assert outcome.permanent
    assert office.dialogue == []
