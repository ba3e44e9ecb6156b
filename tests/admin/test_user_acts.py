"""The dialogs of the simple acts: what each says before the click, what it asks, where it leads."""

from __future__ import annotations

import pytest

from tests.helpers.clocks import MINUTE
from tests.helpers.desk import desk, do, path_of, section, words_of
from tests.helpers.house import PASSWORD, House, set_up, sign_in
from twostep.core.permissions import Permission
from twostep.flows import users

MANAGE = Permission.MANAGE_USERS

DONE = {
    "unlock": ("user-unlocked", "Unlocked. The person can try again at once."),
    "end-sessions": ("sessions-ended", "All sessions of this user have ended."),
    "forget-devices": ("user-devices-forgotten", "All devices of this user are forgotten"),
    "disable": ("user-disabled", "This user is disabled."),
}


@pytest.mark.parametrize("act", DONE)
def test_an_act_says_first_what_happens_and_leads_back_to_the_user(act: str, house: House) -> None:
    ann, client = house.add(), desk(house, MANAGE)
    sign_in(house.client())
    dialog = client.get(path_of(ann, act))
    assert "ann" in words_of(dialog)
    assert "Cancel" in words_of(dialog)
    done = do(client, ann, act)
    word, says = DONE[act]
    assert done.location == f"{path_of(ann)}?said={word}"
    assert says in words_of(client.follow(done))


def test_what_ends_is_counted_before_the_click(house: House) -> None:
    ann, client = house.add(), desk(house, MANAGE)
    sign_in(house.client())
    sign_in(house.client())
    assert "2 sessions end now." in words_of(client.get(path_of(ann, "end-sessions")))
    assert "2 devices are forgotten" in words_of(client.get(path_of(ann, "forget-devices")))


def test_who_is_disabled_can_be_enabled_again(house: House) -> None:
    ann, client = house.add(), desk(house, MANAGE)
    do(client, ann, "disable")
    assert sign_in(house.client()).status == 403
    assert do(client, ann, "enable").location == f"{path_of(ann)}?said=user-enabled"
    assert sign_in(house.client()).location == "/"


def test_nothing_to_end_is_said_as_well(house: House) -> None:
    ann, client = house.add(), desk(house, MANAGE)
    assert do(client, ann, "end-sessions").location == f"{path_of(ann)}?said=no-session"
    assert do(client, ann, "forget-devices").location == f"{path_of(ann)}?said=no-device"


def test_looking_at_a_dialog_does_nothing(house: House) -> None:
    ann, client, hers = house.add(), desk(house, MANAGE), house.client()
    sign_in(hers)
    for act in (*DONE, "enable"):
        assert client.get(path_of(ann, act)).status == 200
    assert hers.get("/security").status == 200


# --- the proof


def test_a_proof_of_the_last_five_minutes_is_enough(house: House) -> None:
    ann, client = house.add(), desk(house, MANAGE)
    assert 'name="password"' not in client.get(path_of(ann, "disable")).text


def test_after_five_minutes_the_password_is_asked_once_for_all(house: House) -> None:
    ann, client = house.add(), desk(house, MANAGE)
    house.clock.forward(6 * MINUTE)
    path = path_of(ann, "end-sessions")
    dialog = client.get(path)
    assert 'name="password"' in dialog.text
    wrong = client.submit(dialog, path, password="not the right password")
    assert wrong.status == 422
    assert "That is not your current password." in words_of(wrong)
    assert client.submit(dialog, path, password="").status == 422
    assert (client.submit(dialog, path, password=PASSWORD).location or "").startswith(path_of(ann))
    assert 'name="password"' not in client.get(path_of(ann, "disable")).text


def test_who_has_an_app_shows_its_code(house: House) -> None:
    ann, client = house.add(), desk(house, MANAGE)
    phone = set_up(house, client)
    house.clock.forward(6 * MINUTE)
    path = path_of(ann, "disable")
    dialog = client.get(path)
    assert 'name="password"' not in dialog.text
    assert client.submit(dialog, path, code=phone.wrong_code()).status == 422
    assert client.submit(dialog, path, code=phone.code()).location is not None
    found = users.find(house.installation, house.harbour, "ann")
    assert found is not None
    assert found.disabled_at is not None


# --- what is not open


def test_an_act_on_nobody_is_an_unknown_page(house: House) -> None:
    client = desk(house, MANAGE)
    elsewhere = house.add("cy", house.northside)
    for act in (*DONE, "enable", "edit", "check-caller", "addresses/email"):
        assert client.get(path_of(elsewhere, act)).status == 404
        assert client.get(path_of(b"x" * 16, act)).status == 404
    assert client.get(path_of(house.add(), "addresses/pigeon")).status == 404


def test_the_last_manager_is_said_to_be_needed(house: House) -> None:
    """The sentence, wherever it is said: the act itself leaves its own doer (AC-76)."""
    client = desk(house, MANAGE)
    page = client.get(f"{path_of(house.add())}?said=last-manager")
    assert "Nobody else here can manage users" in words_of(page)
    assert "Now" in section(page, "now")


def test_two_administrators_with_an_app_each_do_not_share_a_proof(house: House) -> None:
    ann, client = house.add(), desk(house, MANAGE)
    other = desk(house, MANAGE, name="bo")
    house.clock.forward(6 * MINUTE)
    path = path_of(ann, "unlock")
    client.submit(client.get(path), path, password=PASSWORD)
    assert 'name="password"' in other.get(path).text
