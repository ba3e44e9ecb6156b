"""AC-74: our cookies as they are read and as they are set."""

from __future__ import annotations

from collections.abc import Sequence
from http.cookies import SimpleCookie

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response

from twostep.i18n.matters import Matter
from twostep.web.cookies import (
    LONGEST_READ,
    MOST_DEVICES,
    OURS,
    PENDING,
    SESSION,
    VISITOR,
    drop_cookie,
    keep_device,
    read_cookies,
    set_cookie,
)
from twostep.web.errors import StopRequest


def read(*lines: bytes) -> dict[str, str]:
    return dict(read_cookies([(b"cookie", line) for line in lines]))


def test_only_ours_are_read() -> None:
    assert read(b"__Host-sess=a; other=b; __host-pre=c; x__Host-pend=d") == {SESSION: "a"}
    assert read(b"__Host-sess=a; __Host-pend=b", b"__Host-pre=c") == {
        SESSION: "a",
        PENDING: "b",
        VISITOR: "c",
    }
    assert read() == read(b"") == read(b";;=; ;") == {}


def test_a_value_is_all_that_follows_the_first_equals_sign() -> None:
    assert read(b"__Host-sess=a=b==") == {SESSION: "a=b=="}
    assert read(b"__Host-sess=") == {SESSION: ""}
    assert read(b"__Host-sess") == {}
    assert read(b'__Host-sess="quoted"') == {SESSION: '"quoted"'}


@pytest.mark.parametrize(
    "lines",
    [
        [b"__Host-sess=a; __Host-sess=b"],
        [b"__Host-sess=a; __Host-sess=a"],
        [b"__Host-sess=a", b"__Host-sess=a"],
        [b"__Host-pend=;__Host-pend="],
        [b"a=b; __Host-pre=x ;c=d;  __Host-pre=y"],
    ],
)
def test_ac_74_one_of_ours_twice_is_refused(lines: list[bytes]) -> None:
    with pytest.raises(StopRequest) as stop:
        read(*lines)
    assert (stop.value.status, stop.value.matter) == (400, Matter.COOKIE_TWICE)


def test_ac_74_a_jar_without_end_is_not_read() -> None:
    assert read(b"a=" + b"b" * (LONGEST_READ - 2)) == {}
    for lines in ([b"a=" + b"b" * (LONGEST_READ - 1)], [b"a" * (LONGEST_READ // 2 + 1)] * 2):
        with pytest.raises(StopRequest) as stop:
            read(*lines)
        assert stop.value.status == 431


@given(st.lists(st.binary(max_size=100), max_size=4))
def test_r_31_any_bytes_are_read_or_refused(lines: list[bytes]) -> None:
    try:
        found = set(read(*lines))
    except StopRequest as stop:
        found = set()
        status = stop.status
    else:
        status = 200
    assert found <= OURS
    assert status in {200, 400, 431}


@pytest.mark.parametrize("name", sorted(OURS))
def test_ac_74_a_cookie_has_all_that_its_prefix_asks_for(name: str) -> None:
    """RFC 6265bis section 4.1.3.2; SameSite is said, so that no browser has to guess it."""
    for max_age in (None, 900):
        response = Response()
        set_cookie(response, name, "value", max_age=max_age)
        parts = set(response.headers["set-cookie"].split("; "))
        attributes = {"HttpOnly", "Path=/", "SameSite=lax", "Secure"}
        assert parts == {f"{name}=value", *attributes} | (
            {f"Max-Age={max_age}"} if max_age else set()
        )


def test_a_dropped_cookie_has_the_same_attributes_and_no_clock_in_it() -> None:
    """AC-19: a date of ours would make two answers differ."""
    response = Response()
    drop_cookie(response, PENDING)
    line = response.headers["set-cookie"]
    assert "expires" not in line.lower()
    morsel = SimpleCookie(line)[PENDING]
    assert (morsel.value, morsel["max-age"], morsel["path"]) == ("", "0", "/")
    assert morsel["secure"]
    assert morsel["httponly"]


def kept_by(names: Sequence[str], newest: str) -> tuple[list[str], list[str]]:
    """Which device cookies the answer of a sign-in sets and which it drops."""
    response = Response()
    keep_device(response, newest, "x" * 43, dict.fromkeys(names, "y" * 43))
    lines = response.headers.getlist("set-cookie")
    dropped = [line.partition("=")[0] for line in lines if "Max-Age=0" in line]
    return [line.partition("=")[0] for line in lines if "Max-Age=0" not in line], dropped


def test_five_people_share_a_browser_and_the_sixth_takes_the_place_of_the_first() -> None:
    """Browsers send the oldest first (RFC 6265 section 5.4). Nobody of the five loses theirs by a
    sign-in of another of them, nor do our other cookies count.
    """
    names = [f"__Host-dev-0000000{n}" for n in range(6)]
    jar: list[str] = []
    for number, name in enumerate(names[:5], start=1):
        assert kept_by([SESSION, *jar, VISITOR], name) == ([name], [])
        jar.append(name)
        assert len(jar) == number
    for name in names[:5]:
        assert kept_by([SESSION, *jar], name) == ([name], [])
    assert kept_by([SESSION, *jar], names[5]) == ([names[5]], [names[0]])
    assert kept_by([*jar, *names[5:], "__Host-dev-ffffffff"], names[1]) == (
        [names[1]],
        [names[0], names[2], names[3]][: len(jar) + 2 - 5],
    )


def test_a_browser_with_all_our_cookies_sends_few_bytes() -> None:
    """Servers in front of us take some kilobytes of headers; ours need less than one."""
    values = dict.fromkeys(OURS, "x" * 80)
    values |= {f"__Host-dev-0000000{n}": "x" * 43 for n in range(MOST_DEVICES)}
    line = "; ".join(f"{name}={value}" for name, value in values.items())
    assert len(line) < 1024
    assert read(line.encode()) == values
