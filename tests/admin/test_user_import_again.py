"""Lists of new users that were sent wrongly, or twice: what was typed stays, what is said is so."""

from __future__ import annotations

import html

import pytest

from tests.helpers.administrators import Administrator, administrator, words_of
from tests.helpers.house import House
from tests.helpers.user_lists import PATH, checked, finished, form_of, post, send
from twostep.flows import users


@pytest.fixture
def house(unlimited_house: House) -> House:
    """The counters are not looked at here."""
    return unlimited_house


@pytest.fixture
def morgan(house: House) -> Administrator:
    return administrator(house)


def test_the_line_of_the_first_letter_that_cannot_be_read_is_named(
    house: House, morgan: Administrator
) -> None:
    text = "user_name;full_name\r\nann;Ann\r\nbo;Bo\r\njose;José\r\n".encode("cp1252")
    assert "From line 4 on the letters cannot be read." in words_of(send(morgan, text))


@pytest.mark.parametrize("lines", ["ann,Ann <Lee>\r\nbo,Bo", "\r\nann\tAnn Lee", "user_name"])
def test_lines_that_were_pasted_and_not_read_still_stand_there(
    house: House, morgan: Administrator, lines: str
) -> None:
    answer = send(morgan, lines, pasted=True)
    assert answer.status == 422
    kept = answer.text.partition('autocapitalize="none">\n')[2].partition("</textarea>")[0]
    assert html.unescape(kept) == lines.replace("\r\n", "\n")


def test_lines_that_were_pasted_beside_a_file_still_stand_there(
    house: House, morgan: Administrator
) -> None:
    both = {"csrf": morgan.csrf().encode(), "file": b"user_name\nbo\n", "lines": b"user_name\ncy"}
    assert ">\nuser_name\ncy</textarea>" in post(morgan, form_of(both)).text


def test_a_part_of_what_was_pasted_is_never_shown_as_all_of_it(
    house: House, morgan: Administrator
) -> None:
    answer = send(morgan, "ann,Ann\r\n" * 20_000, pasted=True)
    assert answer.status == 422
    assert 'autocapitalize="none">\n</textarea>' in answer.text


def test_whoever_presses_twice_is_not_told_that_nobody_was_made(
    house: House, morgan: Administrator
) -> None:
    path = checked(morgan, "user_name\nann\nbo\n")
    page = morgan.client.get(path)
    for _ in range(2):
        assert morgan.client.submit(page, path).location == path
    finished(morgan)
    assert morgan.client.submit(page, path).location == path
    found = users.listing(house.installation, house.harbour)
    assert [each.user.name for each in found] == ["ann", "bo", "morgan"]


def test_a_list_that_another_one_has_overtaken_says_so_and_leads_to_the_form(
    house: House, morgan: Administrator
) -> None:
    path = checked(morgan, "user_name\nann\n")
    page = morgan.client.get(path)
    checked(morgan, "user_name\nbo\n")
    for answer in (
        morgan.client.get(path),
        morgan.client.submit(page, path),
        morgan.client.submit(page, f"{path}/drop"),
    ):
        assert answer.location == f"{PATH}?said=list-dropped"
    assert "This list was thrown away, and nobody was made." in words_of(
        morgan.client.get(PATH + "?said=list-dropped")
    )
    assert [user.user.name for user in users.listing(house.installation, house.harbour)] == [
        "morgan"
    ]


def test_a_list_that_there_never_was_is_no_page(house: House, morgan: Administrator) -> None:
    assert morgan.client.get(f"{PATH}/{'0' * 32}").status == 404
