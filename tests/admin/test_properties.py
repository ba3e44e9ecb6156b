"""**System Properties**: who may open it, what it says, and what becomes of what is typed there."""

from __future__ import annotations

import json
import re

import pytest

from tests.helpers.clocks import DAY, MINUTE
from tests.helpers.codes_by_mail import MASKED, allow, confirmed, sent
from tests.helpers.house import OTHER_PASSWORD, PASSWORD, House, enrolled, sign_in
from tests.helpers.http import Client
from tests.helpers.letters import another_code
from tests.helpers.properties import PATH, administrator, fields_of, save, seen_of
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind
from twostep.core.permissions import Permission
from twostep.core.properties import effective, find
from twostep.core.users import User
from twostep.flows import permissions, properties, users

MODE = "two_step_verification"
FROM = "two_step_required_from"
DAYS = "days_to_remember_device"
TICK = "required_at_once_at"
SAVED = f"{PATH}?said=saved"


def holds(house: House, name: str) -> str:
    return effective(properties.stored_of(house.installation, house.harbour.id), name).value


def changes(house: House) -> int:
    return len(recorded(house.installation, house.harbour, EventKind.PROPERTY_CHANGED))


def user_named(house: House, name: str) -> User:
    found = users.find(house.installation, house.harbour, name)
    assert found is not None
    return found


def text_of(html: str) -> str:
    """The page's words without its tags, blanks joined."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split()).replace("&#39;", "'")


# --- who may (CT-14)


def test_the_menu_leads_whoever_holds_the_permission_to_the_page(house: House) -> None:
    home = administrator(house).get("/")
    words = text_of(home.text)
    assert "Security Authentication Settings System Properties" in words.split("System Admin")[1]
    assert f'href="{PATH}#authentication"' in home.text
    assert f'href="{PATH}"' in home.text


def test_nobody_else_sees_an_entry_or_gets_the_page(house: House) -> None:
    house.add("cy")
    client = house.client()
    sign_in(client, "cy")
    home = client.get("/")
    assert "System Admin" not in home.text
    assert client.get(PATH).status == 403
    token = home.form("/sign-out").fields["csrf"]
    seen = fields_of(administrator(house).get(PATH))["seen"]
    answer = client.post(PATH, {"csrf": token, "seen": seen, DAYS: "0"})
    assert answer.status == 403
    assert "not open to you" in answer.text
    assert holds(house, DAYS) == "30"


def test_other_permissions_do_not_open_it(house: House) -> None:
    user = house.add("cy")
    for permission in set(Permission) - {Permission.SYSTEM_PROPERTIES}:
        permissions.grant(house.installation, house.harbour, user, permission)
    client = house.client()
    sign_in(client, "cy")
    assert "System Properties" not in client.get("/").text
    assert client.get(PATH).status == 403


def test_a_permission_that_was_taken_away_is_gone_at_the_next_click(house: House) -> None:
    client = administrator(house)
    page = client.get(PATH)
    user = user_named(house, "ann")
    permissions.revoke(house.installation, house.harbour, user, Permission.SYSTEM_PROPERTIES)
    assert save(client, page, **{DAYS: "7"}).status == 403
    assert client.get(PATH).status == 403
    assert "System Properties" not in client.get("/").text


def test_a_stranger_is_sent_to_the_sign_in_page_and_comes_back(house: House) -> None:
    stranger = house.client()
    assert stranger.get(PATH).location == f"/sign-in?going_to={PATH}&said=sign-in-first"
    assert stranger.post(PATH, {DAYS: "0"}).location == "/sign-in?said=sign-in-first"
    assert holds(house, DAYS) == "30"


def test_a_holder_of_another_environment_is_a_stranger_here(house: House) -> None:
    """I-15: the cookie, and the permission with it, end at the border."""
    house.set(house.northside, MODE, "optional")
    northside = administrator(house, "nora", house.northside)
    assert northside.get(PATH).status == 200
    here = house.client()
    here.cookies.update(northside.cookies)
    assert (here.get(PATH).location or "").startswith("/sign-in")
    form = fields_of(northside.get(PATH))
    assert (here.post(PATH, form | {DAYS: "0"}).location or "").startswith("/sign-in")
    assert holds(house, DAYS) == "30"
    assert save(northside, **{DAYS: "0"}).location == SAVED
    assert holds(house, DAYS) == "30", "what is saved there holds there"


def test_a_form_of_another_session_is_refused(house: House) -> None:
    ann, bo = administrator(house), administrator(house, "bo")
    theirs = fields_of(bo.get(PATH))
    assert ann.post(PATH, theirs | {DAYS: "0"}).status == 403
    assert holds(house, DAYS) == "30"


# --- what it says


def test_the_page_shows_what_holds_with_its_help_default_and_bounds(house: House) -> None:
    """CT-10, CS-3: each under its own words, the other name in the help."""
    page = administrator(house).get(PATH)
    shown = fields_of(page)
    assert (shown[MODE], shown[DAYS], shown["remember_this_device"]) == ("optional", "30", "ask")
    words = text_of(page.text)
    for part in (
        "Two-Step Verification",
        "Days to Remember Device",
        "Also called TFA Code Expiration Days. From 0 to 365. Default: 30.",
        "0 hides the tick box",
        "From 8 to 64. Default: 15.",
        "Not changed: this is the default.",
        "1 person here has none yet.",
    ):
        assert part in words
    assert "<details" in page.text


def test_it_says_where_a_value_comes_from_and_who_changed_it_when(house: House) -> None:
    client = administrator(house)
    save(client, **{DAYS: "7"})
    properties.set_default(house.installation, find("support_contact"), "Ask Kim")
    properties.set_floor(house.installation, find("session_hours"), "8")
    words = text_of(client.get(PATH).text)
    assert "The environment's own value, changed by ann, today 00:00 UTC ." in words
    assert "The installation's default, set by the operator, today 00:00 UTC ." in words
    assert "The floor of the installation, set by the operator, today 00:00 UTC ." in words


def test_a_floor_is_said_and_clamps_what_stands_in_the_field(house: House) -> None:
    client = administrator(house)
    properties.set_floor(house.installation, find("password_minimum_length"), "20")
    properties.set_floor(house.installation, find(DAYS), "14")
    properties.set_floor(house.installation, find(MODE), "optional")
    properties.set_floor(house.installation, find("remember_this_device"), "ask")
    page = client.get(PATH)
    shown = fields_of(page)
    assert (shown["password_minimum_length"], shown[DAYS]) == ("20", "14")
    words = text_of(page.text)
    assert "From 20 to 64. Default: 15. The installation asks for at least 20." in words
    assert "From 0 to 14. Default: 30. The installation allows 14 at most." in words
    assert page.text.count(" disabled>") == 2, "Off, and Always"


@pytest.mark.parametrize(
    ("name", "floor", "typed", "told"),
    [
        ("password_minimum_length", "20", "19", "The installation asks for at least 20."),
        (DAYS, "14", "15", "The installation allows 14 at most."),
        (MODE, "optional", "off", "The installation asks for something stricter."),
        ("remember_this_device", "ask", "always", "The installation asks for something stricter."),
        (FROM, "2026-05-01", "2026-05-02", "The installation asks for 2026-05-01 or an earlier"),
    ],
)
def test_what_is_laxer_than_the_floor_is_refused_with_the_reason(
    house: House, name: str, floor: str, typed: str, told: str
) -> None:
    client = administrator(house)
    properties.set_floor(house.installation, find(name), floor)
    before = changes(house)
    answer = save(client, **{name: typed})
    assert answer.status == 422
    assert told in text_of(answer.text)
    assert changes(house) == before


# --- saving


def test_what_was_typed_is_saved_and_said(house: House) -> None:
    client = administrator(house)
    answer = save(
        client,
        **{
            MODE: "required",
            FROM: "2026-05-01",
            DAYS: " 7 ",
            "remember_this_device": "always",
            "password_minimum_length": "20",
            "session_idle_minutes": "30",
            "session_hours": "8",
            "support_contact": "Desk 3",
            "support_link": "mailto:it@harbour.example",
        },
    )
    assert answer.location == SAVED
    page = client.follow(answer)
    assert "Saved." in page.text
    shown = fields_of(page)
    assert (shown[MODE], shown[FROM], shown[DAYS]) == ("required", "2026-05-01", "7")
    assert shown["support_link"] == "mailto:it@harbour.example"
    assert changes(house) == 9
    assert 'href="mailto:it@harbour.example"' in page.text, "CS-9: at the foot of the page"


def test_nothing_touched_is_nothing_saved(house: House) -> None:
    client = administrator(house)
    assert save(client).location == f"{PATH}?said=nothing-changed"
    assert changes(house) == 0


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        (DAYS, "366", "Type a whole number from 0 to 365."),
        (DAYS, "many", "Type a whole number from 0 to 365."),
        (DAYS, "", "Type a whole number from 0 to 365."),
        (MODE, "sometimes", "Choose one of these."),
        (FROM, "1 May", "Type a day as year, month and day, such as 2026-05-01."),
        (FROM, "2025-12-31", "This day is over."),
        ("support_contact", "x" * 121, "Use at most 120 characters."),
        ("support_contact", "a\u200bb", "This contains a sign that cannot be shown."),
        ("support_link", "javascript:alert(1)", "A link begins with https://"),
    ],
)
def test_bad_input_keeps_everything_that_was_typed_and_names_the_field(
    house: House, name: str, typed: str, told: str
) -> None:
    client = administrator(house)
    other = "session_hours" if name != "session_hours" else DAYS
    answer = save(client, **{name: typed, other: "9"})
    assert answer.status == 422
    assert told in text_of(answer.text)
    assert f'id="{name}-error"' in answer.text
    shown = fields_of(answer)
    assert shown[other] == "9"
    if name != MODE:
        assert shown[name] == typed
    assert changes(house) == 0
    first_shown = str(seen_of(answer)[name][1])
    mended = save(client, answer, **{name: first_shown})
    assert mended.location == SAVED, "what was typed beside it goes on from there"
    assert holds(house, other) == "9"


def test_several_mistakes_are_gathered_with_the_names_of_their_fields(house: House) -> None:
    answer = save(administrator(house), **{DAYS: "-1", "support_link": "x"})
    assert "Days to Remember Device : Type a whole number" in text_of(answer.text)
    assert '<details class="more" open>' in answer.text


def test_today_is_a_day_to_require_it_from_and_a_day_that_passed_may_stay(house: House) -> None:
    client = administrator(house)
    house.clock.forward(MINUTE)
    assert save(client, **{MODE: "optional", FROM: "2026-01-01"}).location == SAVED
    house.clock.forward(2 * DAY)
    client = administrator(house, "bo")
    assert save(client, **{DAYS: "7"}).location == SAVED


def test_fields_that_no_form_of_ours_has_are_refused(house: House) -> None:
    client = administrator(house)
    form = fields_of(client.get(PATH))
    for more in (
        {"favourite_colour": "teal"},
        {"seen": "{}"},
        {"seen": "[" * 2600},
        {"seen": "x" * 8001},
    ):
        assert client.post(PATH, form | {DAYS: "7"} | more).status == 400
    seen = json.loads(form["seen"])
    for wrong in (None, [], [1], ["1", "30"], [True, "30"], [1, 30]):
        twisted = json.dumps(seen | {DAYS: wrong})
        assert client.post(PATH, form | {"seen": twisted, DAYS: "7"}).status == 400
    assert changes(house) == 0


def test_a_field_that_comes_twice_is_refused(house: House) -> None:
    client = administrator(house)
    form = fields_of(client.get(PATH))
    answer = client.post(PATH, [*form.items(), (DAYS, "7")])
    assert answer.status == 400
    assert "twice over" in answer.text
    assert changes(house) == 0


def test_a_property_that_a_form_does_not_have_is_left_alone(house: House) -> None:
    client = administrator(house)
    save(client, support_contact="Desk 3")
    form = fields_of(client.get(PATH))
    few = {name: form[name] for name in ("csrf", "seen")} | {DAYS: "7"}
    assert client.post(PATH, few).location == SAVED
    assert (holds(house, DAYS), holds(house, "support_contact")) == ("7", "Desk 3")


# --- a stale form


def test_a_stale_form_loses_and_both_values_are_shown(house: House) -> None:
    ann, bo = administrator(house), administrator(house, "bo")
    page = ann.get(PATH)
    save(bo, **{DAYS: "14"})
    before = changes(house)
    answer = save(ann, page, **{DAYS: "3", "session_hours": "9"})
    assert answer.status == 409
    words = text_of(answer.text)
    assert "nothing was saved" in words
    assert "bo changed this to “14”, today 00:00 UTC . You wanted “3”." in words
    shown = fields_of(answer)
    assert (shown[DAYS], shown["session_hours"]) == ("14", "9")
    assert changes(house) == before
    assert save(ann, answer).location == SAVED, "the second form knows what the first did not"
    assert (holds(house, DAYS), holds(house, "session_hours")) == ("14", "9")


def test_whoever_insists_sees_the_newer_value_first(house: House) -> None:
    ann, bo = administrator(house), administrator(house, "bo")
    page = ann.get(PATH)
    save(bo, **{MODE: "required"})
    answer = save(ann, page, **{MODE: "off"})
    assert "bo changed this to “Required”" not in text_of(answer.text), "first: does she mean it?"
    answer = ann.submit(answer, PATH)
    assert answer.status == 409
    assert "bo changed this to “Required”, today 00:00 UTC . You wanted “Off”." in text_of(
        answer.text
    )
    assert holds(house, MODE) == "required"


def test_what_the_form_left_alone_keeps_what_somebody_else_has_saved(house: House) -> None:
    ann, bo = administrator(house), administrator(house, "bo")
    page = ann.get(PATH)
    save(bo, **{DAYS: "14"})
    assert save(ann, page, session_hours="9").location == SAVED
    assert (holds(house, DAYS), holds(house, "session_hours")) == ("14", "9")


def test_a_mistake_in_between_does_not_hide_what_somebody_else_has_saved(house: House) -> None:
    """The second form still carries what the first was shown of the fields that were touched."""
    ann, bo = administrator(house), administrator(house, "bo")
    page = ann.get(PATH)
    save(bo, **{DAYS: "14"})
    wrong = save(ann, page, **{DAYS: "3", "session_hours": "99"})
    assert wrong.status == 422
    assert save(ann, wrong, session_hours="9").status == 409
    assert holds(house, DAYS) == "14"


def test_the_operator_is_named_as_such(house: House) -> None:
    client = administrator(house)
    page = client.get(PATH)
    properties.set_in_environment(house.installation, house.harbour, find(DAYS), "14")
    words = text_of(save(client, page, **{DAYS: "3"}).text)
    assert "The operator changed this to “14”, today 00:00 UTC . You wanted “3”." in words


def test_a_form_that_is_sent_twice_is_saved_once(house: House) -> None:
    client = administrator(house)
    page = client.get(PATH)
    assert save(client, page, **{DAYS: "7"}).location == SAVED
    assert save(client, page, **{DAYS: "7"}).location == f"{PATH}?said=nothing-changed"
    assert changes(house) == 1


# --- a fresh proof


def test_the_proof_is_asked_when_the_page_is_opened(house: House) -> None:
    client = administrator(house)
    house.clock.forward(5 * MINUTE + 1)
    asked = client.get(PATH)
    assert asked.location == "/security/confirm?act=properties"
    page = client.follow(asked)
    assert "You are about to open System Properties." in text_of(page.text)
    answer = client.submit(page, "/security/confirm", password=PASSWORD)
    assert answer.location == PATH
    assert client.get(PATH).status == 200


def test_a_proof_that_went_stale_is_asked_again_and_nothing_typed_is_lost(house: House) -> None:
    client = administrator(house)
    page = client.get(PATH)
    house.clock.forward(5 * MINUTE + 1)
    asked = save(client, page, **{DAYS: "7", "support_contact": "Desk “3” <b>"})
    assert asked.status == 200
    assert "Is it you?" in asked.text
    assert "not saved yet" in asked.text
    assert changes(house) == 0
    wrong = client.submit(asked, PATH, password=OTHER_PASSWORD)
    assert wrong.status == 403
    assert "not your current password" in wrong.text
    empty = client.submit(wrong, PATH, password="")
    assert empty.status == 403
    assert "Type your password." in empty.text
    old = client.twin()
    done = client.submit(empty, PATH, password=PASSWORD)
    assert done.location == SAVED
    assert (holds(house, DAYS), holds(house, "support_contact")) == ("7", "Desk “3” <b>")
    assert client.get(PATH).status == 200
    assert old.get("/").status == 303, "the proof gave this browser a new token"


def test_whoever_has_a_second_step_shows_that(house: House) -> None:
    phone = enrolled(house)
    user = user_named(house, "ann")
    permissions.grant(house.installation, house.harbour, user, Permission.SYSTEM_PROPERTIES)
    client = house.client()
    sign_in(client)
    client.submit(client.get("/sign-in/code"), "/sign-in/code", code=phone.code())
    page = client.get(PATH)
    house.clock.forward(6 * MINUTE)
    asked = save(client, page, **{DAYS: "7"})
    assert "Verification code" in asked.text
    assert client.submit(asked, PATH, password=PASSWORD).status == 403, "a password is not enough"
    assert changes(house) == 0
    wrong = client.submit(asked, PATH, code=phone.wrong_code())
    assert wrong.status == 403
    assert client.submit(wrong, PATH, code=phone.code()).location == SAVED


def test_an_administrator_with_codes_alone_is_sent_one_and_nothing_typed_is_lost(
    house: House,
) -> None:
    """The page was open for a while: the answer to **Save** sends the code that it asks for."""
    allow(house, house.harbour)
    confirmed(house, house.add("robin", administrator=True))
    client = house.client()
    sign_in(client, "robin")
    client.submit(client.get("/security/two-step/codes"), "/security/two-step/codes")
    page = client.follow(client.follow(client.get(PATH)))
    page = client.follow(client.submit(page, "/security/confirm/sent-code/send"))
    client.submit(page, "/security/confirm/sent-code", code=sent(house))
    opened = client.get(PATH)
    house.clock.forward(6 * MINUTE)
    asked = save(client, opened, **{DAYS: "7"})
    assert f"We sent a 6-digit code to {MASKED}." in asked.text
    assert 'value="7"' in asked.text
    wrong = client.submit(asked, PATH, code=another_code(sent(house)))
    assert wrong.status == 403
    assert client.submit(wrong, PATH, code=sent(house)).location == SAVED
    assert holds(house, DAYS) == "7"


def test_five_wrong_proofs_end_the_session(house: House) -> None:
    client = administrator(house)
    page = client.get(PATH)
    house.clock.forward(6 * MINUTE)
    asked = save(client, page, **{DAYS: "7"})
    for _ in range(4):
        asked = client.submit(asked, PATH, password=OTHER_PASSWORD)
    over = client.submit(asked, PATH, password=OTHER_PASSWORD)
    assert over.location == "/sign-in?said=session-ended"
    assert client.get("/").status == 303
    assert changes(house) == 0


def test_a_conflict_that_comes_with_the_proof_is_shown_under_the_new_token(house: House) -> None:
    ann, bo = administrator(house), administrator(house, "bo")
    page = ann.get(PATH)
    save(bo, **{DAYS: "14"})
    house.clock.forward(6 * MINUTE)
    asked = save(ann, page, **{DAYS: "3", "session_hours": "9"})
    answer = ann.submit(asked, PATH, password=PASSWORD)
    assert answer.status == 409
    assert save(ann, answer).location == SAVED
    assert (holds(house, DAYS), holds(house, "session_hours")) == ("14", "9")


# --- off


def test_off_is_saved_only_after_the_words_of_what_it_means(house: House) -> None:
    """CT-11, AC-29."""
    enrolled(house, "cy")
    client = administrator(house)
    asked = save(client, **{MODE: "off", DAYS: "7"})
    assert asked.status == 200
    words = text_of(asked.text)
    assert "Switch off 2-Step Verification?" in words
    assert "nobody is asked for a code" in words
    assert "1 person has a second step today." in words
    assert "Their keys stay." in words
    assert changes(house) == 0
    assert client.submit(asked, PATH).location == SAVED
    assert (holds(house, MODE), holds(house, DAYS)) == ("off", "7")


def test_off_in_a_stale_session_takes_both(house: House) -> None:
    client = administrator(house)
    page = client.get(PATH)
    house.clock.forward(6 * MINUTE)
    asked = save(client, page, **{MODE: "off"})
    assert "Switch off 2-Step Verification?" in asked.text
    assert 'name="password"' in asked.text
    assert client.submit(asked, PATH, password=PASSWORD).location == SAVED
    assert holds(house, MODE) == "off"


def test_off_that_stands_already_asks_nothing(house: House) -> None:
    client = administrator(house)
    house.set(house.harbour, MODE, "off")
    assert save(client, **{DAYS: "7"}).location == SAVED


# --- required from a day, and at once


def announced(client: Client) -> str | None:
    """What the home page says of the day."""
    words = text_of(client.get("/").text)
    return words if "You need a second step from" in words else None


def test_the_day_is_announced_to_those_whom_it_will_meet(house: House) -> None:
    """B-3's first piece."""
    phone = enrolled(house, "cy")
    admin = administrator(house)
    assert announced(admin) is None
    save(admin, **{MODE: "required", FROM: "2026-05-01"})
    assert "from 1 May on" in (announced(admin) or "")
    assert sign_in(house.client()).location == "/", "optional until then"
    has_one = house.client()
    sign_in(has_one, "cy")
    has_one.submit(has_one.get("/sign-in/code"), "/sign-in/code", code=phone.code())
    assert has_one.get("/").status == 200
    assert announced(has_one) is None


def test_from_the_day_on_nobody_without_a_second_step_gets_further_than_set_up(
    house: House,
) -> None:
    save(administrator(house), **{MODE: "required", FROM: "2026-01-03"})
    house.clock.forward(2 * DAY - 1)
    early = house.client()
    assert sign_in(early).location == "/"
    house.clock.forward(1)
    assert early.get("/").status == 200, "live sessions finish"
    assert sign_in(house.client()).location == "/sign-in/set-up"


def test_at_once_on_a_day_to_come_meets_those_who_are_signed_in_then(house: House) -> None:
    admin = administrator(house)
    save(admin, **{MODE: "required", FROM: "2026-01-03", TICK: "on"})
    assert TICK in fields_of(admin.get(PATH)), "the tick still stands"
    house.clock.forward(2 * DAY - MINUTE)
    early = house.client()
    sign_in(early)
    assert early.get("/").status == 200
    house.clock.forward(MINUTE)
    assert early.get("/").location == "/sign-in/set-up?said=required-at-once"


def test_the_tick_is_gone_when_it_was_taken_away(house: House) -> None:
    admin = administrator(house)
    save(admin, **{MODE: "required", FROM: "2026-01-03", TICK: "on"})
    assert save(admin, **{TICK: ""}).location == SAVED
    house.clock.forward(2 * DAY - MINUTE)
    early = house.client()
    sign_in(early)
    house.clock.forward(2 * MINUTE)
    assert early.get("/").status == 200
