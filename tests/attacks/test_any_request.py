"""R-31: whatever is asked, and however, nothing breaks and nobody gets in.

Hypothesis writes the requests, as no browser and no server would: any bytes in any header, any
path, any body in any pieces. Half of them carry the cookies of somebody who is signed in, or of a
sign-in that waits, and the token of a form.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.helpers.asgi import FORM, Asked, Headers, Question, Told, asked
from tests.helpers.crawl import all_paths
from tests.helpers.house import NO_LIMITS, House, sign_in
from tests.helpers.http import Client
from tests.helpers.one_house import house_on_sqlite
from tests.helpers.places import a_name, at_code, at_sessions, at_set_up

BYTES = st.binary(max_size=60)
TEXT = st.text(max_size=40)
NAMES = st.sampled_from(
    [
        *(b"host", b"origin", b"sec-fetch-site", b"cookie", b"content-type", b"content-length"),
        *(b"user-agent", b"accept-language", b"x-forwarded-for", b"x-forwarded-proto"),
        *(b"transfer-encoding", b"range", b"if-none-match", b"expect", b"upgrade", b"x-anything"),
    ]
)
METHODS = st.sampled_from(
    ["GET", "GET", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "G\xc9T"]
)


@dataclass(frozen=True)
class Everything:
    """A house, its application, and what a browser in it holds."""

    house: House
    application: Asked
    paths: tuple[str, ...]
    jars: tuple[tuple[bytes, str], ...]
    """Cookies, and the token of a form shown to them."""

    def ours(self) -> Headers:
        primary = self.house.harbour.primary
        return ((b"host", primary.netloc.encode()), (b"origin", str(primary).encode()), FORM)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everything]:
    folder = tmp_path_factory.mktemp("house")
    with house_on_sqlite(folder, limits=NO_LIMITS) as house, asked(house.installation) as being:
        stranger = house.client()
        jars = [(b"", ""), jar(stranger, "/sign-in")]
        for place, page in (
            (at_sessions(house), "/"),
            (at_code(house), "/sign-in/code"),
            (at_set_up(house), "/sign-in/set-up"),
        ):
            jars.append(jar(place.client, page))
        # GET alone would otherwise find nobody behind an address that ends in a token.
        yield Everything(house, being, tuple(sorted(all_paths(house))), tuple(jars))


def jar(client: Client, page: str) -> tuple[bytes, str]:
    csrf = client.get(page).form().fields["csrf"]
    return "; ".join(f"{k}={v}" for k, v in client.cookies.items()).encode(), csrf


def check(told: Told) -> None:
    assert told.status < 500
    assert told.header(b"content-security-policy")
    assert told.header(b"x-frame-options") == b"DENY"
    assert told.header(b"cache-control")
    location = told.header(b"location")
    if location is not None:
        assert location.startswith(b"/")
        assert not location.startswith((b"//", b"/\\"))
    for name, value in told.headers:
        assert b"\n" not in name + value
        assert b"\r" not in name + value


@given(data=st.data())
def test_r_31_no_request_breaks_anything(everything: Everything, data: st.DataObject) -> None:
    headers = data.draw(st.lists(st.tuples(NAMES, BYTES), max_size=5), label="headers")
    if data.draw(st.booleans(), label="ours"):
        taken = {name for name, _ in headers}
        cookies, _ = data.draw(st.sampled_from(everything.jars), label="jar")
        own = [*everything.ours(), (b"cookie", cookies)]
        headers += [pair for pair in own if pair[0] not in taken]
    question = Question(
        method=data.draw(METHODS, label="method"),
        path=data.draw(st.sampled_from(everything.paths) | st.builds("/{}".format, TEXT)),
        query=data.draw(BYTES, label="query"),
        headers=headers,
        body=data.draw(st.lists(BYTES, min_size=1, max_size=3), label="body"),
        scheme=data.draw(st.sampled_from(["http", "https"])),
        client=data.draw(
            st.sampled_from([None, ("", 0), ("unix:", 0), ("127.0.0.1", 1), ("::1%lo", 1)])
        ),
        goes_away=data.draw(st.booleans(), label="goes away"),
    )
    told = everything.application.ask(question)
    check(told)
    assert not any(
        name == b"set-cookie" and value.startswith(b"__Host-sess=") and b"Max-Age=0" not in value
        for name, value in told.headers
    )


FIELDS = ("user_name", "password", "code", "current_password", "new_password", "session", "x")
VALUES = (
    TEXT
    | st.text(st.characters(categories=["Cc", "Cf", "Zl", "Zs", "Nd", "Mn"]), max_size=12)
    | st.from_regex(r"\A[0-9 ]{0,14}\Z")
)


@given(
    number=st.integers(0, 4),
    path=st.integers(0, 30),
    going_to=TEXT | st.builds("/{}".format, TEXT) | st.builds("//{}".format, TEXT),
    typed=st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4),
)
@example(number=1, path=0, going_to="//[", typed={"user_name": "\x00", "password": "\x00"})
def test_r_31_no_form_breaks_anything(
    everything: Everything, number: int, path: int, going_to: str, typed: dict[str, str]
) -> None:
    """A form of ours, with its cookies and its token, in which somebody typed anything at all.

    Signing out, cancelling and ending sessions are left out: they would end the browser that all
    examples share."""
    ends = {"/sign-out", "/sign-in/cancel", "/security/sessions/end"}
    paths = [each for each in everything.paths if each not in ends]
    cookies, csrf = everything.jars[number]
    fields = {"csrf": csrf, "going_to": going_to} | typed
    body = urlencode(fields, errors="surrogatepass").encode()
    told = everything.application.ask(
        Question(
            method="POST",
            path=paths[path % len(paths)],
            headers=[*everything.ours(), (b"cookie", cookies)],
            body=[body[:50], body[50:]],
        )
    )
    check(told)


def test_the_browsers_of_this_file_are_where_they_were(everything: Everything) -> None:
    """The examples above did not only meet closed doors."""
    answers = []
    for (cookies, _), path in zip(
        everything.jars,
        ("/", "/sign-in", "/security", "/sign-in/code", "/sign-in/set-up"),
        strict=True,
    ):
        environment = everything.house.harbour
        if path == "/sign-in/set-up":
            environment = everything.house.northside
        ours = [(b"host", environment.primary.netloc.encode()), (b"cookie", cookies)]
        told = everything.application.ask(Question(path=path, headers=ours))
        answers.append(told.status)
    assert answers == [303, 200, 200, 200, 200]
    name = a_name()
    everything.house.add(name)
    assert sign_in(everything.house.client(), name).location == "/"
