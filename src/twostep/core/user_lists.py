"""Lists of new users, as they come out of another program: comma-separated lines (RFC 4180).

The first line names the columns. Each further line is one user; no field of a user's goes over
several lines, so a line that opens a quotation mark and does not close it is named as what it is,
and does not swallow the lines after it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from twostep.core.users import NotAName, checked_full_name, checked_name

MOST_LINES: Final = 100_000
LONGEST_LINE: Final = 2_000
"""In characters. Names and an address are 554 at the most."""

LARGEST_LIST: Final = 24 * 1024 * 1024
"""In bytes. A hundred thousand lines of names and addresses are some 8 MB."""


class ImportState(StrEnum):
    """How far a list has come."""

    READING = "reading"
    CHECKED = "checked"
    SWITCHED = "switched"
    DONE = "done"
    DROPPED = "dropped"


class Column(StrEnum):
    """The columns that there are. Only the first is needed."""

    USER_NAME = "user_name"
    FULL_NAME = "full_name"
    EMAIL = "email"
    INVITE = "invite"


class LineProblem(StrEnum):
    """What is wrong with a line."""

    UNREADABLE = "unreadable"
    """A quotation mark that is not closed, or text after a closed one."""
    TOO_LONG = "too_long"
    COLUMNS = "columns"
    """More or fewer fields than the first line names."""
    NAME_MISSING = "name_missing"
    NAME_UNUSABLE = "name_unusable"
    FULL_NAME_UNUSABLE = "full_name_unusable"
    ADDRESS_UNUSABLE = "address_unusable"
    INVITE_UNREADABLE = "invite_unreadable"
    NO_ADDRESS_TO_INVITE = "no_address_to_invite"
    TWICE = "twice"
    """A line before it has the same name, or one that a person would take for it (AC-80)."""
    TAKEN = "taken"
    """There is such a user."""


class ListProblem(StrEnum):
    """What is wrong with the list as a whole, so that no line of it is looked at."""

    NOT_UTF8 = "not_utf8"
    NO_HEADER = "no_header"
    TOO_MANY = "too_many"
    EMPTY = "empty"


class WrongList(Exception):
    """The list cannot be read. ``number``: the line at which that was found, from 1 on."""

    def __init__(self, problem: ListProblem, number: int) -> None:
        super().__init__(f"{problem.value} at line {number}")
        self.problem = problem
        self.number = number


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The columns of a list, in their order, and what stands between them."""

    delimiter: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """One user of a list. ``email`` as it was typed, empty where there is none."""

    name: str
    full_name: str
    email: str
    invite: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """A list. ``lines``: how many users it has; ``bad``: how many of its lines are wrong;
    ``finished``: of how many all is done.
    """

    environment_id: bytes
    id: bytes
    made_by: bytes | None
    state: ImportState
    lines: int
    bad: int
    invited: int
    finished: int
    language: str
    made_at: int
    changed_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """A line that is wrong. ``first``: the line that has this name first."""

    number: int
    name: str
    problem: str
    first: int


_DELIMITERS: Final = (",", ";", "\t")
"""Programs that write numbers with a comma put semicolons between the fields."""

_YES: Final = frozenset({"yes", "y", "true", "1", "sí", "si", "s"})
_NO: Final = frozenset({"", "no", "n", "false", "0"})


def is_empty(line: str) -> bool:
    """Whether nobody stands in it: a spreadsheet writes an emptied row as so many delimiters."""
    return not line.strip(" \t\r\u00a0" + "".join(_DELIMITERS))


def read_header(line: str) -> Header:
    """The columns that the first line names. Raises WrongList."""
    for delimiter in _DELIMITERS:
        fields = _fields(line, delimiter)
        if fields is None:
            continue
        fields = _without_empty_end(fields, 1)
        names = [field.strip().lower().replace(" ", "_").replace("-", "_") for field in fields]
        known = [Column(name) for name in names if name in set(Column)]
        if len(known) == len(names) == len(set(known)) and Column.USER_NAME in known:
            return Header(delimiter=delimiter, columns=tuple(known))
    raise WrongList(ListProblem.NO_HEADER, 1)


def read_line(header: Header, line: str) -> NewLine | LineProblem:
    """One user, as far as that can be told without looking anything up."""
    if len(line) > LONGEST_LINE:
        return LineProblem.TOO_LONG
    fields = _fields(line, header.delimiter)
    if fields is None:
        return LineProblem.UNREADABLE
    fields = _without_empty_end(fields, len(header.columns))
    if len(fields) != len(header.columns):
        return LineProblem.COLUMNS
    found = dict(zip(header.columns, (field.strip() for field in fields), strict=True))
    return _new_line(found)


def name_in(header: Header, line: str) -> str:
    """The user name of a line that is wrong elsewhere, so that the line can be found; empty where
    there is none to be had.
    """
    fields = _fields(line[:LONGEST_LINE], header.delimiter) or []
    place = header.columns.index(Column.USER_NAME)
    return fields[place].strip() if place < len(fields) else ""


def _new_line(found: Mapping[Column, str]) -> NewLine | LineProblem:
    if not found[Column.USER_NAME]:
        return LineProblem.NAME_MISSING
    try:
        name = checked_name(found[Column.USER_NAME])
    except NotAName:
        return LineProblem.NAME_UNUSABLE
    try:
        full_name = checked_full_name(found.get(Column.FULL_NAME, ""))
    except NotAName:
        return LineProblem.FULL_NAME_UNUSABLE
    wish = found.get(Column.INVITE, "").lower()
    if wish not in _YES | _NO:
        return LineProblem.INVITE_UNREADABLE
    email = found.get(Column.EMAIL, "")
    if wish in _YES and not email:
        return LineProblem.NO_ADDRESS_TO_INVITE
    return NewLine(name=name, full_name=full_name, email=email, invite=wish in _YES)


def _without_empty_end(fields: Sequence[str], least: int) -> Sequence[str]:
    """A column that was emptied in a spreadsheet is still there, at the end of each line."""
    end = len(fields)
    while end > least and not fields[end - 1].strip():
        end -= 1
    return fields[:end]


def _fields(line: str, delimiter: str) -> Sequence[str] | None:
    """None for what is no line of such a list."""
    try:
        rows = list(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None
