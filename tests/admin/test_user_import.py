"""Lists of new users, as an administrator imports them."""

from __future__ import annotations

import pytest

from tests.helpers.administrators import Administrator, administrator, user_of, words_of
from tests.helpers.clocks import MINUTE
from tests.helpers.house import OTHER_PASSWORD, PASSWORD, House, sign_in
from tests.helpers.letters import letters
from tests.helpers.recorded import recorded
from tests.helpers.resets import choose, links
from tests.helpers.resets import path_of as path_in
from tests.helpers.user_lists import BOUNDARY, PATH, checked, finished, form_of, import_, post, send
from twostep.core.audit import EventKind
from twostep.core.messages import MessageKind
from twostep.core.permissions import ALL, Permission
from twostep.core.user_lists import LONGEST_LINE
from twostep.flows import users

LIST = """user_name,full_name,email,invite
ann,Ann Lee,ann@harbour.example,yes
bo,Bo Leeds,bo@harbour.example,no
cy,,,
"""


@pytest.fixture
def house(unlimited_house: House) -> House:
    """The counters are not looked at here."""
    return unlimited_house


@pytest.fixture
def morgan(house: House) -> Administrator:
    return administrator(house)


def names(house: House) -> list[str]:
    return [each.user.name for each in users.listing(house.installation, house.harbour)]


def test_a_list_is_shown_before_anybody_is_made_and_then_makes_all(
    house: House, morgan: Administrator
) -> None:
    path = checked(morgan, LIST)
    page = morgan.client.get(path)
    said = words_of(page)
    assert "3 lines were read, and nothing is wrong with them." in said
    assert "1 person is invited by mail" in said
    assert "2 people cannot sign in until you invite them." in said
    assert "a•••@harbour.example" in said
    assert names(house) == ["morgan"]
    assert morgan.client.submit(page, path).location == path
    assert names(house) == ["ann", "bo", "cy", "morgan"]
    during = morgan.client.get(path)
    assert '<progress id="progress" max="3" value="0">' in during.text
    assert f'data-live="{path}"' in during.text
    finished(morgan)
    after = morgan.client.get(path)
    assert "3 users were imported. 1 of them was invited." in words_of(after)
    assert "data-live" not in after.text
    [event] = recorded(house.installation, house.harbour, EventKind.USERS_IMPORTED)
    assert (event.about["users"], event.about["invited"]) == (3, 1)


def test_the_invited_choose_a_password_and_the_others_cannot_sign_in(
    house: House, morgan: Administrator
) -> None:
    path = checked(morgan, LIST)
    import_(morgan, path)
    finished(morgan)
    [letter] = letters(house.installation, MessageKind.INVITATION)
    assert (letter.to, letter.data["full_name"]) == ("ann@harbour.example", "Ann Lee")
    [link] = links(house, MessageKind.INVITATION)
    assert choose(house.client(), path_in(link)).location == "/sign-in?said=invitation-accepted"
    assert sign_in(house.client(), "ann", OTHER_PASSWORD).location == "/"
    assert sign_in(house.client(), "bo", PASSWORD).status == 403
    bo = user_of(house, "bo")
    assert morgan.send(bo, "invite").status == 303
    assert len(links(house, MessageKind.INVITATION)) == 2


def test_the_imported_are_found_by_their_names(house: House, morgan: Administrator) -> None:
    import_(morgan, checked(morgan, LIST))
    finished(morgan)
    found = house.installation.database.read(
        lambda connection: connection.exec_driver_sql(
            "select term from search_terms order by term"
        ).all()
    )
    assert {row.term for row in found} >= {"ann", "lee", "leeds", "cy", "morgan"}


BAD = """user_name;full_name;email;invite
ann;Ann;ann@harbour.example;yes
ANN;Again;;no
;Nobody;;no
MORGAN;Taken;;
dot;"Quote;;
el;El;not an address;yes
fay;Fay;;yes
gus;Gus;gus@harbour.example;perhaps
hal;Hal
"""


def test_every_bad_line_is_named_with_its_number_and_nobody_is_made(
    house: House, morgan: Administrator
) -> None:
    path = checked(morgan, BAD)
    page = morgan.client.get(path)
    said = words_of(page)
    assert "8 lines are wrong." in said
    for line in (
        "Line 3 · ANN Line 2 has this user name already",
        "Line 4 The user name is missing.",
        "Line 5 · MORGAN There is a user of this name already",
        "Line 6 A quotation mark is not closed",
        "Line 7 · el The address is none that mail can be sent to.",
        "Line 8 · fay This person is to be invited, and there is no address",
        "Line 9 · gus Under invite there stands neither yes nor no.",
        "Line 10 · hal This line has more or fewer fields",
    ):
        assert line in said
    assert "Import 9 users" not in said
    assert import_(morgan, path).location == f"{path}?said=list-changed"
    assert names(house) == ["morgan"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Choose a file, or paste the lines below."),
        ("user_name\n", "no line follows the first one"),
        ("ann,Ann Lee\n", "The first line must name the columns"),
        ("user_name,shoe_size\nann,43\n", "The first line must name the columns"),
        ("user_name\nann\n".encode("utf-16"), "the letters cannot be read"),
        ("user_name\nJosé\n".encode("latin-1"), "the letters cannot be read"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_as_a_whole(
    house: House, morgan: Administrator, text: str | bytes, said: str
) -> None:
    answer = send(morgan, text)
    assert answer.status == 422
    assert said in words_of(answer)


def test_lines_can_be_pasted_and_not_beside_a_file(house: House, morgan: Administrator) -> None:
    answer = send(morgan, "user_name\r\nann\r\n", pasted=True)
    assert answer.status == 303
    both = {"csrf": morgan.csrf().encode(), "file": b"user_name\nbo\n", "lines": b"user_name\ncy"}
    assert "Send one of the two" in words_of(post(morgan, form_of(both)))


def test_programs_that_write_semicolons_and_a_mark_in_front_are_read(
    house: House, morgan: Administrator
) -> None:
    text = "\ufeffUser Name;Email;INVITE\r\nJosé;jose@harbour.example;Sí\r\n\r\n"
    said = words_of(morgan.client.get(checked(morgan, text)))
    assert "1 line was read" in said
    assert "1 person is invited" in said


def test_a_long_line_is_one_bad_line_and_fills_no_memory(
    house: House, morgan: Administrator
) -> None:
    text = f"user_name\n{'x' * LONGEST_LINE * 50}\nann\n"
    said = words_of(morgan.client.get(checked(morgan, text)))
    assert "1 line is wrong." in said
    assert "Line 2" in said


def test_bad_lines_are_shown_page_by_page(house: House, morgan: Administrator) -> None:
    text = "user_name,email\n" + "".join(f"user{n},nonsense\n" for n in range(250))
    path = checked(morgan, text)
    page = morgan.client.get(path)
    assert "250 lines are wrong." in words_of(page)
    assert page.text.count('<li class="line">') == 200
    further = morgan.client.get(f"{path}?after=201")
    assert further.text.count('<li class="line">') == 50
    assert "Line 251 · user249" in words_of(further)


def test_a_name_that_is_taken_meanwhile_is_named_and_nobody_is_made(
    house: House, morgan: Administrator
) -> None:
    path = checked(morgan, LIST)
    house.add("Cy")
    assert import_(morgan, path).location == f"{path}?said=list-changed"
    assert "Line 4 · cy There is a user of this name already" in words_of(morgan.client.get(path))
    assert names(house) == ["Cy", "morgan"]


def test_a_proof_is_asked_before_anybody_is_made(house: House) -> None:
    morgan = administrator(house, app=False)
    path = checked(morgan, LIST)
    house.clock.forward(6 * MINUTE)
    assert "Your own password" in morgan.client.get(path).text
    assert import_(morgan, path).status == 422
    assert names(house) == ["morgan"]
    assert import_(morgan, path, password=PASSWORD).status == 303
    assert len(names(house)) == 4


def test_a_list_is_imported_once(house: House, morgan: Administrator) -> None:
    path = checked(morgan, LIST)
    assert import_(morgan, path).location == path
    assert import_(morgan, path).location == path, "pressed twice, and done once"
    assert morgan.client.post(f"{path}/drop", {"csrf": morgan.csrf()}).location == path
    finished(morgan)
    assert len(letters(house.installation, MessageKind.INVITATION)) == 1


def test_a_list_can_be_thrown_away_and_another_one_takes_its_place(
    house: House, morgan: Administrator
) -> None:
    first, second = checked(morgan, LIST), checked(morgan, LIST)
    dropped = f"{PATH}?said=list-dropped"
    assert morgan.client.get(first).location == dropped
    done = morgan.client.post(f"{second}/drop", {"csrf": morgan.csrf()})
    assert done.location == f"{PATH}?said=list-thrown-away"
    assert import_(morgan, second).location == dropped
    assert names(house) == ["morgan"]


def test_nobody_sends_a_list_without_the_permission_or_the_token(
    house: House, morgan: Administrator
) -> None:
    few = administrator(house, "few", app=False, held=ALL - {Permission.MANAGE_USERS})
    assert few.client.get(PATH).status == 403
    assert send(few, LIST).status == 403
    path = checked(morgan, LIST)
    for attempt in (few.client.get(path), import_(few, path)):
        assert attempt.status == 403
    elsewhere = administrator(house, "kim", house.northside)
    assert elsewhere.client.get(path).status == 404
    assert import_(elsewhere, path).status == 404
    for token in (b"", b"x" * 44):
        assert post(morgan, form_of({"csrf": token, "file": LIST.encode()})).status == 403
    late = form_of({"file": LIST.encode(), "csrf": morgan.csrf().encode()})
    assert post(morgan, late).status == 403
    assert house.client().get(PATH).status == 303


@pytest.mark.parametrize(
    ("kind", "status"), [("application/x-www-form-urlencoded", 415), ("text/csv", 415)]
)
def test_only_a_form_with_a_file_is_read(
    house: House, morgan: Administrator, kind: str, status: int
) -> None:
    assert post(morgan, LIST.encode(), kind).status == status


def test_a_body_that_breaks_off_leaves_nothing(house: House, morgan: Administrator) -> None:
    body = form_of({"csrf": morgan.csrf().encode(), "file": LIST.encode()})
    assert post(morgan, body[: -len(BOUNDARY) - 6]).status == 400
    left = house.installation.database.read(
        lambda connection: connection.exec_driver_sql(
            "select state from imports where state in ('reading', 'checked')"
        ).all()
    )
    assert left == []
