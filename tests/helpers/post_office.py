"""A real SMTP server in a thread of this process, which does what a test tells it to.

It writes down each line that it hears and says, so that what we claim to have sent is compared with
what a server has heard, and not with our own records.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from typing_extensions import override

Answer = str | None
"""What the server says; None: it breaks the connection off without a word."""


@dataclass(frozen=True)
class Delivered:
    """A mail that the server has taken."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """As a mail program reads it."""
        return message_from_bytes(self.content, policy=default)


@dataclass
class PostOffice:
    """The server. What it answers may be changed at any time.

    ``on_recipient`` and ``on_content`` are given how many times they were asked before, in this
    order over all connections. ``breaks_off_at``: a command after which it hangs up;
    ``breaks_off_within``: it does so after the first line of a mail.
    """

    tls: ssl.SSLContext | None = None
    wrapped: bool = False
    password: str | None = None
    international: bool = False
    on_recipient: Callable[[int, str], Answer] = lambda _number, _address: "250 2.1.5 Ok"
    on_content: Callable[[int, bytes], Answer] = lambda number, _: (
        f"250 2.0.0 Ok: queued as {number}"
    )
    on_sender: Callable[[int, str], Answer] = lambda _number, _address: "250 2.1.0 Ok"
    breaks_off_at: str | None = None
    breaks_off_within: bool = False
    waits: Callable[[], Awaitable[object]] | None = None
    """Awaited before each answer to content: a server that takes its time."""
    dialogue: list[tuple[int, str, str]] = field(default_factory=list)
    """(connection, ``"C"`` for us or ``"S"`` for the server, line), without the mails' lines."""
    mails: list[Delivered] = field(default_factory=list)
    port: int = 0

    def __enter__(self) -> Self:
        self.senders_asked = self.recipients_asked = self.contents_asked = self.connections = 0
        self._loop = asyncio.new_event_loop()
        self._servers: list[_Server] = []
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._listener = self._run(self._listen())
        self.port = self._listener.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def heard(self, connection: int | None = None) -> list[str]:
        """The commands that came, those of all connections or of one."""
        return [
            line
            for number, who, line in self.dialogue
            if who == "C" and connection in {None, number}
        ]

    def said(self) -> list[str]:
        """The answers that were given."""
        return [line for _, who, line in self.dialogue if who == "S"]

    def hang_up(self) -> None:
        """Close every connection, as a server does with those that nobody uses."""
        self._run(self._hang_up())

    async def _listen(self) -> asyncio.Server:
        wrapping = self.tls if self.wrapped else None
        return await self._loop.create_server(self._serve, "127.0.0.1", 0, ssl=wrapping)

    def _serve(self) -> SMTP:
        self.connections += 1
        server = _Server(self, self.connections)
        self._servers.append(server)
        return server

    async def _hang_up(self) -> None:
        for server in self._servers:
            if server.transport is not None:
                server.transport.close()
        await asyncio.sleep(0)

    async def _close(self) -> None:
        self._listener.close()
        await self._hang_up()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)


class _Server(SMTP):
    """One connection."""

    def __init__(self, office: PostOffice, number: int) -> None:
        self._office, self._number = office, number
        starttls = office.tls if not office.wrapped else None
        super().__init__(
            _Counter(office),
            hostname="post.example",
            tls_context=starttls,
            enable_SMTPUTF8=office.international,
            auth_require_tls=False,
            authenticator=self._let_in,
            loop=office._loop,
        )

    def _let_in(self, _server: SMTP, *more: Any) -> AuthResult:
        right = more[-1].password.decode() == self._office.password
        return AuthResult(success=right, handled=False)

    @override
    def _cb_client_connected(self, reader: Any, writer: Any) -> None:
        super()._cb_client_connected(reader, writer)
        read_line = reader.readuntil

        async def heard(separator: bytes = b"\n") -> bytes:
            line: bytes = await read_line(separator)
            if separator == b"\n":
                self._note("C", line)
                if line.upper().startswith(str(self._office.breaks_off_at).encode()):
                    await self._break_off()
            elif self._office.breaks_off_within:
                await self._break_off()
            return line

        reader.readuntil = heard

    @override
    async def push(self, status: Any) -> None:
        self._note("S", status if isinstance(status, bytes) else status.encode())
        if status in {"", b""}:
            await self._break_off()
        await super().push(status)

    async def _break_off(self) -> None:
        assert isinstance(self.transport, asyncio.WriteTransport)
        self.transport.abort()
        await asyncio.get_running_loop().create_future()

    def _note(self, who: str, line: bytes) -> None:
        self._office.dialogue.append((self._number, who, line.decode(errors="replace").rstrip()))


@dataclass
class _Counter:
    """Answers for the office."""

    office: PostOffice

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        self.office.senders_asked += 1
        answer = self.office.on_sender(self.office.senders_asked, address)
        if answer and answer.startswith("2"):
            envelope.mail_from = address
        return answer or ""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        self.office.recipients_asked += 1
        answer = self.office.on_recipient(self.office.recipients_asked, address)
        if answer and answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer or ""

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        self.office.contents_asked += 1
        if self.office.waits is not None:
            await self.office.waits()
        content = envelope.original_content or b""
        answer = self.office.on_content(self.office.contents_asked, content)
        if answer and answer.startswith("2"):
            taken = Delivered(envelope.mail_from or "", tuple(envelope.rcpt_tos), content)
            self.office.mails.append(taken)
        return answer or ""
