"""The form of an export: exactly what is named, each of its own type, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from twostep.core import environment_lines as lines
from twostep.core.audit import Event, EventKind
from twostep.core.audit_chain import SealedEvent
from twostep.core.environment_exports import (
    FORMAT,
    ID,
    LONGEST_LINE,
    TIME,
    WrongLine,
    hexadecimal,
    nested,
    number,
    one_of,
    optional,
    read,
    record,
    several,
    text,
    written,
)

ENVIRONMENT = b"e" * 16
HEADER = {
    "version": 1,
    "environment_id": "ab" * 16,
    "name": "Harbour",
    "origins": ["https://harbour.example"],
    "made_at": 5,
    "users": 1,
    "events": 2,
    "effective": {"session_hours": "8"},
}
EVENT = SealedEvent(
    number=3,
    event=Event(
        id=b"i" * 16,
        environment_id=ENVIRONMENT,
        at=7,
        kind=EventKind.USER_ADDED,
        target=b"t" * 16,
        data={"administrator": True},
    ),
    mac=b"m" * 32,
    key_version=1,
)


def test_a_line_reads_back_as_it_was_written() -> None:
    line = written("user", {"name": "Zoë"})
    assert line.endswith(b"\n")
    assert read(line) == ("user", {"name": "Zoë"})


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"3",
        b"{}",
        b'{"type": 3}',
        b"\xff",
        b'"type"',
        b"[" * 100_000,
        b" " * (LONGEST_LINE + 1),
    ],
)
def test_what_is_no_line_is_refused(line: bytes) -> None:
    with pytest.raises(WrongLine):
        read(line)


def test_a_record_has_exactly_its_members() -> None:
    checks = {"a": number(0, 9), "b": optional(text(3))}
    assert record({"a": 1, "b": None}, checks) == {"a": 1, "b": None}
    wrongs: list[Any] = [{"a": 1}, {"a": 1, "b": None, "c": 1}, [], None, {"a": 10, "b": None}]
    for wrong in wrongs:
        with pytest.raises(WrongLine):
            record(wrong, checks)


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (number(0, 9), 9, (10, -1, True, "1", 1.0, None)),
        (text(3, shortest=1), "abc", ("", "abcd", 3, "a\0", "\ud800", None)),
        (hexadecimal(2, 2), "00ff", ("00FF", "00", "zz", 7, None, "00 ff")),
        (one_of(frozenset({"a", "b"})), "a", ("c", 1, None, [])),
        (several({"a": TIME}, most=1), [{"a": 1}], ({}, [{"a": 1}, {"a": 2}], [1])),
        (nested({"a": TIME}), {"a": 1}, ([], {"b": 1})),
        (ID, "ab" * 16, ("ab" * 15,)),
    ],
)
def test_each_check_takes_what_is_right_and_nothing_else(
    check: Any, right: Any, wrong: tuple[Any, ...]
) -> None:
    check(right)
    for each in wrong:
        with pytest.raises(WrongLine):
            check(each)


def test_the_header_says_what_the_file_is() -> None:
    found = lines.header(FORMAT, HEADER)
    assert found["environment_id"] == b"\xab" * 16
    for kind, members in (
        ("user", HEADER),
        (FORMAT, {**HEADER, "version": 2}),
        (FORMAT, {**HEADER, "origins": []}),
        (FORMAT, {**HEADER, "origins": "https://harbour.example"}),
        (FORMAT, {**HEADER, "effective": []}),
        (FORMAT, {**HEADER, "effective": {"a": 1}}),
        (FORMAT, {**HEADER, "extra": 1}),
    ):
        with pytest.raises(WrongLine):
            lines.header(kind, members)


def test_a_sealed_event_reads_back() -> None:
    members = lines.event_members(EVENT)
    assert members is not None
    again = json.loads(json.dumps(members))
    assert lines.sealed_event(again, ENVIRONMENT) == EVENT
    for wrong in (
        {**again, "data": []},
        {**again, "data": {"password": "x"}},
        {**again, "data": {"a": 1.5}},
        {**again, "kind": "unheard:of:thing"},
    ):
        with pytest.raises(WrongLine):
            lines.sealed_event(wrong, ENVIRONMENT)


def test_a_row_that_is_no_event_is_no_line() -> None:
    unreadable = SealedEvent(number=1, event=None, mac=b"", key_version=1)
    assert lines.event_members(unreadable) is None


def test_an_id_may_be_none() -> None:
    assert lines.hex_of(None) is None
    assert lines.hex_of(b"\x01") == "01"
