"""Forms with a file in them, read piece by piece."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.user_lists import BOUNDARY, form_of
from twostep.web.multipart import LONGEST_HEAD, MOST_PARTS, Malformed, Parts


def read(body: bytes, *, cuts: list[int] | None = None) -> dict[str, bytes]:
    """The parts of a body that comes in in these pieces."""
    parts, found = Parts(BOUNDARY), dict[str, bytes]()
    places = sorted({min(cut, len(body)) for cut in cuts or []} | {0, len(body)})
    for begin, end in itertools.pairwise(places):
        for name, data in parts.feed(body[begin:end]):
            found[name] = found.get(name, b"") + data
    parts.end()
    return found


@given(
    st.binary(max_size=300).filter(lambda data: BOUNDARY.encode() not in data),
    st.lists(st.integers(min_value=0, max_value=900), max_size=20),
)
def test_whatever_is_sent_is_read_however_it_is_cut(data: bytes, cuts: list[int]) -> None:
    sent = {"csrf": b"a token", "file": data, "lines": b""}
    assert read(form_of(sent), cuts=cuts) == sent


def test_byte_by_byte() -> None:
    sent = {"csrf": b"x", "file": b"\r\n--\r\n----formboundary", "lines": b"\r\n"}
    body = form_of(sent)
    assert read(body, cuts=list(range(len(body)))) == sent


def test_nothing_more_than_a_mark_is_kept_back() -> None:
    parts = Parts(BOUNDARY)
    head = form_of({"file": b""}).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    list(parts.feed(head))
    given_on = sum(len(data) for _ in range(100) for _, data in parts.feed(b"x" * 1000))
    assert given_on > 100 * 1000 - len(BOUNDARY) - 10


MARK = f"--{BOUNDARY}".encode()
NAMED = b'\r\nContent-Disposition: form-data; name="file"'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"text before" + form_of({"file": b""}),
        MARK + NAMED + b"\r\n\r\n" + b"no end",
        MARK + b" \r\n" + NAMED + b"\r\n\r\nx\r\n" + MARK + b"--",
        MARK + b'\r\nContent-Disposition: form-data; name="../x"\r\n\r\nx\r\n' + MARK + b"--",
        MARK + b"\r\nContent-Type: text/csv\r\n\r\nx\r\n" + MARK + b"--",
        MARK + NAMED + b"\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n" + MARK + b"--",
        MARK + NAMED + NAMED + b"\r\n\r\nx\r\n" + MARK + b"--",
        MARK + b'\r\nContent-Disposition: attachment; name="file"\r\n\r\nx\r\n' + MARK + b"--",
        MARK + b"\r\n" + b"x" * (LONGEST_HEAD + 10),
        MARK + NAMED + b"\r\nContent-Type: " + b"x" * LONGEST_HEAD + b"\r\n\r\n" + MARK + b"--",
        form_of({f"field_{chr(97 + n)}": b"" for n in range(MOST_PARTS + 1)}),
    ],
)
def test_what_no_browser_sends_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        read(body)


def test_what_follows_the_end_is_not_looked_at() -> None:
    body = form_of({"file": b"x"}) + b"anything"
    assert read(body, cuts=[len(body) - 3]) == {"file": b"x"}
