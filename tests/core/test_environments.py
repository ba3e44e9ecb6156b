"""Origins and hosts: one parser for what is configured and for what a request brings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.environments import (
    Environment,
    NotAHost,
    NotAnOrigin,
    Origin,
    is_loopback_host,
    parse_host,
    parse_origin,
)


@pytest.mark.parametrize(
    ("text", "origin", "written"),
    [
        (
            "https://login.example.org",
            Origin("https", "login.example.org", 443),
            "https://login.example.org",
        ),
        (
            " https://Login.Example.org:443/ ",
            Origin("https", "login.example.org", 443),
            "https://login.example.org",
        ),
        ("http://localhost:8000", Origin("http", "localhost", 8000), "http://localhost:8000"),
        ("http://[::1]", Origin("http", "[::1]", 80), "http://[::1]"),
        ("https://[0:0::1]:8443", Origin("https", "[::1]", 8443), "https://[::1]:8443"),
        ("https://10.0.0.1:444", Origin("https", "10.0.0.1", 444), "https://10.0.0.1:444"),
    ],
)
def test_an_origin_has_one_spelling(text: str, origin: Origin, written: str) -> None:
    assert parse_origin(text) == origin
    assert str(origin) == written
    assert parse_origin(str(origin)) == origin


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("login.example.org", "begin with"),
        ("ftp://login.example.org", "begin with"),
        ("https://login.example.org/path", "alone"),
        ("https://login.example.org/?a=1", "alone"),
        ("https://login.example.org/#a", "alone"),
        ("https://ann@login.example.org", "alone"),
        ("https://login.example.org.", "name or an address"),
        ("https://login example.org", "name or an address"),
        ("https://", "name or an address"),
        ("https://login.example.org:0", "port"),
        ("https://[::g]", "not an address"),
    ],
)
def test_what_is_no_origin_is_refused_in_words(text: str, what: str) -> None:
    with pytest.raises(NotAnOrigin, match=what):
        parse_origin(text)


@pytest.mark.parametrize(
    ("netloc", "found"),
    [
        ("example.org", ("example.org", None)),
        ("EXAMPLE.org:8000", ("example.org", 8000)),
        ("[::1]:65535", ("[::1]", 65535)),
        ("[::1]", ("[::1]", None)),
        ("a-b.c1", ("a-b.c1", None)),
    ],
)
def test_a_host_header_is_a_host_and_perhaps_a_port(
    netloc: str, found: tuple[str, int | None]
) -> None:
    assert parse_host(netloc) == found


@pytest.mark.parametrize(
    "netloc",
    [
        "",
        ":8000",
        "example.org:",
        "example.org:x",
        "example.org:-1",
        "example.org:65536",
        "example.org:８０",
        "example.org:8000000",
        "example.org.",
        "example..org",
        "-a.org",
        "a-.org",
        "exa mple.org",
        "example.org/evil",
        "example.org, evil.org",
        "ann@example.org",
        "example.org\n",
        "exämple.org",
        "[::1",
        "::1",
        "[::1]x",
        "[127.0.0.1]",
        "a" * 64,
        f"{'a.' * 127}a",
        "example.org:00000199999",
        f"example.org:000001{'0' * 5000}",
    ],
)
def test_ac_54_whatever_else_a_host_header_holds_is_no_host(netloc: str) -> None:
    """AC-54: no second spelling of a host, and nothing beside it."""
    with pytest.raises(NotAHost):
        parse_host(netloc)


@given(st.text(max_size=40))
def test_a_host_is_read_the_same_way_twice(text: str) -> None:
    try:
        host, port = parse_host(text)
    except NotAHost:
        return
    assert parse_host(host) == (host, None)
    assert port is None or 0 < port < 65536
    assert host == host.lower()


@pytest.mark.parametrize("host", ["localhost", "acme.localhost", "127.0.0.1", "127.9.9.9", "[::1]"])
def test_this_machine_is_known_by_its_name_alone(host: str) -> None:
    assert is_loopback_host(host)
    assert Origin("http", host, 80).on_loopback


@pytest.mark.parametrize("host", ["localhost.example.org", "example.org", "10.0.0.1", "[::2]"])
def test_no_other_host_is_this_machine(host: str) -> None:
    assert not is_loopback_host(host)


def test_an_environments_addresses_begin_with_the_primary_one() -> None:
    one, other = Origin("https", "a.example.org", 443), Origin("https", "b.example.org", 443)
    made = Environment(id=bytes(16), name="Harbour Clinic", primary=one, others=(other,))
    assert made.origins == (one, other)
