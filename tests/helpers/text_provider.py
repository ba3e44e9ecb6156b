"""A provider of text messages: a real HTTP server to which Apprise posts."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from typing_extensions import override


@dataclass
class Waiting:
    """``count``: how many have begun to wait."""

    count: int = 0
    _over: threading.Event = field(default_factory=threading.Event)
    _counting: threading.Lock = field(default_factory=threading.Lock)

    def wait(self) -> None:
        with self._counting:
            self.count += 1
        self._over.wait(30)

    def let_go(self) -> None:
        self._over.set()


@dataclass
class TextProvider:
    """``texts``: what came, as (path, body). ``status`` is what it answers."""

    status: int = 200
    port: int = 0
    texts: list[tuple[str, str]] = field(default_factory=list)
    waiting: Waiting | None = None

    @property
    def url(self) -> str:
        """Its Apprise address, with a password in it as real ones have."""
        return f"json://account:provider-secret@127.0.0.1:{self.port}/texts/{{to}}"

    @contextmanager
    def hanging(self) -> Iterator[Waiting]:
        """It answers nobody until it is let go."""
        self.waiting = Waiting()
        try:
            yield self.waiting
        finally:
            self.waiting.let_go()


@contextmanager
def text_provider() -> Iterator[TextProvider]:
    provider = TextProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            if provider.waiting is not None:
                provider.waiting.wait()
            provider.texts.append((self.path, json.loads(content)["message"]))
            self.send_response(provider.status)
            self.end_headers()

        @override
        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
