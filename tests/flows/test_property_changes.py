"""Saving **System Properties**: all of a form or nothing of it, never over what nobody has seen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.helpers.at_once import at_once
from tests.helpers.clocks import DAY, MINUTE
from tests.helpers.house import House, enrolled
from tests.helpers.properties import administrator, person_of
from tests.helpers.recorded import Recorded, recorded
from twostep.core.audit import EventKind, Visitor
from twostep.core.permissions import Permission
from twostep.core.properties import AT_ONCE, Scope, effective, find
from twostep.flows import permissions, properties, property_changes, sessions, users
from twostep.flows.property_changes import (
    TICKED,
    ChangedMeanwhile,
    NotPermitted,
    NotProven,
    Outcome,
    Overview,
    Saved,
    Wish,
    overview,
)
from twostep.flows.sessions import Person
from twostep.flows.visitors import Browser
from twostep.storage.tables import environments, events

MODE = "two_step_verification"
FROM = "two_step_required_from"
DAYS = "days_to_remember_device"

BROWSER = Browser(id=bytes(32), visitor=Visitor(address="192.0.2.7", browser="Firefox on Linux"))


@pytest.fixture
def ann(house: House) -> Person:
    """An administrator of *harbour* who has just signed in."""
    person = person_of(house, administrator(house))
    house.clock.forward(1)
    return person


def facts(house: House) -> Overview:
    return overview(house.installation, house.harbour.id)


def generation(house: House, name: str) -> int:
    if name == AT_ONCE:
        return facts(house).at_once_generation
    return facts(house).standings[name].generation


def save(
    house: House, person: Person, wanted: dict[str, str], *, seen: dict[str, int] | None = None
) -> Outcome:
    """What a form that was made just now would ask for, or one that was made at ``seen``."""
    numbers = seen or {}
    return property_changes.save(
        house.installation,
        person,
        {
            name: Wish(value=text, seen=numbers.get(name, generation(house, name)))
            for name, text in wanted.items()
        },
        browser=BROWSER,
    )


def holds(house: House, name: str) -> str:
    return effective(properties.stored_of(house.installation, house.harbour.id), name).value


def changes(house: House) -> list[Recorded]:
    return recorded(house.installation, house.harbour, EventKind.PROPERTY_CHANGED)


def numbers(house: House) -> tuple[int, int]:
    """What makes remembered devices void, and what makes the five minutes void as well."""
    row = house.installation.database.read(
        lambda connection: connection.execute(
            select(environments).where(environments.c.id == house.harbour.id)
        ).one()
    )
    return row.remembering_generation, row.off_generation


# --- all or nothing


def test_every_property_of_a_form_is_saved_in_one_step_with_an_event_for_each(
    house: House, ann: Person
) -> None:
    outcome = save(house, ann, {MODE: "required", DAYS: "7", "support_contact": "Desk 3"})
    assert outcome == Saved(frozenset({MODE, DAYS, "support_contact"}))
    assert (holds(house, MODE), holds(house, DAYS)) == ("required", "7")
    said = {event.about["property"]: event.about for event in changes(house)}
    assert said[DAYS] == {"property": DAYS, "scope": "environment", "old": "", "new": "7"}
    assert len(changes(house)) == 3
    save(house, ann, {DAYS: "14"})
    (second,) = [event.about for event in changes(house) if event.about["old"]]
    assert (second["old"], second["new"]) == ("7", "14")


def test_the_event_says_who_did_it_and_from_where(house: House, ann: Person) -> None:
    save(house, ann, {DAYS: "7"})
    row = house.installation.database.read(
        lambda connection: connection.execute(
            select(events).where(events.c.kind == EventKind.PROPERTY_CHANGED.value)
        ).all()
    )
    (event,) = [each for each in row if each.environment_id == house.harbour.id]
    assert event.actor_id == ann.user.id
    assert event.visitor_id is not None


def test_what_holds_already_is_neither_saved_nor_recorded(house: House, ann: Person) -> None:
    assert save(house, ann, {DAYS: "30", MODE: "optional"}) == Saved(frozenset())
    assert changes(house) == []
    assert facts(house).standings[DAYS].source is None


def test_who_changed_it_last_and_when_is_told(house: House, ann: Person) -> None:
    save(house, ann, {DAYS: "7"})
    mine = facts(house).standings[DAYS]
    assert (mine.changed_by, mine.by_operator, mine.changed_at) == ("ann", False, house.clock())
    house.clock.forward(MINUTE)
    properties.set_in_environment(house.installation, house.harbour, find(DAYS), "9")
    theirs = facts(house).standings[DAYS]
    assert (theirs.changed_by, theirs.by_operator) == (None, True)
    untouched = facts(house).standings["session_hours"]
    assert (untouched.changed_by, untouched.by_operator, untouched.changed_at) == (
        None,
        False,
        None,
    )


# --- a stale form


def test_a_stale_form_loses_to_the_newer_value_and_nothing_of_it_is_saved(
    house: House, ann: Person
) -> None:
    seen = {DAYS: generation(house, DAYS), MODE: generation(house, MODE)}
    save(house, ann, {DAYS: "14"})
    before = len(changes(house))
    outcome = save(house, ann, {DAYS: "3", MODE: "required"}, seen=seen)
    assert outcome == ChangedMeanwhile(frozenset({DAYS}))
    assert (holds(house, DAYS), holds(house, MODE)) == ("14", "optional")
    assert len(changes(house)) == before


def test_a_stale_form_that_wants_what_the_newer_one_wanted_has_no_quarrel(
    house: House, ann: Person
) -> None:
    """So a form that is sent twice is no conflict with itself."""
    seen = {DAYS: generation(house, DAYS)}
    save(house, ann, {DAYS: "14"})
    assert save(house, ann, {DAYS: "14"}, seen=seen) == Saved(frozenset())


@pytest.mark.parametrize("scope", ["default", "floor"])
def test_what_the_operator_changes_for_all_makes_a_form_stale_too(
    house: House, ann: Person, scope: str
) -> None:
    seen = {DAYS: generation(house, DAYS)}
    put = properties.set_default if scope == "default" else properties.set_floor
    put(house.installation, find(DAYS), "20")
    assert save(house, ann, {DAYS: "3"}, seen=seen) == ChangedMeanwhile(frozenset({DAYS}))


def test_of_many_forms_at_once_one_is_saved_and_the_others_hear_of_it(
    house: House, ann: Person
) -> None:
    """R-36: not the last one wins, but the first."""
    seen = {DAYS: generation(house, DAYS), "session_hours": generation(house, "session_hours")}
    outcomes = at_once(
        [
            lambda number=number: save(  # type: ignore[misc]
                house, ann, {DAYS: str(number), "session_hours": str(number)}, seen=seen
            )
            for number in range(1, 9)
        ]
    )
    assert [type(outcome) for outcome in outcomes].count(Saved) == 1
    assert [type(outcome) for outcome in outcomes].count(ChangedMeanwhile) == 7
    assert holds(house, DAYS) == holds(house, "session_hours")
    assert len(changes(house)) == 2


# --- who may


def test_nobody_saves_without_the_permission(house: House, ann: Person) -> None:
    permissions.revoke(house.installation, house.harbour, ann.user, Permission.SYSTEM_PROPERTIES)
    assert save(house, ann, {DAYS: "7"}) == NotPermitted()
    assert changes(house) == []


def test_nobody_saves_with_a_proof_of_more_than_five_minutes_ago(house: House, ann: Person) -> None:
    """ASVS 7.5.1, asked in the very transaction that saves."""
    house.clock.forward(5 * MINUTE)
    assert save(house, ann, {DAYS: "7"}) == NotProven()
    assert changes(house) == []


def test_nobody_saves_in_a_session_that_has_ended(house: House, ann: Person) -> None:
    sessions.sign_out(house.installation, ann)
    assert save(house, ann, {DAYS: "7"}) == NotProven()
    gone = replace(ann, session=replace(ann.session, id=bytes(16)))
    assert save(house, gone, {DAYS: "7"}) == NotProven()


# --- what becomes void


def test_off_makes_all_remembering_void_and_on_again_brings_none_of_it_back(
    house: House, ann: Person
) -> None:
    """CT-11, AC-29."""
    remembering, off = numbers(house)
    save(house, ann, {MODE: "off"})
    assert numbers(house) == (remembering + 1, off + 1)
    save(house, ann, {MODE: "optional"})
    assert numbers(house) == (remembering + 1, off + 1)


def test_thirty_days_to_zero_to_thirty_makes_remembering_void_and_not_the_five_minutes(
    house: House, ann: Person
) -> None:
    """AC-27."""
    remembering, off = numbers(house)
    save(house, ann, {DAYS: "0"})
    save(house, ann, {DAYS: "30"})
    assert numbers(house) == (remembering + 1, off)
    save(house, ann, {DAYS: "7"})
    save(house, ann, {DAYS: "30"})
    assert numbers(house) == (remembering + 1, off)


# --- from a day, and at once


def midnight(house: House, *, days: int) -> int:
    return house.clock() // DAY * DAY + days * DAY


def mark(house: House) -> str | None:
    stored = properties.stored_of(house.installation, house.harbour.id)
    return stored.get((Scope.ENVIRONMENT, AT_ONCE))


def test_required_from_a_day_is_optional_until_then(house: House, ann: Person) -> None:
    """B-3."""
    begins = midnight(house, days=3)
    save(house, ann, {MODE: "required", FROM: str(begins)})
    policy = properties.policy_for(house.installation, house.harbour.id)
    assert (policy.two_step_verification, policy.required_from) == ("optional", begins)
    house.clock.now = begins
    policy = properties.policy_for(house.installation, house.harbour.id)
    assert (policy.two_step_verification, policy.required_from) == ("required", None)


def test_at_once_is_now_where_required_holds_now(house: House, ann: Person) -> None:
    outcome = save(house, ann, {MODE: "required", AT_ONCE: TICKED})
    assert outcome == Saved(frozenset({MODE, AT_ONCE}))
    assert mark(house) == str(house.clock())
    assert properties.policy_for(house.installation, house.harbour.id).at_once_at == house.clock()
    house.clock.forward(1)
    assert not facts(house).at_once_ahead


def test_at_once_without_required_is_nothing(house: House, ann: Person) -> None:
    assert save(house, ann, {MODE: "optional", AT_ONCE: TICKED}) == Saved(frozenset())
    assert mark(house) is None


def test_at_once_waits_for_the_day_and_moves_with_it(house: House, ann: Person) -> None:
    first, second = midnight(house, days=3), midnight(house, days=5)
    save(house, ann, {MODE: "required", FROM: str(first), AT_ONCE: TICKED})
    assert mark(house) == str(first)
    assert facts(house).at_once_ahead
    save(house, ann, {FROM: str(second)})
    assert mark(house) == str(second)


@pytest.mark.parametrize("what", [{AT_ONCE: ""}, {MODE: "optional"}])
def test_a_tick_that_still_waits_goes_with_the_tick_or_with_required(
    house: House, ann: Person, what: dict[str, str]
) -> None:
    begins = midnight(house, days=3)
    save(house, ann, {MODE: "required", FROM: str(begins), AT_ONCE: TICKED})
    save(house, ann, what)
    assert mark(house) == ""
    assert not facts(house).at_once_ahead


def test_a_tick_that_has_done_its_work_stays(house: House, ann: Person) -> None:
    save(house, ann, {MODE: "required", AT_ONCE: TICKED})
    house.clock.forward(1)
    done = mark(house)
    assert save(house, ann, {DAYS: "7"}) == NotProven(), "she is held to it herself"
    properties.set_in_environment(house.installation, house.harbour, find(MODE), "optional")
    assert save(house, ann, {DAYS: "7"}) == Saved(frozenset({DAYS}))
    assert mark(house) == done


def test_a_second_tick_is_a_wish_of_its_own_and_a_stale_one_is_told(
    house: House, ann: Person
) -> None:
    seen = {AT_ONCE: generation(house, AT_ONCE)}
    begins = midnight(house, days=3)
    save(house, ann, {MODE: "required", FROM: str(begins), AT_ONCE: TICKED})
    save(house, ann, {AT_ONCE: ""})
    assert save(house, ann, {AT_ONCE: TICKED}, seen=seen) == ChangedMeanwhile(frozenset({AT_ONCE}))
    assert save(house, ann, {AT_ONCE: TICKED}) == Saved(frozenset({AT_ONCE}))


# --- who is concerned


@pytest.mark.sqlite_alone
def test_people_with_and_without_a_second_step_are_counted(house: House, ann: Person) -> None:
    enrolled(house, "bo")
    users.disable(house.installation, house.harbour, house.add("gone"))
    house.add("elsewhere", house.northside)
    found = facts(house)
    assert (found.with_step, found.without_step) == (1, 1)
