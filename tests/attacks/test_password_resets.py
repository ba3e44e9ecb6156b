"""A forgotten password lets nobody in, and tells nobody anything."""

from __future__ import annotations

import pytest

from tests.helpers.clocks import HOUR, MINUTE
from tests.helpers.codes_by_mail import allow, confirmed, enter
from tests.helpers.house import OTHER_PASSWORD, PASSWORD, House, sign_in
from tests.helpers.letters import letters
from tests.helpers.owners import an_owner, sign_out
from tests.helpers.places import disable, signed_in, suspect
from tests.helpers.recorded import recorded
from tests.helpers.resets import FORGOT, answered, ask, choose, link_for, links, path_of
from tests.helpers.statements import statements
from twostep.core.audit import EventKind
from twostep.core.contacts import ContactKind
from twostep.core.lockouts import Purpose
from twostep.core.messages import MessageKind
from twostep.core.users import User
from twostep.flows import users
from twostep.flows.contact_entries import set_for_user
from twostep.flows.lockouts import standing_of
from twostep.flows.notice_expansion import expand
from twostep.storage.tables import attempts, passwords

ANN = "ann@harbour.example"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What two do at once, on both kinds, stands with the flow: nothing else here differs."""
    return sqlite_url


@pytest.fixture
def ann(house: House) -> User:
    """A user with a confirmed address."""
    user = house.add("ann")
    confirmed(house, user, ANN)
    return user


def outcomes(house: House) -> list[object]:
    kind = EventKind.PASSWORD_RESET_ASKED
    events = recorded(house.installation, house.harbour, kind)
    return [event.about["outcome"] for event in events]


def test_ac_33_ac_26_a_reset_signs_nobody_in_and_ends_all_of_the_old_password(
    house: House,
) -> None:
    of = an_owner(house)
    user = users.find(house.installation, house.harbour, of.name)
    assert user is not None
    confirmed(house, user, ANN)
    remembered = of.remembered()
    live, pending = of.give_code(of.browser()), of.browser()
    of.first_step(pending)
    thief = house.client()
    done = choose(thief, link_for(house, of.name))
    assert done.location == "/sign-in?said=password-reset"
    assert "__Host-sess" not in thief.cookies
    assert "__Host-pend" not in thief.cookies
    assert thief.get("/").location != "/"
    assert (live.get("/security").location or "").startswith("/sign-in")
    assert pending.get("/sign-in/code").location is not None
    of.password = OTHER_PASSWORD
    assert of.asked(remembered)
    assert of.asked(of.browser())


def test_ac_33_the_five_minutes_after_a_code_end_with_a_reset(house: House) -> None:
    of = an_owner(house)
    user = users.find(house.installation, house.harbour, of.name)
    assert user is not None
    confirmed(house, user, ANN)
    client = of.give_code(of.browser())
    sign_out(client)
    choose(house.client(), link_for(house, of.name))
    of.password = OTHER_PASSWORD
    assert of.asked(client)


def test_ac_33_every_address_is_told(house: House, ann: User) -> None:
    set_for_user(house.installation, ann, ContactKind.PHONE, "+12125552368", language="en")
    house.clock.forward(25 * HOUR)
    choose(house.client(), link_for(house, "ann"))
    expand(house.installation, now=house.clock(), most=9)
    told = letters(house.installation, MessageKind.PASSWORD_CHANGED)
    assert [letter.to for letter in told] == [ANN]


def test_ac_18_a_reset_ends_the_pause_of_passwords_and_no_other(house: House, ann: User) -> None:
    """Somebody who reads the mailbox gets no further tries at codes."""
    for purpose in (Purpose.PASSWORD, Purpose.SECOND_STEP, Purpose.RECOVERY_CODE):
        wrong_tries(house, ann, purpose)
    choose(house.client(), link_for(house, "ann"))

    def held(purpose: Purpose) -> bool:
        found = house.installation.database.read(
            lambda c: standing_of(
                c, house.installation, house.harbour.id, ann.id, purpose, now=house.clock()
            )
        )
        return not found.open_now

    assert not held(Purpose.PASSWORD)
    assert held(Purpose.SECOND_STEP)
    assert held(Purpose.RECOVERY_CODE)


def wrong_tries(house: House, user: User, purpose: Purpose) -> None:
    house.installation.database.write(
        lambda connection: connection.execute(
            attempts.insert(),
            [
                {
                    "environment_id": user.environment_id,
                    "id": number.to_bytes(15, "big") + purpose.encode()[:1],
                    "subject": user.id,
                    "purpose": purpose.value,
                    "state": "failed",
                    "browser_id": bytes(32),
                    "network": bytes(8),
                    "wider_network": bytes(8),
                    "started_at": house.clock() - 1,
                }
                for number in range(12)
            ],
        )
    )


def test_r_25_a_link_works_once_and_for_what_it_was_made(house: House, ann: User) -> None:
    path = link_for(house, "ann")
    assert house.client().get(path.replace("/reset/", "/invitation/")).status == 410
    assert house.client().get(path.replace("/reset/", "/welcome/")).status == 410
    assert house.client(house.northside).get(path).status == 410
    assert choose(house.client(), path).status == 303
    assert choose(house.client(), path, PASSWORD).status == 410
    assert sign_in(house.client(), "ann", OTHER_PASSWORD).location == "/"


def test_ac_33_of_two_links_the_first_that_is_used_makes_the_other_void(
    house: House, ann: User
) -> None:
    first, second = link_for(house, "ann"), link_for(house, "ann")
    assert choose(house.client(), first).status == 303
    assert house.client().get(second).status == 410
    assert choose(house.client(), second, PASSWORD).status == 410


def test_a_change_of_the_password_makes_every_link_void(house: House, ann: User) -> None:
    path, client = link_for(house, "ann"), house.client()
    assert sign_in(client, "ann").location == "/"
    page = client.get("/security/password")
    client.submit(
        page, "/security/password", current_password=PASSWORD, new_password=OTHER_PASSWORD
    )
    assert house.client().get(path).status == 410


def test_a_link_is_good_for_half_an_hour_and_a_look_spends_nothing(house: House, ann: User) -> None:
    path = link_for(house, "ann")
    for _ in range(3):
        assert house.client().get(path).status == 200
    house.clock.forward(30 * MINUTE - 1)
    assert house.client().get(path).status == 200
    house.clock.forward(1)
    assert house.client().get(path).status == 410


def test_a_link_dies_with_the_address_that_it_was_sent_to(house: House, ann: User) -> None:
    """An old mailbox that somebody else reads by now (AC-31)."""
    path = link_for(house, "ann")
    set_for_user(house.installation, ann, ContactKind.EMAIL, "new@harbour.example", language="en")
    assert house.client().get(path).status == 410


def test_a_link_dies_with_the_account(house: House, ann: User) -> None:
    path = link_for(house, "ann")
    disable(house, ann)
    assert choose(house.client(), path).status == 410
    users.enable(house.installation, house.harbour, ann)
    assert choose(house.client(), path).status == 410


def test_ac_31_no_link_goes_to_an_address_that_an_administrator_has_just_entered(
    house: House,
) -> None:
    user = house.add("ann")
    enter(house, user, ANN)
    ask(house, "ann")
    assert answered(house) == 0
    house.clock.forward(24 * HOUR - 1)
    ask(house, ANN)
    assert answered(house) == 0
    house.clock.forward(1)
    ask(house, "ann")
    assert answered(house) == 1
    assert outcomes(house) == ["address_new", "address_new", "sent"]


def test_ac_31_nor_after_they_have_entered_any_other_address(house: House, ann: User) -> None:
    house.clock.forward(48 * HOUR)
    set_for_user(house.installation, ann, ContactKind.PHONE, "+12125552368", language="en")
    ask(house, "ann")
    assert answered(house) == 0
    assert outcomes(house) == ["address_new"]


def test_an_address_that_waits_to_be_confirmed_gets_no_link(house: House) -> None:
    client = signed_in(house, "ann")
    page = client.get("/security/contacts")
    csrf = page.form("/sign-out").fields["csrf"]
    client.post("/security/contacts", {"csrf": csrf, "kind": "email", "email": ANN})
    for typed in ("ann", ANN):
        ask(house, typed)
    assert answered(house) == 0
    assert set(outcomes(house)) == {"no_address", "nobody"}


def test_r_37_one_mailbox_is_never_both_steps(house: House) -> None:
    """Whose codes go to the mailbox gets no link there; whoever has an app beside it does."""
    allow(house, house.northside)
    user = house.add("ann", house.northside)
    confirmed(house, user, "ann@northside.example")
    ask(house, "ann", house.northside)
    assert answered(house) == 0
    of = an_owner(house, house.northside)
    with_app = users.find(house.installation, house.northside, of.name)
    assert with_app is not None
    confirmed(house, with_app, "app@northside.example")
    path = link_for(house, of.name, house.northside)
    assert choose(house.client(house.northside), path).status == 303
    of.password = OTHER_PASSWORD
    assert of.asked(of.browser())


def test_r_37_nor_where_the_mailbox_is_written_as_that_of_a_gateway(house: House) -> None:
    allow(house, house.northside)
    user = house.add("ann", house.northside)
    confirmed(house, user, ANN)
    set_for_user(house.installation, user, ContactKind.SMS_EMAIL, ANN, language="en")
    house.clock.forward(25 * HOUR)
    ask(house, ANN, house.northside)
    assert answered(house) == 0


ACCOUNTS = ("ann", ANN, "ghost", "ghost@harbour.example", "nomail", "noword", "gone", "both")


def made(house: House, ann: User) -> None:
    """The kinds of account that there are. ``ann`` gets a link, and nobody else."""
    house.add("nomail")
    without, gone = house.add("noword"), house.add("gone")
    confirmed(house, without, "noword@harbour.example")
    confirmed(house, gone, "gone@harbour.example")
    disable(house, gone)
    house.installation.database.write(
        lambda c: c.execute(
            passwords.delete().where(
                passwords.c.environment_id == without.environment_id,
                passwords.c.user_id == without.id,
            )
        )
    )


def test_ac_20_the_answer_and_the_work_are_the_same_whoever_there_is(
    house: House, ann: User
) -> None:
    made(house, ann)
    ask(house, "warmup")
    seen = {}
    for typed in ACCOUNTS:
        client = house.client()
        page = client.get(FORGOT)
        with statements() as heard:
            answer = client.submit(page, FORGOT, user_name=typed)
        headers = [(key, value) for key, value in answer.headers if key not in {"date"}]
        headers = [(key, value) for key, value in headers if "nonce-" not in value]
        seen[typed] = (answer.status, answer.location, len(answer.body), headers, heard)
    assert {typed for typed, what in seen.items() if what != seen["ghost"]} == set()
    assert answered(house) == 2
    told = [str(letter.data["user_name"]) for letter in letters(house.installation)]
    assert set(told) == {"ann"}


def test_nothing_is_sent_to_whoever_has_nothing_to_set_anew(house: House, ann: User) -> None:
    made(house, ann)
    for typed in ACCOUNTS[2:]:
        ask(house, typed)
    assert answered(house) == 0
    expected = ["nobody", "nobody", "no_address", "no_password", "disabled", "nobody"]
    assert sorted(map(str, outcomes(house))) == sorted(expected)


def test_ac_53_an_address_gets_three_in_six_hours_whoever_asks_however(
    house: House, ann: User
) -> None:
    other = house.add("bo")
    confirmed(house, other, ANN.upper().lower())
    for typed in ("ann", ANN, "ann", "bo", ANN):
        ask(house, typed)
        answered(house)
    assert len(links(house)) == 3
    house.clock.forward(6 * HOUR)
    assert link_for(house, "ann")


def test_a_flood_of_requests_is_held_back_by_its_network_alone(house: House, ann: User) -> None:
    client = house.client()
    page = client.get(FORGOT)
    slow_from = house.installation.limits.network.slow_from
    answers = [
        client.submit(page, FORGOT, user_name=f"user{number}").status
        for number in range(slow_from + 1)
    ]
    assert answers == [303] * slow_from + [429]
    found = house.installation.database.read(
        lambda c: standing_of(
            c, house.installation, house.harbour.id, ann.id, Purpose.PASSWORD, now=house.clock()
        )
    )
    assert found.counted == 0


def test_ac_54_the_link_leads_to_the_environment_whatever_the_request_says(
    house: House, ann: User
) -> None:
    client = house.client()
    fields = client.get(FORGOT).form(FORGOT).fields | {"user_name": "ann"}
    headers = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    assert client.post(FORGOT, fields, headers).status == 303
    assert answered(house) == 1
    assert links(house)[0].startswith(f"{house.harbour.primary}/reset/")
    assert path_of(links(house)[0]).count("/") == 2


def test_r_40_a_get_asks_for_nothing(house: House, ann: User) -> None:
    house.client().get(f"{FORGOT}?user_name=ann")
    house.client().get(f"{FORGOT}/sent")
    assert answered(house) == 0


def test_a_reset_forgets_that_somebody_else_knew_the_old_password(house: House, ann: User) -> None:
    suspect(house, ann)
    assert sign_in(house.client(), "ann").location == "/sign-in/new-password"
    choose(house.client(), link_for(house, "ann"))
    assert sign_in(house.client(), "ann", PASSWORD).status == 403
    assert sign_in(house.client(), "ann", OTHER_PASSWORD).location == "/"
