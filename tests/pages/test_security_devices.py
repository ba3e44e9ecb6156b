"""Remembered devices and the five minutes, through the pages (CT-5, CT-8, CT-9)."""

from __future__ import annotations

import pytest

from tests.helpers.clocks import DAY, MINUTE, SECOND
from tests.helpers.house import (
    OTHER_PASSWORD,
    PASSWORD,
    House,
    Phone,
    enrolled,
    set_up,
    sign_in,
)
from tests.helpers.http import Answer, Client

CODE = "/sign-in/code"


def give_code(client: Client, phone: Phone, *, tick: bool = False) -> Answer:
    """Password and code; the clock moves a step first, so that no code is used twice."""
    phone.clock.forward(60 * SECOND)
    assert sign_in(client).location == CODE
    page = client.get(CODE)
    more = {"remember": "1"} if tick else {}
    answer = client.submit(page, CODE, code=phone.code(), **more)
    assert answer.location == "/", answer.text
    return answer


def sign_out(client: Client) -> None:
    client.submit(client.get("/"), "/sign-out")


def asked(client: Client, password: str = PASSWORD) -> bool:
    """Whether a sign-in in this browser is asked for a code; signs out again where it is not."""
    answer = sign_in(client, password=password)
    if answer.location == CODE:
        client.submit(client.get(CODE), "/sign-in/cancel")
        return True
    assert answer.location == "/", answer.text
    sign_out(client)
    return False


def remembered(house: House) -> tuple[Client, Phone]:
    """A browser that is remembered for 30 days, signed out."""
    phone = enrolled(house)
    client = house.client()
    give_code(client, phone, tick=True)
    sign_out(client)
    return client, phone


def test_a_ticked_device_is_not_asked_for_thirty_days_and_then_is(house: House) -> None:
    client, _ = remembered(house)
    house.clock.forward(30 * DAY - SECOND)
    assert not asked(client)
    house.clock.forward(SECOND)
    assert asked(client)


def test_an_unticked_device_passes_for_five_minutes_and_not_longer(house: House) -> None:
    """AC-30: absolute, whatever happens in between."""
    phone = enrolled(house)
    client = house.client()
    give_code(client, phone)
    sign_out(client)
    house.clock.forward(4 * MINUTE + 59 * SECOND)
    assert not asked(client)
    house.clock.forward(2 * SECOND)
    assert asked(client)


def test_the_five_minutes_are_for_this_browser_and_this_user(house: House) -> None:
    phone = enrolled(house)
    client = house.client()
    give_code(client, phone)
    assert asked(house.client())


def test_the_five_minutes_outlast_the_own_password_change(house: House) -> None:
    """CT-8: which is what they are for."""
    phone = enrolled(house)
    client = house.client()
    give_code(client, phone)
    page = client.get("/security/password")
    done = client.submit(
        page, "/security/password", current_password=PASSWORD, new_password=OTHER_PASSWORD
    )
    assert done.location == "/security?said=password-saved"
    sign_out(client)
    assert not asked(client, OTHER_PASSWORD)


def test_a_password_change_carries_this_browser_over_and_ends_all_others(house: House) -> None:
    """AC-26."""
    here, phone = remembered(house)
    there = house.client()
    give_code(there, phone, tick=True)
    sign_out(there)
    give_code_free = sign_in(here)
    assert give_code_free.location == "/"
    page = here.follow(here.get("/security/password"))
    house.clock.forward(30 * SECOND)
    proven = here.submit(page, "/security/confirm", code=phone.code())
    here.submit(
        here.follow(proven),
        "/security/password",
        current_password=PASSWORD,
        new_password=OTHER_PASSWORD,
    )
    sign_out(here)
    house.clock.forward(6 * MINUTE)
    assert not asked(here, OTHER_PASSWORD)
    assert asked(there, OTHER_PASSWORD)
    sign_in(there, password=OTHER_PASSWORD)
    assert "; your password changed on" in there.get(CODE).text


def test_a_remembered_session_says_what_it_is(house: House) -> None:
    """Level 1r: what a device is remembered for is no second step."""
    client, _ = remembered(house)
    house.clock.forward(DAY)
    sign_in(client)
    levels = house.installation.database.read(
        lambda connection: (
            connection.exec_driver_sql("select level from sessions order by started_at")
            .scalars()
            .all()
        )
    )
    assert levels[-1] == "1r"


def test_days_thirty_seven_thirty(house: House) -> None:
    """AC-27: the smaller of then and now; raising it again gives back what time has not ended."""
    client, _ = remembered(house)
    house.clock.forward(8 * DAY)
    house.set(house.harbour, "days_to_remember_device", "7")
    assert asked(client)
    house.set(house.harbour, "days_to_remember_device", "30")
    assert not asked(client)


def test_days_thirty_zero_thirty_kills_for_good(house: House) -> None:
    client, _ = remembered(house)
    house.set(house.harbour, "days_to_remember_device", "0")
    house.clock.forward(6 * MINUTE)
    assert asked(client)
    house.set(house.harbour, "days_to_remember_device", "30")
    assert asked(client)


def test_days_at_zero_hide_the_box_and_ignore_it_by_hand(house: House) -> None:
    """AC-27, I-4: nothing is remembered, and the five minutes stay."""
    phone = enrolled(house)
    house.set(house.harbour, "days_to_remember_device", "0")
    client = house.client()
    house.clock.forward(MINUTE)
    sign_in(client)
    page = client.get(CODE)
    assert "Remember this device" not in page.text
    client.submit(page, CODE, code=phone.code(), remember="1")
    sign_out(client)
    assert not asked(client)
    house.set(house.harbour, "days_to_remember_device", "30")
    house.clock.forward(5 * MINUTE + SECOND)
    assert asked(client)


def test_always_remembers_without_a_box(house: House) -> None:
    """CS-4."""
    phone = enrolled(house)
    house.set(house.harbour, "remember_this_device", "always")
    client = house.client()
    house.clock.forward(MINUTE)
    sign_in(client)
    page = client.get(CODE)
    assert "Remember this device" not in page.text
    client.submit(page, CODE, code=phone.code())
    sign_out(client)
    house.clock.forward(29 * DAY)
    assert not asked(client)


def test_off_and_on_again_asks_everybody_once(house: House) -> None:
    """CT-11, AC-29: keys stay, what was remembered does not count."""
    client, phone = remembered(house)
    house.set(house.harbour, "two_step_verification", "off")
    assert not asked(client)
    house.set(house.harbour, "two_step_verification", "optional")
    assert asked(client)
    give_code(client, phone)


def test_a_device_cookie_is_worth_nothing_without_the_password_or_for_another(
    house: House,
) -> None:
    """AC-23, AC-24: and another person's sign-in leaves it alone."""
    client, _ = remembered(house)
    device = {name: v for name, v in client.cookies.items() if name.startswith("__Host-dev-")}
    assert len(device) == 1
    bare = house.client()
    bare.cookies.update(device)
    assert bare.get("/").status == 303
    house.add("bo")
    shared = house.client()
    set_up_by_bo = house.client()
    sign_in(set_up_by_bo, "bo")
    set_up(house, set_up_by_bo)
    shared.cookies.update(device)
    house.clock.forward(MINUTE)
    assert sign_in(shared, "bo").location == CODE
    shared.submit(shared.get(CODE), "/sign-in/cancel")
    assert shared.cookies.items() >= device.items()
    assert not asked(shared)


def test_a_device_cookie_is_worth_nothing_in_another_environment(house: House) -> None:
    """AC-25."""
    client, _ = remembered(house)
    house.add("ann", house.northside)
    other = house.client(house.northside)
    other.cookies.update(client.cookies)
    assert sign_in(other).location == "/sign-in/set-up"


@pytest.mark.parametrize("made_up", ["000000", "123456" * 8, "A" * 43])
def test_a_made_up_cookie_is_no_cookie(house: House, made_up: str) -> None:
    """AC-85, R-03: a token has no structure and follows from nothing."""
    client, _ = remembered(house)
    name = next(name for name in client.cookies if name.startswith("__Host-dev-"))
    client.cookies[name] = made_up
    house.clock.forward(6 * MINUTE)
    assert asked(client)


def test_the_token_changes_at_each_sign_in_and_an_old_copy_is_asked(house: House) -> None:
    """R-04: a copy that is shown after its successor was seen means: ask, and write an event."""
    client, _ = remembered(house)
    copy = client.twin()
    house.clock.forward(DAY)
    assert not asked(client)
    assert sign_in(client, password=OTHER_PASSWORD).status == 403
    assert asked(copy)
    kinds = house.installation.database.read(
        lambda connection: connection.exec_driver_sql("select kind from events").scalars().all()
    )
    assert "sign_in:device:old_token" in kinds
    assert not asked(client)


def test_a_lost_answer_does_not_cost_the_remembering(house: House) -> None:
    """The token before is good until the new one was seen once."""
    client, _ = remembered(house)
    house.clock.forward(DAY)
    before = client.twin()
    assert not asked(client)
    assert not asked(before)


def test_signing_in_again_makes_no_second_row(house: House) -> None:
    """CT-9."""
    client, _ = remembered(house)
    for _ in range(3):
        house.clock.forward(DAY)
        assert not asked(client)
    rows = house.installation.database.read(
        lambda connection: connection.exec_driver_sql("select count(*) from devices").scalar_one()
    )
    # One is the browser in which the app was set up.
    assert rows == 2


def test_forget_asks_again_and_ends_that_devices_sessions(house: House) -> None:
    """CT-9: the others are offered, the current one is not, and is refused by hand."""
    away, phone = remembered(house)
    house.clock.forward(10 * MINUTE)
    sign_in(away)
    here = house.client()
    give_code(here, phone)
    page = here.get("/security")
    assert page.text.count("/security/devices/forget") >= 2
    assert "This device" in page.text
    devices = [f for f in page.forms() if f.action == "/security/devices/forget"]
    others = [f for f in devices if f.fields["device"] != "others"]
    for form in others:
        assert here.post(form.action, form.fields).location == "/security?said=device-forgotten"
    assert away.get("/").status == 303
    assert asked(away)
    current = here.post(
        "/security/devices/forget", {"csrf": page.form("/sign-out").fields["csrf"], "device": "00"}
    )
    assert current.location == "/security?said=no-other-device"


def test_another_persons_device_cannot_be_forgotten(house: House) -> None:
    """AC-70, R-21."""
    client, _ = remembered(house)
    house.add("bo")
    bo = house.client()
    sign_in(bo, "bo")
    ids = house.installation.database.read(
        lambda connection: connection.exec_driver_sql("select id from devices").scalars().all()
    )
    csrf = bo.get("/").form("/sign-out").fields["csrf"]
    for id_ in ids:
        bo.post("/security/devices/forget", {"csrf": csrf, "device": bytes(id_).hex()})
    bo.post("/security/devices/forget", {"csrf": csrf, "device": "others"})
    house.clock.forward(6 * MINUTE)
    assert not asked(client)


def test_no_lasting_cookie_before_the_second_step(house: House) -> None:
    """R-01."""
    phone = enrolled(house)
    client = house.client()
    answer = sign_in(client)
    assert not any("__Host-dev-" in line for line in answer.all_headers("set-cookie"))
    page = client.get(CODE)
    wrong = client.submit(page, CODE, code=phone.wrong_code(), remember="1")
    assert not any("__Host-dev-" in line for line in wrong.all_headers("set-cookie"))
    assert "checked" in wrong.text


def test_six_people_share_a_browser_and_five_are_kept(house: House) -> None:
    client = house.client()
    names = [f"user {n}" for n in range(6)]
    for name in names:
        house.add(name)
        sign_in(client, name)
        sign_out(client)
    assert sum(name.startswith("__Host-dev-") for name in client.cookies) == 5


def test_twenty_devices_are_remembered_and_the_oldest_goes(house: House) -> None:
    """AC-84."""
    first, phone = remembered(house)
    for _ in range(20):
        give_code(house.client(), phone, tick=True)
    house.clock.forward(6 * MINUTE)
    assert asked(first)


def test_somebody_elses_wrong_passwords_do_not_shut_out_a_known_device(house: House) -> None:
    """AC-22: a stranger pauses the password for strangers."""
    client, _ = remembered(house)
    stranger = house.client()
    for _ in range(6):
        sign_in(stranger, password=OTHER_PASSWORD)
    assert sign_in(house.client()).status == 403
    assert not asked(client)


def test_the_reason_stands_under_the_code(house: House) -> None:
    """B-1: why was I asked?"""
    client, _ = remembered(house)
    house.clock.forward(31 * DAY)
    sign_in(client)
    page = client.get(CODE)
    assert "Why am I asked?" in page.text
    assert "This device was remembered until" in page.text
