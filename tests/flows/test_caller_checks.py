"""**Check caller**: a code to an address of the user, read back on the telephone (B-4)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.helpers.clocks import HOUR, MINUTE, SECOND
from tests.helpers.desk import give
from tests.helpers.house import House, sign_in
from tests.helpers.letters import another_code, last_code, letters
from tests.helpers.properties import person_of
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind, Visitor
from twostep.core.contacts import ContactKind
from twostep.core.messages import MessageKind
from twostep.core.permissions import Permission
from twostep.core.users import User
from twostep.flows.administration import MayNot
from twostep.flows.caller_checks import (
    MAY_CHECK,
    CallerChecked,
    Checked,
    CheckOver,
    CodeSent,
    EnoughForNow,
    Misshapen,
    NoAddress,
    ReadBack,
    ReadBackWrong,
    Sending,
    checked_within,
    permission_to_check,
    read_back,
    send,
    underway,
)
from twostep.flows.contact_entries import EnteredForUser, set_for_user
from twostep.flows.sessions import Person
from twostep.flows.visitors import Browser

EMAIL, PHONE = ContactKind.EMAIL, ContactKind.PHONE
BROWSER = Browser(id=b"b" * 32, visitor=Visitor(address="203.0.113.7", browser="Chrome on Windows"))
KIND = MessageKind.CHECK_CALLER


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@dataclass
class Desk:
    """Kim of the help desk, and Ann, who has a mail address."""

    house: House
    kim: Person
    ann: User

    def colleague(self, name: str, *held: Permission) -> Person:
        user = self.house.add(name)
        give(self.house, user, held)
        client = self.house.client()
        assert sign_in(client, name).location == "/"
        return person_of(self.house, client)

    def enter(self, text: str, kind: ContactKind = EMAIL) -> None:
        done = set_for_user(self.house.installation, self.ann, kind, text, language="es")
        assert isinstance(done, EnteredForUser)

    def send(self, by: Person | None = None, kind: ContactKind = EMAIL) -> Sending:
        return send(self.house.installation, by or self.kim, self.ann.id, kind, browser=BROWSER)

    def read(self, typed: str, by: Person | None = None) -> ReadBack:
        who = by or self.kim
        return read_back(self.house.installation, who, self.ann.id, typed, browser=BROWSER)

    def code(self) -> str:
        return last_code(self.house.installation, KIND)

    def checked(self) -> Checked | None:
        place, now = (self.house.harbour.id, self.ann.id), self.house.clock()
        return self.house.installation.database.read(
            lambda connection: checked_within(connection, *place, now=now)
        )


@pytest.fixture
def desk(house: House) -> Desk:
    made = Desk(house, kim=None, ann=house.add("ann"))  # type: ignore[arg-type]
    made.kim = made.colleague("kim", Permission.HELP_DESK_CODES)
    made.enter("ann@northside.example")
    return made


def test_a_caller_who_reads_the_code_is_checked_for_a_quarter_of_an_hour(desk: Desk) -> None:
    now = desk.house.clock()
    sent = desk.send()
    assert sent == CodeSent(masked="a•••@northside.example", until=now + 10 * MINUTE)
    assert desk.checked() is None
    assert desk.read(desk.code()) == CallerChecked()
    assert desk.checked() == Checked(at=now, by="kim", until=now + 15 * MINUTE)
    desk.house.clock.forward(15 * MINUTE)
    assert desk.checked() is None


def test_what_is_sent_is_in_the_language_of_the_address_and_holds_the_code(desk: Desk) -> None:
    desk.send()
    (letter,) = letters(desk.house.installation, KIND)
    assert (letter.to, letter.language) == ("ann@northside.example", "es")
    assert letter.data == {"code": desk.code(), "minutes": 10}


def test_a_code_may_be_typed_as_it_is_read_out(desk: Desk) -> None:
    desk.send()
    code = desk.code()
    assert desk.read(f" {code[:3]} {code[3:]} ") == CallerChecked()


def test_what_cannot_be_a_code_costs_no_try(desk: Desk) -> None:
    desk.send()
    for typed in ("", "12345", "1234567", "abc def", "9" * 5000):
        assert desk.read(typed) == Misshapen()
    assert desk.read(another_code(desk.code())) == ReadBackWrong(4)


def test_after_five_wrong_ones_the_right_one_is_wrong_as_well(desk: Desk) -> None:
    desk.send()
    wrong = another_code(desk.code())
    assert [desk.read(wrong) for _ in range(5)] == [ReadBackWrong(left) for left in (4, 3, 2, 1, 0)]
    assert desk.read(desk.code()) == CheckOver()
    assert desk.checked() is None


def test_a_code_is_good_for_ten_minutes_and_once(desk: Desk) -> None:
    desk.send()
    desk.house.clock.forward(3 * MINUTE)
    assert desk.read(desk.code()) == CallerChecked()
    assert desk.read(desk.code()) == CheckOver()
    desk.send()
    desk.house.clock.forward(4 * MINUTE)
    bo = desk.colleague("bo", Permission.MANAGE_USERS)
    desk.house.clock.forward(6 * MINUTE)
    assert underway(desk.house.installation, desk.kim, desk.ann.id) is None
    assert desk.read(desk.code(), bo) in (CheckOver(), MayNot.PROVE_AGAIN)


def test_a_new_code_takes_the_place_of_the_one_before(desk: Desk) -> None:
    desk.send()
    first = desk.code()
    desk.house.clock.forward(30 * SECOND)
    desk.send()
    assert first != desk.code(), "one in a million"
    assert desk.read(first) == ReadBackWrong(4)
    assert desk.read(desk.code()) == CallerChecked()


def test_a_code_belongs_to_the_administrator_who_sent_it(desk: Desk) -> None:
    bo = desk.colleague("bo", Permission.MANAGE_USERS)
    desk.send()
    assert desk.read(desk.code(), bo) == CheckOver()
    assert underway(desk.house.installation, bo, desk.ann.id) is None
    assert desk.read(desk.code()) == CallerChecked()


def test_a_code_ends_with_the_address_that_it_went_to(desk: Desk) -> None:
    desk.send()
    code = desk.code()
    desk.enter("somebody.else@northside.example")
    assert desk.read(code) == CheckOver()
    assert desk.checked() is None


def test_messages_to_callers_count_like_every_other_that_is_asked_for(desk: Desk) -> None:
    """SECURITY 5.4: one in thirty seconds, five in an hour."""
    now = desk.house.clock()
    desk.send()
    assert desk.send() == EnoughForNow(now + 30 * SECOND)
    for _ in range(4):
        desk.house.clock.forward(MINUTE)
        assert isinstance(desk.send(), CodeSent)
    desk.house.clock.forward(30 * SECOND)
    assert desk.send() == EnoughForNow(now + HOUR)


def test_without_such_an_address_nothing_is_sent(desk: Desk) -> None:
    assert desk.send(kind=PHONE) == NoAddress()
    assert letters(desk.house.installation, KIND) == []


def test_whoever_helps_on_the_telephone_may_check_a_caller(desk: Desk) -> None:
    for number, permission in enumerate(MAY_CHECK):
        bo = desk.colleague(f"bo{number}", permission)
        assert isinstance(desk.send(bo), CodeSent)
        desk.house.clock.forward(30 * SECOND)
    for permission in set(Permission) - set(MAY_CHECK):
        cy = desk.colleague(f"cy-{permission}", permission)
        assert desk.send(cy) is MayNot.NOT_HELD
        assert desk.read("123456", cy) is MayNot.NOT_HELD


def test_nobody_checks_themselves_or_somebody_who_holds_more(desk: Desk) -> None:
    install = desk.house.installation
    own = send(install, desk.kim, desk.kim.user.id, EMAIL, browser=BROWSER)
    assert own is MayNot.ONESELF
    give(desk.house, desk.ann, [Permission.AUDIT])
    assert desk.send() is MayNot.HOLDS_MORE
    assert send(install, desk.kim, b"x" * 16, EMAIL, browser=BROWSER) is MayNot.NOBODY


def test_a_proof_that_is_too_old_is_asked_again_and_nothing_is_sent(desk: Desk) -> None:
    desk.house.clock.forward(5 * MINUTE + 1)
    assert desk.send() is MayNot.PROVE_AGAIN
    assert letters(desk.house.installation, KIND) == []


def test_the_permission_that_is_used_is_one_that_is_held() -> None:
    assert permission_to_check({Permission.MANAGE_USERS}) is Permission.MANAGE_USERS
    assert permission_to_check(set()) in MAY_CHECK


def test_what_became_of_it_is_in_the_log_without_the_code(desk: Desk) -> None:
    desk.send()
    desk.read(another_code(desk.code()))
    desk.read(desk.code())
    kinds = (
        EventKind.CALLER_CHECK_SENT,
        EventKind.CALLER_CHECK_FAILED,
        EventKind.CALLER_CHECKED,
    )
    sent, failed, passed = (
        event
        for kind in kinds
        for event in recorded(desk.house.installation, desk.house.harbour, kind)
    )
    assert sent.about["masked"] == "a•••@northside.example"
    assert failed.about == {"tries_left": 4}
    assert passed.about == {}
    assert all(event.has_target for event in (sent, failed, passed))
    assert desk.code() not in str((sent, failed, passed))
