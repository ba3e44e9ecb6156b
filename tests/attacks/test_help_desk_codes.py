"""Codes of the help desk under attack: many at once, hashes for codes, users for users, time."""

from __future__ import annotations

from copy import copy
from functools import partial

import pytest
from sqlalchemy import select

from tests.helpers.at_once import at_once
from tests.helpers.clocks import MINUTE
from tests.helpers.help_desk import BROWSER, HelpDesk, help_desk
from tests.helpers.house import PASSWORD, House, enrolled, set_up
from tests.helpers.http import Client
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind
from twostep.core.help_desk_codes import HelpDeskPurpose, HelpReason, Unusable
from twostep.core.permissions import Permission
from twostep.flows import help_desk_codes, permissions, user_acts
from twostep.flows.administration import MayNot
from twostep.flows.help_desk_codes import CodesNotUsable, NothingToWithdraw
from twostep.flows.user_acts import Done
from twostep.storage import tables
from twostep.web.cookies import SESSION

pytestmark = pytest.mark.usefixtures("invariants_hold")

ENTER = "/sign-in/help-desk-code"
CODE = "/sign-in/code"


def waiting(house: House, name: str = "ann") -> Client:
    client = house.client()
    page = client.follow(client.get("/"))
    client.submit(page, "/sign-in", user_name=name, password=PASSWORD)
    return client


def test_ac_07_of_many_with_the_last_use_of_a_code_one_gets_in(unlimited_house: House) -> None:
    """AC-07, R-17: one use, forty sign-ins that show it at the same moment."""
    house = unlimited_house
    enrolled(house)
    code = help_desk(house).code()
    # A user has five sign-ins at most that wait: these are eight forms of each.
    clients = [waiting(house) for _ in range(5)]
    pages = [client.get(ENTER) for client in clients]
    acts = [
        partial(copy(client).submit, page, ENTER, help_desk_code=code)
        for client, page in zip(clients, pages, strict=True)
        for _ in range(8)
    ]
    answers = at_once(acts)
    assert sum(answer.location == "/" for answer in answers) == 1


def test_r_18_what_is_stored_is_no_code(house: House) -> None:
    enrolled(house)
    help_desk(house).code()
    row = house.installation.database.read(
        lambda connection: connection.execute(select(tables.help_desk_codes)).one()
    )
    for typed in (row.code_hash.hex(), row.code_hash.hex()[:8], row.code_hash.hex()[:20]):
        client = waiting(house)
        client.submit(client.get(ENTER), ENTER, help_desk_code=typed)
        assert SESSION not in client.cookies


def test_a_code_opens_nothing_without_the_password(house: House) -> None:
    """R-28: with a wrong password there is no sign-in in which it could be typed."""
    enrolled(house)
    code = help_desk(house).code()
    client = house.client()
    page = client.get("/sign-in")
    client.submit(page, "/sign-in", user_name="ann", password="nobody has this one")
    assert (client.get(ENTER).location or "").startswith("/sign-in")
    fields = {"csrf": page.form("/sign-in").fields["csrf"], "help_desk_code": code}
    assert (client.post(ENTER, fields).location or "").startswith("/sign-in")
    assert SESSION not in client.cookies


def test_nobody_makes_a_code_for_themselves_or_for_whoever_holds_more(house: House) -> None:
    """B-4: never for oneself; never for someone who holds a permission that one lacks."""
    desk = help_desk(house)
    assert desk.make("morgan") is MayNot.ONESELF
    chief = help_desk(house, name="robin")
    permissions.revoke(house.installation, house.harbour, desk.person.user, Permission.AUDIT)
    assert desk.make("robin") is MayNot.HOLDS_MORE
    assert isinstance(chief.code("morgan"), str)


def test_whoever_was_helped_in_helps_nobody(house: House) -> None:
    """A session of level 1h does nothing to others, whatever its person holds."""
    enrolled(house)
    chief, desk = help_desk(house, name="robin"), help_desk(house)
    set_up(house, desk.client)
    house.clock.forward(MINUTE)
    code = chief.code("morgan")
    client = house.client()
    page = client.get("/sign-in")
    client.submit(page, "/sign-in", user_name="morgan", password=PASSWORD)
    client.submit(client.get(ENTER), ENTER, help_desk_code=code)
    helped = HelpDesk(house, house.harbour, client, "morgan")
    assert helped.make("ann") is MayNot.SIGNED_OUT


def test_a_proof_that_is_no_longer_fresh_makes_no_code(house: House) -> None:
    enrolled(house)
    desk = help_desk(house)
    house.clock.forward(6 * MINUTE)
    assert desk.make() is MayNot.PROVE_AGAIN


def test_bounds_of_a_code(house: House) -> None:
    enrolled(house)
    desk = help_desk(house)
    for minutes, uses, note, what in (
        (9, 1, "", Unusable.MINUTES),
        (24 * 60 + 1, 1, "", Unusable.MINUTES),
        (60, 0, "", Unusable.USES),
        (60, 11, "", Unusable.USES),
        (60, 1, "n" * 201, Unusable.NOTE),
    ):
        assert desk.make(minutes=minutes, uses=uses, note=note) == CodesNotUsable(what)
    assert not recorded(house.installation, house.harbour, EventKind.HELP_DESK_CODE_MADE)


def test_a_second_set_up_code_takes_the_place_of_the_first(house: House) -> None:
    enrolled(house)
    desk = help_desk(house)
    first = desk.code(purpose=HelpDeskPurpose.SET_UP, uses=5)
    second = desk.code(purpose=HelpDeskPurpose.SET_UP)
    client = waiting(house)
    assert client.submit(client.get(ENTER), ENTER, help_desk_code=first).status == 403
    answer = client.submit(client.get(ENTER), ENTER, help_desk_code=second)
    assert answer.location == "/sign-in/set-up"
    again = waiting(house)
    assert again.get(ENTER).location == CODE, "it was good once, whatever was asked for"


def test_no_code_lives_longer_than_it_was_made_for(house: House) -> None:
    enrolled(house)
    code = help_desk(house).code(minutes=10, uses=10)
    early = waiting(house)
    page = early.get(ENTER)
    house.clock.forward(10 * MINUTE)
    assert early.submit(page, ENTER, help_desk_code=code).location == CODE
    assert waiting(house).get(ENTER).location == CODE


def test_r_21_a_code_is_withdrawn_by_its_users_page_alone(house: House) -> None:
    enrolled(house)
    enrolled(house, "bo")
    desk = help_desk(house)
    desk.code("ann")
    ann, bo = desk.user("ann"), desk.user("bo")
    (row,) = help_desk_codes.codes_of(house.installation, ann.environment_id, ann.id)
    done = help_desk_codes.withdraw(
        house.installation, desk.person, bo.id, row.code.id, browser=BROWSER
    )
    assert isinstance(done, NothingToWithdraw)
    assert help_desk_codes.codes_of(house.installation, ann.environment_id, ann.id)


def test_the_log_says_who_made_it_for_whom_and_why_and_never_the_code(house: House) -> None:
    """B-1, CT-15."""
    enrolled(house)
    desk = help_desk(house)
    code = desk.code(note="she called from home")
    (event,) = recorded(house.installation, house.harbour, EventKind.HELP_DESK_CODE_MADE)
    assert event.about["reason"] == HelpReason.LOST_PHONE.value
    assert event.about["purpose"] == "today"
    everything = str(event.about)
    assert code not in everything
    assert "home" not in everything, "a note may name people, and no event can be erased"


def test_ac_26_disabling_a_user_ends_the_codes_that_were_made_for_them(house: House) -> None:
    """AC-26: what was ended stays ended when they are enabled again."""
    enrolled(house)
    desk = help_desk(house)
    code, ann = desk.code(uses=5), desk.user("ann")
    for act in (user_acts.disable, user_acts.enable):
        assert act(house.installation, desk.person, ann.id, browser=BROWSER) == Done()
    client = waiting(house)
    assert client.get(ENTER).location == CODE, "there is no code that it could take"
    answer = client.post(
        ENTER, {"csrf": client.get(CODE).form().fields["csrf"], "help_desk_code": code}
    )
    assert SESSION not in client.cookies, answer.status
