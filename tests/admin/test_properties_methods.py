"""**System Properties**: which methods are allowed, the codes that are sent, and what the page asks
before it saves what takes something from people (CS-2, CS-3, CS-6, D-03)."""

from __future__ import annotations

import pytest

from tests.admin.test_properties import text_of
from tests.helpers.house import House, enrolled
from tests.helpers.http import Answer, Client
from tests.helpers.properties import PATH, administrator, fields_of, save
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind
from twostep.core.contacts import ContactKind
from twostep.core.properties import effective, find
from twostep.flows import contact_entries, properties

MODE = "two_step_verification"
APP, PAPER = "allow_authenticator", "allow_recovery_codes"
TEXT, EMAIL = "allow_text_codes", "allow_email_codes"
LENGTH, MINUTES = "tfa_code_length", "tfa_code_minutes"
SAVED = f"{PATH}?said=saved"
NO_WAY = "With this, nobody could show a second step: nothing was saved."


@pytest.fixture
def boss(house: House) -> Client:
    """An administrator's browser."""
    return administrator(house, "boss")


def holds(house: House, name: str) -> str:
    return effective(properties.stored_of(house.installation, house.harbour.id), name).value


def ask(client: Client, page: Answer | None = None, /, **typed: str) -> Answer:
    """The form, sent once; a tick is taken away with ``""``."""
    fields = (page or client.get(PATH)).form(PATH).fields | typed
    gone = {name for name, text in typed.items() if name.startswith("allow_") and not text}
    return client.post(PATH, {name: text for name, text in fields.items() if name not in gone})


def give(house: House, name: str, address: str, kind: ContactKind = ContactKind.EMAIL) -> None:
    user = house.add(name)
    contact_entries.set_for_user(house.installation, user, kind, address, language="en")


# --- the tick boxes and the numbers


def test_the_page_shows_what_is_allowed_and_what_email_is_worth(boss: Client) -> None:
    page = boss.get(PATH)
    fields = fields_of(page)
    assert {fields[APP], fields[PAPER]} == {"yes"}
    assert TEXT not in fields
    assert EMAIL not in fields
    assert (fields[LENGTH], fields[MINUTES]) == ("6", "10")
    words = text_of(page.text)
    assert "protects less than an app: whoever reads the mailbox gets the code" in words
    assert "Twostep never calls it multi-factor." in words
    assert "TFA Code Length" in words
    assert "From 6 to 12. Default: 6." in words
    assert "TFA Code Expiration Minutes" in words
    assert "From 1 to 10. Default: 10." in words
    assert "Also called TFA Code Expiration Days." in words


def test_a_tick_is_set_and_taken_away_and_stands_in_the_log(house: House, boss: Client) -> None:
    assert save(boss, **{EMAIL: "yes"}).location == SAVED
    assert holds(house, EMAIL) == "yes"
    assert fields_of(boss.get(PATH))[EMAIL] == "yes"
    assert save(boss, **{EMAIL: "", PAPER: ""}).location == SAVED
    assert (holds(house, EMAIL), holds(house, PAPER)) == ("no", "no")
    kind = EventKind.PROPERTY_CHANGED
    changed = [event.about for event in recorded(house.installation, house.harbour, kind)]
    assert {(each["property"], each["old"], each["new"]) for each in changed} == {
        (EMAIL, "", "yes"),
        (EMAIL, "yes", "no"),
        (PAPER, "", "no"),
    }


def test_a_form_without_the_boxes_leaves_them(house: House, boss: Client) -> None:
    """What a script does not send it does not untick."""
    page = boss.get(PATH)
    kept = {name: fields_of(page)[name] for name in ("csrf", "seen")}
    assert boss.post(PATH, kept | {LENGTH: "8"}).location == SAVED
    assert (holds(house, APP), holds(house, LENGTH)) == ("yes", "8")


@pytest.mark.parametrize(("name", "wrong"), [(LENGTH, "5"), (LENGTH, "13"), (MINUTES, "0")])
def test_the_numbers_have_their_bounds(house: House, boss: Client, name: str, wrong: str) -> None:
    before = holds(house, name)
    answer = save(boss, **{name: wrong})
    assert answer.status == 422
    assert "Type a whole number from" in text_of(answer.text)
    assert holds(house, name) == before


def test_a_floor_bars_the_tick_and_holds_the_numbers(house: House, boss: Client) -> None:
    house.set(house.harbour, EMAIL, "yes")
    properties.set_floor(house.installation, find(EMAIL), "no")
    properties.set_floor(house.installation, find(LENGTH), "8")
    page = boss.get(PATH)
    assert f'id="{EMAIL}" name="{EMAIL}"' in page.text
    box = page.text.split(f'id="{EMAIL}" name="{EMAIL}"')[1].split(">")[0]
    assert "disabled" in box
    assert "checked" not in box
    assert "From 8 to 12." in text_of(page.text)
    assert save(boss, page, **{LENGTH: "7"}).status == 422
    forced = save(boss, **{EMAIL: "yes"})
    assert forced.status == 422
    assert "The installation asks for something stricter." in text_of(forced.text)
    assert save(boss, **{MINUTES: "5"}).location == SAVED, "the barred box was nobody's wish"
    assert holds(house, EMAIL) == "no"


# --- nobody a way in


@pytest.mark.parametrize("mode", ["optional", "required"])
def test_no_method_at_all_is_refused_unless_it_is_off(
    house: House, boss: Client, mode: str
) -> None:
    house.set(house.harbour, MODE, "off")
    answer = save(boss, **{APP: "", MODE: mode})
    assert answer.status == 422
    assert NO_WAY in text_of(answer.text)
    assert (holds(house, APP), holds(house, MODE)) == ("yes", "off")
    assert save(boss, **{APP: ""}).location == SAVED, "nobody is asked for one"
    again = save(boss, **{MODE: mode})
    assert again.status == 422
    assert holds(house, MODE) == "off"


def test_recovery_codes_alone_are_no_way_in(house: House, boss: Client) -> None:
    answer = save(boss, **{APP: ""})
    assert answer.status == 422
    assert NO_WAY in text_of(answer.text)
    assert 'href="#allow_authenticator"' in answer.text or 'id="allow_authenticator-error"' in (
        answer.text
    )
    assert '<details class="more" open>' in answer.text
    assert holds(house, APP) == "yes"


def test_sent_codes_are_a_way_in_without_an_app(house: House, boss: Client) -> None:
    assert save(boss, **{APP: "", EMAIL: "yes", MODE: "required"}).location == SAVED
    assert (holds(house, APP), holds(house, EMAIL), holds(house, MODE)) == ("no", "yes", "required")


def test_two_forms_that_are_each_right_cannot_together_leave_nobody_a_way_in(
    house: House, boss: Client
) -> None:
    """Each touches other fields, so neither is told of the other: the transaction looks again."""
    house.set(house.harbour, EMAIL, "yes")
    other = administrator(house, "bo")
    mine, theirs = boss.get(PATH), other.get(PATH)
    assert save(boss, mine, **{EMAIL: ""}).location == SAVED
    answer = save(other, theirs, **{APP: ""})
    assert answer.status == 422
    assert NO_WAY in text_of(answer.text)
    assert holds(house, APP) == "yes"


# --- before it saves


def test_codes_by_email_are_asked_about_with_who_cannot_be_reached(
    house: House, boss: Client
) -> None:
    give(house, "ann", "ann@harbour.example")
    give(house, "cy", "2125550123@vtext.com", ContactKind.SMS_EMAIL)
    asked = ask(boss, **{EMAIL: "yes", APP: ""})
    assert asked.status == 200
    words = text_of(asked.text)
    assert "Before you save" in words
    assert "1 person has no address" in words
    assert "1 person depends on a gateway that ends or loses messages" in words
    assert "2 people have only an address that nobody has confirmed" in words
    assert "gateway that is gone" not in words, "what concerns nobody is not said"
    assert "Twostep never calls it multi-factor." in words
    assert 'href="/admin/readiness?by=email"' in asked.text
    assert holds(house, EMAIL) == "no", "nothing is saved before"
    assert boss.post(PATH, asked.form(PATH).fields).location == SAVED
    assert holds(house, EMAIL) == "yes"


def test_required_is_asked_about_once_and_with_everything_that_was_typed(
    house: House, boss: Client
) -> None:
    enrolled(house, "ann")
    asked = ask(boss, **{MODE: "required", LENGTH: "9", EMAIL: "yes", APP: ""})
    words = text_of(asked.text)
    assert "Everybody at Harbour Clinic will be asked for a second step." in words
    assert "1 person has no authenticator app." in words
    assert "They are sent a code. Whoever has no address cannot come in." in words
    assert "2 people have no address (1 has an authenticator app)" in words
    assert boss.post(PATH, asked.form(PATH).fields).location == SAVED
    assert (holds(house, MODE), holds(house, LENGTH)) == ("required", "9")


def test_what_is_required_already_is_not_asked_about_again(house: House, boss: Client) -> None:
    house.set(house.harbour, EMAIL, "yes")
    assert save(boss, **{MODE: "required"}).location == SAVED
    assert ask(boss, **{LENGTH: "7"}).location == SAVED
    assert ask(boss, **{EMAIL: ""}).location == SAVED, "less is no question"


def test_without_an_app_those_without_an_address_cannot_come_in_and_the_page_says_so(
    house: House, boss: Client
) -> None:
    enrolled(house, "ann")
    asked = ask(boss, **{APP: "", EMAIL: "yes", MODE: "required"})
    words = text_of(asked.text)
    assert "Codes of an authenticator app will no longer count." in words
    assert "1 person has an app, which is the stronger way." in words
    assert "They are sent a code. Whoever has no address cannot come in." in words


def test_codes_by_text_count_numbers_alone(house: House, boss: Client) -> None:
    give(house, "ann", "ann@harbour.example")
    asked = ask(boss, **{TEXT: "yes", APP: ""})
    words = text_of(asked.text)
    assert "2 people have no address" in words
    assert "whoever takes over the number gets the code" in words
    assert 'href="/admin/readiness?by=text"' in asked.text


def test_where_everybody_is_off_nothing_is_counted(boss: Client) -> None:
    asked = ask(boss, **{MODE: "off", EMAIL: "yes"})
    words = text_of(asked.text)
    assert "Switch off 2-Step Verification?" in words
    assert "Who can be reached" not in words


def test_where_everybody_can_set_up_an_app_who_has_no_address_is_said_beside_the_choice(
    house: House, boss: Client
) -> None:
    """CS-6: before it is saved, and in nobody's way."""
    house.add("ann")
    page = boss.get(PATH)
    assert "2 people have no address." in text_of(page.text)
    answer = ask(boss, **{MODE: "required", EMAIL: "yes"})
    assert answer.location == SAVED
