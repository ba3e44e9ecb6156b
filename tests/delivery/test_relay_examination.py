"""Looking at a real SMTP server: each step has its line, and no mail is sent."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.certificates import make_certificate
from tests.helpers.clocks import DAY
from tests.helpers.post_office import PostOffice
from twostep.clock import system_clock
from twostep.delivery.findings import Finding, Verdict
from twostep.delivery.mail import Relay, Tls
from twostep.delivery.relay_examination import examine_relay

GOOD, MIND, WRONG = Verdict.GOOD, Verdict.MIND, Verdict.WRONG
SENDER = "codes@login.example"


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with PostOffice() as office:
        yield office


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    folder = tmp_path_factory.mktemp("certificate")
    file, key = folder / "cert.pem", folder / "key.pem"
    make_certificate(file, key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    return file, context


def look(office: PostOffice, *, now: int | None = None, **more: Any) -> dict[str, Finding]:
    settings: dict[str, Any] = {"host": "localhost", "port": office.port, **more}
    at = system_clock() if now is None else now
    relay = Relay(greeting="login.example", **settings)
    found = asyncio.run(examine_relay(relay, sender=SENDER, now=at))
    return {each.what: each for each in found}


def verdicts(found: dict[str, Finding]) -> dict[str, Verdict]:
    return {what: each.verdict for what, each in found.items()}


def test_a_server_with_everything_is_good_and_gets_no_mail(
    certificate: tuple[Path, ssl.SSLContext],
) -> None:
    file, context = certificate
    with PostOffice(tls=context, password="open sesame") as office:
        found = look(
            office, authorities=file, user="codes", password="open sesame",
            now=system_clock() - 30 * DAY,
        )  # fmt: skip
    assert verdicts(found) == dict.fromkeys(
        ("connection", "TLS", "certificate", "login", "sender"), GOOD
    )
    assert "open sesame" not in str(found)
    words = [line.split()[0].upper() for line in office.heard()]
    assert "DATA" not in words
    assert "RCPT" not in words
    assert words[-2:] == ["RSET", "QUIT"]
    assert words[:2] == ["EHLO", "STARTTLS"]


def test_a_certificate_that_ends_soon_is_mentioned(
    certificate: tuple[Path, ssl.SSLContext],
) -> None:
    file, context = certificate
    with PostOffice(tls=context, wrapped=True) as office:
        found = look(office, authorities=file, tls=Tls.WRAPPED)
    assert found["certificate"].verdict is MIND
    assert "1 more days" in found["certificate"].words


def test_a_certificate_that_nobody_vouches_for_is_wrong_and_nothing_is_said_to_it(
    certificate: tuple[Path, ssl.SSLContext],
) -> None:
    _, context = certificate
    for wrapped, tls in ((False, Tls.REQUIRED), (True, Tls.WRAPPED)):
        with PostOffice(tls=context, wrapped=wrapped) as office:
            found = look(office, tls=tls, user="codes", password="open sesame")
        what, last = list(found.items())[-1]
        assert last.verdict is WRONG
        assert what == ("connection" if wrapped else "TLS")
        assert "certificate" in last.words
        assert not any("AUTH" in line for line in office.heard())


def test_a_server_without_tls_is_wrong_where_it_is_required(office: PostOffice) -> None:
    found = look(office, user="codes", password="open sesame")
    assert verdicts(found) == {"connection": GOOD, "TLS": WRONG}
    assert not any("AUTH" in line for line in office.heard())


def test_a_server_without_tls_is_mentioned_where_it_is_allowed(office: PostOffice) -> None:
    assert verdicts(look(office, tls=Tls.NEVER))["TLS"] is MIND
    found = look(office, tls=Tls.OPTIONAL, user="codes", password="open sesame")
    assert verdicts(found) == {"connection": GOOD, "TLS": MIND, "login": WRONG}
    assert not any("AUTH" in line for line in office.heard())


def test_a_wrong_password_is_said_in_the_server_s_words(office: PostOffice) -> None:
    office.password = "another"
    found = look(office, tls=Tls.NEVER, user="codes", password="open sesame")
    assert found["login"].verdict is WRONG
    assert found["login"].words.startswith("535")
    assert "sender" not in found


def test_a_sender_that_it_does_not_take_is_wrong(office: PostOffice) -> None:
    office.on_sender = lambda _number, address: f"553 5.7.1 {address} is not yours"
    found = look(office, tls=Tls.NEVER)
    assert (found["sender"].verdict, found["sender"].words) == (
        WRONG, f"553 5.7.1 {SENDER} is not yours",
    )  # fmt: skip


def test_nobody_there_is_wrong(office: PostOffice) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found = look(office, port=free.getsockname()[1])
    assert verdicts(found) == {"connection": WRONG}


def test_one_that_says_nothing_ends_with_its_patience() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        relay = Relay(host="127.0.0.1", port=silent.getsockname()[1], patience=0.05)
        found = asyncio.run(examine_relay(relay, sender=SENDER, now=0))
        assert [each.verdict for each in found] == [WRONG]
        whole = Relay(host="127.0.0.1", port=silent.getsockname()[1], lasts=0.05)
        found = asyncio.run(examine_relay(whole, sender=SENDER, now=0))
        assert [(each.verdict, each.words) for each in found] == [
            (WRONG, "it did not answer in time")
        ]


def test_one_that_hangs_up_in_the_middle_is_wrong(office: PostOffice) -> None:
    office.breaks_off_at = "MAIL"
    assert verdicts(look(office, tls=Tls.NEVER))["sender"] is WRONG
