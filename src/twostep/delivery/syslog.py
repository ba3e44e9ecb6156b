"""Lines to a syslog server: RFC 5424 over UDP (RFC 5426), TCP (RFC 6587), TLS (RFC 5425) or the
socket of this machine.

UDP and this machine's socket promise nothing: a line may be lost without anybody knowing. Over TCP
and TLS a line that was taken by this machine's kernel can still be lost with the connection. Where
each line counts, it lies in a file as well, or is streamed by a webhook, which answers.

A connection is made for each batch: they are minutes apart, and one that was kept open through a
firewall is dead more often than not, which the first batch after it would not learn.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from twostep.delivery.mail import tls_context

SECONDS: Final = 10
"""To connect, and for each write."""

GOODBYE_SECONDS: Final = 2

_NOTICE_OF_AUDIT: Final = 13 * 8 + 5
"""Facility 13 (log audit), severity 5 (notice): RFC 5424 section 6.2.1."""

_APP: Final = "twostep"


class Transport(StrEnum):
    """How lines get there; the value is the scheme of the address."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"
    LOCAL = "unix"


_PORTS: Final = {Transport.UDP: 514, Transport.TCP: 601, Transport.TLS: 6514}


class NotASyslog(ValueError):
    """The text is not the address of a syslog server."""


class SyslogAway(Exception):
    """The lines were not taken. The text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Syslog:
    """A syslog server. ``host`` is a path where the transport is this machine's socket.
    ``authorities``: a PEM file of certificates to trust beside the system's.
    """

    transport: Transport
    host: str
    port: int = 0
    authorities: Path | None = None

    def send(self, lines: Sequence[str], *, at: int, kind: str) -> None:
        """Send each as a message of its own. ``at`` in milliseconds, ``kind`` a word that filters
        can go by (MSGID). Raises SyslogAway.
        """
        messages = [_message(line, at=at, kind=kind) for line in lines]
        try:
            match self.transport:
                case Transport.UDP | Transport.LOCAL:
                    self._send_datagrams(messages)
                case Transport.TCP | Transport.TLS:
                    self._send_stream(messages)
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise SyslogAway(why) from error

    def _send_datagrams(self, messages: Sequence[bytes]) -> None:
        with self._datagram_socket() as connected:
            for message in messages:
                connected.send(message)

    def _datagram_socket(self) -> socket.socket:
        if self.transport is Transport.LOCAL:
            made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            address: object = self.host
        else:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_DGRAM)
            family, kind, protocol, _, address = found[0]
            made = socket.socket(family, kind, protocol)
        try:
            made.settimeout(SECONDS)
            made.connect(address)  # type: ignore[arg-type]
        except BaseException:
            made.close()
            raise
        return made

    def _send_stream(self, messages: Sequence[bytes]) -> None:
        """Octet counting, which RFC 5425 demands and RFC 6587 section 3.4.1 prefers: a line may
        hold whatever it likes.
        """
        frames = b"".join(b"%d %b" % (len(message), message) for message in messages)
        with socket.create_connection((self.host, self.port), timeout=SECONDS) as plain:
            if self.transport is Transport.TCP:
                plain.sendall(frames)
                plain.shutdown(socket.SHUT_WR)
                return
            context = tls_context(self.authorities)
            with context.wrap_socket(plain, server_hostname=self.host) as wrapped:
                wrapped.sendall(frames)
                # A connection that is dropped with something unread in it (TLS 1.3 sends session
                # tickets) takes along what the other side has not read yet. So both say goodbye;
                # a server that does not has read, or not, by then.
                wrapped.settimeout(GOODBYE_SECONDS)
                with suppress(OSError):
                    wrapped.unwrap()


def read_syslog(text: str, *, authorities: Path | None = None) -> Syslog:
    """The server of an address: ``tls://logs.example.org``, ``udp://host:514``,
    ``unix:///dev/log``. Raises NotASyslog.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
        transport = Transport(parts.scheme)
    except ValueError:
        raise NotASyslog("not the address of a syslog server") from None
    if parts.username or parts.password or parts.query or parts.fragment:
        raise NotASyslog("more than the address of a syslog server")
    if transport is Transport.LOCAL:
        if parts.netloc or not parts.path.startswith("/"):
            raise NotASyslog("a socket of this machine is unix:// and its path")
        return Syslog(transport=transport, host=parts.path)
    if not parts.hostname or parts.path.strip("/"):
        raise NotASyslog("not the address of a syslog server")
    return Syslog(
        transport=transport,
        host=parts.hostname,
        port=port or _PORTS[transport],
        authorities=authorities,
    )


def address_of(syslog: Syslog) -> str:
    """How an operator would write it."""
    if syslog.transport is Transport.LOCAL:
        return f"unix://{syslog.host}"
    host = f"[{syslog.host}]" if ":" in syslog.host else syslog.host
    return f"{syslog.transport}://{host}:{syslog.port}"


def _message(line: str, *, at: int, kind: str) -> bytes:
    """RFC 5424 section 6: header, no structured data, the line."""
    time = datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
    host = socket.gethostname()[:255] or "-"
    head = f"<{_NOTICE_OF_AUDIT}>1 {time}Z {host} {_APP} - {kind[:32]} - "
    return head.encode("ascii", "replace") + line.encode()
