"""**Permissions** over HTTP: who may do what, giving and taking it (CT-14)."""

from __future__ import annotations

import re

import pytest

from tests.helpers.clocks import MINUTE
from tests.helpers.house import OTHER_PASSWORD, PASSWORD, House
from tests.helpers.http import Answer
from tests.helpers.permission_pages import PATH, Desk, desk, path_of
from twostep.core.permissions import ALL, Permission
from twostep.flows import users

USERS, REMOVE, AUDIT = Permission.MANAGE_USERS, Permission.REMOVE_TWO_STEP, Permission.AUDIT
NAME = "Remove 2-Step Verification Admin Access"


def words_of(answer: Answer) -> str:
    """The page's words without its tags, blanks joined."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split()).replace("&#39;", "'")


@pytest.fixture
def kim(house: House) -> Desk:
    """Kim may remove 2-step verification."""
    return desk(house, "kim", {REMOVE})


def test_ct_14_the_page_says_who_may_do_what_who_gave_it_and_when(house: House, kim: Desk) -> None:
    ann = house.add("ann")
    assert kim.give(ann, REMOVE).status == 303
    words = words_of(kim.client.get(PATH))
    assert f"kim {NAME} given by the operator, today" in words
    assert f"ann {NAME} given by kim, today" in words
    assert f"{NAME} You have it" in words
    assert "remove_two_step" not in words


def test_ct_14_any_permission_opens_the_page_and_none_does_not(house: House) -> None:
    """The menu has an entry for whoever may open it, and for nobody else."""
    for number, permission in enumerate(Permission):
        reader = desk(house, f"reader{number}", {permission})
        assert reader.client.get(PATH).status == 200
        assert f'href="{PATH}"' in reader.client.get("/").text
    nobody = desk(house, "nobody")
    for path in (PATH, path_of(nobody.user), f"{path_of(nobody.user)}/grant?permission=audit"):
        assert nobody.client.get(path).status == 403
    assert PATH not in nobody.client.get("/").text


def test_only_what_one_holds_is_offered(house: House, kim: Desk) -> None:
    ann = house.add("ann")
    page = kim.client.get(path_of(ann))
    assert "grant?permission=remove_two_step" in page.text
    assert page.text.count("/grant?permission=") == 1
    boss = desk(house, "boss", ALL)
    assert boss.client.get(path_of(ann)).text.count("/grant?permission=") == len(ALL)
    assert "/grant?permission=" not in kim.client.get(path_of(kim.user)).text


def test_a_permission_is_given_and_taken_back_by_the_dialogs(house: House, kim: Desk) -> None:
    ann = house.add("ann")
    page = kim.client.get(f"{path_of(ann)}/grant?permission=remove_two_step")
    assert "Give ann a permission?" in words_of(page)
    assert 'name="password"' not in page.text, "they have just signed in"
    done = kim.client.submit(page, f"{path_of(ann)}/grant")
    assert done.location == f"{path_of(ann)}?said=permission-granted"
    after = kim.client.follow(done)
    assert "The permission is given." in words_of(after)
    assert f"{NAME} given by kim" in words_of(after)
    back = kim.client.get(f"{path_of(ann)}/revoke?permission=remove_two_step")
    assert "Take a permission from ann?" in words_of(back)
    done = kim.client.submit(back, f"{path_of(ann)}/revoke")
    assert done.location == f"{path_of(ann)}?said=permission-revoked"
    assert "No permission: they use their own account" in words_of(kim.client.follow(done))


def test_after_five_minutes_the_dialog_asks_for_the_password(house: House, kim: Desk) -> None:
    ann = house.add("ann")
    house.clock.forward(6 * MINUTE)
    path = f"{path_of(ann)}/grant"
    page = kim.client.get(f"{path}?permission=remove_two_step")
    assert "Your own password" in page.text
    wrong = kim.client.submit(page, path, password=OTHER_PASSWORD)
    assert wrong.status == 403
    assert "That is not your current password." in words_of(wrong)
    done = kim.client.submit(wrong, path, password=PASSWORD)
    assert done.location == f"{path_of(ann)}?said=permission-granted"
    assert kim.client.get(PATH).status == 200, "in the session that took the old one's place"


def test_a_dialog_of_what_is_done_already_leads_back(house: House, kim: Desk) -> None:
    ann = house.add("ann")
    path = path_of(ann)
    assert kim.client.get(f"{path}/revoke?permission=remove_two_step").location == path
    assert kim.take(ann, REMOVE).location == f"{path}?said=permission-not-had"
    kim.give(ann, REMOVE)
    assert kim.client.get(f"{path}/grant?permission=remove_two_step").location == path
    assert kim.give(ann, REMOVE).location == f"{path}?said=permission-had"


def test_whoever_gives_up_all_that_they_have_is_led_home(house: House, kim: Desk) -> None:
    lou = desk(house, "lou", {REMOVE, AUDIT})
    assert "Give up" in kim.client.get(path_of(kim.user)).text
    done = lou.take(lou.user, REMOVE)
    assert done.location == f"{path_of(lou.user)}?said=permission-given-up"
    desk(house, "max", {AUDIT})
    done = lou.take(lou.user, AUDIT)
    assert done.location == "/?said=permission-given-up"
    assert "You have given the permission up." in words_of(lou.client.follow(done))
    assert lou.client.get(PATH).status == 403


def test_the_last_one_is_not_given_up(house: House, kim: Desk) -> None:
    done = kim.take(kim.user, REMOVE)
    assert done.location == f"{path_of(kim.user)}?said=permission-last"
    assert "Nobody else who can sign in has this permission" in words_of(kim.client.follow(done))
    assert kim.held == {REMOVE}


def test_a_disabled_user_is_marked(house: House, kim: Desk) -> None:
    ann = house.add("ann")
    kim.give(ann, REMOVE)
    users.disable(house.installation, house.harbour, ann)
    assert "ann Disabled" in words_of(kim.client.get(PATH))
    assert "This user is disabled" in words_of(kim.client.get(path_of(ann)))


def test_ac_70_what_there_is_not_is_not_found(house: House, kim: Desk) -> None:
    """AC-70: nor what there is in another environment; the answers are alike."""
    there = house.add("ann", house.northside)
    paths = ["0" * 32, "x" * 32, "A" * 32, there.id.hex()]
    for path in paths:
        page = kim.client.get(f"/admin/users/{path}/permissions")
        assert page.status == 404
        typed = {"csrf": kim.csrf, "permission": "remove_two_step"}
        for act in ("grant", "revoke"):
            answer = kim.client.post(f"/admin/users/{path}/permissions/{act}", typed)
            assert answer.status == 404
    ann = house.add("ann")
    assert kim.client.get(f"{path_of(ann)}/grant?permission=everything").status == 404
    assert kim.send("grant", ann, "everything").status == 404


def test_in_spanish_too(house: House, kim: Desk) -> None:
    kim.client.get("/?language=es")
    page = kim.client.get(PATH)
    assert '<html lang="es">' in page.text


def test_d_08_where_administrators_need_a_second_step_whoever_has_none_gives_nothing(
    house: House, kim: Desk
) -> None:
    """D-08: the same as for every act on another user."""
    ann = house.add("ann")
    house.set(house.harbour, "administrators_need_two_step", "yes")
    for act in ("grant", "revoke"):
        assert kim.send(act, ann, "remove_two_step").status == 403
    assert kim.client.get(PATH).status == 200
