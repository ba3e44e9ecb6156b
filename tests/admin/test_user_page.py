"""The page of one user: who may read it, what it says, and what its menu offers."""

from __future__ import annotations

from base64 import b32encode

import pytest

from tests.helpers.clocks import MINUTE
from tests.helpers.codes_by_mail import enter
from tests.helpers.desk import desk, do, give, offered, path_of, section, words_of
from tests.helpers.house import OTHER_PASSWORD, PASSWORD, House, Phone, enrolled, sign_in
from tests.helpers.http import Client
from tests.helpers.letters import last_code
from twostep.core.contacts import ContactKind
from twostep.core.messages import MessageKind
from twostep.core.permissions import ALL, Permission
from twostep.core.users import User
from twostep.flows import users
from twostep.flows.contacts import profile

MANAGE, REMOVE = Permission.MANAGE_USERS, Permission.REMOVE_TWO_STEP
CODES = Permission.HELP_DESK_CODES


def the_user(house: House, name: str = "ann") -> User:
    found = users.find(house.installation, house.harbour, name)
    assert found is not None
    return found


def in_with_code(house: House, client: Client, phone: Phone, **more: str) -> None:
    """Password and code, in this browser."""
    answer = sign_in(client)
    assert answer.location == "/sign-in/code", answer.location
    page = client.get("/sign-in/code")
    code = phone.code()
    assert client.submit(page, "/sign-in/code", code=code, **more).location == "/"
    house.clock.forward(MINUTE)


# --- who may (CT-14)


def test_any_permission_opens_the_page_to_read(house: House) -> None:
    """CT-14: one permission is enough to look, whichever it is."""
    ann = house.add()
    for number, permission in enumerate(Permission):
        page = desk(house, permission, name=f"kim{number}").get(path_of(ann))
        assert page.status == 200
        assert "<h1>ann</h1>" in page.text


def test_without_a_permission_there_is_no_page_and_no_telling_whether_there_is_somebody(
    house: House,
) -> None:
    ann = house.add()
    client = desk(house)
    assert client.get(path_of(ann)).status == 403
    assert client.get(path_of(b"x" * 16)).status == 403


def test_ac_70_an_id_of_another_environment_is_as_unknown_as_any(house: House) -> None:
    """AC-70: the same page, whatever stands in the place of the id."""
    elsewhere = house.add("cy", house.northside)
    client = desk(house, *ALL)
    unknown = [
        client.get(f"/admin/users/{text}")
        for text in (
            elsewhere.id.hex(),
            "00" * 16,
            "nobody",
            the_user(house, "kim").id.hex().upper(),
            "0" * 31,
        )
    ]
    assert {answer.status for answer in unknown} == {404}
    assert len({words_of(answer).split("Reference")[0] for answer in unknown}) == 1


def test_whoever_is_not_signed_in_is_asked_to(house: House) -> None:
    answer = house.client().get(path_of(house.add()))
    assert (answer.location or "").startswith("/sign-in?going_to=")


# --- the five calls


def test_lost_phone_the_page_leads_to_what_helps(house: House) -> None:
    """A lost phone, or a new one: a help-desk code or a removal, one click away each."""
    enrolled(house)
    ann = the_user(house)
    page = desk(house, REMOVE, CODES).get(path_of(ann))
    assert offered(page, ann) == [
        *("check-caller", "help-desk-code", "pause", "remove-two-step", "permissions")
    ]


def test_no_code_what_the_server_said_stands_on_the_page(house: House) -> None:
    """No code: the message, its state and the server's words, without a click."""
    ann = house.add()
    enter(house, ann)
    client = desk(house, CODES)
    client.submit(client.get(path_of(ann, "check-caller")), path_of(ann, "check-caller"))
    page = client.get(path_of(ann))
    assert "Code to be read back to the help desk Queued" in section(page, "messages")
    assert "a•••@northside.example" in section(page, "messages")
    assert "/admin/messages/" not in page.text, "kim may not open it"
    with_messages = desk(house, Permission.MESSAGES, name="bo").get(path_of(ann))
    assert f"/admin/messages?user={ann.id.hex()}" in with_messages.text


def test_keeps_asking_the_reasons_of_each_sign_in_stand_in_full(house: House) -> None:
    """B-1: the device was remembered, but the password changed elsewhere."""
    house.set(house.harbour, "days_to_remember_device", "30")
    phone, client, other = enrolled(house), house.client(), house.client()
    in_with_code(house, client, phone, remember="1")
    in_with_code(house, other, phone)
    typed = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}
    assert other.submit(other.get("/security/password"), "/security/password", **typed).location
    house.clock.forward(MINUTE)
    assert sign_in(client, "ann", OTHER_PASSWORD).location == "/sign-in/code"
    page = desk(house, REMOVE).get(path_of(the_user(house)))
    newest = section(page, "sign-ins")
    assert "Right password, and then no second step" in newest
    assert "After the password a second step was asked:" in newest
    assert "2-Step Verification is on for this account." in newest
    assert "your password changed on" in newest
    assert "The password and the code were both right." in newest
    assert "127.0.0.1" in newest, "addresses of a user's sign-ins are for the help desk to see"


def test_keeps_asking_a_sign_in_that_asked_nothing_says_why_as_well(house: House) -> None:
    house.set(house.harbour, "days_to_remember_device", "30")
    phone, client = enrolled(house), house.client()
    in_with_code(house, client, phone, remember="1")
    client.submit(client.get("/"), "/sign-out")
    assert sign_in(client).location == "/"
    page = desk(house, REMOVE).get(path_of(the_user(house)))
    assert "This device is remembered until" in section(page, "now")


def test_locked_out_until_when_and_why_stand_at_the_top(house: House) -> None:
    ann, client = house.add(), house.client()
    for _ in range(6):
        sign_in(client, "ann", "not the right password")
    page = desk(house, MANAGE).get(path_of(ann))
    now = section(page, "now")
    assert "Too many wrong passwords: sign-in is paused until" in now
    assert "Not locked." not in now
    assert f'class="button" href="{path_of(ann, "unlock")}"' in page.text
    assert "Password not accepted" in section(page, "sign-ins")
    quiet = desk(house, MANAGE, name="bo").get(path_of(house.add("cy")))
    assert "Not locked." in section(quiet, "now")


def test_a_browser_that_is_locked_alone_is_named(house: House) -> None:
    """AC-22: a browser that the account knows has a counter of its own."""
    phone, client = enrolled(house), house.client()
    in_with_code(house, client, phone)
    client.submit(client.get("/"), "/sign-out")
    for _ in range(6):
        sign_in(client, "ann", "not the right password")
    page = desk(house, MANAGE).get(path_of(the_user(house)))
    assert "Only in one browser that this account knows:" in section(page, "now")


# --- what stands there


def test_what_somebody_signs_in_with_is_said_without_its_secrets(house: House) -> None:
    phone, client = enrolled(house), house.client()
    in_with_code(house, client, phone)
    ann = the_user(house)
    enter(house, ann, "ann.of.harbour@northside.example")
    page = desk(house, REMOVE).get(path_of(ann))
    methods = section(page, "methods")
    assert "Password: set" in methods
    assert "Authenticator app: since" in methods
    assert "Recovery codes: none made" in methods
    assert "a•••@northside.example · not confirmed" in methods
    assert "ann.of.harbour" not in page.text
    assert b32encode(phone.key).decode() not in page.text.replace(" ", "")


def test_devices_and_sessions_are_listed_with_where_they_are(house: House) -> None:
    ann, client = house.add(), house.client()
    sign_in(client)
    page = desk(house, CODES).get(path_of(ann))
    assert "Signed in on 1 device." in section(page, "now")
    assert "127.0.0.1" in section(page, "devices")
    assert "Password alone" in section(page, "sessions")
    assert "not remembered: a code is asked there" in section(page, "devices")


def test_a_new_user_has_a_page_that_says_what_will_stand_there(house: House) -> None:
    page = desk(house, MANAGE).get(path_of(house.add()))
    assert "Not signed in anywhere." in section(page, "now")
    assert "Nobody has tried to sign in with this name yet." in section(page, "sign-ins")
    assert "Nothing was sent in the last month." in section(page, "messages")
    assert "None: this user may do nothing to others." in section(page, "permissions")


def test_events_are_told_in_sentences_and_the_log_is_for_whoever_may_read_it(house: House) -> None:
    ann = house.add()
    page = desk(house, MANAGE).get(path_of(ann))
    assert "ann" in section(page, "events")
    assert f"/admin/audit?whom={ann.id.hex()}" not in page.text
    page = desk(house, Permission.AUDIT, name="bo").get(path_of(ann))
    assert f"/admin/audit?whom={ann.id.hex()}" in page.text


def test_a_help_desk_code_that_works_stands_there_and_can_be_withdrawn(house: House) -> None:
    ann, client = house.add(), desk(house, CODES)
    made = do(client, ann, "help-desk-code", reason="lost_phone", minutes="60")
    assert made.status == 200
    page = client.get(path_of(ann))
    assert "For today's work" in section(page, "codes")
    assert "by kim" in section(page, "codes")
    withdraw = next(act for act in offered(page, ann) if act.endswith("/withdraw"))
    assert client.get(path_of(ann, withdraw)).status == 200
    other = desk(house, MANAGE, name="bo").get(path_of(ann))
    assert "For today's work" in section(other, "codes")
    assert "/withdraw" not in other.text


def test_what_holds_now_is_said_first(house: House) -> None:
    ann = house.add()
    users.disable(house.installation, house.harbour, ann)
    page = desk(house, MANAGE).get(path_of(ann))
    assert section(page, "now").startswith("Now Disabled")
    assert "enable" in offered(page, ann)
    assert "disable" not in offered(page, ann)


# --- the menu: only what this administrator may do to this very user


@pytest.mark.parametrize(
    ("held", "acts"),
    [
        ({Permission.AUDIT}, {"permissions"}),
        ({Permission.MESSAGES}, {"permissions"}),
        ({CODES}, {"check-caller", "help-desk-code", "permissions"}),
        ({REMOVE}, {"check-caller", "pause", "remove-two-step", "permissions"}),
    ],
)
def test_what_one_may_not_do_is_not_shown(
    held: set[Permission], acts: set[str], house: House
) -> None:
    enrolled(house)
    ann = the_user(house)
    assert set(offered(desk(house, *held).get(path_of(ann)), ann)) == acts


def test_whoever_manages_users_sees_what_goes_with_it(house: House) -> None:
    ann = house.add()
    acts = set(offered(desk(house, MANAGE).get(path_of(ann)), ann))
    assert acts >= {
        *("check-caller", "edit", "end-sessions", "forget-devices", "password-reset", "unlock"),
        *("disable", "permissions", "export-data", "erase", "addresses/email"),
    }
    assert not acts & {"remove-two-step", "pause", "help-desk-code", "enable"}


def test_what_could_do_nothing_is_not_offered(house: House) -> None:
    ann, client = house.add(), desk(house, *ALL)
    assert not {"pause", "remove-two-step"} & set(offered(client.get(path_of(ann)), ann))
    assert "help-desk-code" in offered(client.get(path_of(ann)), ann)
    users.disable(house.installation, house.harbour, ann)
    assert "help-desk-code" not in offered(client.get(path_of(ann)), ann)


def test_a_second_step_that_must_be_set_up_can_be_paused_as_one_that_is_there(house: House) -> None:
    ann, client = house.add(), desk(house, *ALL)
    house.set(house.harbour, "two_step_verification", "required")
    assert "pause" in offered(client.get(path_of(ann)), ann)
    house.set(house.harbour, "two_step_verification", "optional")
    enrolled(house, "bo")
    bo = the_user(house, "bo")
    assert "pause" in offered(client.get(path_of(bo)), bo)


def test_every_act_that_is_offered_has_a_page(house: House) -> None:
    enrolled(house)
    ann, client = the_user(house), desk(house, *ALL)
    acts = offered(client.get(path_of(ann)), ann)
    assert len(acts) > 12
    assert {act: client.get(path_of(ann, act)).status for act in acts} == dict.fromkeys(acts, 200)


def test_nothing_is_offered_to_do_to_oneself(house: House) -> None:
    client = desk(house, *ALL)
    kim = the_user(house, "kim")
    page = client.get(path_of(kim))
    assert offered(page, kim) == ["permissions"], "which is to read, and to give up"
    assert "This is you." in section(page, "now")


def test_nothing_is_offered_to_do_to_somebody_who_holds_more(house: House) -> None:
    """AC-36: a permission that one lacks is out of reach, and so is whoever holds it."""
    ann = house.add()
    give(house, ann, [Permission.AUDIT])
    page = desk(house, MANAGE, REMOVE, CODES).get(path_of(ann))
    assert offered(page, ann) == ["permissions"]
    assert "This user holds a permission that you do not" in section(page, "now")


def test_a_checked_caller_stands_there_for_a_quarter_of_an_hour(house: House) -> None:
    ann = house.add()
    enter(house, ann)
    client, path = desk(house, CODES), path_of(ann, "check-caller")
    page = client.follow(client.submit(client.get(path), path))
    code = last_code(house.installation, MessageKind.CHECK_CALLER)
    done = client.follow(client.submit(page, f"{path}/read-back", read_back=code))
    assert "Caller checked today" in section(done, "now")
    assert "by kim." in section(done, "now")
    assert "Caller checked" in section(desk(house, MANAGE, name="bo").get(path_of(ann)), "now")
    house.clock.forward(15 * MINUTE)
    assert "Caller checked" not in section(client.get(path_of(ann)), "now")


def test_an_address_that_waits_is_shown_beside_the_one_that_counts(house: House) -> None:
    ann = house.add()
    enter(house, ann)
    client = house.client()
    sign_in(client)
    form = client.get("/security/contacts")
    client.submit(form, "/security/contacts", email="a.new.one@harbour.example")
    assert profile(house.installation, ann)[ContactKind.EMAIL].waits is not None
    methods = section(desk(house, MANAGE).get(path_of(ann)), "methods")
    assert "a•••@harbour.example waits for the code that went there." in methods
