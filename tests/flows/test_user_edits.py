"""What an administrator writes about a user: names that are found, and addresses that are told."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.helpers.clocks import MINUTE
from tests.helpers.desk import give
from tests.helpers.house import House, sign_in
from tests.helpers.letters import letters
from tests.helpers.properties import person_of
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind, Visitor
from twostep.core.contacts import ContactKind, ContactState
from twostep.core.messages import MessageKind
from twostep.core.permissions import ALL, Permission
from twostep.core.users import NotAName, User
from twostep.flows.administration import MayNot
from twostep.flows.contact_codes import Unchanged
from twostep.flows.contact_entries import EnteredForUser
from twostep.flows.contact_reading import NotUsable, Problem
from twostep.flows.contacts import Field, profile
from twostep.flows.sessions import Person
from twostep.flows.user_details import target_of
from twostep.flows.user_edits import (
    AddressGone,
    AsBefore,
    Edited,
    Editing,
    Entering,
    NoAddressThere,
    Removing,
    edit,
    enter_address,
    remove_address,
)
from twostep.flows.users import UserNameTaken
from twostep.flows.visitors import Browser
from twostep.storage.tables import search_terms

EMAIL = ContactKind.EMAIL
BROWSER = Browser(id=b"b" * 32, visitor=Visitor(address="203.0.113.7", browser="Chrome on Windows"))


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@dataclass
class Desk:
    """Kim, who manages users, and Ann."""

    house: House
    kim: Person
    ann: User

    def colleague(self, name: str, *held: Permission) -> Person:
        user = self.house.add(name)
        give(self.house, user, held)
        client = self.house.client()
        assert sign_in(client, name).location == "/"
        return person_of(self.house, client)

    def edit(self, name: str, full_name: str = "", by: Person | None = None) -> Editing:
        return edit(
            self.house.installation,
            by or self.kim,
            self.ann.id,
            name=name,
            full_name=full_name,
            browser=BROWSER,
        )

    def enter(self, typed: str, by: Person | None = None) -> Entering:
        return enter_address(
            self.house.installation,
            by or self.kim,
            self.ann.id,
            EMAIL,
            typed,
            language="en",
            browser=BROWSER,
        )

    def remove(self, by: Person | None = None) -> Removing:
        who = by or self.kim
        return remove_address(self.house.installation, who, self.ann.id, EMAIL, browser=BROWSER)

    def now(self) -> User:
        found = target_of(self.house.installation, self.house.harbour.id, self.ann.id)
        assert found is not None
        return found.user

    def email(self) -> Field:
        return profile(self.house.installation, self.ann)[EMAIL]

    def terms(self) -> set[str]:
        rows = self.house.installation.database.read(
            lambda connection: connection.exec_driver_sql(
                f"select term, user_id from {search_terms.name}"
            ).all()
        )
        return {row.term for row in rows if bytes(row.user_id) == self.ann.id}


@pytest.fixture
def desk(house: House) -> Desk:
    made = Desk(house, kim=None, ann=house.add("ann"))  # type: ignore[arg-type]
    made.kim = made.colleague("kim", Permission.MANAGE_USERS)
    return made


def test_a_user_is_called_and_found_by_the_new_names(desk: Desk) -> None:
    assert desk.edit("anne.lee", "Anne  Lee") == Edited()
    assert (desk.now().name, desk.now().full_name) == ("anne.lee", "Anne Lee")
    assert desk.terms() >= {"anne.lee", "lee"}
    assert "ann" not in desk.terms()
    assert sign_in(desk.house.client(), "Anne.Lee").location == "/"
    assert sign_in(desk.house.client(), "ann").status == 403


def test_names_that_stood_there_already_are_no_event(desk: Desk) -> None:
    assert desk.edit("ann") == AsBefore()
    assert recorded(desk.house.installation, desk.house.harbour, EventKind.USER_EDITED) == []


def test_a_name_in_another_spelling_is_still_the_users_own(desk: Desk) -> None:
    assert desk.edit("ANN") == Edited()
    assert desk.now().name == "ANN"


@pytest.mark.parametrize("taken", ["bo", " BO ", "Bo"])
def test_a_name_that_somebody_has_in_any_spelling_is_taken(taken: str, desk: Desk) -> None:
    desk.house.add("bo")
    assert desk.edit(taken, "Ann Lee") == UserNameTaken()
    assert (desk.now().name, desk.now().full_name) == ("ann", "")


def test_what_is_no_name_is_refused(desk: Desk) -> None:
    for name, full_name in (("", ""), ("a\u200bnn", ""), ("ann", "A" * 400)):
        with pytest.raises(NotAName):
            desk.edit(name, full_name)


def test_the_log_says_that_a_name_changed_and_holds_neither(desk: Desk) -> None:
    desk.edit("anne.lee", "Anne Lee")
    (event,) = recorded(desk.house.installation, desk.house.harbour, EventKind.USER_EDITED)
    assert event.about == {"name_changed": True, "full_name_changed": True}


def test_an_address_counts_at_once_unconfirmed_and_the_old_one_is_told(desk: Desk) -> None:
    """AC-31: a person hears of it at the address that they know."""
    assert desk.enter("ann@northside.example") == EnteredForUser(masked="a•••@northside.example")
    counts = desk.email().counts
    assert counts is not None
    assert counts.state is ContactState.UNCONFIRMED
    assert letters(desk.house.installation, MessageKind.ADDRESS_CHANGED) == []
    assert isinstance(desk.enter("somebody@else.example"), EnteredForUser)
    (told,) = letters(desk.house.installation, MessageKind.ADDRESS_CHANGED)
    assert (told.to, told.data["by"]) == ("ann@northside.example", "administrator")
    assert desk.enter("somebody@else.example") == Unchanged()


def test_what_is_no_address_changes_nothing(desk: Desk) -> None:
    assert desk.enter("not an address") == NotUsable(problem=Problem.NOT_AN_ADDRESS)
    assert desk.email().counts is None


def test_a_removed_address_is_told_and_every_session_ends(desk: Desk) -> None:
    desk.enter("ann@northside.example")
    client = desk.house.client()
    assert sign_in(client, "ann").location == "/"
    assert desk.remove() == AddressGone()
    assert desk.email().counts is None
    assert [told.to for told in letters(desk.house.installation, MessageKind.ADDRESS_CHANGED)] == [
        "ann@northside.example"
    ]
    assert (client.get("/security").location or "").startswith("/sign-in")
    assert desk.remove() == NoAddressThere()


def test_who_wrote_an_address_stands_in_the_log(desk: Desk) -> None:
    desk.enter("ann@northside.example")
    desk.remove()
    (entered,) = recorded(
        desk.house.installation, desk.house.harbour, EventKind.ADDRESS_SET_FOR_USER
    )
    assert entered.about["masked"] == "a•••@northside.example"


def test_whoever_may_not_writes_nothing(desk: Desk) -> None:
    bo = desk.colleague("bo", *(ALL - {Permission.MANAGE_USERS}))
    assert desk.edit("anne", by=bo) is MayNot.NOT_HELD
    assert desk.enter("ann@northside.example", bo) is MayNot.NOT_HELD
    assert desk.remove(bo) is MayNot.NOT_HELD
    desk.house.clock.forward(5 * MINUTE + 1)
    assert desk.edit("anne") is MayNot.PROVE_AGAIN
    assert desk.enter("ann@northside.example") is MayNot.PROVE_AGAIN
    assert desk.remove() is MayNot.PROVE_AGAIN
    assert desk.now().name == "ann"
    assert desk.email().counts is None


def test_ac_70_a_user_of_another_environment_is_nobody(desk: Desk) -> None:
    desk.ann = desk.house.add("cy", desk.house.northside)
    assert desk.edit("anne") is MayNot.NOBODY
    assert desk.enter("ann@northside.example") is MayNot.NOBODY
    assert desk.remove() is MayNot.NOBODY


def test_nobody_writes_about_themselves_or_somebody_who_holds_more(desk: Desk) -> None:
    """Whoever could set a colleague's address could become that colleague (R-35)."""
    give(desk.house, desk.ann, [Permission.AUDIT])
    assert desk.edit("anne") is MayNot.HOLDS_MORE
    assert desk.enter("kim@northside.example") is MayNot.HOLDS_MORE
    desk.ann = desk.kim.user
    assert desk.edit("kimberly") is MayNot.ONESELF
    assert desk.enter("kim@northside.example") is MayNot.ONESELF
