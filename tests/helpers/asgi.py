"""Requests that no browser and no server would let through, put straight to the application.

A server in front refuses much before the application sees it, and each server refuses something
else. What the application makes of it is asked here, without one.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp

from tests.helpers.serving import front_of
from twostep.flows.installation import Installation

Headers = Sequence[tuple[bytes, bytes]]
FORM = (b"content-type", b"application/x-www-form-urlencoded")


@dataclass(frozen=True)
class Told:
    """What the application answered. Names of headers are as it gave them."""

    status: int
    headers: Headers
    body: bytes

    def header(self, name: bytes) -> bytes | None:
        """The first header of that name."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


@dataclass
class Question:
    """One request, in the words of ASGI. ``body`` arrives in these pieces."""

    method: str = "GET"
    path: str = "/"
    query: bytes = b""
    headers: Headers = ()
    body: Iterable[bytes] = (b"",)
    scheme: str = "http"
    client: tuple[str, int] | None = ("127.0.0.1", 50_000)
    goes_away: bool = False
    stalls: bool = False
    raised: list[BaseException] = field(default_factory=list)

    def scope(self) -> dict[str, Any]:
        """As a server would make it."""
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": self.scheme,
            "path": self.path,
            "raw_path": self.path.encode("utf-8", "surrogatepass"),
            "query_string": self.query,
            "root_path": "",
            "headers": list(self.headers),
            "client": self.client,
            "server": ("127.0.0.1", 80),
            "state": {},
        }


class Asked:
    """An application on an event loop of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def ask(self, question: Question) -> Told:
        """The answer. Raises what the application raises: a server would make a bare 500 of it."""
        return asyncio.run_coroutine_threadsafe(self._ask(question), self._loop).result(60)

    def close(self) -> None:
        """End the loop."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _ask(self, question: Question) -> Told:
        pieces = list(question.body)
        sent: list[Any] = []

        async def receive() -> Any:
            if pieces:
                piece = pieces.pop(0)
                more = bool(pieces) or question.goes_away or question.stalls
                return {"type": "http.request", "body": piece, "more_body": more}
            if question.goes_away:
                return {"type": "http.disconnect"}
            await asyncio.Event().wait()
            return None

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(question.scope(), receive, send)
        start = sent[0]
        assert start["type"] == "http.response.start", start
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return Told(start["status"], start["headers"], body)


@contextmanager
def asked(installation: Installation, **site: Any) -> Iterator[Asked]:
    """The installation's pages, to be asked without a server."""
    being = Asked(front_of(installation, **site))
    try:
        yield being
    finally:
        being.close()
