"""Which acts tell their user, and which tell nobody: on real pages, and at a real SMTP server."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import delete, select, update

from tests.helpers.clocks import DAY, MINUTE
from tests.helpers.house import OTHER_PASSWORD, PASSWORD, House, sign_in
from tests.helpers.http import Client
from tests.helpers.owners import (
    CODE,
    Owner,
    an_owner,
    changed_password,
    new_key,
    sign_out,
    turn_off_and_set_up,
)
from tests.helpers.places import a_name, suspect
from tests.helpers.post_office import PostOffice
from tests.helpers.recovery import Holder, a_browser, another, holder
from tests.helpers.senders import ADDRESS, outgoing_to, relay_of
from twostep.core.contacts import ContactKind
from twostep.core.messages import ASKED_FOR, WITH_LINK, MessageKind
from twostep.core.users import User
from twostep.crypto.secret import Secret
from twostep.flows import notices
from twostep.flows.codes import CodeRefused
from twostep.flows.contact_entries import set_for_user
from twostep.flows.password_changes import CurrentPasswordWrong, change_own
from twostep.flows.second_step import second_step
from twostep.flows.sending import Sender
from twostep.storage.database import Connection
from twostep.storage.tables import contacts
from twostep.storage.tables import notices as table

NEW = MessageKind.NEW_DEVICE
REFUSED, LOCKOUT = MessageKind.CODES_REFUSED, MessageKind.LOCKOUT


def told(house: House) -> list[str]:
    """The kinds of all that was told since the last look."""
    return [kind for kind, _ in told_with(house)]


def told_with(house: House) -> list[tuple[str, dict[str, object]]]:
    def act(connection: Connection) -> list[tuple[str, dict[str, object]]]:
        rows = connection.execute(select(table).order_by(table.c.made_at, table.c.kind)).all()
        connection.execute(delete(table))
        return [(row.kind, json.loads(row.data)) for row in rows]

    return house.installation.database.write(act)


@pytest.fixture
def owner(house: House) -> Owner:
    """Somebody with an app, whose setting it up was told already."""
    made = an_owner(house)
    assert told(house) == [MessageKind.SET_UP]
    return made


@pytest.mark.parametrize(
    ("act", "kind"),
    [(changed_password, MessageKind.PASSWORD_CHANGED), (new_key, MessageKind.REPLACED)],
)
def test_a_change_is_told(
    house: House, owner: Owner, act: Callable[[Owner], None], kind: MessageKind
) -> None:
    act(owner)
    told_now = told_with(house)
    assert [each for each, _ in told_now] == [NEW, kind]
    assert told_now[-1][1]["network_address"] == "127.0.0.1"


def test_turning_off_and_setting_up_are_told(house: House, owner: Owner) -> None:
    turn_off_and_set_up(owner, owner.give_code(owner.browser()))
    assert sorted(told(house)) == [NEW, MessageKind.SET_UP, MessageKind.TURNED_OFF]


def test_a_password_that_had_to_be_changed_is_told(house: House) -> None:
    user, client = house.add(), house.client()
    suspect(house, user)
    page = client.follow(sign_in(client))
    done = client.submit(page, "/sign-in/new-password", new_password=OTHER_PASSWORD)
    assert done.location == "/?said=password-saved", done.text
    assert told(house) == [MessageKind.PASSWORD_CHANGED]


def test_what_changed_nothing_is_not_told(house: House) -> None:
    ann = holder(house)
    person = ann.by_app()
    told(house)
    wrong, new = Secret("not the password at all"), Secret(OTHER_PASSWORD)
    outcome = change_own(
        house.installation, house.harbour, person, current=wrong, new=new, browser=a_browser()
    )
    assert isinstance(outcome, CurrentPasswordWrong)
    assert told(house) == []


def test_the_first_browser_of_a_user_is_no_news_and_each_other_one_is_once(house: House) -> None:
    name = a_name()
    house.add(name)
    first, second = house.client(), house.client()
    for client, news in ((first, []), (second, [NEW]), (first, []), (second, [])):
        assert sign_in(client, name).location == "/"
        sign_out(client)
        assert told(house) == news


def test_a_browser_that_was_forgotten_is_a_new_one(house: House) -> None:
    name = a_name()
    house.add(name)
    here, there = house.client(), house.client()
    sign_in(here, name)
    sign_in(there, name)
    told(house)
    csrf = here.get("/security").form("/sign-out").fields["csrf"]
    done = here.post("/security/devices/forget", {"csrf": csrf, "device": "others"})
    assert done.location == "/security?said=devices-forgotten"
    assert sign_in(there, name).location == "/"
    assert told(house) == [NEW]


def test_ac_53_a_browser_that_throws_its_cookies_away_is_told_of_once_a_day(house: House) -> None:
    """AC-53."""
    name = a_name()
    house.add(name)

    def private_windows(number: int) -> list[str]:
        for _ in range(number):
            assert sign_in(house.client(), name).location == "/"
        return told(house)

    # The second is told of as another one: that its cookie is lost, nobody knows by then.
    assert private_windows(9) == [NEW]
    house.clock.forward(DAY)
    assert private_windows(9) == [NEW]


def test_ac_53_passwords_that_are_wrong_are_told_to_nobody(house: House) -> None:
    """AC-53: anybody who knows a name could have us write to its owner."""
    name = a_name()
    house.add(name)
    for _ in range(7):
        sign_in(house.client(), name, "herons waiting tall seven")
        sign_in(house.client(), a_name(), PASSWORD)
    assert told(house) == []


def wrong_codes(owner: Owner, client: Client, number: int) -> None:
    """After the right password."""
    assert owner.first_step(client).location == CODE
    for _ in range(number):
        answer = client.submit(client.get(CODE), CODE, code=owner.phone.wrong_code())
        assert answer.location != "/"


def test_three_wrong_codes_after_a_right_password_are_told_once(house: House, owner: Owner) -> None:
    client = owner.browser()
    wrong_codes(owner, client, 2)
    assert told(house) == []
    client.submit(client.get(CODE), CODE, code=owner.phone.wrong_code())
    assert told(house) == [REFUSED]
    client.submit(client.get(CODE), CODE, code=owner.phone.wrong_code())
    assert told(house) == []
    client.submit(client.get(CODE), CODE, code=owner.phone.wrong_code())
    assert told_with(house)[0][0] == LOCKOUT


def test_each_sign_in_counts_its_wrong_codes_by_itself(house: House, owner: Owner) -> None:
    client = owner.browser()
    wrong_codes(owner, client, 2)
    house.clock.forward(MINUTE)
    wrong_codes(owner, client, 2)
    assert told(house) == []


def test_wrong_codes_for_a_key_that_is_being_set_up_are_told_to_nobody(house: House) -> None:
    name = a_name()
    house.add(name)
    client = house.client()
    sign_in(client, name)
    page = client.follow(client.submit(client.get("/security"), "/security/two-step"))
    for _ in range(4):
        client.submit(page, "/security/two-step/verify", code="000000")
    assert told(house) == []


def test_wrong_codes_all_day_are_told_as_a_password_that_somebody_knows(house: House) -> None:
    ann = holder(house, codes=False)
    told(house)
    for _ in range(20):
        house.clock.forward(31 * MINUTE)
        browser = a_browser()
        outcome = second_step(
            house.installation, ann.waiting(browser), typed=ann.phone.wrong_code(), browser=browser
        )
        assert isinstance(outcome, CodeRefused)
    kinds = told(house)
    assert kinds == [LOCKOUT] * 15 + [MessageKind.PASSWORD_SUSPECT]


def test_recovery_codes_that_are_made_and_used_are_told_with_how_many_are_left(
    house: House,
) -> None:
    ann = holder(house)
    made = [data["first"] for kind, data in told_with(house) if kind == "recovery_codes_made"]
    ann.by_paper()
    used = [data["left"] for kind, data in told_with(house) if kind == "recovery_code_used"]
    assert (made, used) == ([1], [9])


def test_a_pause_of_recovery_codes_is_told(house: House) -> None:
    ann = holder(house)
    told(house)
    for _ in range(5):
        ann.give(another(ann.codes[0]))
    (only,) = told_with(house)
    assert only[0] == LOCKOUT
    assert (only[1]["what"], only[1]["stopped"]) == ("recovery_codes", 0)


def test_a_pause_of_passwords_is_told_to_whoever_is_signed_in(house: House) -> None:
    ann = holder(house)
    person = ann.by_app()
    told(house)
    wrong, new = Secret("not the password at all"), Secret(OTHER_PASSWORD)
    for _ in range(5):
        change_own(
            house.installation, house.harbour, person, current=wrong, new=new, browser=a_browser()
        )
    (only,) = told_with(house)
    assert (only[0], only[1]["what"]) == (LOCKOUT, "passwords")


def reachable(house: House, user: User) -> None:
    """A confirmed address."""
    set_for_user(house.installation, user, ContactKind.EMAIL, ADDRESS, language="en")
    confirmed = update(contacts).values(confirmed_at=house.clock())
    house.installation.database.write(lambda c: c.execute(confirmed).close())


BY_OTHERS = (
    MessageKind.REMOVED,
    MessageKind.TWO_STEP_PAUSED,
    MessageKind.HELP_DESK_CODE,
    MessageKind.PERMISSION_CHANGED,
    MessageKind.PERMISSION_OF_ANOTHER,
    MessageKind.BREAK_GLASS,
)


def all_sorts_of_things(house: House, ann: Holder) -> None:
    """A life, with every kind of notice in it."""
    owner = Owner(house, ann.name, ann.phone)
    new_key(owner)
    changed_password(owner)
    back = owner.give_code(owner.browser())
    page = back.get("/security/password")
    typed = {"current_password": OTHER_PASSWORD, "new_password": PASSWORD}
    assert back.submit(page, "/security/password", **typed).status == 303
    owner.password = PASSWORD
    turn_off_and_set_up(owner, owner.give_code(owner.browser()))
    ann.phone = owner.phone
    house.clock.forward(MINUTE)
    ann.make()
    ann.by_paper()
    set_for_user(house.installation, ann.user, ContactKind.EMAIL, "a@new.example", language="en")
    reachable(house, ann.user)
    whose = ann.environment.id, ann.user.id

    def others_do(connection: Connection) -> None:
        for kind in BY_OTHERS:
            now = house.clock()
            notices.tell(connection, kind, *whose, now=now, visitor=None, by="jo", name="bo")

    house.installation.database.write(others_do)
    wrong_codes(owner, owner.browser(), 5)
    for _ in range(15):
        house.clock.forward(31 * MINUTE)
        wrong_codes(owner, owner.browser(), 1)


def test_ct_15_each_kind_arrives_at_a_real_server(house: House) -> None:
    """CT-15: what a user is told of, as the server had it."""
    ann = holder(house, codes=False)
    reachable(house, ann.user)
    all_sorts_of_things(house, ann)
    with PostOffice() as office:
        sender = Sender(house.installation, outgoing_to(relay_of(office)))
        sender.start()
        sender.stop()
        subjects = {str(mail.message["Subject"]) for mail in office.mails}
    at = "at Harbour Clinic"
    assert subjects == {
        f"2-Step Verification was set up for your account {at}",
        f"2-Step Verification of your account {at} has a new key",
        f"2-Step Verification by app was turned off for your account {at}",
        f"An administrator removed 2-Step Verification from your account {at}",
        f"A new browser signed in to your account {at}",
        f"A recovery code of your account {at} was used",
        f"New recovery codes for your account {at}",
        f"Your password {at} was changed",
        f"Somebody may know your password {at}",
        f"Your address {at} was changed",
        f"Too many wrong tries at your account {at}",
        f"Wrong codes after your password {at}",
        f"An administrator paused 2-Step Verification for your account {at}",
        f"A help-desk code was made for your account {at}",
        f"A permission was taken from you {at}",
        f"A permission was taken from bo {at}",
        f"A break-glass link was made {at}",
    }
    assert len(subjects) == len(set(MessageKind) - ASKED_FOR - WITH_LINK)
