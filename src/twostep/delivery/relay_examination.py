"""Looking at a mail server without sending a mail: it is there, protected, and lets us in, or not.

The same steps in the same order as when a message is sent, each with a line of its own; the first
that fails ends it, since none behind it could be tried.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from twostep.delivery.findings import Finding, Verdict
from twostep.delivery.mail import Relay, Tls, tls_context
from twostep.delivery.mail_form import demand_address
from twostep.delivery.outcomes import words_of

DAYS_LEFT: Final = 14
"""A certificate that ends sooner is mentioned: those that renew themselves have more than that."""

_DAY: Final = 24 * 60 * 60 * 1000


async def examine_relay(relay: Relay, *, sender: str, now: int) -> Sequence[Finding]:
    """What was found, the last line of it where it ended. Sends no mail. Raises nothing that a mail
    server can cause.
    """
    visit = _Visit(relay, now)
    with suppress(_Ended):
        try:
            async with asyncio.timeout(relay.lasts):
                await visit.go(sender)
        except TimeoutError:
            visit.found.append(_wrong("connection", "it did not answer in time"))
        finally:
            await visit.leave()
    return visit.found


class _Ended(Exception):
    """The last line says why."""


class _Visit:
    def __init__(self, relay: Relay, now: int) -> None:
        self._relay, self._now = relay, now
        self._context = None if relay.tls is Tls.NEVER else tls_context(relay.authorities)
        self._client = SMTP(
            hostname=relay.host,
            port=relay.port,
            local_hostname=relay.greeting,
            timeout=relay.patience,
            use_tls=relay.tls is Tls.WRAPPED,
            start_tls=False,
            tls_context=self._context,
        )
        self.found: list[Finding] = []

    async def go(self, sender: str) -> None:
        relay = self._relay
        with self._step("connection"):
            await self._client.connect()
            await self._client.ehlo()
        self._add(Verdict.GOOD, "connection", f"{relay.host}:{relay.port} answers")
        await self._protect()
        await self._log_in()
        with self._step("sender"):
            await self._client.mail(demand_address(sender))
            await self._client.rset()
        self._add(Verdict.GOOD, "sender", f"it takes mails from {sender}; none was sent")

    async def leave(self) -> None:
        with suppress(SMTPException, OSError):
            await self._client.quit(timeout=1)
        self._client.close()

    async def _protect(self) -> None:
        tls = self._relay.tls
        if tls is Tls.NEVER:
            self._add(Verdict.MIND, "TLS", "switched off: whoever is between reads every code")
            return
        offered = self._client.supports_extension("starttls")
        if tls is Tls.OPTIONAL and not offered:
            self._add(Verdict.MIND, "TLS", "not offered: whoever is between reads every code")
            return
        if tls is not Tls.WRAPPED:
            if not offered:
                self.found.append(_wrong("TLS", "it offers no STARTTLS, so it would get nothing"))
                raise _Ended
            with self._step("TLS"):
                await self._client.starttls(tls_context=self._context)
                await self._client.ehlo()
        self._add(Verdict.GOOD, "TLS", str(_asked(self._client, "cipher")[1]))
        self._say_certificate()

    def _say_certificate(self) -> None:
        """It was verified when the connection was protected."""
        certificate: Mapping[str, Any] = _asked(self._client, "peercert")
        left = ssl.cert_time_to_seconds(certificate["notAfter"]) * 1000 - self._now
        verdict = Verdict.GOOD if left > DAYS_LEFT * _DAY else Verdict.MIND
        self._add(verdict, "certificate", f"verified, good for {max(0, left // _DAY)} more days")

    async def _log_in(self) -> None:
        relay = self._relay
        if relay.user is None:
            self._add(Verdict.GOOD, "login", "none is set, so none was tried")
            return
        protected = self._client.get_transport_info("sslcontext") is not None
        if not protected and relay.tls is not Tls.NEVER:
            self.found.append(_wrong("login", "without TLS the password is not sent"))
            raise _Ended
        with self._step("login"):
            await self._client.login(relay.user, relay.password or "")
        self._add(Verdict.GOOD, "login", f"{relay.user} was let in")

    @contextmanager
    def _step(self, what: str) -> Iterator[None]:
        try:
            yield
        except SMTPResponseException as error:
            self.found.append(_wrong(what, words_of(f"{error.code} {error.message}")))
            raise _Ended from None
        except (SMTPException, OSError) as error:
            # A timeout is an OSError, and so are a broken connection and a bad certificate.
            self.found.append(_wrong(what, words_of(error) or "it did not answer in time"))
            raise _Ended from None

    def _add(self, verdict: Verdict, what: str, words: str) -> None:
        self.found.append(Finding(verdict=verdict, what=what, words=words))


def _wrong(what: str, words: str) -> Finding:
    return Finding(verdict=Verdict.WRONG, what=what, words=words)


def _asked(client: SMTP, key: str) -> Any:
    """What the connection says of itself."""
    return client.get_transport_info(key)
