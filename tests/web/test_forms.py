"""R-32: a form is read once, strictly, or not at all."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from twostep.web.errors import StopRequest
from twostep.web.forms import MOST_FIELDS, Form, read_form

URLENCODED = "application/x-www-form-urlencoded"


def read(body: bytes, content_type: str | None = URLENCODED) -> Form:
    """Raises StopRequest."""
    headers = [] if content_type is None else [(b"content-type", content_type.encode("latin-1"))]

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    return asyncio.run(read_form(request))


def status_of(body: bytes, content_type: str | None = URLENCODED) -> int:
    try:
        read(body, content_type)
    except StopRequest as stop:
        return stop.status
    return 200


def test_fields_are_what_was_typed() -> None:
    form = read(b"a=1+2&b=%26%3D&c=&d&%C3%A9=%F0%9F%A6%A9")
    assert [form.text(name, longest=9) for name in "abcdx"] == ["1 2", "&=", "", "", ""]
    assert form.text("é", longest=9) == "🦩"


def test_what_is_longer_than_anybody_types_is_cut_and_said() -> None:
    form = read(b"a=12345")
    assert form.text("a", longest=5) == "12345"
    assert not form.too_long("a", longest=5)
    assert form.text("a", longest=4) == "1234"
    assert form.too_long("a", longest=4)
    assert not form.too_long("b", longest=0)


@pytest.mark.parametrize(
    "content_type",
    [
        URLENCODED,
        URLENCODED.upper(),
        f"{URLENCODED};charset=UTF-8",
        f'{URLENCODED}; charset="utf-8"',
        f" {URLENCODED} ;",
    ],
)
def test_a_browsers_own_content_type_is_read(content_type: str) -> None:
    assert status_of(b"a=b", content_type) == 200


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
        f"{URLENCODED}, text/plain",
        f"{URLENCODED}; charset=latin-1",
        f"{URLENCODED}; charset=utf-8; boundary=x",
        f"{URLENCODED}x",
        "\xff",
    ],
)
def test_any_other_is_refused(content_type: str | None) -> None:
    assert status_of(b"a=b", content_type) == 415


@pytest.mark.parametrize(
    "body",
    [
        b"a=1&a=2",
        b"a=1&a=1",
        b"a=1&%61=1",
        b"a&a",
        b"a=%ff",
        b"%ff=a",
        b"a=%ED%A0%80",
        b"a=%C0%AF",
        b"a=\xc3\xa9",
        b"a=\xff",
        b"&".join(b"f%d=" % number for number in range(MOST_FIELDS + 1)),
    ],
)
def test_r_32_what_no_browser_sends_is_refused(body: bytes) -> None:
    assert status_of(body) == 400


@given(st.binary(max_size=200))
def test_r_31_any_bytes_are_a_form_or_refused(body: bytes) -> None:
    assert status_of(body) in {200, 400}


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=9),
        st.text(st.characters(codec="utf-8"), max_size=30),
        max_size=MOST_FIELDS,
    )
)
def test_whatever_a_browser_sends_is_read_as_it_was_typed(fields: dict[str, str]) -> None:
    form = read(urlencode(fields).encode())
    assert {name: form.text(name, longest=99) for name in fields} == fields
