"""Who can be reached, in SQL: in the order of names, counted up to a number, and by an index."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from tests.helpers.reachable import (
    ELSEWHERE,
    HERE,
    NOW,
    add_crowd,
    add_environments,
    add_person,
    id_of,
)
from tests.helpers.statements import plans
from twostep.core.address_readiness import Reach
from twostep.core.contacts import ContactKind, ContactState
from twostep.core.messages import MessageState
from twostep.storage import address_readiness
from twostep.storage.address_readiness import Among, Has, Listed
from twostep.storage.database import Connection, Database
from twostep.storage.tables import authenticators, contacts, recovery_codes

NONE, WAITING, CONFIRMED = Reach.NONE, Reach.WAITING, Reach.CONFIRMED
NO_ADDRESS = Among(reaches=((NONE, NONE),))
EMAIL_ONLY = Among(reaches=((NONE, NONE), (NONE, CONFIRMED)))


@pytest.fixture(autouse=True)
def _places(database: Database) -> None:
    add_environments(database)


def listed(database: Database, among: Among, *, after: str = "", most: int = 10) -> list[str]:
    found = database.read(lambda c: address_readiness.page(c, HERE, among, after=after, most=most))
    return [each.name_key for each in found]


def counted(database: Database, among: Among, *, most: int = 10) -> tuple[int, int]:
    return database.read(lambda c: address_readiness.count(c, HERE, among, most=most))


def add_app(database: Database, name: str, state: str = "active") -> None:
    row = {
        "environment_id": HERE, "id": id_of(f"app {name}"), "user_id": id_of(name), "state": state,
        "algorithm": "SHA1", "digits": 6, "period_seconds": 30, "sealed": b"", "key_version": 1,
        "last_step": 0, "made_at": NOW,
    }  # fmt: skip
    database.write(lambda c: c.execute(insert(authenticators).values(**row)).close())


def test_a_list_is_in_the_order_of_names_whatever_strands_it_has(database: Database) -> None:
    for name, text in (("dee", NONE), ("ann", CONFIRMED), ("cy", NONE), ("bo", CONFIRMED)):
        add_person(database, name, NONE, text)
    add_person(database, "eve", CONFIRMED, NONE)
    assert listed(database, EMAIL_ONLY) == ["ann", "bo", "cy", "dee"]
    assert listed(database, NO_ADDRESS) == ["cy", "dee"]


def test_pages_follow_each_other_without_a_gap_or_a_repetition(database: Database) -> None:
    names = [f"n{number}" for number in range(7)]
    for number, name in enumerate(names):
        add_person(database, name, NONE, CONFIRMED if number % 2 else NONE)
    seen: list[str] = []
    while page := listed(database, EMAIL_ONLY, after=seen[-1] if seen else "", most=3):
        seen += page
    assert seen == names


def test_who_is_in_two_strands_is_listed_once(database: Database) -> None:
    add_person(database, "ann", NONE, NONE, gateway="txt.att.net", failed="refused")
    among = Among(reaches=((NONE, NONE),), gateways=("txt.att.net", "vtext.com"), failed=True)
    assert listed(database, among) == ["ann"]


def test_the_disabled_and_those_of_another_environment_are_in_no_list(database: Database) -> None:
    add_person(database, "ann", disabled=True, gateway="vtext.com", failed="refused")
    add_person(database, "bo", environment=ELSEWHERE, gateway="vtext.com", failed="refused")
    for among in (NO_ADDRESS, Among(gateways=("vtext.com",)), Among(failed=True)):
        assert listed(database, among) == []
        assert counted(database, among) == (0, 0)


def test_a_line_says_how_somebody_stands(database: Database) -> None:
    add_person(database, "ann", WAITING, CONFIRMED, gateway="vtext.com", failed="bounced")
    among = Among(failed=True)
    (found,) = database.read(lambda c: address_readiness.page(c, HERE, among, after="", most=10))
    assert isinstance(found, Listed)
    assert (found.user_id, found.name, found.name_key) == (id_of("ann"), "Ann", "ann")
    standing = found.standing
    assert (standing.email, standing.text) == (WAITING, CONFIRMED)
    assert (standing.gateway, standing.failed) == ("vtext.com", MessageState.BOUNCED)


def test_a_count_says_how_many_have_an_app_and_stops_after_so_many(database: Database) -> None:
    for name, text in (("ann", NONE), ("bo", NONE), ("cy", CONFIRMED), ("dee", CONFIRMED)):
        add_person(database, name, NONE, text)
    add_app(database, "ann")
    add_app(database, "bo", state="offered")
    assert counted(database, NO_ADDRESS) == (2, 1)
    assert counted(database, EMAIL_ONLY) == (4, 1)
    assert counted(database, EMAIL_ONLY, most=2)[0] == 3, "one more than were asked for, at most"
    assert counted(database, Among()) == (0, 0)


def test_what_people_have_comes_masked_with_what_counts_first(database: Database) -> None:
    for name in ("ann", "bo"):
        add_person(database, name)
    add_app(database, "ann")
    for kind, state in (("phone", "counting"), ("email", "waiting"), ("email", "counting")):
        row = {
            "environment_id": HERE, "id": id_of(f"{kind} {state}"[:15]), "user_id": id_of("ann"),
            "kind": kind, "state": state, "entered_by": "user", "sealed": b"", "key_version": 1,
            "masked": f"{kind} {state}", "address_hash": b"h" * 32, "language": "en",
            "changed_at": NOW, "confirmed_at": NOW if state == "counting" else None,
            "code_tries": 0,
        }  # fmt: skip
        database.write(lambda c, row=row: c.execute(insert(contacts).values(**row)).close())  # type: ignore[misc]
    for slot in range(3):
        row = {
            "environment_id": HERE, "user_id": id_of("ann"), "slot": slot, "hashed": "",
            "made_at": NOW, "used_at": NOW if slot == 0 else None,
        }  # fmt: skip
        database.write(lambda c, row=row: c.execute(insert(recovery_codes).values(**row)).close())  # type: ignore[misc]
    ids = [id_of("ann"), id_of("bo")]
    found = database.read(lambda c: address_readiness.what_they_have(c, HERE, ids))
    confirmed, waits = ContactState.CONFIRMED, ContactState.WAITING
    assert found == {
        id_of("ann"): Has(
            app=True,
            recovery_codes=2,
            addresses=(
                (ContactKind.EMAIL, confirmed, "email counting"),
                (ContactKind.PHONE, confirmed, "phone counting"),
                (ContactKind.EMAIL, waits, "email waiting"),
            ),
        )
    }


def test_each_list_and_each_count_goes_by_its_index_among_many(database: Database) -> None:
    """A million users who can be reached make nobody wait who looks for those who cannot."""
    add_crowd(database, 3_000)
    for number in range(5):
        add_person(database, f"n{number}", gateway="vtext.com", failed="refused")
    database.write(lambda c: c.exec_driver_sql("ANALYZE").close())
    indexes = {
        "ix_users_reach": NO_ADDRESS,
        "ix_users_gateway": Among(gateways=("vtext.com",)),
        "ix_users_address_failed": Among(failed=True),
    }
    for index, among in indexes.items():

        def both(connection: Connection, among: Among = among) -> None:
            address_readiness.page(connection, HERE, among, after="m", most=10)
            address_readiness.count(connection, HERE, among, most=10)

        page, count = plans(database, both)
        assert index in page
        assert index in count
        assert "TEMP B-TREE" not in page, "the index has the order already"
