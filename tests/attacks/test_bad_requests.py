"""R-31, AC-74: broken and doubled cookies, queries and paths that are none, every other method."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.helpers.house import House
from tests.helpers.one_house import house_on_sqlite
from tests.helpers.places import signed_in
from tests.helpers.sealed_rows import everything_in


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_on_sqlite(tmp_path_factory.mktemp("house")) as made:
        yield made


BROKEN_COOKIES = (
    "",
    "a",
    '"quoted"',
    "=",
    "x" * 66,
    "A" * 66,
    "x" * 8000,
    "é" * 66,
    "\x7f",
    "%00",
    "null",
    "a b",
    "a,b",
)


@pytest.mark.parametrize("name", ["__Host-sess", "__Host-pend", "__Host-pre"])
def test_a_broken_cookie_counts_as_none(name: str, one: House) -> None:
    client = one.client()
    client.get("/sign-in")
    for value in BROKEN_COOKIES:
        header = {"Cookie": f"{name}={value}"}
        assert client.get("/sign-in", header).status == 200
        for path in ("/", "/security", "/sign-in/code"):
            assert client.get(path, header).status == 303


def test_a_strangers_broken_cookie_locks_nobody_out(one: House) -> None:
    """The jar of a host is shared with whatever ran there before."""
    client = signed_in(one)
    ours = f"__Host-sess={client.cookies['__Host-sess']}"
    for jar in (
        f";;; ; = ;a;=b;{ours}",
        f"a=b; a=c; {ours}; Path=/",
        f"__host-sess=x; __HOST-SESS=y; {ours}",
        f"x__Host-sess=a; {ours}; __Host-sessx=b",
        f"é=\xff; {ours}",
        f"{ours};",
        f"  {ours}  ",
    ):
        assert client.get("/", {"Cookie": jar}).status == 200, jar


def test_ac_74_two_of_our_cookies_are_refused_and_said(one: House) -> None:
    """A sibling host may have planted one of them."""
    client = signed_in(one)
    ours = client.cookies["__Host-sess"]
    for jar in (
        f"__Host-sess={ours}; __Host-sess=other",
        f"__Host-sess={ours}; __Host-sess={ours}",
        "__Host-pend=a; x=y; __Host-pend=b",
        "__Host-pre=; __Host-pre=",
    ):
        answer = client.get("/", {"Cookie": jar})
        assert answer.status == 400
        assert "two of our cookies" in answer.text
        assert "/sign-in" in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "%",
        "%z",
        "%zz%",
        "%00",
        "%u0041",
        "%ff%fe",
        "%c0%af",
        "&&&&",
        "=&=&=",
        "said=%00&going_to=%00",
        "going_to=//[",
        "going_to=//[::1",
        "going_to=http://[",
        "said[]=a&going_to[]=/",
        "going_to=/a&going_to=/b",
        "going_to=" + quote("/" + "a" * 7000),
        "a" * 15_000,
        "&".join("a" * 2000),
    ],
)
def test_r_31_no_query_is_more_than_a_query(query: str, one: House) -> None:
    client = one.client()
    assert client.get(f"/sign-in?{query}").status == 200
    assert client.get(f"/sign-in/code?{query}").status == 303


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.css",
        "/static/..%2f..%2fetc%2fpasswd",
        "/static/%2e%2e/%2e%2e/settings.py",
        "/static//etc/passwd",
        "/static/",
        "/static",
        "/static/app.css",
        "/%",
        "/%zz",
        "/%00",
        "/sign-in%00",
        "/sign-in/",
        "//sign-in",
        "/SIGN-IN",
        "/sign-in;jsessionid=1",
        "/sign-in%2f",
        "/./security",
        "/welcome/",
        "/welcome/%00",
        "/welcome/a/b",
        "/.git/config",
        "/" + "a" * 8000,
    ],
)
def test_a_path_that_is_no_page_is_none(path: str, one: House) -> None:
    answer = one.client().get(path)
    assert answer.status in {404, 410, 400}
    assert "root:" not in answer.text
    assert "import" not in answer.text


def test_every_method_but_those_of_a_page_is_refused(one: House) -> None:
    """405 with a page that says so, whoever asks; HEAD is GET without the body."""
    client = signed_in(one)
    before = everything_in(one.installation.database)
    for path in ("/", "/security", "/security/password", "/forgot-password", "/healthz"):
        got, head = client.get(path), client.request("HEAD", path)
        assert (head.status, head.body) == (got.status, b"")
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get"):
            answer = client.request(method, path, headers={"Origin": client.origin})
            assert (method, answer.status) == (method, 405)
            assert answer.header("allow")
            assert b"<h1" in answer.body
    for path in ("/sign-out", "/sign-in/cancel", "/security/two-step/verify"):
        assert client.get(path).status == 405
    assert everything_in(one.installation.database) == before
