"""SPF, DKIM and DMARC, asked of a real name server on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import dns.rcode
import pytest

from tests.helpers.name_server import NameServer
from twostep.delivery import sender_domains
from twostep.delivery.findings import Finding, Verdict
from twostep.delivery.sender_domains import NO_ANSWER, Names, examine_domain

GOOD, MIND, WRONG, UNKNOWN = Verdict.GOOD, Verdict.MIND, Verdict.WRONG, Verdict.UNKNOWN
DOMAIN = "mail.northside.org"
KEY = f"v=DKIM1; k=rsa; p={'MIIBIjANBgkq' * 20}"
WHOLE = {
    DOMAIN: ["another-service-verification=abc", "v=spf1 include:relay.example -all"],
    f"s1._domainkey.{DOMAIN}": [KEY],
    "_dmarc.northside.org": ["v=DMARC1; p=quarantine; rua=mailto:reports@northside.org"],
}


@pytest.fixture
def server() -> Iterator[NameServer]:
    with NameServer(texts={name: list(texts) for name, texts in WHOLE.items()}) as server:
        yield server


def look(
    server: NameServer,
    sender: str = f"codes@{DOMAIN}",
    bounces: str | None = None,
    selectors: Sequence[str] = (),
) -> Sequence[Finding]:
    async def act() -> Sequence[Finding]:
        names = Names(server.address)
        return await examine_domain(
            names, sender=sender, return_address=bounces, selectors=selectors
        )

    return asyncio.run(act())


def verdict(server: NameServer, what: str, **more: Sequence[str]) -> Verdict:
    (found,) = (each for each in look(server, **more) if each.what == what)  # type: ignore[arg-type]
    return found.verdict


def test_a_domain_with_everything_is_good(server: NameServer) -> None:
    found = look(server)
    assert [(each.what, each.verdict) for each in found] == [
        ("SPF", GOOD), ("DKIM", GOOD), ("DMARC", GOOD),
    ]  # fmt: skip
    assert f"s1._domainkey.{DOMAIN}" in found[1].words
    assert "p=quarantine" in found[2].words


def test_a_domain_that_says_nothing_lacks_spf_and_dmarc_and_may_have_any_key() -> None:
    with NameServer() as server:
        assert [(each.what, each.verdict) for each in look(server)] == [
            ("SPF", WRONG), ("DKIM", UNKNOWN), ("DMARC", MIND),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (["v=spf1 ip4:192.0.2.1 -all"], GOOD),
        (["v=spf1 a ~all"], GOOD),
        (["V=SPF1 ?ALL"], GOOD),
        (["v=spf1 redirect=_spf.relay.example"], GOOD),
        (["v=spf1"], MIND),
        (["v=spf1 ip4:192.0.2.1"], MIND),
        (["v=spf1 +all"], MIND),
        (["v=spf1 all"], MIND),
        (["v=spf1 -all", "v=spf1 a -all"], WRONG),
        (["v=spf10 -all"], WRONG),
        (["spf1 -all"], WRONG),
        ([], WRONG),
    ],
)
def test_spf_is_one_record_that_ends_with_a_word_about_all_others(
    server: NameServer, records: list[str], expected: Verdict
) -> None:
    server.texts[DOMAIN] = records
    assert verdict(server, "SPF") is expected


def test_spf_is_asked_of_the_domain_that_reports_go_to(server: NameServer) -> None:
    server.texts["bounces.northside.org"] = ["v=spf1 mx -all"]
    found = look(server, bounces="b@bounces.northside.org")
    assert found[0].words.startswith("bounces.northside.org: v=spf1 mx")
    assert found[2].words.startswith("northside.org")


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (KEY, GOOD),
        ("p=abc", GOOD),
        ("v=DKIM1; p=", WRONG),
        ("v=DKIM1; k=rsa; p=  ; t=s", WRONG),
        ("hello", WRONG),
        (None, WRONG),
    ],
)
def test_a_key_that_is_named_must_be_there(
    server: NameServer, record: str | None, expected: Verdict
) -> None:
    if record is not None:
        server.texts[f"ours._domainkey.{DOMAIN}"] = [record]
    assert verdict(server, "DKIM", selectors=["ours"]) is expected


@pytest.mark.parametrize("selector", ["", "a..b", "x" * 64, "\ud800", "é" * 60])
def test_what_cannot_be_a_selector_is_said(server: NameServer, selector: str) -> None:
    assert verdict(server, "DKIM", selectors=[selector]) is WRONG


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (["v=DMARC1; p=none"], GOOD),
        (["v=DMARC1;p=reject;"], GOOD),
        (["v=DMARC1; rua=mailto:a@b.example"], WRONG),
        (["v=DMARC1; sp=none"], WRONG),
        (["p=none; v=DMARC1"], MIND),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], MIND),
    ],
)
def test_dmarc_is_one_record_with_a_policy(
    server: NameServer, records: list[str], expected: Verdict
) -> None:
    server.texts["_dmarc.northside.org"] = records
    assert verdict(server, "DMARC") is expected


def test_a_name_server_that_is_silent_is_no_fault(
    server: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender_domains, "PATIENCE", 0.1)
    server.silent = True
    found = look(server)
    assert [(each.what, each.verdict, each.words) for each in found] == [
        (what, UNKNOWN, NO_ANSWER) for what in ("SPF", "DKIM", "DMARC")
    ]


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
def test_one_that_cannot_say_is_no_fault(server: NameServer, rcode: dns.rcode.Rcode) -> None:
    server.rcode = rcode
    assert {each.verdict for each in look(server)} == {UNKNOWN}


def test_one_that_answers_the_first_question_alone_is_no_fault(
    server: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender_domains, "PATIENCE", 0.1)
    answered = server._answer

    def once(query: object) -> bytes:
        server.silent = True
        return answered(query)  # type: ignore[arg-type]

    monkeypatch.setattr(server, "_answer", once)
    assert [each.verdict for each in look(server)] == [GOOD, UNKNOWN, UNKNOWN]


def test_what_a_record_says_stays_one_line(server: NameServer) -> None:
    server.texts[DOMAIN] = ["v=spf1 \\010\\027[31m -all"]
    words = look(server)[0].words
    assert words.isprintable()


@pytest.mark.parametrize("sender", ["twostep@localhost", "a@northside.test", "a@host.local"])
def test_a_sender_of_no_domain_is_said_and_nobody_is_asked(server: NameServer, sender: str) -> None:
    (found,) = look(server, sender=sender)
    assert found.verdict is MIND
    assert server.asked == []
