"""Events, people and seals in SQL: what is found, in which order, and at what cost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, update

from tests.helpers.audit_logs import AuditLog, make_log, statements_of
from tests.helpers.clocks import SECOND, START
from tests.storage.things import side_by_side
from twostep.core.audit import Event, EventKind
from twostep.core.audit_chain import GENESIS, Seal
from twostep.crypto.identifiers import new_id
from twostep.storage import audit, audit_chain, people
from twostep.storage.audit_chain import FIRST, NewSeal, SealedElsewhere
from twostep.storage.database import Connection, ConstraintBroken, Database
from twostep.storage.people import StoredPerson
from twostep.storage.tables import events, seals
from twostep.storage.tables import people as people_table


@pytest.fixture
def log(database: Database, tmp_path: Path) -> AuditLog:
    return make_log(database, tmp_path)


def plan_of(log: AuditLog, look: Callable[[Connection], object]) -> str:
    """How SQLite runs each statement that this reading sends, in its own words."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, parameters))

    def act(connection: Connection) -> str:
        event.listen(connection, "before_cursor_execute", note)
        look(connection)
        event.remove(connection, "before_cursor_execute", note)
        return "\n".join(
            str(row[3])
            for statement, parameters in sent
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        )

    return log.database.read(act)


def an_event(log: AuditLog, at: int = START, id_: bytes | None = None) -> Event:
    return Event(
        id=id_ or new_id(),
        environment_id=log.environment_id,
        at=at,
        kind=EventKind.SIGNED_OUT,
        target=log.ann,
        data={"session": "00"},
    )


def add(log: AuditLog, *added: Event) -> None:
    for one in added:
        log.database.write(lambda connection: audit.add(connection, one))  # noqa: B023


def test_an_event_is_read_as_it_was_written(log: AuditLog) -> None:
    written = an_event(log)
    add(log, written)
    read = log.database.read(
        lambda connection: audit_chain.unsealed(connection, log.environment_id, most=10)
    )
    assert list(read) == [written]
    (recorded,) = log.database.read(
        lambda connection: audit.about_user(connection, log.environment_id, log.ann, most=10)
    )
    assert recorded.event == written
    assert recorded.visitor_content is None


def test_what_waits_comes_in_the_order_of_time_and_then_of_id(log: AuditLog) -> None:
    late, early, same = an_event(log, START + 2), an_event(log), an_event(log, START + 1)
    other = an_event(log, START + 1)
    add(log, late, same, other, early)
    read = log.database.read(
        lambda connection: audit_chain.unsealed(connection, log.environment_id, most=3)
    )
    assert list(read) == [early, *sorted((same, other), key=lambda one: one.id)]


def test_nothing_sealed_yet_has_the_head_of_an_empty_chain(log: AuditLog) -> None:
    head = log.database.read(lambda connection: audit_chain.head_of(connection, log.environment_id))
    assert head == Seal(number=0, mac=GENESIS)


def seal_of(one: Event, number: int) -> NewSeal:
    return NewSeal(event_id=one.id, happened_at=one.at, number=number, mac=bytes(32), key_version=1)


def test_an_event_that_has_a_number_gets_no_other(log: AuditLog) -> None:
    first, second = an_event(log), an_event(log)
    add(log, first, second)

    def put(*new: NewSeal) -> None:
        log.database.write(
            lambda connection: audit_chain.put_seals(connection, log.environment_id, new, now=START)
        )

    put(seal_of(first, 1))
    with pytest.raises(SealedElsewhere):
        put(seal_of(second, 2), seal_of(first, 3))
    assert log.rows(select(events.c.number).where(events.c.id == second.id)) == [(None,)]
    with pytest.raises(ConstraintBroken):
        put(seal_of(second, 1))
    put(seal_of(second, 2))
    assert log.numbers() == [1, 2]
    assert log.rows(select(seals.c.number).order_by(seals.c.number)) == [(1,), (2,)]


def test_two_people_rows_for_one_user_cannot_be_written(log: AuditLog) -> None:
    def write(content: str) -> None:
        person = StoredPerson(id=log.ann, user_id=log.ann, lookup=None, content=content)
        log.database.write(lambda connection: people.add(connection, log.environment_id, [person]))

    assert side_by_side([lambda: write("1"), lambda: write("2")]) == [None, None]
    write("3")
    assert len(log.rows(select(people_table))) == 1


def test_two_requests_of_a_new_visitor_take_one_row(log: AuditLog) -> None:
    def write() -> bytes:
        person = StoredPerson(id=new_id(), user_id=None, lookup=b"l" * 16, content="{}")
        return log.database.write(
            lambda connection: people.add_visitor(connection, log.environment_id, person)
        )

    assert len(set(side_by_side([write] * 8))) == 1
    assert len(log.rows(select(people_table))) == 1


def test_a_page_ends_where_it_is_told_and_the_next_begins_there(log: AuditLog) -> None:
    log.sealed(5)
    numbers, after, pages = [], FIRST, 0
    while True:
        page = log.database.read(
            lambda connection: audit_chain.page(
                connection,
                log.environment_id,
                after=after,  # noqa: B023
                most=2,
            )
        )
        numbers += [entry.number for entry in page.entries]
        assert page.head.number == 5
        pages += 1
        if page.next is None:
            break
        after = page.next
    assert (numbers, pages) == ([1, 2, 3, 4, 5], 3)


def test_a_row_that_cannot_be_read_comes_without_its_event(log: AuditLog) -> None:
    log.sealed(2)
    log.do(update(events).where(events.c.number == 2).values(kind="no such kind"))
    page = log.database.read(
        lambda connection: audit_chain.page(connection, log.environment_id, after=FIRST, most=10)
    )
    assert [entry.event is None for entry in page.entries] == [False, True]
    with pytest.raises(ValueError, match="no such kind"):
        log.database.read(
            lambda connection: audit.about_user(connection, log.environment_id, log.ann, most=10)
        )


def test_who_waits_is_counted_with_the_oldest_time(log: AuditLog) -> None:
    add(log, an_event(log, START + SECOND), an_event(log, START))
    waiting = log.database.read(
        lambda connection: audit_chain.waiting_in(connection, log.environment_id)
    )
    assert (waiting.count, waiting.oldest_at) == (2, START)
    assert log.database.read(audit_chain.environments_waiting) == [log.environment_id]
    log.seal()
    assert log.database.read(audit_chain.environments_waiting) == []


def test_the_names_of_many_people_are_found_at_once(log: AuditLog) -> None:
    persons = [
        StoredPerson(id=new_id(), user_id=None, lookup=None, content="{}") for _ in range(1_200)
    ]
    log.database.write(lambda connection: people.add(connection, log.environment_id, persons))
    found = log.database.read(
        lambda connection: people.contents_of(
            connection, log.environment_id, [person.id for person in persons]
        )
    )
    assert set(found) == {person.id for person in persons}


def test_what_runs_often_reads_by_an_index(log: AuditLog) -> None:
    """A look through a million events takes a second; some of these run every second."""
    if log.database.kind != "sqlite":
        return
    log.record_many(3)
    environment_id = log.environment_id
    looks: list[Callable[[Connection], object]] = [
        lambda connection: audit.about_user(connection, environment_id, log.ann, most=5),
        lambda connection: audit.known(
            connection, environment_id, actor=log.ann, target=log.bob, lookup=b"l" * 16
        ),
        audit_chain.environments_waiting,
        lambda connection: audit_chain.head_of(connection, environment_id),
        lambda connection: audit_chain.unsealed(connection, environment_id, most=5),
        lambda connection: audit_chain.page(connection, environment_id, after=FIRST, most=5),
        lambda connection: people.after_id(connection, environment_id, b"", most=5),
    ]
    for look in looks:
        plan = plan_of(log, look)
        assert "SEARCH" in plan, plan
        for table in ("events", "people", "users", "seals"):
            assert f"SCAN {table}" not in plan, plan


def test_looking_who_is_known_is_one_statement(log: AuditLog) -> None:
    def look(connection: Connection) -> int:
        sent = statements_of(connection)
        audit.known(connection, log.environment_id, actor=log.ann, target=log.ann, lookup=b"l" * 16)
        return len(sent)

    assert log.database.read(look) == 1


def test_known_tells_new_users_from_nobody(log: AuditLog) -> None:
    nobody = new_id()

    def known(actor: bytes | None, target: bytes | None) -> audit.Known:
        return log.database.read(
            lambda connection: audit.known(
                connection, log.environment_id, actor=actor, target=target, lookup=None
            )
        )

    assert known(None, nobody) == audit.Known(new_users={}, visitor=None)
    assert known(log.ann, log.ann).new_users == {log.ann: "Ann Abara"}
    assert known(log.ann, log.bob).new_users == {log.ann: "Ann Abara", log.bob: "Bob Bright"}
    log.record()
    assert known(log.ann, log.bob).new_users == {log.bob: "Bob Bright"}
