"""Receivers of what Twostep sends: a syslog server of each transport, and one for webhooks. Each is
real, on this machine, and keeps what came.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from typing_extensions import override

_FRAME = re.compile(rb"([0-9]+) ")


@dataclass
class Received:
    """What came. ``port``: where the receiver listens."""

    port: int = 0
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    status: int = 200
    came: threading.Condition = field(default_factory=threading.Condition)

    def take(self, body: bytes) -> None:
        with self.came:
            self.bodies.append(body)
            self.came.notify_all()

    def wait_for(self, number: int) -> list[bytes]:
        """The first so many; raises where they do not come."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.bodies) >= number, timeout=30), self.bodies
            return list(self.bodies)


@contextmanager
def datagrams(path: Path | None = None) -> Iterator[Received]:
    """A syslog server over UDP, or at this socket of the machine."""
    listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind(str(path) if path else ("127.0.0.1", 0))
    received = Received(port=0 if path else listener.getsockname()[1])
    over = b"over"

    def work() -> None:
        while (message := listener.recv(65_536)) != over:
            received.take(message)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield received
    finally:
        with socket.socket(listener.family, socket.SOCK_DGRAM) as ending:
            ending.connect(listener.getsockname())
            ending.send(over)
        thread.join()
        listener.close()


@contextmanager
def stream_of_frames(certificate: tuple[Path, Path] | None = None) -> Iterator[Received]:
    """A syslog server over TCP, or over TLS with this certificate and its key."""
    listener = socket.create_server(("127.0.0.1", 0))
    received = Received(port=listener.getsockname()[1])
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*map(str, certificate))

    def work() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            with plain:
                try:
                    if context is None:
                        _take_frames(plain, received)
                        continue
                    with context.wrap_socket(plain, server_side=True) as wrapped:
                        _take_frames(wrapped, received)
                except OSError:
                    continue

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield received
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def _take_frames(connection: socket.socket, received: Received) -> None:
    rest = b""
    while piece := connection.recv(65_536):
        rest += piece
        while (head := _FRAME.match(rest)) and len(rest) >= head.end() + int(head[1]):
            end = head.end() + int(head[1])
            received.take(rest[head.end() : end])
            rest = rest[end:]


@contextmanager
def webhook_server() -> Iterator[Received]:
    """A server that answers with ``status``, and keeps bodies and headers."""
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if received.status < 300:
                received.headers.append({k.lower(): v for k, v in self.headers.items()})
                received.take(body)
            self.send_response(received.status)
            if received.status in {301, 302, 307}:
                self.send_header("location", "/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        @override
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
