"""AC-17, R-29, AC-83: a request is several transactions, and anything may happen between two of
them. Whatever does, nothing breaks, and a session that was ended meanwhile changes nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import ColumnElement, func, select

from tests.helpers.house import House
from tests.helpers.http import Answer
from tests.helpers.one_house import house_on_sqlite
from tests.helpers.places import PLACES, Place, a_name, at_password, disable
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind
from twostep.core.users import User
from twostep.flows import passwords, sessions, sign_in, users
from twostep.flows.erasures import Erased, erase_by_operator
from twostep.flows.passwords import Checked
from twostep.flows.sessions import Person
from twostep.storage import tables
from twostep.storage.database import Connection, Unit
from twostep.storage.sqlite import SqliteDatabase
from twostep.storage.units import T
from twostep.web.cookies import SESSION

ENDED_ONES_CHANGE_NOTHING = {
    "/security/contacts": EventKind.ADDRESS_CHANGE_BEGUN,
    "/security/contacts/again": EventKind.ADDRESS_CHANGE_BEGUN,
    "/security/contacts/confirm": EventKind.ADDRESS_CONFIRMED,
    "/security/two-step": EventKind.AUTHENTICATOR_OFFERED,
    "/security/two-step/new-key": EventKind.AUTHENTICATOR_OFFERED,
    "/admin/messages/send-test": EventKind.TEST_MESSAGE_ASKED,
}
"""Forms of somebody who is signed in, with what the log would say of each."""


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_on_sqlite(tmp_path_factory.mktemp("house")) as made:
        # Somebody else who manages users, so that any other may go.
        made.add("owner", administrator=True)
        yield made


def those_of(house: House, place: Callable[[House], Place]) -> tuple[Place, Sequence[User]]:
    """Somebody at that place, and who has come to *harbour* with them."""

    def names(connection: Connection) -> set[str]:
        of = tables.users.c
        where = of.environment_id == house.harbour.id
        return set(connection.execute(select(of.name).where(where)).scalars())

    before = house.installation.database.read(names)
    made = place(house)
    new = house.installation.database.read(names) - before
    found = [users.find(house.installation, house.harbour, name) for name in sorted(new)]
    return made, [user for user in found if user is not None]


def sent_while(
    patch: pytest.MonkeyPatch, place: Place, act: Callable[[], None], *, before: int = 0
) -> Answer:
    """The form, with this act in its middle: ahead of the write with that number."""
    plain, csrf, left = SqliteDatabase.write, place.csrf, [before]

    def write(database: SqliteDatabase, unit: Unit[T]) -> T:
        left[0] -= 1
        if left[0] < 0:
            patched.undo()
            act()
        return plain(database, unit)

    with patch.context() as patched:
        patched.setattr(SqliteDatabase, "write", write)
        answer = place.client.post(place.path, {"csrf": csrf} | dict(place.fields))
    assert left[0] < 0, "nothing was written"
    return answer


@pytest.mark.parametrize("path", [*ENDED_ONES_CHANGE_NOTHING, "/security/contacts/remove"])
def test_ac_83_who_is_erased_in_the_middle_of_a_form_is_signed_out_and_nothing_breaks(
    one: House, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """AC-83: their rows are gone when the form comes to be written."""
    place, people = those_of(one, PLACES[path])

    def erase() -> None:
        for user in people:
            assert isinstance(erase_by_operator(one.installation, user), Erased)

    assert sent_while(monkeypatch, place, erase).status < 500
    assert place.client.get("/security").location is not None


@pytest.mark.parametrize("right", [True, False])
def test_ac_83_who_is_erased_while_their_password_is_compared_is_told_what_a_stranger_is(
    one: House, monkeypatch: pytest.MonkeyPatch, right: bool
) -> None:
    """AC-83, AC-19: the same answer as for a name that nobody has."""
    place, people = those_of(one, at_password)
    stranger = one.client()
    page = stranger.get("/sign-in")
    expected = stranger.submit(page, "/sign-in", **dict(place.fields) | {"user_name": a_name()})

    def check(*given: Any, **named: Any) -> Checked:
        found = passwords.check(*given, **named)
        assert isinstance(erase_by_operator(one.installation, people[0]), Erased)
        return found

    monkeypatch.setattr(sign_in, "check", check)
    answer = place.send() if right else place.send(password="not that one at all")
    assert (answer.status, answer.location) == (expected.status, expected.location)
    assert answer.all_headers("set-cookie") == []


@pytest.mark.parametrize(("path", "kind"), ENDED_ONES_CHANGE_NOTHING.items())
def test_ac_17_a_session_that_is_ended_in_the_middle_of_a_form_changes_nothing_more(
    one: House, monkeypatch: pytest.MonkeyPatch, path: str, kind: EventKind
) -> None:
    """AC-17, R-29: whoever was shut out, or whose stolen session the help desk has just ended."""
    place, people = those_of(one, PLACES[path])
    before = len(recorded(one.installation, one.harbour, kind))
    written = []

    def shut_out() -> None:
        written.append(len(recorded(one.installation, one.harbour, kind)))
        for user in people:
            disable(one, user)

    assert sent_while(monkeypatch, place, shut_out).status < 500
    assert written == [before]
    assert len(recorded(one.installation, one.harbour, kind)) == before


TAKEN_AWAY: Mapping[str, ColumnElement[bool]] = {
    "/security/devices/forget": tables.devices.c.forgotten_at.is_(None),
    "/security/sessions/end": tables.sessions.c.ended_at.is_(None),
    "/security/contacts/cancel": tables.contacts.c.state == "waiting",
    "/admin/users/import/{id}/drop": tables.imports.c.state == "checked",
}
"""Forms that take something away, with what is still there."""


@pytest.mark.parametrize(("path", "is_there"), TAKEN_AWAY.items())
def test_ac_17_a_session_that_is_ended_in_the_middle_of_a_form_takes_nothing_away(
    one: House, monkeypatch: pytest.MonkeyPatch, path: str, is_there: ColumnElement[bool]
) -> None:
    """AC-17: somebody at a stolen session forgets the owner's devices, ends the owner's sessions,
    in the moment in which the help desk ends theirs.
    """
    place = PLACES[path](one)
    person = sessions.who(one.installation, one.harbour, place.client.cookies[SESSION])
    assert isinstance(person, Person)

    def there() -> int:
        counted = select(func.count()).where(is_there)
        return one.installation.database.read(lambda c: c.execute(counted).scalar_one())

    left = []

    def end_it() -> None:
        sessions.sign_out(one.installation, person)
        left.append(there())

    assert sent_while(monkeypatch, place, end_it).status < 500
    assert left == [there()]
