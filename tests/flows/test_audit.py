"""Writing events within an act, and reading them. SECURITY §5.7, §5.8."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import insert, select

from tests.helpers.audit_logs import ANNS, BOBS, AuditLog, add_user, make_log, statements_of
from tests.helpers.clocks import START
from tests.helpers.sealed_rows import add_environment
from tests.storage.things import side_by_side
from twostep.core.audit import EventKind, Visitor
from twostep.core.reasons import Code, because
from twostep.crypto.identifiers import new_id
from twostep.crypto.secret import Secret
from twostep.flows import audit
from twostep.storage import people as stored_people
from twostep.storage import users
from twostep.storage.database import Connection, ConstraintBroken, Database, MisusedUnit
from twostep.storage.tables import events, metadata, people
from twostep.storage.tables import users as users_table

pytestmark = pytest.mark.sqlite_alone

REFUSE_EVENTS = {
    "sqlite": """
        CREATE TRIGGER no_events BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'full'); END
        """,
    "postgresql": """
        CREATE FUNCTION no_events() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN RAISE integrity_constraint_violation; END $$;
        CREATE TRIGGER no_events BEFORE INSERT ON events EXECUTE FUNCTION no_events()
        """,
}


@pytest.fixture
def log(database: Database, tmp_path: Path) -> AuditLog:
    return make_log(database, tmp_path)


def only_event(log: AuditLog) -> Any:
    (row,) = log.rows(select(events))
    return row


def statements_for(log: AuditLog, *, target: bytes | None, visitor: Visitor | None) -> int:
    def act(connection: Connection) -> int:
        sent = statements_of(connection)
        audit.record(
            connection,
            log.installation,
            EventKind.PASSWORD_REFUSED,
            environment_id=log.environment_id,
            now=START,
            target=target,
            visitor=visitor,
            reasons=(because(Code.NOTHING_PROVEN),),
        )
        return len(sent)

    return log.database.write(act)


def text_of_everything(log: AuditLog, *but: str) -> str:
    """Every row of every table but these, as text."""
    tables = [table for table in metadata.sorted_tables if table.name not in but]
    return "\n".join(str(row) for table in tables for row in log.rows(select(table)))


@pytest.mark.both_databases
def test_an_event_says_who_did_what_to_whom_and_why(log: AuditLog) -> None:
    why = because(Code.TOO_MANY_CODES, until=START + 7)
    log.record(
        EventKind.USER_UNLOCKED, actor=log.bob, target=log.ann, visitor=BOBS,
        reasons=(why,), purpose="second_step", tries=7, again=True,
    )  # fmt: skip
    row = only_event(log)
    assert (row.kind, row.actor_id, row.target_id) == ("admin:user:unlocked", log.bob, log.ann)
    assert row.happened_at == log.clock()
    assert row.number is None
    assert row.mac is None
    assert row.data == (
        '{"again":true,"purpose":"second_step",'
        '"reasons":[{"code":"too_many_codes","until":1767225600007}],"tries":7}'
    )


def test_an_event_of_the_operator_refers_to_nobody_and_takes_one_statement(log: AuditLog) -> None:
    assert statements_for(log, target=None, visitor=None) == 1
    row = only_event(log)
    assert (row.actor_id, row.target_id, row.visitor_id) == (None, None, None)
    assert log.rows(select(people)) == []


@pytest.mark.both_databases
def test_an_act_whose_event_cannot_be_written_is_not_kept(log: AuditLog) -> None:
    log.record()
    log.do(REFUSE_EVENTS[log.database.kind])

    def act(connection: Connection) -> None:
        users.set_disabled(connection, log.environment_id, log.ann, disabled_at=START)
        audit.record(
            connection,
            log.installation,
            EventKind.USER_DISABLED,
            environment_id=log.environment_id,
            now=START,
            target=log.ann,
            visitor=BOBS,
        )

    with pytest.raises(ConstraintBroken):
        log.database.write(act)
    disabled = users_table.c.disabled_at.is_not(None)
    assert log.rows(select(users_table.c.id).where(disabled)) == []
    assert len(log.rows(select(people))) == 2, "the row of Bob's browser went with it"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"password": "hunter2"}, ValueError),
        ({"user_name": "ann"}, ValueError),
        ({"address": "203.0.113.7"}, ValueError),
        ({"why": Secret("hunter2")}, TypeError),
        ({"why": b"bytes"}, TypeError),
        ({"why": 1.5}, TypeError),
        ({"why": None}, TypeError),
        ({"why": ["a", "list"]}, TypeError),
        ({"why": "half a letter: \ud800"}, ValueError),
    ],
)
def test_data_that_may_not_stand_in_a_log_stops_the_act(
    log: AuditLog, data: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error) as raised:
        log.record(**data)
    assert "hunter2" not in str(raised.value)
    assert log.rows(select(events)) == []
    log.record(why="it may be text")
    assert len(log.rows(select(events))) == 1


def test_long_text_is_cut_and_says_so(log: AuditLog) -> None:
    log.record(EventKind.PROPERTY_CHANGED, old="o" * 200, new="n" * 201)
    assert only_event(log).data == f'{{"new":"{"n" * 199}…","old":"{"o" * 200}"}}'


def test_nothing_personal_stands_in_an_event(log: AuditLog) -> None:
    log.record(actor=log.ann, reasons=(because(Code.PASSWORD_PROVEN),), sign_in=new_id().hex())
    log.record(EventKind.USER_UNLOCKED, actor=log.bob, target=log.ann, visitor=BOBS)
    log.seal()
    personal = ["Ann Abara", "Bob Bright", ANNS.address, ANNS.browser, BOBS.address, BOBS.browser]
    elsewhere = text_of_everything(log, "people", "users")
    assert [part for part in personal if part in elsewhere] == []
    in_people = text_of_everything(log, "users")
    assert [part for part in personal if part not in in_people] == []


def test_each_user_and_each_visitor_is_written_down_once(log: AuditLog) -> None:
    for _ in range(3):
        log.record(actor=log.ann)
        log.record(actor=log.bob, target=log.ann, visitor=BOBS)
    assert len(log.rows(select(people))) == 4
    assert len({row.visitor_id for row in log.rows(select(events))}) == 2


def test_one_address_with_two_browsers_is_two_visitors(log: AuditLog) -> None:
    log.record(visitor=Visitor(address="198.51.100.1", browser="a"))
    log.record(visitor=Visitor(address="198.51.100.1", browser="b"))
    log.record(visitor=Visitor(address="198.51.100.1a", browser=""))
    assert len({row.visitor_id for row in log.rows(select(events))}) == 3


def test_a_visitor_of_one_environment_is_not_found_in_another(log: AuditLog) -> None:
    keys = log.installation.keys
    here = audit.lookup_of(keys, log.environment_id, ANNS)
    assert here == audit.lookup_of(keys, log.environment_id, ANNS)
    assert here != audit.lookup_of(keys, new_id(), ANNS)


def test_an_event_of_people_who_are_known_takes_two_statements(log: AuditLog) -> None:
    assert statements_for(log, target=log.ann, visitor=ANNS) == 4
    assert statements_for(log, target=log.ann, visitor=ANNS) == 2
    assert statements_for(log, target=log.ann, visitor=BOBS) == 3


def test_a_target_that_does_not_exist_costs_the_same_statements(log: AuditLog) -> None:
    """AC-21: the statements do not tell whether there is a user of that name."""
    log.record(EventKind.USER_ADDED, visitor=None)
    nobody = new_id()
    for visitor in (ANNS, ANNS, BOBS, None):
        more = BOBS if visitor is None else visitor
        assert statements_for(log, target=nobody, visitor=more) >= 2
        log.do(people.delete().where(people.c.user_id.is_(None)))
        known = [statements_for(log, target=log.ann, visitor=visitor) for _ in range(2)]
        log.do(people.delete().where(people.c.user_id.is_(None)))
        unknown = [statements_for(log, target=nobody, visitor=visitor) for _ in range(2)]
        assert known == unknown
    assert nobody not in {row.id for row in log.rows(select(people))}


@pytest.mark.both_databases
def test_many_first_events_at_once_make_one_row_for_each_person(log: AuditLog) -> None:
    outcomes = side_by_side([lambda: log.record(actor=log.bob, target=log.ann)] * 12)
    assert outcomes == [None] * 12
    assert len(log.rows(select(people))) == 3
    (visitor,) = {row.visitor_id for row in log.rows(select(events))}
    assert visitor is not None


@pytest.mark.both_databases
def test_a_visitor_whom_another_request_wrote_down_meanwhile_is_taken(log: AuditLog) -> None:
    """The race of two first requests of one browser, at its narrowest: between look and insert."""
    theirs = new_id()

    def someone_else_is_faster(connection: Connection, statement: str) -> None:
        if statement.startswith("INSERT INTO people") and theirs not in seen:
            seen.append(theirs)
            values = {"environment_id": log.environment_id, "id": theirs, "lookup": lookup}
            connection.execute(insert(people).values(values))

    def act(connection: Connection) -> None:
        sqlalchemy_event.listen(
            connection,
            "before_cursor_execute",
            lambda _connection, _cursor, statement, *_: someone_else_is_faster(
                connection, statement
            ),
        )
        audit.record(
            connection,
            log.installation,
            EventKind.PASSWORD_REFUSED,
            environment_id=log.environment_id,
            now=START,
            visitor=ANNS,
        )

    seen: list[bytes] = []
    lookup = audit.lookup_of(log.installation.keys, log.environment_id, ANNS)
    log.database.write(act)
    assert only_event(log).visitor_id == theirs


@pytest.mark.both_databases
def test_recent_activity_shows_what_happened_to_a_user_newest_first(log: AuditLog) -> None:
    why = because(Code.TOO_MANY_PASSWORDS, until=START)
    log.record(EventKind.PASSWORD_REFUSED, target=log.ann, reasons=(why,), subject="00")
    log.record(EventKind.PASSWORD_ACCEPTED, actor=log.bob, target=log.bob, visitor=BOBS)
    log.record(EventKind.SESSION_STARTED, actor=log.ann, target=log.ann, level="2")
    newest, oldest = recent(log, log.ann)
    assert newest.kind is EventKind.SESSION_STARTED
    assert (newest.actor, newest.data, newest.reasons) == (log.ann, {"level": "2"}, ())
    assert newest.visitor == ANNS
    assert oldest.kind is EventKind.PASSWORD_REFUSED
    assert (oldest.actor, oldest.data, oldest.reasons) == (None, {"subject": "00"}, (why,))
    assert oldest.at < newest.at


def recent(log: AuditLog, user_id: bytes, most: int = 10) -> tuple[audit.Happened, ...]:
    return log.database.read(
        lambda connection: audit.recent_for_user(connection, log.environment_id, user_id, most)
    )


def test_recent_activity_is_as_long_as_it_is_asked_to_be(log: AuditLog) -> None:
    log.record_many(5)
    assert len(recent(log, log.ann, most=3)) == 3
    assert len(recent(log, log.ann, most=9)) == 5
    assert recent(log, log.bob) == ()


def test_recent_activity_does_not_tell_where_an_administrator_sits(log: AuditLog) -> None:
    log.record(EventKind.USER_UNLOCKED, actor=log.bob, target=log.ann, visitor=BOBS)
    (event,) = recent(log, log.ann)
    assert event.actor == log.bob
    assert event.visitor is None


def test_names_are_kept_as_they_were_and_erased_ones_are_left_out(log: AuditLog) -> None:
    log.record(actor=log.bob, target=log.ann)
    visitor = only_event(log).visitor_id

    def names(connection: Connection) -> dict[bytes, str]:
        asked = [log.ann, log.bob, visitor, new_id()]
        return dict(audit.names_of(connection, log.environment_id, asked))

    assert log.database.read(names) == {log.ann: "Ann Abara", log.bob: "Bob Bright"}
    erase(log, log.ann)
    assert log.database.read(names) == {log.bob: "Bob Bright"}


def erase(log: AuditLog, user_id: bytes) -> int:
    return log.database.write(
        lambda connection: stored_people.erase(
            connection, log.environment_id, user_id, now=log.clock()
        )
    )


def test_an_erased_person_leaves_nothing_to_be_found_and_the_chain_whole(log: AuditLog) -> None:
    """AC-83, as far as the audit log goes: the row of the user itself is deleted elsewhere."""
    log.record(EventKind.PASSWORD_REFUSED, target=log.ann)
    log.record(actor=log.ann, visitor=ANNS)
    log.record(EventKind.USER_UNLOCKED, actor=log.bob, target=log.ann, visitor=BOBS)
    log.seal()
    assert erase(log, log.ann) == 2
    kept = text_of_everything(log, "users")
    lookup = audit.lookup_of(log.installation.keys, log.environment_id, ANNS)
    for personal in ("Ann Abara", ANNS.address, ANNS.browser, str(lookup)):
        assert personal not in kept
    assert BOBS.address in kept, "what Bob did is Bob's"
    assert log.verify().in_order
    assert [event.visitor for event in recent(log, log.ann)] == [None, None, None]
    assert erase(log, log.ann) == 0


def test_a_browser_that_two_people_share_is_kept_until_both_are_erased(log: AuditLog) -> None:
    log.record(actor=log.ann, target=log.ann)
    log.record(actor=log.bob, target=log.bob, visitor=ANNS)
    assert erase(log, log.ann) == 1
    assert ANNS.address in text_of_everything(log)
    assert erase(log, log.bob) == 2
    assert ANNS.address not in text_of_everything(log)


def test_a_name_mistyped_at_the_own_browser_does_not_keep_it_from_being_erased(
    log: AuditLog,
) -> None:
    log.record(EventKind.PASSWORD_REFUSED, target=new_id())
    log.record(actor=log.ann)
    assert erase(log, log.ann) == 2
    assert ANNS.address not in text_of_everything(log)


def test_someone_erased_who_comes_back_does_not_get_the_old_name_again(log: AuditLog) -> None:
    log.record(actor=log.ann)
    erase(log, log.ann)
    log.record(actor=log.ann)
    rows = log.rows(select(people).where(people.c.id == log.ann))
    assert [row.content for row in rows] == [None]
    old, new = sorted(log.rows(select(events)), key=lambda row: int(row.happened_at))
    assert old.visitor_id != new.visitor_id, "the browser was seen anew, and has a new row"
    assert log.seal() == 2
    assert log.verify().in_order


def test_erasing_in_one_environment_touches_no_other(log: AuditLog) -> None:
    log.record(actor=log.ann)
    elsewhere = log.database.write(
        lambda connection: stored_people.erase(connection, new_id(), log.ann, now=START)
    )
    assert elsewhere == 0


def test_the_last_statement_of_an_act_begins_no_other_transaction(log: AuditLog) -> None:
    """The key ring loads its rows by a transaction of its own: here it must have them already."""
    fresh = log.on(log.database)
    fresh.record()
    with pytest.raises(MisusedUnit):
        log.database.write(lambda _connection: fresh.installation.keys.reload())


def test_a_user_of_another_environment_is_nobody_here(log: AuditLog) -> None:
    stranger = add_user_elsewhere(log)
    log.record(actor=stranger, target=stranger, visitor=None)
    assert log.rows(select(people)) == []


def add_user_elsewhere(log: AuditLog) -> bytes:
    other = new_id()
    add_environment(log.database, log.installation.keys, other, name="northside")
    return add_user(log.database, other, "Zoe Zabel")
