"""Messages in SQL: each claimed by one sender at a time, and settled by that one alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial

import pytest
from sqlalchemy import select, update

from tests.helpers.at_once import at_once
from tests.helpers.many_messages import (
    ANN,
    BO,
    ELSEWHERE,
    HERE,
    NOW,
    add_old_ones,
    add_people,
    id_of,
    message,
)
from tests.helpers.statements import plans
from twostep.core.messages import MOST_IN_HISTORY, GaveUp, MessageKind, MessageState, Priority, Try
from twostep.storage import message_counts, messages
from twostep.storage.database import Connection, Database, open_database
from twostep.storage.messages import Claimed, Ending, NewMessage, Tried
from twostep.storage.tables import messages as table

ASKED, NOTICE = Priority.SOMEBODY_WAITS, Priority.NOTICE
LEASE = 60_000
FIRST, SECOND = b"first sender....", b"second sender..."
ACCEPTED = Ending(
    state=MessageState.ACCEPTED,
    words="250 Ok",
    history=(Tried(at=NOW, ended=Try.ACCEPTED, words="250 Ok"),),
)


@pytest.fixture(autouse=True)
def _people(database: Database) -> None:
    add_people(database)


def add(database: Database, *new: NewMessage) -> None:
    def unit(connection: Connection) -> None:
        for one in new:
            messages.add(connection, one)

    database.write(unit)


def claim(
    database: Database,
    claim_id: bytes = FIRST,
    *,
    priority: Priority = ASKED,
    now: int = NOW,
    most: int = 10,
) -> Sequence[Claimed]:
    return database.write(
        lambda connection: messages.claim(
            connection, priority=priority, claim_id=claim_id, now=now, until=now + LEASE, most=most
        )
    )


def end(database: Database, claimed: Claimed, ending: Ending = ACCEPTED, now: int = NOW) -> bool:
    return database.write(lambda connection: messages.end(connection, claimed, ending, now=now))


def row(database: Database, number: int = 1) -> object:
    return database.read(
        lambda connection: connection.execute(
            select(table).where(table.c.id == id_of(number))
        ).one()
    )


def ids(claimed: Sequence[Claimed]) -> list[int]:
    return [int.from_bytes(one.id, "big") for one in claimed]


def test_a_message_is_due_at_once_and_claimed_once(database: Database) -> None:
    add(database, message())
    assert database.read(lambda c: messages.any_due(c, priority=ASKED, now=NOW))
    (mine,) = claim(database)
    assert (mine.id, mine.user_id, mine.environment_id) == (id_of(1), ANN, HERE)
    assert (mine.kind, mine.attempts, mine.claim) == (MessageKind.CODE, 1, FIRST)
    assert mine.sealed == b"content of 1"
    assert mine.interrupted_at is None
    assert claim(database, SECOND) == []
    assert not database.read(lambda c: messages.any_due(c, priority=ASKED, now=NOW))


def test_a_message_of_an_act_that_was_rolled_back_is_nobody_s(database: Database) -> None:
    def act(connection: Connection) -> None:
        messages.add(connection, message())
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        database.write(act)
    assert claim(database) == []


def test_the_longest_due_goes_first_and_no_more_than_asked(database: Database) -> None:
    add(database, *[message(number, made_at=NOW - number) for number in range(1, 6)])
    assert ids(claim(database, most=2)) == [5, 4]
    assert ids(claim(database, most=9)) == [3, 2, 1]


def test_each_priority_is_claimed_by_itself(database: Database) -> None:
    add(database, message(1, MessageKind.LOCKOUT), message(2), message(3, MessageKind.SET_UP))
    assert ids(claim(database, priority=ASKED)) == [2]
    assert sorted(ids(claim(database, priority=NOTICE))) == [1, 3]


def test_what_is_not_due_yet_is_not_claimed(database: Database) -> None:
    add(database, message(made_at=NOW + 1))
    assert claim(database) == []
    assert ids(claim(database, now=NOW + 1)) == [1]


def test_a_claim_that_has_run_out_is_claimed_again_and_says_so(database: Database) -> None:
    add(database, message())
    (first,) = claim(database)
    assert claim(database, SECOND, now=NOW + LEASE - 1) == []
    (second,) = claim(database, SECOND, now=NOW + LEASE)
    assert (second.attempts, second.interrupted_at) == (2, NOW)
    assert second.sealed == first.sealed
    assert not end(database, first)
    assert end(database, second, now=NOW + LEASE)
    assert not end(database, second)


def test_what_is_settled_has_no_content_any_more(database: Database) -> None:
    add(database, message())
    (mine,) = claim(database)
    assert end(database, mine, now=NOW + 7)
    settled = row(database)
    assert (settled.state, settled.words, settled.settled_at) == ("accepted", "250 Ok", NOW + 7)  # type: ignore[attr-defined]
    assert (settled.sealed, settled.key_version, settled.claim) == (None, None, None)  # type: ignore[attr-defined]
    assert messages.read_history(settled.history) == ACCEPTED.history  # type: ignore[attr-defined]
    assert claim(database, now=NOW + 10 * LEASE) == []


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (MessageState.REFUSED, None),
        (MessageState.GIVEN_UP, GaveUp.TIME_OVER),
        (MessageState.SENT, None),
    ],
)
def test_every_end_deletes_the_content(
    database: Database, state: MessageState, reason: GaveUp | None
) -> None:
    add(database, message())
    (mine,) = claim(database)
    assert end(database, mine, Ending(state=state, words="", history=(), reason=reason))
    settled = row(database)
    assert (settled.state, settled.reason, settled.sealed) == (state, reason, None)  # type: ignore[attr-defined]


def test_what_is_put_off_is_due_again_with_its_content(database: Database) -> None:
    add(database, message())
    (mine,) = claim(database)
    later = Ending(
        state=MessageState.QUEUED,
        words="451 Later",
        history=(Tried(at=NOW, ended=Try.PUT_OFF, words="451 Later"),),
        due_at=NOW + 5_000,
    )
    assert end(database, mine, later)
    assert claim(database, SECOND, now=NOW + 4_999) == []
    (again,) = claim(database, SECOND, now=NOW + 5_000)
    assert (again.attempts, again.sealed) == (2, b"content of 1")
    assert again.interrupted_at is None
    assert [tried.words for tried in again.history] == ["451 Later"]


def test_a_history_keeps_the_last_tries(database: Database) -> None:
    add(database, message())
    (mine,) = claim(database)
    many = [Tried(at=NOW + n, ended=Try.PUT_OFF, words=str(n)) for n in range(MOST_IN_HISTORY + 5)]
    end(database, mine, Ending(state=MessageState.REFUSED, words="", history=many))
    kept = messages.read_history(row(database).history)  # type: ignore[attr-defined]
    assert [tried.words for tried in kept] == [str(n) for n in range(5, MOST_IN_HISTORY + 5)]


def test_of_many_senders_at_once_each_message_has_one(database: Database) -> None:
    add(database, *[message(number) for number in range(60)])
    takers: list[Callable[[], Sequence[Claimed]]] = [
        partial(claim, database, bytes([number]) * 16, most=4) for number in range(24)
    ]
    claimed = [one for taken in at_once(takers, threads=8) for one in ids(taken)]
    assert len(claimed) == len(set(claimed))
    assert sorted(claimed + ids(claim(database, most=100))) == list(range(60))


@pytest.mark.postgresql
def test_two_senders_on_postgresql_pass_each_other_by(
    database: Database, database_url: str
) -> None:
    """The second does not wait for the first one's transaction, and gets the other rows."""
    if database.kind == "sqlite":
        pytest.skip("SQLite has one writer")
    add(database, *[message(number, made_at=NOW - number) for number in range(1, 7)])
    with closing(open_database(database_url)) as other:
        taken: list[list[int]] = []

        def first(connection: Connection) -> list[int]:
            mine = messages.claim(
                connection, priority=ASKED, claim_id=FIRST, now=NOW, until=NOW + LEASE, most=3
            )
            at_once([lambda: taken.append(ids(claim(other, SECOND, most=4)))])
            return ids(mine)

        assert database.write(first) == [6, 5, 4]
        assert taken == [[3, 2, 1]]


def test_ac_53_what_was_asked_for_is_counted_by_address_over_all_accounts_and_by_user(
    database: Database,
) -> None:
    """AC-53, SECURITY §5.4."""
    here, there = b"h" * 32, b"t" * 32
    add(
        database,
        message(1, address_hash=here, made_at=NOW - 3),
        message(2, address_hash=here, made_at=NOW - 2, user=BO),
        message(3, address_hash=here, made_at=NOW - 1, environment=ELSEWHERE),
        message(4, address_hash=there, made_at=NOW - 4),
        message(5, MessageKind.LOCKOUT, address_hash=here),
        message(6, address_hash=here, made_at=NOW - 100),
    )

    def to(address: bytes, most: int = 60) -> Sequence[int]:
        return database.read(
            lambda c: message_counts.asked_for_to(c, address, since=NOW - 50, most=most)
        )

    def by(user: bytes, environment: bytes = HERE) -> Sequence[int]:
        return database.read(
            lambda c: message_counts.asked_for_by(c, environment, user, since=NOW - 50, most=15)
        )

    assert to(here) == [NOW - 1, NOW - 2, NOW - 3]
    assert to(here, most=2) == [NOW - 1, NOW - 2]
    assert to(there) == [NOW - 4]
    assert by(ANN) == [NOW - 3, NOW - 4]
    assert by(BO) == [NOW - 2]
    assert by(ANN, ELSEWHERE) == [NOW - 1]


def test_the_rate_of_a_relay_is_measured_by_what_was_tried(database: Database) -> None:
    add(database, *[message(number, made_at=NOW - 9) for number in range(1, 5)])
    claim(database, now=NOW - 5, most=1)
    claim(database, now=NOW - 2, most=1)
    claim(database, now=NOW, most=1)

    def tried(since: int, most: int) -> Sequence[int]:
        return database.read(lambda c: message_counts.tried_since(c, since, most=most))

    assert tried(NOW - 10, 10) == [NOW - 5, NOW - 2, NOW]
    assert tried(NOW - 10, 2) == [NOW - 2, NOW]
    assert tried(NOW - 2, 10) == [NOW]


def test_many_old_messages_do_not_make_the_next_one_slower_to_find(database: Database) -> None:
    """The claim, the look before it and the caps each go by their index, whatever lies beside."""
    add_old_ones(database, 3_000)
    add(database, *[message(number) for number in range(5)])
    database.write(lambda c: c.exec_driver_sql("ANALYZE").close())

    def claims(connection: Connection) -> None:
        messages.any_due(connection, priority=ASKED, now=NOW)
        messages.claim(
            connection, priority=ASKED, claim_id=FIRST, now=NOW, until=NOW + LEASE, most=5
        )

    looked, claimed = plans(database, claims)
    assert "ix_messages_due" in looked
    assert "ix_messages_due" in claimed

    def counts(connection: Connection) -> None:
        message_counts.asked_for_to(connection, b"h" * 32, since=NOW - 50, most=60)
        message_counts.tried_since(connection, NOW - 50, most=30)

    to_address, tried = plans(database, counts)
    assert "ix_messages_address" in to_address
    assert "ix_messages_tried_at" in tried


def test_a_row_that_somebody_changed_under_the_claim_is_not_ended(database: Database) -> None:
    add(database, message())
    (mine,) = claim(database)
    database.write(lambda c: c.execute(update(table).values(state="bounced")).close())
    assert not end(database, mine)
