"""AC-51: a key becomes somebody's second step by a code of it, in the place it was shown, once."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from tests.helpers.clocks import MINUTE
from tests.helpers.guests import Guest, with_app
from tests.helpers.house import House, Phone, phone_from, set_up, sign_in
from tests.helpers.http import Answer
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind
from twostep.flows import pending
from twostep.flows.codes import CodeRefused, Why
from twostep.flows.mint import Minted
from twostep.flows.set_up import NothingOffered, SetUpDone
from twostep.flows.sign_in import Pending
from twostep.flows.tidying import tidy
from twostep.storage import tables
from twostep.web.cookies import PENDING, SESSION

pytestmark = [pytest.mark.usefixtures("invariants_hold"), pytest.mark.sqlite_alone]

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def keys(house: House) -> list[str]:
    """The states of all keys."""
    return sorted(
        house.installation.database.read(
            lambda connection: (
                connection.execute(select(tables.authenticators.c.state)).scalars().all()
            )
        )
    )


def signed_in(house: House, name: str = "ann") -> Guest:
    guest = Guest(house)
    assert isinstance(guest.sign_in(name), Minted)
    return guest


# --- whose, and where


def test_ac_51_another_session_of_the_same_person_cannot_confirm_it(house: House) -> None:
    """AC-51: nor can another person's, and the one that was shown it still can."""
    house.add()
    house.add("bo")
    here, there, bo = signed_in(house), signed_in(house), signed_in(house, "bo")
    phone = here.configure()
    for other in (there, bo):
        assert isinstance(other.verify_and_save(phone.code()), NothingOffered)
        assert other.person() is not None
    assert isinstance(here.verify_and_save(phone.code()), SetUpDone)


def test_ac_51_a_key_of_a_sign_in_is_confirmed_in_that_sign_in_alone(house: House) -> None:
    """AC-51: two browsers with the same password, each with a key of its own; the first one that is
    confirmed counts, and the other sign-in is over.
    """
    house.add("ann", house.northside)
    earlier, later = Guest(house, house.northside), Guest(house, house.northside)
    earlier.sign_in()
    old = earlier.phone_in_sign_in()
    later.sign_in()
    new = later.phone_in_sign_in()
    assert old.key != new.key
    assert isinstance(earlier.verify_and_save_in_sign_in(new.code()), CodeRefused)
    assert isinstance(later.verify_and_save_in_sign_in(old.code()), CodeRefused)
    assert isinstance(later.verify_and_save_in_sign_in(new.code()), SetUpDone)
    assert isinstance(earlier.verify_and_save_in_sign_in(old.code()), NothingOffered)
    assert earlier.session is None


@on_sqlite
def test_ac_51_set_up_of_one_user_is_closed_to_another_users_browser(house: House) -> None:
    """AC-51, AC-02: Bo's browser with Ann's pending cookie, and Ann's form."""
    house.add("ann", house.northside)
    house.add("bo", house.northside)
    ann, bo = house.client(house.northside), house.client(house.northside)
    sign_in(ann)
    sign_in(bo, "bo")
    page = ann.get("/sign-in/set-up")
    phone = phone_from(page, house.clock)
    own = bo.get("/sign-in/set-up").form("/sign-in/set-up").fields
    bo.cookies[PENDING] = ann.cookies[PENDING]
    assert bo.twin().get("/sign-in/set-up").status == 303
    for form in (own, page.form("/sign-in/set-up").fields):
        answer = bo.twin().post("/sign-in/set-up", form | {"code": phone.code()})
        assert answer.location == "/sign-in?said=start-again"
    assert ann.submit(page, "/sign-in/set-up", code=phone.code()).location is not None
    assert SESSION in ann.cookies


# --- whose key


def seen(page: Answer) -> tuple[str, str]:
    """The QR picture and the key as text."""
    key = re.search(r'id="key">([A-Z2-7 ]+)<', page.text)
    picture = re.search(r"<svg.*?</svg>", page.text, re.DOTALL)
    assert key is not None
    assert picture is not None
    return picture[0], key[1]


@on_sqlite
def test_ac_51_nobody_but_the_server_chooses_the_key(house: House) -> None:
    """AC-51: whatever a form brings along, the key stays the one that is shown."""
    house.add()
    client = house.client()
    sign_in(client)
    names = ("secret", "key", "seed", "otpauth", "authenticator", "id", "offered_to")
    chosen = dict.fromkeys(names, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    form = client.get("/security").form("/security/two-step")
    page = client.follow(client.post(form.action, form.fields | chosen))
    shown = phone_from(page, house.clock)
    attacker = Phone(b"Hello" * 4, house.clock)
    verify = page.form("/security/two-step/verify")
    answer = client.post(verify.action, verify.fields | chosen | {"code": attacker.code()})
    assert answer.status == 403
    assert client.post(verify.action, verify.fields | chosen | {"code": shown.code()}).status == 303


@on_sqlite
def test_ac_51_a_wrong_code_shows_the_same_picture_again(house: House) -> None:
    """AC-51, CT-3: so that the account that is in the app already stays good."""
    house.add()
    client = house.client()
    sign_in(client)
    page = client.follow(client.submit(client.get("/security"), "/security/two-step"))
    phone = phone_from(page, house.clock)
    for wrong in (phone.wrong_code(), "12", ""):
        again = client.submit(page, "/security/two-step/verify", code=wrong)
        assert again.status in {403, 422}
        assert seen(again) == seen(page)
    assert seen(client.get("/security/two-step")) == seen(page)
    again = client.follow(client.submit(client.get("/security"), "/security/two-step"))
    assert seen(again) == seen(page), "Configure once more shows the same"
    assert client.submit(page, "/security/two-step/verify", code=phone.code()).status == 303


def test_ac_51_the_key_changes_nothing_before_it_is_confirmed(house: House) -> None:
    """AC-51, CT-3: a key that is only shown is asked of nobody."""
    house.add()
    here, there = signed_in(house), Guest(house)
    phone = here.configure()
    assert isinstance(here.verify_and_save(phone.wrong_code()), CodeRefused)
    assert isinstance(there.sign_in(), Minted)
    assert keys(house) == ["offered"]


@pytest.mark.both_databases
def test_ac_51_once_confirmed_it_is_asked_at_once_and_other_sessions_end(house: House) -> None:
    """AC-51, R-05: before and after are two states, and there is none in between."""
    house.add()
    here, there = signed_in(house), signed_in(house)
    phone = here.configure()
    assert there.person() is not None
    assert isinstance(here.verify_and_save(phone.code()), SetUpDone)
    assert there.person() is None
    assert isinstance(Guest(house).sign_in(), Pending)
    told = recorded(house.installation, house.harbour, EventKind.AUTHENTICATOR_SET_UP)
    assert len(told) == 1


# --- once, and in time


@pytest.mark.both_databases
def test_ac_51_it_is_confirmed_once(house: House) -> None:
    """AC-51: the same form again, with the next code."""
    house.add()
    guest = signed_in(house)
    phone = guest.configure()
    assert isinstance(guest.verify_and_save(phone.code()), SetUpDone)
    assert isinstance(guest.verify_and_save(phone.code(steps=1)), NothingOffered)
    assert keys(house) == ["active"]


def test_ac_51_its_code_does_not_sign_in(house: House) -> None:
    """AC-51, AC-08: one step before, the same, and then the next."""
    house.add()
    guest = signed_in(house)
    phone = guest.configure()
    guest.verify_and_save(phone.code())
    late = Guest(house)
    late.sign_in()
    for steps in (-1, 0):
        answer = late.code(phone.code(steps=steps))
        assert isinstance(answer, CodeRefused)
        assert answer.why is Why.ALREADY_USED
    assert isinstance(late.code(phone.code(steps=1)), Minted)


def test_ac_51_what_was_never_confirmed_is_gone(house: House) -> None:
    """AC-51: after half an hour it counts no longer, and soon it is deleted; a new one, a cancelled
    sign-in, and a confirmed key delete it at once.
    """
    house.add()
    guest = signed_in(house)
    old = guest.configure()
    house.clock.forward(30 * MINUTE)
    assert isinstance(guest.verify_and_save(old.code()), NothingOffered)
    assert keys(house) == ["offered"]
    house.clock.forward(1)
    tidy(house.installation)
    assert keys(house) == []
    old = guest.configure()
    new = guest.configure()
    assert keys(house) == ["offered"]
    assert old.key == new.key
    signed_in(house).configure()
    assert keys(house) == ["offered", "offered"]
    assert isinstance(guest.verify_and_save(new.code()), SetUpDone)
    assert keys(house) == ["active"]


def test_ac_51_a_cancelled_sign_in_takes_its_key_along(house: House) -> None:
    """AC-51: the code of the picture that is still on the screen confirms nothing."""
    house.add("ann", house.northside)
    guest = Guest(house, house.northside)
    guest.sign_in()
    phone = guest.phone_in_sign_in()
    waiting = guest.waiting()
    assert waiting is not None
    pending.cancel(house.installation, waiting, guest.browser)
    assert keys(house) == []
    again = Guest(house, house.northside)
    again.sign_in()
    assert isinstance(again.verify_and_save_in_sign_in(phone.code()), CodeRefused)


def test_ac_51_whoever_has_a_key_is_offered_none(house: House) -> None:
    """AC-51, R-20: neither in a session nor in a sign-in is there a second one to be had."""
    with_app(house)
    phone = with_app(house, "bo")
    guest = Guest(house)
    guest.sign_in("bo")
    assert isinstance(guest.code(phone.code()), Minted)
    with pytest.raises(AssertionError, match="no key is on offer"):
        guest.configure()
    assert isinstance(guest.verify_and_save("123456"), NothingOffered)
    assert keys(house) == ["active", "active"]


@on_sqlite
def test_ac_51_looking_makes_no_key(house: House) -> None:
    """AC-51, R-40: only Configure does, by POST and with the form's token."""
    house.add()
    client = house.client()
    sign_in(client)
    assert client.get("/security/two-step").status == 303
    assert client.post("/security/two-step", {"csrf": "not ours"}).status == 403
    assert keys(house) == []
    set_up(house, client)
    assert keys(house) == ["active"]
