"""A very small browser: enough of one to use the pages as a person would, over a real connection.

``*.localhost`` is this machine to every browser, but Python does not resolve it. So the client
connects to an address and says the host in the header, as a browser does that has resolved it. It
keeps cookies as Chromium does on this machine: ``__Host-`` and Secure ones over plain HTTP too.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from http.cookies import SimpleCookie
from typing import TypeAlias
from urllib.parse import urlencode, urljoin, urlsplit

from typing_extensions import override

Fields: TypeAlias = Mapping[str, str] | Iterable[tuple[str, str]]

TIMEOUT_SECONDS = 30
"""Nothing is measured by it: a server that hangs ends the test rather than the night."""


@dataclass(frozen=True)
class Form:
    """A form of a page: where it goes, and what it would send if nobody touched it."""

    action: str
    method: str
    fields: dict[str, str]


@dataclass(frozen=True)
class Answer:
    """What the server answered. ``headers`` keeps repeated ones; their names are lower case."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def location(self) -> str | None:
        """Where a redirect leads, as the server wrote it."""
        return self.header("location")

    def header(self, name: str) -> str | None:
        """The first header of that name, or None."""
        return next((value for key, value in self.headers if key == name.lower()), None)

    def all_headers(self, name: str) -> list[str]:
        """Every header of that name."""
        return [value for key, value in self.headers if key == name.lower()]

    def forms(self) -> list[Form]:
        """The forms of the page, in order."""
        reader = _FormReader()
        reader.feed(self.text)
        return reader.forms

    def form(self, action: str | None = None) -> Form:
        """The form that goes to that path; without one, the page's first that has a csrf field.

        Raises AssertionError, with the page, where there is none.
        """
        for form in self.forms():
            if form.action == action or (action is None and "csrf" in form.fields):
                return form
        raise AssertionError(f"no form {action or ''} in {self.status} {self.url}:\n{self.text}")


@dataclass
class Client:
    """One browser at one origin, such as ``http://harbour.localhost:8000``.

    ``connect_to``: host and port to connect to, where they are not this machine and the origin's.
    ``cookies`` may be read and changed by a test.
    """

    origin: str
    connect_to: tuple[str, int] | None = None
    trust: ssl.SSLContext | None = None
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """A page, as by a click on a link of ours."""
        return self.request("GET", path, headers=headers)

    def post(
        self, path: str, fields: Fields = (), headers: Mapping[str, str] | None = None
    ) -> Answer:
        """A form, sent by a page of this origin. A header given as "" is left out."""
        pairs = fields.items() if isinstance(fields, Mapping) else fields
        body = urlencode(list(pairs)).encode()
        usual = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": self.origin,
            "Sec-Fetch-Site": "same-origin",
        }
        return self.request("POST", path, body=body, headers=usual | dict(headers or {}))

    def submit(self, page: Answer, action: str | None = None, **typed: str) -> Answer:
        """The page's form with what somebody typed into it. Hidden fields go along."""
        form = page.form(action)
        path = urlsplit(urljoin(page.url, form.action or page.url))
        target = path.path + (f"?{path.query}" if path.query else "")
        assert form.method == "post", f"the form {form.action} is not sent by POST"
        return self.post(target, form.fields | typed)

    def follow(self, answer: Answer) -> Answer:
        """Where redirects of this origin lead, followed to their end."""
        for _ in range(10):
            if answer.location is None:
                return answer
            target = urlsplit(urljoin(answer.url, answer.location))
            assert f"{target.scheme}://{target.netloc}" == self.origin, answer.location
            answer = self.get(target.path + (f"?{target.query}" if target.query else ""))
        raise AssertionError(f"redirected in circles: {answer.location}")

    def twin(self) -> Client:
        """Another client with a copy of the cookies, to be used beside this one in a thread."""
        return Client(self.origin, self.connect_to, self.trust, dict(self.cookies))

    def request(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Any request at all, on a connection of its own."""
        sent = {"Host": urlsplit(self.origin).netloc, "Connection": "close"}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent |= dict(headers or {})
        connection = self._connection()
        try:
            connection.request(
                method, path, body=body, headers={k: v for k, v in sent.items() if v}
            )
            answer = _answer(self.origin + path, connection.getresponse())
        finally:
            connection.close()
        self._keep_cookies(answer)
        return answer

    def _connection(self) -> HTTPConnection:
        parts = urlsplit(self.origin)
        secure = parts.scheme == "https"
        host, port = self.connect_to or ("127.0.0.1", parts.port or (443 if secure else 80))
        if not secure:
            return HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        context = self.trust or ssl.create_default_context()
        return HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=context)

    def _keep_cookies(self, answer: Answer) -> None:
        for line in answer.all_headers("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0" or not morsel.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value


def _answer(url: str, response: HTTPResponse) -> Answer:
    return Answer(
        url=url,
        status=response.status,
        headers=tuple((name.lower(), value) for name, value in response.getheaders()),
        body=response.read(),
    )


class _FormReader(HTMLParser):
    """Collects forms, and fields that name their form by its id."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._by_id: dict[str, Form] = {}

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(values.get("action", ""), values.get("method", "get").lower(), {})
            self.forms.append(self._open)
            self._by_id[values.get("id", "")] = self._open
        form = self._by_id.get(values["form"]) if "form" in values else self._open
        if form is None:
            return
        if tag in {"input", "textarea", "select"} and "name" in values:
            if values.get("type") not in {"checkbox", "radio", "submit"} or "checked" in values:
                form.fields[values["name"]] = values.get("value", "")

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
