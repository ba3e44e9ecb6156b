"""Whether a domain says that our mails are its own: SPF, DKIM and DMARC, as far as DNS answers.

Mails from a domain that does not say so go to junk, or nowhere (since 2024 the large mailbox
providers ask for SPF or DKIM of everybody, and of those who send much for DMARC as well). What is
found here is that a record is there and reads well, and not that our mail server is the one it
means: only a mail that has arrived shows that, in its header Authentication-Results.

DKIM keys have names of their own (selectors), and nobody can list them: where no common one is
there, and the operator has named none, nothing is known.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from typing import Final

import dns.asyncresolver
import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver
from dns.rdtypes.ANY.TXT import TXT

from twostep.delivery.findings import Finding, Verdict
from twostep.delivery.outcomes import words_of

COMMON_SELECTORS: Final = (
    "default", "mail", "dkim", "google", "selector1", "selector2", "k1", "k2", "s1", "s2", "s1024",
    "s2048", "smtp", "mta", "key1", "mx", "sendgrid", "mandrill", "pm", "zoho", "fm1", "protonmail",
)  # fmt: skip
"""What mail servers and providers call theirs when nobody has chosen."""

PATIENCE: Final = 5.0
"""Seconds for one question, over all servers."""

NO_ANSWER: Final = "DNS did not answer"

_RESERVED: Final = frozenset({"localhost", "test", "example", "invalid", "local", "internal"})
"""Of no domain that a mail can come from: RFC 2606, RFC 6761, RFC 6762, and ``internal``."""

_ALL: Final = re.compile(r"(?:^|\s)([+~?-]?)all(?:\s|$)", re.IGNORECASE)
_REDIRECT: Final = re.compile(r"(?:^|\s)redirect=", re.IGNORECASE)
_KEY: Final = re.compile(r"(?:^|;)\s*p\s*=\s*([^;]*)", re.IGNORECASE)
_POLICY: Final = re.compile(r";\s*p\s*=\s*(none|quarantine|reject)\s*(?:;|$)", re.IGNORECASE)


class NoAnswer(Exception):
    """Nobody could say whether there is such a record."""


class Names:
    """Asks the name servers of this machine, or the one at ``server`` (address and port)."""

    def __init__(self, server: tuple[str, int] | None = None) -> None:
        """Raises nothing: a machine without name servers gets no answers."""
        try:
            self._resolver = dns.asyncresolver.Resolver(configure=server is None)
        except (dns.exception.DNSException, OSError):
            self._resolver = dns.asyncresolver.Resolver(configure=False)
        if server is not None:
            self._resolver.nameservers = [server[0]]
            self._resolver.port = server[1]
        self._resolver.lifetime = PATIENCE
        self._resolver.search = []

    async def texts(self, name: str) -> Sequence[str]:
        """The TXT records of a name; none where there is no such name. Raises NoAnswer, and
        DNSException for what cannot be a name.
        """
        asked = dns.name.from_text(name)
        try:
            answer = await self._resolver.resolve(
                asked, dns.rdatatype.TXT, raise_on_no_answer=False
            )
        except dns.resolver.NXDOMAIN:
            return ()
        except (dns.exception.DNSException, OSError, EOFError) as error:
            raise NoAnswer from error
        if answer.rrset is None:
            return ()
        # One record may be cut into pieces, which belong together without a blank (RFC 7208, 3.3).
        return [
            words_of(b"".join(record.strings).decode("utf-8", "replace"))
            for record in answer.rrset
            if isinstance(record, TXT)
        ]


async def examine_domain(
    names: Names, *, sender: str, return_address: str | None, selectors: Sequence[str] = ()
) -> Sequence[Finding]:
    """What the domain of the sender says: SPF for where reports go (RFC 7208 section 2.4), DKIM and
    DMARC for what a person sees.
    """
    domain = sender.rpartition("@")[2].lower()
    envelope = (return_address or sender).rpartition("@")[2].lower()
    for each in dict.fromkeys((domain, envelope)):
        if "." not in each or each.rpartition(".")[2] in _RESERVED:
            words = f"no mail comes from {each}: set a sender of a domain of your own"
            return [Finding(verdict=Verdict.MIND, what="sender's domain", words=words)]
    try:
        spf = await _spf(names, envelope)
    except NoAnswer:
        # Whoever asks again waits again.
        return [_unknown(what, NO_ANSWER) for what in ("SPF", "DKIM", "DMARC")]
    found = [spf]
    for what, look in (("DKIM", _dkim(names, domain, selectors)), ("DMARC", _dmarc(names, domain))):
        try:
            found += await look
        except NoAnswer:
            found.append(_unknown(what, NO_ANSWER))
    return found


async def _spf(names: Names, domain: str) -> Finding:
    records = [
        text for text in await names.texts(domain)
        if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")
    ]  # fmt: skip
    if not records:
        return _finding(Verdict.WRONG, "SPF", f"{domain} has none: TXT v=spf1 … is missing")
    if len(records) > 1:
        words = f"{domain} has {len(records)}, so none of them counts (RFC 7208, 4.5)"
        return _finding(Verdict.WRONG, "SPF", words)
    last = _ALL.search(records[0])
    if last is not None and last[1] in {"", "+"}:
        return _finding(Verdict.MIND, "SPF", f"{domain} lets everybody send: {records[0]}")
    if last is None and not _REDIRECT.search(records[0]):
        return _finding(Verdict.MIND, "SPF", f"{domain} does not end with -all: {records[0]}")
    return _finding(Verdict.GOOD, "SPF", f"{domain}: {records[0]}")


async def _dkim(names: Names, domain: str, selectors: Sequence[str]) -> Sequence[Finding]:
    if selectors:
        return [await _named_key(names, domain, selector) for selector in selectors]
    asked = await asyncio.gather(
        *(_named_key(names, domain, selector) for selector in COMMON_SELECTORS),
        return_exceptions=True,
    )
    if any(isinstance(answer, NoAnswer) for answer in asked):
        raise NoAnswer
    found = [each for each in asked if isinstance(each, Finding) and each.verdict is Verdict.GOOD]
    if found:
        return found
    words = (
        "none of the common names has a key, and they cannot be listed: name yours with "
        "--dkim-selector"
    )
    return [_unknown("DKIM", words)]


async def _named_key(names: Names, domain: str, selector: str) -> Finding:
    name = f"{selector}._domainkey.{domain}"
    try:
        records = await names.texts(name)
    except (dns.exception.DNSException, UnicodeError):
        return _finding(Verdict.WRONG, "DKIM", f"{words_of(selector)} cannot be a selector")
    keys = [found[1].strip() for text in records if (found := _KEY.search(text)) is not None]
    if not keys:
        return _finding(Verdict.WRONG, "DKIM", f"there is no key at {name}")
    if not any(keys):
        return _finding(Verdict.WRONG, "DKIM", f"the key at {name} was withdrawn (RFC 6376, 3.6.1)")
    return _finding(Verdict.GOOD, "DKIM", f"there is a key at {name}")


async def _dmarc(names: Names, domain: str) -> Sequence[Finding]:
    """Of the domain, or of one above it (RFC 7489 section 6.6.3)."""
    for place in _upwards(domain):
        records = [
            text for text in await names.texts(f"_dmarc.{place}")
            if text.replace(" ", "").lower().startswith("v=dmarc1;")
        ]  # fmt: skip
        if len(records) == 1:
            policy = _POLICY.search(records[0])
            if policy is None:
                return [_finding(Verdict.WRONG, "DMARC", f"{place} has no policy: {records[0]}")]
            return [_finding(Verdict.GOOD, "DMARC", f"{place}: {records[0]}")]
    words = f"{domain} has none: TXT v=DMARC1; p=… at _dmarc.{domain} is missing"
    return [_finding(Verdict.MIND, "DMARC", words)]


def _upwards(domain: str) -> Iterator[str]:
    """``a.b.example.org``, ``b.example.org``, ``example.org``."""
    labels = domain.split(".")
    for start in range(len(labels) - 1):
        yield ".".join(labels[start:])


def _finding(verdict: Verdict, what: str, words: str) -> Finding:
    return Finding(verdict=verdict, what=what, words=words)


def _unknown(what: str, words: str) -> Finding:
    return _finding(Verdict.UNKNOWN, what, words)
