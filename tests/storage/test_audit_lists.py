"""The audit log page by page: by who, whom, what and when, each by an index, and no more than it
has looked through.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert, text

from tests.helpers.reachable import ELSEWHERE, HERE, NOW, add_environments
from tests.helpers.statements import plans
from twostep.core.audit import EventKind
from twostep.core.audit_groups import EventGroup, kinds_of
from twostep.storage import audit_lists, two_step_reports
from twostep.storage.audit_lists import Filter, Found, Place
from twostep.storage.database import Database
from twostep.storage.tables import events

BO, ANN = b"bo..............", b"ann............."
KINDS = (
    EventKind.SIGN_IN_COMPLETED,
    EventKind.CODE_REFUSED,
    EventKind.TWO_STEP_REMOVED,
    EventKind.AUTHENTICATOR_SET_UP,
)
COUNT = 120


def id_of(number: int) -> bytes:
    return (number * 7919 % 10_007).to_bytes(16, "big")


def row(number: int, environment: bytes = HERE, **changed: object) -> dict[str, Any]:
    """Events that share moments, in the order of their ids or against it."""
    return {
        "environment_id": environment,
        "id": id_of(number),
        "happened_at": NOW + number // 3,
        "kind": KINDS[number % len(KINDS)].value,
        "actor_id": BO if number % 3 else ANN,
        "target_id": ANN if number % 5 else BO,
        "visitor_id": None,
        "data": "{}",
        **changed,
    }


ROWS = [row(number) for number in range(COUNT)]


def add(database: Database, rows: Sequence[dict[str, Any]]) -> None:
    database.write(lambda c: c.execute(insert(events), list(rows)).close())


@pytest.fixture(autouse=True)
def _some(database: Database) -> None:
    add_environments(database)
    add(database, ROWS)
    add(database, [row(number, ELSEWHERE) for number in range(10)])


def right(wanted: Filter) -> list[bytes]:
    """The same by hand."""
    found = [
        each
        for each in ROWS
        if wanted.actor in (None, each["actor_id"])
        and wanted.target in (None, each["target_id"])
        and (not wanted.kinds or each["kind"] in {kind.value for kind in wanted.kinds})
        and (wanted.from_at is None or each["happened_at"] >= wanted.from_at)
        and (wanted.to_at is None or each["happened_at"] < wanted.to_at)
    ]
    found.sort(key=lambda each: (each["happened_at"], each["id"]), reverse=True)
    return [each["id"] for each in found]


def page(database: Database, wanted: Filter, before: Place | None, most: int, scan: int) -> Found:
    return database.read(
        lambda c: audit_lists.page(c, HERE, wanted, before=before, most=most, scan=scan)
    )


def all_pages(database: Database, wanted: Filter, most: int, scan: int) -> list[bytes]:
    found: list[bytes] = []
    before: Place | None = None
    for _ in range(COUNT * 3):
        piece = page(database, wanted, before, most, scan)
        assert len(piece.events) <= most
        found += [event.id for event in piece.events]
        before = piece.looked_to
        if before is None:
            return found
    raise AssertionError("the pages do not end")


REMOVALS = frozenset({EventKind.TWO_STEP_REMOVED})
TWO_STEP = kinds_of(EventGroup.TWO_STEP)

FILTERS = [
    Filter(),
    Filter(actor=BO),
    Filter(target=ANN),
    Filter(kinds=REMOVALS),
    Filter(kinds=TWO_STEP),
    Filter(kinds=kinds_of(EventGroup.SERVICE)),
    Filter(actor=BO, target=BO),
    Filter(actor=ANN, kinds=TWO_STEP),
    Filter(target=ANN, kinds=REMOVALS),
    Filter(actor=BO, target=ANN, kinds=TWO_STEP, from_at=NOW + 5, to_at=NOW + 30),
    Filter(from_at=NOW + 5, to_at=NOW + 6),
    Filter(actor=b"nobody.........."),
]


@pytest.mark.parametrize("wanted", FILTERS, ids=range(len(FILTERS)))
@pytest.mark.parametrize(("most", "scan"), [(1, 7), (4, 3), (7, 1_000), (500, 50)])
def test_page_after_page_shows_each_event_once_however_far_one_looks(
    database: Database, wanted: Filter, most: int, scan: int
) -> None:
    """AC-71 too: the events of another environment are in none."""
    assert all_pages(database, wanted, most, scan) == right(wanted)


def test_no_page_looks_through_more_than_it_may(database: Database) -> None:
    nothing = Filter(actor=BO, kinds=kinds_of(EventGroup.SERVICE))
    found = page(database, nothing, None, 10, 20)
    assert not found.events
    by_bo = right(Filter(actor=BO))
    assert found.looked_to is not None
    assert found.looked_to[1] == by_bo[19]


def test_one_event_by_its_id_and_never_another_environment_s(database: Database) -> None:
    found = database.read(lambda c: audit_lists.by_id(c, HERE, id_of(50)))
    assert found is not None
    assert found.at == NOW + 16
    add(database, [row(COUNT + 1, ELSEWHERE)])
    assert database.read(lambda c: audit_lists.by_id(c, HERE, id_of(COUNT + 1))) is None


def test_a_row_that_cannot_be_read_is_listed_as_one_and_ends_no_list(database: Database) -> None:
    """Whoever writes past the program must not hide what is older."""
    add(database, [row(COUNT + n, kind="nothing", happened_at=NOW + 10**6) for n in range(5)])
    found = page(database, Filter(), None, 5, 100)
    assert [event.event for event in found.events] == [None] * 5
    assert len(all_pages(database, Filter(), 5, 100)) == COUNT + 5


FOUND_BY = [
    ("ix_events_listed", Filter()),
    ("ix_events_listed", Filter(from_at=NOW, to_at=NOW + 9)),
    ("ix_events_actor", Filter(actor=BO)),
    ("ix_events_actor", Filter(actor=BO, kinds=REMOVALS)),
    ("ix_events_target", Filter(target=ANN)),
    ("ix_events_target", Filter(target=ANN, actor=BO, kinds=REMOVALS)),
    ("ix_events_kind", Filter(kinds=REMOVALS)),
    ("ix_events_kind", Filter(kinds=TWO_STEP, from_at=NOW)),
]


def fill(database: Database) -> None:
    """Enough that a database would rather take an index."""
    people = [number.to_bytes(16, "big") for number in range(500)]
    add(
        database,
        [
            row(
                5_000 + number,
                id=(10**6 + number).to_bytes(16, "big"),
                actor_id=people[number % 500],
                target_id=people[number * 3 % 500],
                kind=EventKind.SIGN_IN_COMPLETED.value if number % 50 else KINDS[2].value,
                happened_at=NOW + number,
            )
            for number in range(4_000)
        ],
    )
    database.write(lambda c: c.execute(text("ANALYZE")).close())


def test_whatever_is_looked_for_is_found_by_an_index(database: Database) -> None:
    fill(database)
    for index, wanted in FOUND_BY:
        for place in (None, (NOW + 3_000, id_of(3))):
            look = partial(
                audit_lists.page, environment_id=HERE, wanted=wanted, before=place, most=51
            )
            for plan in plans(database, look):
                assert "Seq Scan" not in plan, wanted
                assert index in plan, (wanted, plan)


def test_the_changes_of_a_second_step_are_found_by_an_index_of_their_own(
    database: Database,
) -> None:
    """The report of a day, among many events that are about something else."""
    fill(database)
    for until in (None, b"\xff" * 16):
        look = partial(
            two_step_reports.changes, environment_id=HERE, after=b"\x00" * 16, until=until
        )
        for plan in plans(database, look):
            assert "ix_events_two_step" in plan
