"""Lists of new users: what is read, and what is wrong with a line."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from twostep.core.user_lists import (
    LONGEST_LINE,
    Column,
    Header,
    LineProblem,
    ListProblem,
    NewLine,
    WrongList,
    is_empty,
    name_in,
    read_header,
    read_line,
)
from twostep.core.users import LONGEST_NAME, NotAName, checked_full_name, checked_name

ALL = "user_name,full_name,email,invite"
HEADER = read_header(ALL)


@pytest.mark.parametrize(
    ("line", "delimiter", "columns"),
    [
        (ALL, ",", ("user_name", "full_name", "email", "invite")),
        ("email;USER NAME", ";", ("email", "user_name")),
        ("User-Name\tInvite", "\t", ("user_name", "invite")),
        ('"user_name","email"', ",", ("user_name", "email")),
        ("user_name", ",", ("user_name",)),
    ],
)
def test_the_first_line_names_the_columns(
    line: str, delimiter: str, columns: tuple[str, ...]
) -> None:
    found = read_header(line)
    assert found == Header(delimiter=delimiter, columns=tuple(map(Column, columns)))


@pytest.mark.parametrize(
    "line",
    ["", "ann,Ann Lee", "full_name,email", "user_name,user_name", "user_name,shoe", '"user_name'],
)
def test_a_first_line_that_names_no_columns_of_ours_is_refused(line: str) -> None:
    with pytest.raises(WrongList) as wrong:
        read_header(line)
    assert (wrong.value.problem, wrong.value.number) == (ListProblem.NO_HEADER, 1)
    assert "no_header at line 1" in str(wrong.value)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("x" * (LONGEST_LINE + 1), LineProblem.TOO_LONG),
        ('ann,"Ann,ann@harbour.example,no', LineProblem.UNREADABLE),
        ('ann,"Ann"Lee,,no', LineProblem.UNREADABLE),
        ("ann,Ann", LineProblem.COLUMNS),
        ("ann,Ann,,no,more", LineProblem.COLUMNS),
        ("", LineProblem.COLUMNS),
        (" ,Ann,,no", LineProblem.NAME_MISSING),
        ("a\u200bnn,Ann,,no", LineProblem.NAME_UNUSABLE),
        ("x" * (LONGEST_NAME + 1) + ",,,", LineProblem.NAME_UNUSABLE),
        ("ann,A\u202enn,,no", LineProblem.FULL_NAME_UNUSABLE),
        ("ann,Ann,,perhaps", LineProblem.INVITE_UNREADABLE),
        ("ann,Ann,,yes", LineProblem.NO_ADDRESS_TO_INVITE),
    ],
)
def test_what_is_wrong_with_a_line_is_named(line: str, problem: LineProblem) -> None:
    assert read_line(HEADER, line) is problem


@pytest.mark.parametrize("yes", ["yes", "YES", "y", "1", "true", "sí", "si"])
def test_yes_is_read_in_both_languages(yes: str) -> None:
    found = read_line(HEADER, f" ann , Ann  Lee ,ann@harbour.example, {yes} ")
    assert found == NewLine(
        name="ann", full_name="Ann Lee", email="ann@harbour.example", invite=True
    )


def test_only_the_name_is_needed() -> None:
    found = read_line(read_header("user_name"), "ann")
    assert found == NewLine(name="ann", full_name="", email="", invite=False)


def test_a_column_or_a_row_that_was_emptied_in_a_spreadsheet_is_none() -> None:
    """Excel writes both all the same, as so many delimiters at the end."""
    header = read_header("user_name;full_name;;; ")
    assert header.columns == (Column.USER_NAME, Column.FULL_NAME)
    found = read_line(header, "ann;Ann Lee;;;")
    assert found == NewLine(name="ann", full_name="Ann Lee", email="", invite=False)
    assert read_line(header, "ann;;;x") is LineProblem.COLUMNS
    assert read_line(header, "ann") is LineProblem.COLUMNS
    for line in ("", "  ", ";;;", " , ,\r", "\t\t"):
        assert is_empty(line)
    assert not is_empty(";x;")


def test_the_name_of_a_wrong_line_is_told_where_there_is_one() -> None:
    header = read_header("email,user_name")
    assert name_in(header, "a@b.example, ann ,more") == "ann"
    assert name_in(header, "a@b.example") == ""
    assert name_in(header, '"') == ""


def usable(check: object, text: str) -> bool:
    try:
        check(text)  # type: ignore[operator]
    except NotAName:
        return False
    return True


NAMES = (
    st.text(min_size=1, max_size=40)
    .filter(lambda text: usable(checked_name, text))
    .map(checked_name)
)
FULL_NAMES = (
    st.text(max_size=40).filter(lambda text: usable(checked_full_name, text)).map(checked_full_name)
)


@given(NAMES, FULL_NAMES, st.sampled_from([",", ";", "\t"]))
@example('a"b', "Lee; Ann, jr.", ",")
def test_what_a_program_writes_is_what_is_read(name: str, full_name: str, delimiter: str) -> None:
    """Any name that can be a user's, however it has to be quoted."""
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator="").writerow([name, full_name])
    header = Header(delimiter=delimiter, columns=(Column.USER_NAME, Column.FULL_NAME))
    found = read_line(header, written.getvalue())
    assert isinstance(found, NewLine)
    assert found.name == checked_name(name.strip())
    assert found.full_name == checked_full_name(full_name)


@given(st.text(max_size=200))
def test_no_line_stops_the_reading(line: str) -> None:
    found = read_line(HEADER, line)
    if isinstance(found, NewLine):
        assert checked_name(found.name) == found.name
        assert checked_full_name(found.full_name) == found.full_name
    assert isinstance(name_in(HEADER, line), str)
