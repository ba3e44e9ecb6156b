"""Mail to one relay: a few connections that are kept open, and what the relay said.

Threat: somebody between us and the relay who reads along or answers in its place. So the relay's
certificate is verified, TLS is demanded unless the operator says otherwise, and the password is
never sent without it unless the operator has switched TLS off. A relay that offers no TLS is
unreachable, however willing it is.

A try ends within ``lasts`` seconds whatever the relay does. Afterwards it is known whether the
message was handed over: a connection that breaks after the server asked for the content may have
delivered it.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPHeloError,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from twostep.delivery.mail_content import hand_content, open_content
from twostep.delivery.mail_form import Mail, NotAnAddress, compose, demand_address
from twostep.delivery.outcomes import MOST_HEARD, Accepted, Outcome, Refused, Unreachable, words_of

IDLE_SECONDS: Final = 20.0
"""How long a connection is kept for the next message. Relays close theirs after half a minute or
more."""

_NOT_LET_IN: Final = frozenset({530, 534, 535, 538})
"""The server wants TLS, a password or another way of giving it (RFC 4954 section 6, RFC 3207): no
refusal of this message, and an operator can mend it."""

_NO_ANSWER: Final = 200
"""Codes of answers begin here (RFC 5321 section 4.2.1). aiosmtplib has one below for what it could
not read as an answer."""

_LEAVING: Final = 421
"""The server closes the connection (RFC 5321 section 3.8)."""


class Tls(StrEnum):
    """How the connection to the relay is protected."""

    WRAPPED = "wrapped"
    """From the first byte (``smtps://``, RFC 8314)."""
    REQUIRED = "required"
    """By STARTTLS; a relay that does not offer it gets nothing."""
    OPTIONAL = "optional"
    """By STARTTLS where it is offered. Whoever sits between can take the offer away."""
    NEVER = "never"
    """Not at all: for a relay on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """The mail server that takes our messages.

    ``authorities``: a PEM file of certificates to trust beside the system's. ``greeting`` is how we
    call ourselves in EHLO; None: by this machine's name. ``patience`` is how long one answer may
    take and ``lasts`` a whole try, in seconds.
    """

    host: str
    port: int
    tls: Tls = Tls.REQUIRED
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    authorities: Path | None = None
    greeting: str | None = None
    connections: int = 4
    patience: float = 20.0
    lasts: float = 45.0


@dataclass(slots=True)
class _Progress:
    handed_over: bool = False


class Mailer:
    """Sends through one relay. Belongs to the event loop that uses it first."""

    def __init__(self, relay: Relay) -> None:
        """Opens nothing yet. Raises OSError where the file of authorities cannot be used."""
        self.relay = relay
        self._context = None if relay.tls is Tls.NEVER else tls_context(relay.authorities)
        self._greeting = relay.greeting
        self._places = asyncio.Semaphore(relay.connections)
        self._idle: list[tuple[SMTP, float]] = []

    async def send(self, mail: Mail) -> Outcome:
        """Try once."""
        try:
            content = compose(mail)
        except NotAnAddress as error:
            return Refused(code=None, words=words_of(error), permanent=True)
        progress = _Progress()
        try:
            async with asyncio.timeout(self.relay.lasts), self._places:
                return await self._hand_over(mail, content, progress)
        except SMTPResponseException as error:
            words = self._said(f"{error.code} {error.message}")
            if error.code < _NO_ANSWER:
                said = self._said(f"the mail server's answer cannot be read: {error.message}")
                return Unreachable(words=said, handed_over=progress.handed_over)
            if error.code in _NOT_LET_IN and not progress.handed_over:
                return Unreachable(words=words)
            return Refused(code=error.code, words=words, permanent=error.code >= 500)
        except (SMTPException, OSError) as error:
            # A timeout is an OSError, and so are a broken connection and a bad certificate.
            words = self._said(error) or "the mail server gave no answer in time"
            return Unreachable(words=words, handed_over=progress.handed_over)

    async def close(self) -> None:
        """Say good-bye on every connection that is kept."""
        idle, self._idle = self._idle, []
        await asyncio.gather(*(_leave(client) for client, _ in idle))

    async def _hand_over(self, mail: Mail, content: bytes, progress: _Progress) -> Outcome:
        """Raises SMTPException and OSError."""
        client = await self._begun(mail)
        try:
            if not (mail.to.isascii() or client.supports_extension("smtputf8")):
                return await self._takes_no_such_address(client)
            await client.rcpt(mail.to, encoding="utf-8")
            await open_content(client)
            progress.handed_over = True
            # A filter may look at it for long: the whole of the try is for this answer, since what
            # is sent again because the answer came too late comes twice.
            answer = await hand_content(client, content, patience=self.relay.lasts)
        except SMTPResponseException as error:
            await self._keep_after_refusal(client, error.code)
            raise
        except BaseException:
            # Also where the time was over: nobody knows what the server would answer to.
            client.close()
            raise
        self._keep(client)
        return Accepted(words=self._said(f"{answer.code} {answer.message}"))

    def _said(self, text: object) -> str:
        """A server's words, without our password, should it quote that."""
        words, password = words_of(text, most=MOST_HEARD), self.relay.password
        if not password:
            return words
        in_base64 = base64.b64encode(password.encode()).decode()
        return words.replace(password, "•••").replace(in_base64, "•••")

    async def _begun(self, mail: Mail) -> SMTP:
        """A connection on which this mail was begun (MAIL FROM): one that was kept, if it lives."""
        while (client := await self._kept()) is not None:
            try:
                await _begin(client, mail)
            except (SMTPServerDisconnected, SMTPTimeoutError):
                # It was closed while it waited. Nothing of this mail was sent yet.
                client.close()
            except SMTPResponseException as error:
                await self._keep_after_refusal(client, error.code)
                if error.code != _LEAVING:
                    raise
            else:
                return client
        client = await self._connected()
        try:
            await _begin(client, mail)
        except BaseException:
            client.close()
            raise
        return client

    async def _connected(self) -> SMTP:
        """A new connection, protected and let in. Raises SMTPException, OSError."""
        relay = self.relay
        client = SMTP(
            hostname=relay.host,
            port=relay.port,
            local_hostname=self._greeting,
            timeout=relay.patience,
            use_tls=relay.tls is Tls.WRAPPED,
            start_tls={Tls.REQUIRED: True, Tls.OPTIONAL: None}.get(relay.tls, False),
            tls_context=self._context,
        )
        try:
            await client.connect()
            # Where it is this machine's name, a name server was asked for it: once is enough.
            self._greeting = client.local_hostname
            await _greet(client)
            if relay.user is not None:
                self._demand_tls(client)
                await client.login(relay.user, relay.password or "")
        except SMTPResponseException as error:
            # What it says of us is no refusal of this message: the operator can mend it.
            client.close()
            raise SMTPException(f"{error.code} {error.message}") from error
        except BaseException:
            client.close()
            raise
        return client

    def _demand_tls(self, client: SMTP) -> None:
        if self.relay.tls is not Tls.NEVER and client.get_transport_info("sslcontext") is None:
            raise SMTPException("the mail server offers no TLS, so the password was not sent")

    async def _takes_no_such_address(self, client: SMTP) -> Refused:
        await self._keep_after_refusal(client, 550)
        said = "the mail server takes no address with letters outside ASCII"
        return Refused(code=None, words=said, permanent=True)

    async def _kept(self) -> SMTP | None:
        now = asyncio.get_running_loop().time()
        while self._idle:
            client, since = self._idle.pop()
            if client.is_connected and now - since < IDLE_SECONDS:
                return client
            await _leave(client)
        return None

    def _keep(self, client: SMTP) -> None:
        self._idle.append((client, asyncio.get_running_loop().time()))

    async def _keep_after_refusal(self, client: SMTP, code: int) -> None:
        """A server that said no goes on listening, once it has forgotten this mail (RSET)."""
        try:
            if code == _LEAVING or code < _NO_ANSWER or not client.is_connected:
                raise SMTPServerDisconnected("the server closes the connection")
            await client.rset()
        except (SMTPException, OSError):
            client.close()
        else:
            self._keep(client)


async def _greet(client: SMTP) -> None:
    """Whatever came before, what the server can do is known from here on."""
    if client.is_ehlo_or_helo_needed:
        try:
            await client.ehlo()
        except SMTPHeloError:
            await client.helo()


async def _begin(client: SMTP, mail: Mail) -> None:
    options = []
    if not mail.to.isascii() and client.supports_extension("smtputf8"):
        options = ["SMTPUTF8", "BODY=8BITMIME"]
    await client.mail(demand_address(mail.envelope_sender or mail.sender), options=options)


async def _leave(client: SMTP) -> None:
    with suppress(SMTPException, OSError):
        await client.quit(timeout=1)
    client.close()


def demand_authorities(file: Path) -> None:
    """Raises OSError for a file that holds no certificates."""
    tls_context(file)


def tls_context(authorities: Path | None) -> ssl.SSLContext:
    """The system's certificates and the operator's, host names checked, TLS 1.2 at least."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if authorities is not None:
        context.load_verify_locations(cafile=str(authorities))
    return context
