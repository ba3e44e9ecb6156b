"""The front: what happens to every request before and after its page.

It works out who visits and which environment is meant, refuses what no page should see (an unknown
host, a form
from elsewhere, a body that is too large or too slow), puts the security headers on every answer,
and turns
whatever goes wrong into a page that says so. An error is never a way in: it ends the request.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from twostep.clock import steady_seconds
from twostep.core.environments import Environment, Origin
from twostep.core.user_lists import LARGEST_LIST
from twostep.crypto.passwords import Busy
from twostep.flows.environments import by_origin
from twostep.i18n.matters import Matter
from twostep.storage.faults import DatabaseAway, DatabaseBusy
from twostep.web.cookies import LANGUAGE, LANGUAGE_LASTS, read_cookies, set_cookie
from twostep.web.errors import StopRequest, bad_request
from twostep.web.headers import security_headers
from twostep.web.languages import chosen_now, language_of
from twostep.web.origin import demand_own_origin
from twostep.web.rendering import Frame
from twostep.web.rendering import Message as MessageView
from twostep.web.site import Site
from twostep.web.visitor import Visit, header, origin_of, visitor_of

LARGEST_BODY = 16 * 1024
"""No form of ours comes near; a body is held in memory, so it has an end (AC-68)."""

SLOWEST_BODY = 15.0
"""Seconds within which a body must be here."""

LARGE_BODIES = {"/admin/users/import": (LARGEST_LIST, 300.0)}
"""By path, where a body may be larger and slower, in bytes and seconds: a list of new users, which
is read piece by piece, and only from somebody who may import one."""

KNOWN_FOR_MS = 5_000
"""How long an environment's addresses are believed without asking the database again."""

LINKS = ("/welcome/", "/reset/", "/invitation/", "/break-glass/")
"""What follows these in a path is a secret."""

_TOKEN = re.compile(r"(?<![\w-])[\w-]{40,60}(?![\w-])", re.ASCII)
"""What looks like one, wherever it stands: ids of ours have 32 characters, tokens 43."""

ANY_HOST = frozenset({"/healthz", "/readyz"})

_log = structlog.get_logger("twostep.web")


class Front:
    """The outermost ASGI application."""

    def __init__(self, app: ASGIApp, site: Site, *, slowest_body: float = SLOWEST_BODY) -> None:
        """``slowest_body`` in seconds."""
        self._app = app
        self._site = site
        self._slowest_body = slowest_body
        self._known: dict[str, tuple[int, Environment]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, nonce=secrets.token_urlsafe(16), reference=secrets.token_hex(6))
        # A copy: a server that gave two requests one state would mix two environments.
        scope["state"] = dict(scope.get("state") or {})
        scope["app"] = self
        try:
            await self._answer(scope, receive, answer)
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends as a refusal (R-31)
            await self._explain(scope, receive, answer, error)
        finally:
            answer.log(scope)

    async def _answer(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        if scope["path"] not in ANY_HOST:
            origin = origin_of(scope, self._site.trusted_proxies)
            answer.secure = origin.scheme == "https"
            environment = await self._environment(origin)
            cookies = read_cookies(scope["headers"])
            answer.language = chosen_now(scope)
            scope["state"]["visit"] = Visit(
                environment=environment,
                origin=origin,
                visitor=visitor_of(scope, self._site.trusted_proxies),
                cookies=cookies,
                nonce=answer.nonce,
                language=language_of(scope, cookies),
                reference=answer.reference,
            )
            demand_own_origin(scope["method"], scope["path"], scope["headers"], origin)
        await self._app(scope, _limited(scope, receive, self._slowest_body), answer.send)

    async def _environment(self, origin: Origin) -> Environment:
        """The environment of this origin. Raises StopRequest (421) where there is none."""
        now = self._site.installation.clock()
        key = str(origin)
        known = self._known.get(key)
        if known is not None and abs(now - known[0]) < KNOWN_FOR_MS:
            return known[1]
        found = await self._site.run(by_origin, self._site.installation, key)
        if found is None:
            self._known.pop(key, None)
            raise StopRequest(Matter.UNKNOWN_ADDRESS, 421)
        self._known[key] = (now, found)
        return found

    async def _explain(
        self, scope: Scope, receive: Receive, answer: _Answer, error: Exception
    ) -> None:
        stop = _stop(error)
        if stop.status >= 500:
            _log.error("request_failed", reference=answer.reference, error=type(error).__name__,
                       exc_info=error if stop.status == 500 else None)  # fmt: skip
        if answer.begun:
            return
        response = self._message(scope, stop, answer)
        if isinstance(error, HTTPException):
            response.headers.update(error.headers or {})
            if stop.status == 405:
                response.headers["Allow"] = _allowed(scope) or response.headers["Allow"]
        await response(scope, receive, answer.send)

    def _message(self, scope: Scope, stop: StopRequest, answer: _Answer) -> Response:
        """A page that needs nothing which could be what is broken: no database, no environment."""
        visit: Visit | None = scope["state"].get("visit")
        frame = Frame(
            environment_name=visit.environment.name if visit else None,
            language=visit.language if visit else language_of(scope, {}),
            now=self._site.installation.clock(),
            nonce=answer.nonce,
        )
        view = MessageView(
            matter=stop.matter, reference=answer.reference if stop.status >= 500 else None
        )
        response = HTMLResponse(self._site.renderer.render(view, frame), status_code=stop.status)
        if stop.retry_after is not None:
            response.headers["retry-after"] = str(stop.retry_after)
        return response


class _Answer:
    """The way out: adds the headers, and remembers what was answered for the log."""

    def __init__(self, send: Send, *, nonce: str, reference: str) -> None:
        self._send = send
        self._began_at = steady_seconds()
        self.nonce = nonce
        self.reference = reference
        self.secure = False
        self.language: str | None = None
        self.status: int | None = None

    @property
    def begun(self) -> bool:
        """Whether the answer is on its way already."""
        return self.status is not None

    async def send(self, message: Message) -> None:
        """Pass a part of the answer on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": self._headers(message)}
        await self._send(message)

    def _headers(self, message: Message) -> list[tuple[bytes, bytes]]:
        own = list(message.get("headers", ()))
        named = {name.lower() for name, _ in own}
        ours = security_headers(nonce=self.nonce, secure=self.secure)
        added = [(name.encode(), value.encode()) for name, value in ours.items()]
        kept = _kept_language(self.language) if self.language else []
        return own + kept + [(name, value) for name, value in added if name not in named]

    def log(self, scope: Scope) -> None:
        """One line for each request: no query, no token, no name."""
        _log.info(
            "request",
            method=scope["method"],
            path=masked_path(scope["path"]),
            status=self.status,
            milliseconds=round((steady_seconds() - self._began_at) * 1000, 1),
            reference=self.reference,
        )


def masked_path(path: str) -> str:
    """The path as it may stand in a log: a link's token is a secret until it is used, and whatever
    a mail program has made of the rest of the link.
    """
    for begins in LINKS:
        if path.startswith(begins):
            return f"{begins}…"
    if not (path.isascii() and path.isprintable()):
        return "…"
    return _TOKEN.sub("…", path)[:200]


def _kept_language(language: str) -> list[tuple[bytes, bytes]]:
    """The header that has the browser keep the language that was chosen in this request."""
    response = Response()
    set_cookie(response, LANGUAGE, language, max_age=LANGUAGE_LASTS)
    return [header for header in response.raw_headers if header[0] == b"set-cookie"]


def _limited(scope: Scope, receive: Receive, seconds: float) -> Receive:
    """Hands on the body while it is neither too large nor too slow. Raises StopRequest (400, 408,
    413).
    """
    largest, seconds = LARGE_BODIES.get(scope["path"], (LARGEST_BODY, seconds))
    announced = header(scope["headers"], b"content-length")
    if announced is not None:
        if not (announced.isascii() and announced.isdigit()):
            raise bad_request()
        if int(announced[:20]) > largest:
            raise StopRequest(Matter.TOO_LARGE, 413)
    read, whole = 0, False
    until = steady_seconds() + seconds

    async def limited() -> Message:
        nonlocal read, whole
        if whole:
            # Only that the visitor has gone can come now. Whoever writes a long file listens for
            # that, and it may take longer than any body.
            return await receive()
        try:
            left = max(0.0, until - steady_seconds())
            message = await asyncio.wait_for(receive(), left)
        except TimeoutError:
            raise StopRequest(Matter.READ_TIMED_OUT, 408) from None
        if message["type"] == "http.request":
            read += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if read > largest:
                raise StopRequest(Matter.TOO_LARGE, 413)
        return message

    return limited


def _allowed(scope: Scope) -> str:
    """The methods of all routes of this path (RFC 9110 section 15.5.6): a page and the form that it
    sends are two, and the router names those of the first.
    """
    router = scope.get("router")
    found = [
        route.methods or set()
        for route in (router.routes if isinstance(router, Router) else ())
        if isinstance(route, Route) and route.path_regex.match(scope["path"])
    ]
    return ", ".join(sorted(set().union(*found)))


_STOPS: dict[type[Exception], Callable[[Any], StopRequest]] = {
    StopRequest: lambda error: error,
    ClientDisconnect: lambda _: bad_request(),
    Busy: lambda error: StopRequest(Matter.BUSY, 503, retry_after=error.retry_after_seconds),
    DatabaseBusy: lambda _: StopRequest(Matter.BUSY, 503, retry_after=2),
    DatabaseAway: lambda _: StopRequest(Matter.DATABASE_AWAY, 503, retry_after=5),
}

_HTTP = {404: Matter.NOT_FOUND, 405: Matter.METHOD_NOT_ALLOWED}


def _stop(error: Exception) -> StopRequest:
    if isinstance(error, HTTPException):
        matter = _HTTP.get(error.status_code, Matter.BAD_REQUEST)
        return StopRequest(matter, error.status_code)
    make = _STOPS.get(type(error))
    return make(error) if make else StopRequest(Matter.WENT_WRONG, 500)
