"""Ticking by hand, stretching, planting, filling, forging: AC-27 to AC-30, AC-84, AC-85."""

from __future__ import annotations

import base64
import hashlib

import pytest

from tests.helpers.clocks import MINUTE, SECOND
from tests.helpers.house import PASSWORD, House, sign_in
from tests.helpers.owners import (
    CODE,
    Owner,
    an_owner,
    changed_password,
    device_cookies,
    device_rows,
    device_token,
    sign_out,
    switched_off_and_on,
)
from tests.helpers.recorded import recorded
from tests.helpers.sealed_rows import everything_in
from twostep.core.audit import EventKind
from twostep.crypto.tokens import issue_plain

pytestmark = pytest.mark.sqlite_alone


@pytest.fixture
def house(shared_house: House) -> House:
    return shared_house


@pytest.fixture
def owner(house: House) -> Owner:
    return an_owner(house)


# --- ticking by hand, and stretching


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/set-up"])
def test_ac_27_a_tick_in_another_form_is_no_tick(house: House, owner: Owner, path: str) -> None:
    """AC-27: the box stands on the code page alone."""
    client = owner.browser()
    house.clock.forward(MINUTE)
    sent = {"user_name": owner.name, "password": PASSWORD, "remember": "1"}
    client.submit(client.get("/sign-in"), "/sign-in", **sent)
    page = client.get(CODE)
    if path == "/sign-in/set-up":
        client.post(path, {**page.form(CODE).fields, "remember": "1"})
    assert client.submit(page, CODE, code=owner.phone.code()).location == "/"
    sign_out(client)
    house.clock.forward(5 * MINUTE)
    assert owner.asked(client)


def test_ac_27_days_that_are_raised_between_tick_and_code_do_not_help_an_older_tick(
    house: House, owner: Owner
) -> None:
    """AC-27: what was ticked while nothing was remembered is remembered by what holds at the code,
    and a tick with a wrong code is forgotten with it.
    """
    client = owner.browser()
    owner.first_step(client)
    page = client.get(CODE)
    house.clock.forward(MINUTE)
    wrong = client.submit(page, CODE, code=owner.phone.wrong_code(), remember="1")
    assert wrong.status == 403
    done = client.submit(page, CODE, code=owner.phone.code())
    assert done.location == "/"
    sign_out(client)
    house.clock.forward(5 * MINUTE)
    assert owner.asked(client)


def test_ac_28_what_becomes_required_lets_live_sessions_finish_and_holds_the_next(
    house: House,
) -> None:
    """AC-28, CT-12, I-10: of both levels, where *at once* is not ticked."""
    without = house.client()
    house.add("nobody's phone")
    assert sign_in(without, "nobody's phone").location == "/"
    owner = an_owner(house)
    remembered = owner.remembered()
    owner.first_step(remembered)
    house.set(house.harbour, "two_step_verification", "required")
    try:
        assert without.get("/").status == 200
        assert remembered.get("/").status == 200
        assert sign_in(house.client(), "nobody's phone").location == "/sign-in/set-up"
        sign_out(remembered)
        assert not owner.asked(remembered)
        sign_out(without)
        assert sign_in(without, "nobody's phone").location == "/sign-in/set-up"
    finally:
        house.set(house.harbour, "two_step_verification", "optional")


def test_ac_29_switching_off_ends_the_five_minutes_and_brings_no_code_back(
    house: House, owner: Owner
) -> None:
    """AC-29, CT-11: a code that was used before does not count again after it."""
    client = owner.give_code(owner.browser())
    code = owner.phone.code()
    sign_out(client)
    switched_off_and_on(owner)
    assert owner.first_step(client).location == CODE
    assert client.submit(client.get(CODE), CODE, code=code).status == 403


def test_ac_29_a_sign_in_that_waited_while_it_was_off_is_asked_all_the_same(
    house: House, owner: Owner
) -> None:
    """AC-29: nothing of what held in between is remembered."""
    client = owner.browser()
    assert owner.first_step(client).location == CODE
    switched_off_and_on(owner)
    assert client.get(CODE).status == 200
    assert client.get("/").status == 303


def test_ac_30_five_minutes_are_not_stretched_by_signing_in_again(
    house: House, owner: Owner
) -> None:
    """AC-30: at 4:59 each sign-in is let in, and none of them begins five minutes of its own."""
    client = owner.give_code(owner.browser())
    sign_out(client)
    house.clock.forward(4 * MINUTE + 59 * SECOND)
    assert not owner.asked(client)
    assert not owner.asked(client)
    house.clock.forward(2 * SECOND)
    assert owner.asked(client)


def test_ac_30_five_minutes_are_no_fresh_proof(house: House, owner: Owner) -> None:
    """AC-30: the session that they open is asked for a code before every act that matters."""
    client = owner.give_code(owner.browser())
    sign_out(client)
    assert owner.first_step(client).location == "/"
    answer = client.submit(client.get("/security/two-step"), "/security/two-step/turn-off")
    assert answer.location == "/security/confirm?act=turn-off"


# --- planting, filling, forging


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "", "Origin": "https://evil.example"}],
)
def test_ac_84_another_site_cannot_tick_the_box(
    house: House, owner: Owner, headers: dict[str, str]
) -> None:
    """AC-84: nor with a form's token of another browser; and nothing of it stays in the sign-in."""
    client, other = owner.browser(), owner.browser()
    owner.first_step(client)
    owner.first_step(other)
    house.clock.forward(MINUTE)
    theirs = other.get(CODE).form(CODE).fields["csrf"]
    ours = client.get(CODE).form(CODE).fields["csrf"]
    before = everything_in(house.installation.database)
    sent = {"code": owner.phone.code(), "remember": "1"}
    assert client.post(CODE, sent | {"csrf": ours}, headers).status == 403
    assert client.post(CODE, sent | {"csrf": theirs}).status == 403
    assert client.post(CODE, sent).status == 403
    assert everything_in(house.installation.database) == before
    done = client.submit(client.get(CODE), CODE, code=owner.phone.code())
    assert done.location == "/"
    sign_out(client)
    house.clock.forward(5 * MINUTE)
    assert owner.asked(client)


def test_ac_84_the_twenty_first_ends_the_oldest_with_an_event(house: House, owner: Owner) -> None:
    """AC-84: what only identifies and what a change has ended does not count towards twenty."""
    first = owner.remembered()
    for _ in range(3):
        owner.give_code(owner.browser())
    changed_password(owner)
    here = owner.give_code(owner.browser(), tick=True)
    for _ in range(19):
        owner.give_code(owner.browser(), tick=True)
    told = len(recorded(house.installation, house.harbour, EventKind.DEVICE_FORGOTTEN))
    house.clock.forward(5 * MINUTE)
    sign_out(here)
    assert not owner.asked(here)
    assert owner.asked(first)
    second = owner.give_code(owner.browser(), tick=True)
    sign_out(owner.give_code(owner.browser(), tick=True))
    house.clock.forward(5 * MINUTE)
    after = recorded(house.installation, house.harbour, EventKind.DEVICE_FORGOTTEN)
    assert len(after) == told + 2
    assert not owner.asked(here)
    sign_out(second)
    assert not owner.asked(second)


def test_ac_84_the_newest_stays_though_the_clock_was_set_back(house: House, owner: Owner) -> None:
    """AC-84: the other twenty were used later, by the clock."""
    house.clock.forward(29 * SECOND - house.clock() % (30 * SECOND))
    for _ in range(20):
        owner.give_code(owner.browser(), tick=True)
    newest = owner.browser()
    house.clock.forward(-20 * SECOND)
    assert owner.first_step(newest).location == CODE
    done = newest.submit(newest.get(CODE), CODE, code=owner.phone.code(steps=1), remember="1")
    assert done.location == "/"
    house.clock.forward(6 * MINUTE)
    sign_out(newest)
    assert not owner.asked(newest)


def test_ac_85_what_a_code_page_knows_forges_no_device(house: House, owner: Owner) -> None:
    """AC-85, R-03: the design of seed 2, a hash of the code, and what else a thief may think of."""
    client = owner.remembered()
    ((name, value),) = device_cookies(client).items()
    random = base64.urlsafe_b64decode(value + "=")
    ids = [bytes.fromhex(id_) for id_ in device_rows(house)]
    made = [hashlib.sha256(f"{code:06}".encode()).digest() for code in range(40)]
    made += [hashlib.sha256(owner.phone.code(steps=step).encode()).digest() for step in (-1, 0, 1)]
    made += [hashlib.sha256(random).digest(), device_token(client), bytes(32), b"\xff" * 32]
    made += [id_ + id_ for id_ in ids[:5]]
    made += [hashlib.sha256(f"{owner.name}{house.clock()}".encode()).digest()]
    texts = [base64.urlsafe_b64encode(raw).rstrip(b"=").decode() for raw in made]
    texts += [value[:-1], value + "=", value + "A", value.swapcase(), "", random.hex()]
    for text in texts[:: max(1, len(texts) // 20)] + texts[-6:]:
        thief = house.client()
        thief.cookies[name] = text
        assert owner.asked(thief), text
    assert not owner.asked(client)


def test_ac_85_a_token_is_random_to_its_last_bit_and_only_its_hash_is_stored(
    house: House, owner: Owner
) -> None:
    """AC-85: 256 bits, each set in half of them, and none that follows from another."""
    tokens = [issue_plain().random.reveal() for _ in range(400)]
    assert {len(token) for token in tokens} == {32}
    assert len({token[:8] for token in tokens}) == len({token[-8:] for token in tokens}) == 400
    for bit in range(256):
        share = sum(token[bit // 8] >> bit % 8 & 1 for token in tokens)
        assert 120 < share < 280, bit
    client = owner.remembered()
    (value,) = device_cookies(client).values()
    random = base64.urlsafe_b64decode(value + "=")
    stored = repr(everything_in(house.installation.database))
    assert value not in stored
    assert repr(random)[2:-1] not in stored
    assert random.hex() not in stored
