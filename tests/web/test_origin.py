"""AC-39, AC-40: who may send a form (SECURITY §3.7). The whole matrix, through the pages, is in
tests/attacks/test_cross_site_requests.py.
"""

from __future__ import annotations

import pytest

from twostep.core.environments import parse_origin
from twostep.i18n.matters import Matter
from twostep.web.errors import StopRequest
from twostep.web.origin import EXEMPT_PATHS, demand_own_origin

OWN = parse_origin("https://login.example.org")


def refused(
    *headers: tuple[bytes, bytes], method: str = "POST", path: str = "/sign-in", own: str = ""
) -> bool:
    try:
        demand_own_origin(method, path, headers, parse_origin(own) if own else OWN)
    except StopRequest as stop:
        return (stop.status, stop.matter) == (403, Matter.ORIGIN_REFUSED)
    return False


def site(value: bytes) -> tuple[bytes, bytes]:
    return b"sec-fetch-site", value


def origin(value: bytes) -> tuple[bytes, bytes]:
    return b"origin", value


RIGHT = origin(b"https://login.example.org")


@pytest.mark.parametrize("value", [b"same-origin"])
def test_what_the_browser_says_of_the_site_decides(value: bytes) -> None:
    assert not refused(site(value))
    assert not refused(site(value), origin(b"null"))


@pytest.mark.parametrize(
    "value", [b"same-site", b"cross-site", b"none", b"", b"Same-Origin", b"same-origin,", b"x"]
)
def test_any_other_site_is_refused_whatever_the_origin(value: bytes) -> None:
    assert refused(site(value), RIGHT)
    assert refused(site(value))


def test_a_site_said_twice_is_refused() -> None:
    assert refused(site(b"same-origin"), site(b"same-origin"), RIGHT)
    assert refused(site(b"same-origin"), site(b"cross-site"), RIGHT)


def test_an_old_browser_must_say_the_origin_exactly() -> None:
    assert not refused(RIGHT)
    for value in (
        b"null",
        b"",
        b"http://login.example.org",
        b"https://login.example.org:443",
        b"https://login.example.org/",
        b"https://LOGIN.example.org",
        b"https://login.example.org.evil.example",
        b"https://evil.example",
        b"login.example.org",
    ):
        assert refused(origin(value))
    assert refused(RIGHT, RIGHT)
    assert refused()


def test_a_port_is_part_of_the_origin() -> None:
    own = "http://login.localhost:8000"
    assert not refused(origin(b"http://login.localhost:8000"), own=own)
    assert refused(origin(b"http://login.localhost"), own=own)
    assert refused(origin(b"http://login.localhost:8001"), own=own)


def test_only_methods_that_change_nothing_are_let_through() -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        assert not refused(site(b"cross-site"), method=method)
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "get", "", "PROPFIND"):
        assert refused(site(b"cross-site"), method=method)


def test_only_reports_of_browsers_are_exempt() -> None:
    """They come without cookies, and nothing comes of them but a line in the log."""
    assert frozenset({"/csp-reports"}) == EXEMPT_PATHS
    assert not refused(site(b"cross-site"), path="/csp-reports")
    assert refused(site(b"cross-site"), path="/csp-reports/")
