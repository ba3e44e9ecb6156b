"""AC-54, AC-56, AC-74, R-09: whose word counts for where a request went and came from."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.environments import Origin
from twostep.web.errors import StopRequest
from twostep.web.visitor import Network, header, origin_of, visitor_of

PROXIES = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")]
PROXY = ("10.0.0.1", 1)
STRANGER = ("203.0.113.9", 1)


def scope(
    *headers: tuple[str, str], client: tuple[str, int] | None = STRANGER, scheme: str = "http"
) -> dict[str, Any]:
    return {
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
        "client": client,
        "scheme": scheme,
    }


def host(name: str) -> tuple[str, str]:
    return "host", name


def status_of(request: dict[str, Any], trusted: list[Network] | None = None) -> int:
    try:
        origin_of(request, PROXIES if trusted is None else trusted)
    except StopRequest as stop:
        return stop.status
    return 200


HTTPS = ("x-forwarded-proto", "https")
ELSEWHERE = host("login.example.org")


def test_ac_74_plain_http_counts_on_this_machine_alone() -> None:
    assert status_of(scope(ELSEWHERE)) == 421
    for name in ("localhost:8000", "a.b.localhost", "127.0.0.1", "127.9.9.9:80", "[::1]:80"):
        assert status_of(scope(host(name))) == 200
    for name in ("localhost.example.org", "127.0.0.1.example.org", "[::]", "0.0.0.0", "10.0.0.1"):
        assert status_of(scope(host(name))) == 421


def test_ac_74_the_scheme_is_the_connections_or_a_trusted_proxys() -> None:
    assert origin_of(scope(ELSEWHERE, scheme="https"), []) == Origin(
        "https", "login.example.org", 443
    )
    assert origin_of(scope(ELSEWHERE, HTTPS, client=PROXY), PROXIES).scheme == "https"
    assert status_of(scope(ELSEWHERE, HTTPS)) == 421
    assert status_of(scope(ELSEWHERE, HTTPS), []) == 421
    assert status_of(scope(ELSEWHERE, HTTPS, client=None)) == 421


@pytest.mark.parametrize("said", ["http", "HTTPS", "https,http", "https, https", "wss", "", " "])
def test_ac_74_a_proxy_that_does_not_say_https_is_plain_http(said: str) -> None:
    request = scope(ELSEWHERE, ("x-forwarded-proto", said), client=PROXY)
    assert status_of(request) == 421


def test_ac_74_a_proxy_that_says_it_twice_is_refused() -> None:
    assert status_of(scope(ELSEWHERE, HTTPS, HTTPS, client=PROXY)) == 400


def test_ac_74_a_proxy_that_says_nothing_is_not_believed_to_be_https() -> None:
    assert status_of(scope(ELSEWHERE, client=PROXY, scheme="https")) == 421


def test_ac_54_one_host_and_a_real_one() -> None:
    assert status_of(scope(scheme="https")) == 400
    assert status_of(scope(ELSEWHERE, ELSEWHERE, scheme="https")) == 400
    for name in ("", "a b", "a/b", "a@b", "a:0", "a:65536", "a:b", "a.", ".a"):
        assert status_of(scope(host(name), scheme="https")) == 400
    for name in ("a:00001" + "9" * 5000, "a:" + "9" * 5000):
        assert status_of(scope(host(name), scheme="https")) == 400
    spelt = origin_of(scope(host("LOGIN.Example.ORG:443"), scheme="https"), [])
    assert str(spelt) == "https://login.example.org"


@given(st.binary(max_size=80))
def test_r_31_any_bytes_are_a_host_or_refused(value: bytes) -> None:
    request = scope(scheme="https")
    request["headers"] = [(b"host", value)]
    assert status_of(request) in {200, 400}


def address(*lines: str, client: tuple[str, int] | None = PROXY) -> str:
    request = scope(*(("x-forwarded-for", line) for line in lines), client=client)
    return visitor_of(request, PROXIES).address


def test_r_09_a_stranger_is_where_the_connection_comes_from() -> None:
    assert address("198.51.100.7", client=STRANGER) == "203.0.113.9"
    assert address(client=STRANGER) == "203.0.113.9"


def test_r_09_a_proxys_list_is_read_from_the_right() -> None:
    """AC-56: what a visitor wrote stands to the left of the first hop that is not a proxy."""
    assert address("198.51.100.7") == "198.51.100.7"
    assert address("1.1.1.1, 198.51.100.7") == "198.51.100.7"
    assert address("1.1.1.1, 10.0.0.1, 198.51.100.7, 10.2.3.4") == "198.51.100.7"
    assert address("1.1.1.1", "198.51.100.7, 10.9.9.9") == "198.51.100.7"
    assert address("1.1.1.1,198.51.100.7 ,  fd00::5") == "198.51.100.7"
    assert address("2001:db8::1") == "2001:db8::1"


@pytest.mark.parametrize(
    "wrong", ["", "unknown", "1.1.1.1:80", "[::1]", "1.1.1", "01.1.1.1", "1.1.1.1;", "\xff", "a, b"]
)
def test_r_09_a_hop_that_is_no_address_ends_the_reading(wrong: str) -> None:
    """The nearest address that is known for certain is the last proxy's own."""
    assert address(f"198.51.100.7, {wrong}") == "10.0.0.1"
    assert address(f"{wrong}, 198.51.100.7") == "198.51.100.7"
    assert address(f"198.51.100.7, {wrong}, 10.5.5.5") == "10.5.5.5"


def test_r_09_where_all_hops_are_proxies_the_furthest_one_is_the_visitor() -> None:
    assert address("10.3.3.3, 10.2.2.2") == "10.3.3.3"
    assert address() == "10.0.0.1"


def test_an_ipv4_address_through_an_ipv6_socket_is_that_address() -> None:
    """One visitor, one counter; one proxy, one trust."""
    assert address(client=("::ffff:203.0.113.9", 1)) == "203.0.113.9"
    assert address("198.51.100.7", client=("::ffff:10.0.0.1", 1)) == "198.51.100.7"
    assert address("::ffff:198.51.100.7") == "198.51.100.7"


@pytest.mark.parametrize("client", [None, ("", 0), ("unix:/run/x", 0), ("localhost", 1)])
def test_without_an_address_nobody_is_a_proxy(client: tuple[str, int] | None) -> None:
    assert address("198.51.100.7", client=client) == "0.0.0.0"
    assert status_of(scope(ELSEWHERE, HTTPS, client=client)) == 421


@given(st.lists(st.binary(max_size=60), max_size=3))
def test_r_31_any_bytes_in_the_list_give_an_address(lines: list[bytes]) -> None:
    request = scope(client=PROXY)
    request["headers"] = [(b"x-forwarded-for", line) for line in lines]
    ipaddress.ip_address(visitor_of(request, PROXIES).address)


def test_the_browser_is_named_and_never_repeated() -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    request = scope(("user-agent", agent))
    assert visitor_of(request, []).browser == "Firefox on Linux"


def test_a_header_that_must_be_one_is_one() -> None:
    assert header([], b"x") is None
    assert header([(b"x", b"\xe9")], b"x") == "é"
    with pytest.raises(StopRequest) as stop:
        header([(b"x", b"a"), (b"x", b"a")], b"x")
    assert stop.value.status == 400
