"""From a notice to its messages: to whom, once, and never for ever."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from tests.helpers.at_once import at_once
from tests.helpers.clocks import DAY, HOUR, MINUTE, HandClock
from tests.helpers.letters import Letter, letters
from tests.helpers.post_office import PostOffice
from tests.helpers.senders import ADDRESS, Writers, make_writers, outgoing_to, relay_of
from twostep.core.audit import Visitor
from twostep.core.contacts import ContactKind
from twostep.core.messages import NOTICES_LAST, MessageKind
from twostep.core.properties import find
from twostep.flows import contact_entries, notices, properties
from twostep.flows.notice_expansion import expand
from twostep.storage import users
from twostep.storage.database import Connection, Database
from twostep.storage.tables import contacts, messages
from twostep.storage.tables import notices as table

TEXT = "2125552368@sms.northside.example"
VISITOR = Visitor(address="203.0.113.7", browser="Chrome on Windows")
DEED, TRIES = MessageKind.PASSWORD_CHANGED, MessageKind.LOCKOUT


@pytest.fixture
def ann(database: Database, tmp_path: Path, clock: HandClock) -> Iterator[Writers]:
    made = make_writers(database, tmp_path, clock)
    yield made
    made.installation.hashing.close()


def has(ann: Writers, address: str, kind: ContactKind, *, confirmed: bool = True) -> None:
    """An address of Ann's, entered for her in Spanish."""
    where = ann.environment.id, ann.user_id
    user = ann.database.read(lambda connection: users.by_id(connection, *where))
    assert user is not None
    contact_entries.set_for_user(ann.installation, user, kind, address, language="es")
    if confirmed:
        change = update(contacts).where(contacts.c.kind == kind.value)
        ann.database.write(
            lambda connection: connection.execute(change.values(confirmed_at=ann.clock())).close()
        )


@pytest.fixture
def mailed(ann: Writers) -> Writers:
    has(ann, ADDRESS, ContactKind.EMAIL)
    return ann


def tell(ann: Writers, kind: MessageKind = DEED, *, at: int | None = None) -> None:
    def act(connection: Connection) -> None:
        now = ann.clock() if at is None else at
        whose = ann.environment.id, ann.user_id
        notices.tell(connection, kind, *whose, now=now, visitor=VISITOR)

    ann.database.write(act)


def expanded(ann: Writers) -> list[Letter]:
    """What notices became, once none is left. The entering of an address is told without one."""
    while expand(ann.installation, now=ann.clock(), most=3):
        pass
    assert left(ann) == 0
    every = letters(ann.installation)
    return [letter for letter in every if letter.kind is not MessageKind.ADDRESS_CHANGED]


def left(ann: Writers) -> int:
    return len(ann.database.read(lambda c: c.execute(select(table.c.id)).all()))


def test_a_notice_becomes_a_message_with_what_when_and_where(mailed: Writers) -> None:
    happened = mailed.clock()
    tell(mailed, MessageKind.NEW_DEVICE)
    mailed.clock.forward(MINUTE)
    (letter,) = expanded(mailed)
    assert (letter.kind, letter.to, letter.language) == (MessageKind.NEW_DEVICE, ADDRESS, "es")
    told = {name: letter.data[name] for name in ("at", "browser", "network_address", "last")}
    assert told == {
        "at": happened, "browser": "Chrome on Windows", "network_address": "203.0.113.7",
        "last": 0,
    }  # fmt: skip


def test_where_it_was_in_no_browser_of_hers_none_is_named(mailed: Writers) -> None:
    def act(connection: Connection) -> None:
        whose = mailed.environment.id, mailed.user_id
        kind, now = MessageKind.REMOVED, mailed.clock()
        notices.tell(connection, kind, *whose, now=now, visitor=None, by="jo")

    mailed.database.write(act)
    (letter,) = expanded(mailed)
    assert (letter.data["browser"], letter.data["network_address"]) == ("", "")
    assert letter.data["by"] == "jo"


def test_a_change_goes_everywhere_and_a_sign_in_to_the_mailbox(mailed: Writers) -> None:
    has(mailed, TEXT, ContactKind.SMS_EMAIL)
    tell(mailed, DEED)
    tell(mailed, TRIES)
    told = {(letter.kind, letter.to) for letter in expanded(mailed)}
    assert told == {(DEED, ADDRESS), (DEED, TEXT), (TRIES, ADDRESS)}


def test_what_an_administrator_entered_is_told_where_nothing_is_confirmed(ann: Writers) -> None:
    has(ann, ADDRESS, ContactKind.EMAIL, confirmed=False)
    tell(ann)
    assert [letter.to for letter in expanded(ann)] == [ADDRESS]


def test_a_notice_for_which_there_is_no_address_is_done_with(ann: Writers) -> None:
    tell(ann)
    assert expanded(ann) == []


def test_an_act_that_is_rolled_back_tells_nobody(mailed: Writers) -> None:
    def act(connection: Connection) -> None:
        whose = mailed.environment.id, mailed.user_id
        notices.tell(connection, DEED, *whose, now=mailed.clock(), visitor=VISITOR)
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        mailed.database.write(act)
    assert expanded(mailed) == []


def test_whom_to_ask_is_named_as_the_environment_does(mailed: Writers) -> None:
    contact = find("support_contact")
    properties.set_in_environment(mailed.installation, mailed.environment, contact, "Room 7")
    tell(mailed)
    assert [letter.data["support"] for letter in expanded(mailed)] == ["Room 7"]


def test_what_is_two_days_old_is_no_news(mailed: Writers) -> None:
    tell(mailed, at=mailed.clock() - NOTICES_LAST)
    tell(mailed, at=mailed.clock() - NOTICES_LAST + 1)
    assert [letter.data["at"] for letter in expanded(mailed)] == [mailed.clock() - NOTICES_LAST + 1]


def test_ac_53_the_fifth_of_a_day_says_that_it_is_the_last(mailed: Writers) -> None:
    """AC-53."""
    for _ in range(9):
        mailed.clock.forward(MINUTE)
        tell(mailed)
    assert [letter.data["last"] for letter in expanded(mailed)] == [0, 0, 0, 0, 1]
    mailed.clock.forward(DAY)
    tell(mailed)
    assert [letter.data["last"] for letter in expanded(mailed)][5:] == [0]


def test_ac_53_what_is_not_told_any_more_leaves_nothing_behind(mailed: Writers) -> None:
    """AC-53."""
    for _ in range(30):
        tell(mailed, TRIES)
        mailed.clock.forward(MINUTE)
    assert len(expanded(mailed)) == 1
    mailed.clock.forward(HOUR)
    tell(mailed, TRIES)
    assert len(expanded(mailed)) == 2


def test_an_address_that_does_not_open_is_logged_and_keeps_the_others_from_nothing(
    mailed: Writers,
) -> None:
    has(mailed, TEXT, ContactKind.SMS_EMAIL)
    spoiled = update(contacts).where(contacts.c.kind == "email").values(sealed=b"spoiled")
    mailed.database.write(lambda connection: connection.execute(spoiled).close())
    tell(mailed)
    with capture_logs() as logs:
        assert [letter.to for letter in expanded(mailed)] == [TEXT]
    assert [line["event"] for line in logs] == ["address_unreadable"]


@pytest.mark.parametrize("spoiled", [{"kind": "nonsense"}, {"data": "{"}, {"data": "[1]"}])
def test_a_row_that_cannot_be_read_is_logged_and_holds_nothing_up(
    mailed: Writers, spoiled: dict[str, str]
) -> None:
    tell(mailed)
    mailed.database.write(
        lambda connection: connection.execute(update(table).values(**spoiled)).close()
    )
    tell(mailed, TRIES, at=mailed.clock() + 1)
    with capture_logs() as logs:
        assert [letter.kind for letter in expanded(mailed)] == [TRIES]
    assert [line["event"] for line in logs] == ["notice_unreadable"]


def test_no_more_are_done_at_a_time_than_asked(mailed: Writers) -> None:
    for _ in range(5):
        tell(mailed)
    expand_some = partial(expand, mailed.installation, now=mailed.clock())
    assert [expand_some(most=2), left(mailed)] == [2, 3]
    assert [expand_some(most=9), expand_some(most=9)] == [3, 0]


def test_of_many_who_expand_at_once_each_notice_is_told_by_one(mailed: Writers) -> None:
    kinds = [DEED, MessageKind.SET_UP, MessageKind.TURNED_OFF, MessageKind.NEW_DEVICE]
    for kind in kinds:
        tell(mailed, kind)
    act = partial(expand, mailed.installation, now=mailed.clock(), most=9)
    assert sum(at_once([act] * 8)) == 4
    assert sorted(letter.kind for letter in expanded(mailed)) == sorted(kinds)


def test_ac_53_many_who_expand_at_once_tell_no_more_than_one_does(mailed: Writers) -> None:
    """AC-53: each sees room for one more until another has taken it."""
    for _ in range(12):
        mailed.clock.forward(1)
        tell(mailed, TRIES)
    at_once([partial(expand, mailed.installation, now=mailed.clock(), most=12)] * 8)
    assert len(expanded(mailed)) == 1


def test_a_sender_expands_what_waits_and_sends_it(mailed: Writers) -> None:
    for kind in (DEED, MessageKind.SET_UP, MessageKind.REPLACED, MessageKind.TURNED_OFF, TRIES):
        tell(mailed, kind)
    with PostOffice() as office:
        mailed.send_all_due(outgoing_to(relay_of(office)))
        assert [mail.recipients for mail in office.mails] == [(ADDRESS,)] * 5
    states = mailed.database.read(
        lambda connection: connection.execute(select(messages.c.state)).scalars().all()
    )
    assert set(states) == {"accepted"}
    assert left(mailed) == 0
