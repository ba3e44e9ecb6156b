"""Addresses of a profile: what counts when, who is told, and what a code opens."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.helpers.at_once import at_once
from tests.helpers.clocks import HOUR, MINUTE, HandClock
from tests.helpers.letters import another_code, last_code, letters
from tests.helpers.sealed_rows import everything_in
from tests.helpers.senders import make_writers
from twostep.core.audit import EventKind, Visitor
from twostep.core.contacts import ContactKind, ContactState
from twostep.core.generations import Generations
from twostep.core.messages import MessageKind
from twostep.core.sessions import Level, Session
from twostep.delivery.carriers import Standing
from twostep.flows import contact_codes, contact_entries, contacts
from twostep.flows.contact_codes import (
    CodeOver,
    CodeSent,
    CodeWrong,
    Confirmed,
    Confirming,
    Misshapen,
    NothingWaits,
    TooSoon,
    Unchanged,
)
from twostep.flows.contact_entries import EnteredForUser, Overtaken
from twostep.flows.contact_reading import ByCarrier, NotUsable, Typed
from twostep.flows.contact_rows import rows_of
from twostep.flows.contacts import Begun, NothingThere
from twostep.flows.installation import Installation
from twostep.flows.keys import rotate
from twostep.flows.sessions import Person
from twostep.flows.tidying import tidy
from twostep.flows.visitors import Browser
from twostep.storage import sessions, users
from twostep.storage.database import Connection, Database
from twostep.storage.tables import contacts as table
from twostep.storage.tables import events

EMAIL, SMS_EMAIL = ContactKind.EMAIL, ContactKind.SMS_EMAIL
OLD, NEW = "ann@northside.example", "ann@elsewhere.example"
HIDDEN_OLD, HIDDEN_NEW = "a•••@northside.example", "a•••@elsewhere.example"
TEXT = "2125552368@sms.northside.example"
BROWSER = Browser(id=b"b" * 32, visitor=Visitor(address="203.0.113.7", browser="Chrome on Windows"))


@dataclass
class Ann:
    """Ann at her Security Settings, and an administrator of hers."""

    installation: Installation
    person: Person
    clock: HandClock

    def change(self, typed: Typed, kind: ContactKind = EMAIL) -> Begun:
        return contacts.change_own(
            self.installation, self.person, kind, typed, language="es", browser=BROWSER
        )

    def again(self, kind: ContactKind = EMAIL) -> Begun | NothingThere:
        return contacts.send_again(
            self.installation, self.person, kind, language="es", browser=BROWSER
        )

    def confirm(self, typed: str, kind: ContactKind = EMAIL) -> Confirming:
        return contact_codes.confirm_own(
            self.installation, self.person, kind, typed, browser=BROWSER
        )

    def signed_in_anew(self) -> Ann:
        """Ann in another session: what an administrator enters ends those that there are."""
        again = replace(self.person.session, id=b"session again...", ended_at=None)
        self.installation.database.write(lambda c: sessions.add(c, again, token_hash=b"a" * 32))
        return replace(self, person=replace(self.person, session=again))

    def has(self, typed: str, kind: ContactKind = EMAIL) -> None:
        """A confirmed address; its notices are forgotten, and its caps."""
        assert isinstance(self.change(typed, kind), CodeSent)
        assert isinstance(self.confirm(last_code(self.installation), kind), Confirmed)
        self.clock.forward(3 * HOUR)

    def enter(self, typed: Typed, kind: ContactKind = EMAIL) -> object:
        """As an administrator."""
        return contact_entries.set_for_user(
            self.installation, self.person.user, kind, typed, language="en"
        )

    def field(self, kind: ContactKind = EMAIL) -> contacts.Field:
        return contacts.profile(self.installation, self.person.user)[kind]

    def states(self, kind: ContactKind = EMAIL) -> tuple[str | None, str | None]:
        """Masked: what counts, and what waits."""
        field = self.field(kind)
        counts, waits = field.counts, field.waits
        return counts.masked if counts else None, waits.masked if waits else None

    def told(self, since: int) -> set[str]:
        """Who got a notice since then."""
        return {
            letter.to
            for letter in letters(self.installation, MessageKind.ADDRESS_CHANGED)
            if letter.data["at"] >= since
        }

    def events(self) -> list[str]:
        return self.installation.database.read(
            lambda c: list(c.execute(select(events.c.kind)).scalars())
        )


@pytest.fixture
def ann(database: Database, tmp_path: Path, clock: HandClock) -> Iterator[Ann]:
    made = make_writers(database, tmp_path, clock)
    user = database.read(lambda c: users.by_id(c, made.environment.id, made.user_id))
    assert user is not None
    session = Session(
        id=b"session.........", environment_id=user.environment_id, user_id=user.id,
        sign_in_id=b"sign-in.........", device_id=None, level=Level.PASSWORD, reasons=(),
        browser="", address="", started_at=clock(), last_used_at=clock(), ended_at=None,
        generations=Generations(installation=1, password=1, second_step=1),
    )  # fmt: skip
    database.write(lambda c: sessions.add(c, session, token_hash=b"t" * 32))
    yield Ann(made.installation, Person(user, session), clock)
    made.installation.hashing.close()


def test_ac_31_a_change_counts_once_its_code_came_back_and_the_old_address_is_told(
    ann: Ann,
) -> None:
    """AC-31."""
    ann.has(OLD)
    old, begun = ann.field().counts, ann.clock()
    assert ann.change(NEW) == CodeSent(masked=HIDDEN_NEW, ends_at=begun + 30 * MINUTE)
    assert ann.states() == (HIDDEN_OLD, HIDDEN_NEW)
    (letter,) = letters(ann.installation, MessageKind.CONFIRM_ADDRESS)[1:]
    assert (letter.to, letter.language, letter.data["minutes"]) == (NEW, "es", 30)
    assert ann.told(begun) == set()
    assert ann.confirm(another_code(letter.data["code"])) == CodeWrong(4)
    assert ann.states() == (HIDDEN_OLD, HIDDEN_NEW)
    code = letter.data["code"]
    assert ann.confirm(f" {code[:3]} {code[3:]} ") == Confirmed(HIDDEN_NEW)
    assert ann.states() == (HIDDEN_NEW, None)
    assert ann.told(begun) == {OLD, NEW}
    now = ann.field().counts
    assert old is not None
    assert now is not None
    assert now.id != old.id
    assert now.state is ContactState.CONFIRMED


def test_the_other_confirmed_addresses_are_told_as_well(ann: Ann) -> None:
    ann.has(OLD)
    ann.has(TEXT, SMS_EMAIL)
    begun = ann.clock()
    ann.change(NEW)
    ann.confirm(last_code(ann.installation))
    assert ann.told(begun) == {OLD, NEW, TEXT}
    (notice,) = [
        letter
        for letter in letters(ann.installation, MessageKind.ADDRESS_CHANGED)
        if letter.to == OLD and letter.data["at"] >= begun
    ]
    assert notice.data == {
        "field": "email", "address": HIDDEN_NEW, "by": "user", "at": begun,
        "browser": "Chrome on Windows", "network_address": "203.0.113.7",
    }  # fmt: skip


def test_a_code_is_good_once_for_its_own_address_and_for_thirty_minutes(ann: Ann) -> None:
    ann.change(OLD)
    first = last_code(ann.installation)
    ann.clock.forward(MINUTE)
    ann.change(TEXT, SMS_EMAIL)
    assert isinstance(ann.confirm(first, SMS_EMAIL), CodeWrong)
    ann.clock.forward(29 * MINUTE)
    assert ann.confirm(first) == CodeOver()
    assert ann.field().waits is not None
    assert isinstance(ann.again(), CodeSent)
    assert isinstance(ann.confirm(first), CodeWrong)
    code = last_code(ann.installation)
    assert isinstance(ann.confirm(code), Confirmed)
    assert ann.confirm(code) == NothingWaits()


def test_of_the_same_code_sent_twice_at_once_one_confirms(ann: Ann) -> None:
    ann.change(OLD)
    code = last_code(ann.installation)
    ended = at_once([lambda: ann.confirm(code)] * 6)
    assert sum(isinstance(each, Confirmed) for each in ended) == 1
    assert ann.told(0) == {OLD}


def test_five_wrong_codes_kill_a_code_and_what_is_no_code_costs_nothing(ann: Ann) -> None:
    ann.change(OLD)
    code = last_code(ann.installation)
    for nothing in ("", "12345", "1234567", "abcdef", "1" * 500):
        assert ann.confirm(nothing) == Misshapen()
    for left in (4, 3, 2, 1, 0):
        assert ann.confirm(another_code(code)) == CodeWrong(left)
    assert ann.confirm(code) == CodeOver()
    field = ann.field()
    assert field.counts is None
    assert field.waits is not None
    assert field.waits.code_until is None


def test_ac_53_messages_to_a_new_address_are_as_rare_as_all_others(ann: Ann) -> None:
    """AC-53."""
    begun = ann.clock()
    assert isinstance(ann.change(NEW), CodeSent)
    assert ann.change(NEW) == TooSoon(begun + 30_000)
    for number in range(4):
        assert isinstance(ann.change(f"ann{number}@elsewhere.example"), CodeSent)
    assert ann.change("ann9@elsewhere.example") == TooSoon(begun + HOUR)


def test_an_administrators_entry_counts_at_once_and_its_user_can_confirm_it(ann: Ann) -> None:
    ann.has(OLD)
    begun = ann.clock()
    assert ann.enter(NEW) == EnteredForUser(masked=HIDDEN_NEW)
    counts = ann.field().counts
    assert counts is not None
    assert (counts.masked, counts.state) == (HIDDEN_NEW, ContactState.UNCONFIRMED)
    assert ann.told(begun) == {OLD}
    assert ann.again() == Unchanged(), "that session has ended"
    ann = ann.signed_in_anew()
    assert isinstance(ann.again(), CodeSent)
    assert isinstance(ann.confirm(last_code(ann.installation)), Confirmed)
    confirmed = ann.field().counts
    assert confirmed is not None
    assert confirmed.state is ContactState.CONFIRMED
    assert ann.again() == Unchanged()
    assert ann.enter(NEW) == Unchanged()


def test_an_administrators_entry_ends_a_change_that_waits(ann: Ann) -> None:
    ann.change(NEW)
    code = last_code(ann.installation)
    ann.enter(OLD)
    assert ann.states() == (HIDDEN_OLD, None)
    assert ann.confirm(code) == NothingWaits()


def test_the_address_that_there_is_needs_no_code(ann: Ann) -> None:
    ann.has(OLD)
    ann.change(NEW)
    assert ann.change(" ANN@northside.EXAMPLE ") == Unchanged()
    assert ann.states() == (HIDDEN_OLD, None)


def test_a_dead_gateway_is_refused_and_a_dying_one_said(ann: Ann) -> None:
    dead = ann.change("2125552368@txt.att.net", SMS_EMAIL)
    assert isinstance(dead, NotUsable)
    assert isinstance(ann.enter("2125552368@tmomail.net", SMS_EMAIL), NotUsable)
    sent = ann.change(ByCarrier(number="(212) 555-2368", carrier="cricket"), SMS_EMAIL)
    assert isinstance(sent, CodeSent)
    assert sent.masked == "•••• 68@sms.cricketwireless.net"
    assert sent.dying is not None
    waits = ann.field(SMS_EMAIL).waits
    assert waits is not None
    assert waits.gateway == (sent.dying, Standing.DYING)


def test_an_address_is_removed_and_told_so(ann: Ann) -> None:
    ann.has(OLD)
    ann.change(NEW)
    code, begun = last_code(ann.installation), ann.clock()
    assert contacts.remove_own(ann.installation, ann.person, EMAIL, browser=BROWSER)
    assert ann.states() == (None, None)
    assert ann.told(begun) == {OLD}
    assert ann.confirm(code) == NothingWaits()
    assert not contacts.remove_own(ann.installation, ann.person, EMAIL, browser=BROWSER)
    assert ann.again() == NothingThere()


def test_an_administrator_removes_an_address(ann: Ann) -> None:
    ann.has(OLD)
    begun = ann.clock()
    removed = contact_entries.remove_for_user(ann.installation, ann.person.user, EMAIL)
    again = contact_entries.remove_for_user(ann.installation, ann.person.user, EMAIL)
    assert (removed, again) == (True, False)
    assert ann.told(begun) == {OLD}


def test_a_change_is_cancelled_and_what_counts_stays(ann: Ann) -> None:
    ann.has(OLD)
    ann.change(NEW)
    assert contacts.cancel_own(ann.installation, ann.person, EMAIL)
    assert not contacts.cancel_own(ann.installation, ann.person, EMAIL)
    assert ann.states() == (HIDDEN_OLD, None)


def test_ac_67_no_address_and_no_code_lies_in_the_database(ann: Ann) -> None:
    """AC-67. Events show an address masked."""
    ann.has(OLD)
    ann.change(NEW)
    code = last_code(ann.installation)
    ann.confirm(code)
    ann.enter(TEXT, SMS_EMAIL)
    assert contacts.remove_own(ann.installation, ann.person, EMAIL, browser=BROWSER)
    rows = pickle.dumps(everything_in(ann.installation.database))
    for secret in (OLD, NEW, TEXT, code):
        assert secret.encode() not in rows
    assert HIDDEN_NEW.encode() in rows or b"a\\u2022" in rows
    kinds = ann.events()
    assert kinds.count(EventKind.ADDRESS_CHANGE_BEGUN) == 2
    assert kinds.count(EventKind.ADDRESS_CONFIRMED) == 2
    assert kinds.count(EventKind.ADDRESS_SET_FOR_USER) == 1
    assert kinds.count(EventKind.ADDRESS_REMOVED) == 1


def test_addresses_and_their_codes_outlive_a_rotation_of_the_keys(ann: Ann) -> None:
    ann.has(OLD)
    ann.change(NEW)
    rotate(ann.installation, now=ann.clock())
    rows = rows_of(ann.installation, ann.person.user)
    assert [row.key_version for row in rows] == [2, 2]
    begun = ann.clock()
    assert isinstance(ann.confirm(last_code(ann.installation)), Confirmed)
    assert ann.told(begun) == {OLD, NEW}


def test_a_box_that_was_moved_is_no_address(ann: Ann) -> None:
    """Who can write to the database, and holds no key, turns no code towards another address."""
    ann.has(OLD)
    ann.has(TEXT, SMS_EMAIL)

    def swap(connection: Connection) -> None:
        email = table.c.kind == "email"
        box = connection.execute(select(table.c.sealed).where(~email)).scalar_one()
        connection.execute(update(table).where(email).values(sealed=box))

    ann.installation.database.write(swap)
    begun = ann.clock()
    assert ann.again() == NothingThere()
    ann.change(NEW)
    assert isinstance(ann.confirm(last_code(ann.installation)), Confirmed)
    assert ann.told(begun) == {NEW, TEXT}


def test_a_code_of_another_users_address_matches_nothing(ann: Ann) -> None:
    """The row of somebody else's code, put in its place, opens nothing (AC-09)."""
    ann.change(OLD)
    code = last_code(ann.installation)
    ann.change(TEXT, SMS_EMAIL)

    def swap(connection: Connection) -> None:
        email = table.c.kind == "email"
        hashed = connection.execute(select(table.c.code_hash).where(email)).scalar_one()
        connection.execute(update(table).where(~email).values(code_hash=hashed))

    ann.installation.database.write(swap)
    assert isinstance(ann.confirm(code, SMS_EMAIL), CodeWrong)


def test_whoever_comes_second_changes_nothing(ann: Ann, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was prepared for the addresses of a moment ago is not done to those of now."""
    ann.has(OLD)
    stale = rows_of(ann.installation, ann.person.user)
    ann.change(NEW)
    ann.confirm(last_code(ann.installation))
    for module in (contacts, contact_entries, contact_codes):
        monkeypatch.setattr(module, "rows_of", lambda *_: stale)
    assert not contacts.remove_own(ann.installation, ann.person, EMAIL, browser=BROWSER)
    assert ann.enter("ann@third.example") == Overtaken()
    user = ann.person.user
    assert not contact_entries.remove_for_user(ann.installation, user, EMAIL)
    waits = replace(stale[0], contact=replace(stale[0].contact, confirmed_at=None))
    stale = [waits]
    assert ann.confirm("123456") == NothingWaits()
    monkeypatch.undo()
    assert ann.states() == (HIDDEN_NEW, None)


def test_an_address_that_nobody_confirms_is_forgotten_after_two_days(ann: Ann) -> None:
    ann.has(OLD)
    ann.change(NEW)
    ann.clock.forward(47 * HOUR)
    tidy(ann.installation)
    assert ann.states() == (HIDDEN_OLD, HIDDEN_NEW)
    ann.clock.forward(2 * HOUR)
    tidy(ann.installation)
    assert ann.states() == (HIDDEN_OLD, None)
