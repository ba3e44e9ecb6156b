"""Recovery codes as a person meets them: made once, shown once, and the file of them."""

from __future__ import annotations

import re

import pytest

from tests.helpers.clocks import MINUTE
from tests.helpers.house import SET_UP_DONE, House, Phone, enrolled, phone_from, sign_in
from tests.helpers.http import Answer, Client

PATH = "/security/recovery-codes"
CODE = re.compile(r"<li>(\d\d [0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})</li>")


def by_app(house: House, phone: Phone, name: str = "ann") -> Client:
    """A browser signed in with a code of the app."""
    client = house.client()
    sign_in(client, name)
    page = client.get("/sign-in/code")
    assert client.submit(page, "/sign-in/code", code=phone.code()).location == "/"
    return client


def make(client: Client) -> tuple[Answer, list[str]]:
    """Press the button, and read the codes off the page."""
    page = client.submit(client.get(PATH), PATH)
    return page, CODE.findall(page.text)


def by_paper(house: House, code: str, name: str = "ann") -> tuple[Client, Answer]:
    """A browser that signs in with a recovery code, as far as it gets."""
    client = house.client()
    assert sign_in(client, name).location == "/sign-in/code"
    ways = client.get("/sign-in/another-way")
    assert 'href="/sign-in/recovery"' in ways.text
    return client, client.submit(
        client.get("/sign-in/recovery"), "/sign-in/recovery", recovery_code=code
    )


# --- making and showing


def test_the_first_page_after_set_up_offers_recovery_codes_and_shows_ten(house: House) -> None:
    """SCREENS: first page after set-up."""
    house.add()
    client = house.client()
    sign_in(client)
    dialog = client.follow(client.submit(client.get("/security"), "/security/two-step"))
    phone = phone_from(dialog, house.clock)
    done = client.submit(dialog, "/security/two-step/verify", code=phone.code())
    assert done.location == SET_UP_DONE
    page = client.follow(done)
    assert "Your app is set up" in page.text
    assert "Show my recovery codes" in page.text
    assert CODE.findall(page.text) == []
    shown = client.submit(page, PATH)
    assert shown.status == 200
    assert shown.header("cache-control") == "no-store"
    assert len(CODE.findall(shown.text)) == 10
    kept = client.submit(shown, f"{PATH}/kept", kept="1")
    assert kept.location == "/security?said=set-up-done"
    assert "2-Step Verification is on" in client.follow(kept).text


def test_in_a_sign_in_the_way_goes_on_to_where_the_person_was_going(house: House) -> None:
    house.add("bo", house.northside)
    client = house.client(house.northside)
    page = client.follow(client.get("/security"))
    client.submit(page, "/sign-in", user_name="bo", password="seven tall herons waiting")
    set_up = client.get("/sign-in/set-up")
    phone = phone_from(set_up, house.clock)
    done = client.submit(set_up, "/sign-in/set-up", code=phone.code())
    assert done.location == SET_UP_DONE
    shown, codes = make_from(client, client.follow(done))
    assert len(codes) == 10
    kept = client.submit(shown, f"{PATH}/kept", kept="1")
    assert kept.location == "/security?said=set-up-done"


def make_from(client: Client, page: Answer) -> tuple[Answer, list[str]]:
    shown = client.submit(page, PATH)
    return shown, CODE.findall(shown.text)


def test_a_new_key_asks_for_no_new_codes_while_all_are_there(house: House) -> None:
    phone = enrolled(house)
    client = by_app(house, phone)
    make(client)
    house.clock.forward(MINUTE)
    dialog = client.submit(client.get("/security/two-step"), "/security/two-step/new-key")
    page = client.follow(dialog)
    new = phone_from(page, house.clock)
    done = client.submit(page, "/security/two-step/verify", code=new.code())
    assert done.location == "/security?said=set-up-done"


def test_they_are_shown_once_and_a_reload_says_so_and_makes_nothing_void(house: House) -> None:
    client = by_app(house, enrolled(house))
    page = client.get(PATH)
    form = page.form(PATH)
    first = client.post(PATH, form.fields)
    codes = CODE.findall(first.text)
    reloaded = client.post(PATH, form.fields)
    assert reloaded.location == f"{PATH}?going_to=/security&said=recovery-codes-shown-once"
    again = client.follow(reloaded)
    assert "cannot be shown again" in again.text
    assert "Make new codes" in again.text
    for answer in (reloaded, again, client.get(PATH), client.get("/security"), client.get("/")):
        assert not any(code in answer.text for code in codes)
    _, letting_in = by_paper(house, codes[0])
    assert letting_in.location == f"{PATH}/used"


def test_new_codes_void_the_old_ones(house: House) -> None:
    client = by_app(house, enrolled(house))
    _, old = make(client)
    house.clock.forward(1)
    _, new = make(client)
    assert len(set(old) | set(new)) == 20
    _, refused = by_paper(house, old[0])
    assert refused.status == 403
    assert "did not match" in refused.text
    _, taken = by_paper(house, new[0])
    assert taken.location == f"{PATH}/used"


def test_making_codes_asks_for_a_fresh_code_of_the_app(house: House) -> None:
    """ASVS 7.5.1."""
    phone = enrolled(house)
    client = by_app(house, phone)
    house.clock.forward(5 * MINUTE + 1)
    asked = client.submit(client.get(PATH), PATH)
    assert asked.location == "/security/confirm?act=recovery-codes"
    page = client.follow(asked)
    assert "make new recovery codes" in page.text
    assert "recovery code instead" not in page.text
    proven = client.submit(page, "/security/confirm", code=phone.code())
    assert proven.location == PATH
    assert len(make(client)[1]) == 10


def test_r_40_a_look_makes_no_codes_and_shows_none(house: House) -> None:
    """R-40: state changes only by POST with the form's token."""
    client = by_app(house, enrolled(house))
    _, codes = make(client)
    for path in (PATH, f"{PATH}?going_to=/", f"{PATH}/used"):
        assert CODE.findall(client.get(path).text) == []
    assert client.get(f"{PATH}/download").status == 405
    assert client.get(f"{PATH}/kept").status == 405
    fields = client.get(PATH).form(PATH).fields | {"csrf": ""}
    assert client.post(PATH, fields).status == 403
    _, taken = by_paper(house, codes[9])
    assert taken.location == f"{PATH}/used"


def test_somebody_without_an_app_is_told_what_codes_are_for_and_gets_none(house: House) -> None:
    house.add()
    client = house.client()
    sign_in(client)
    page = client.get(PATH)
    assert "stands in for your authenticator app" in page.text
    fields = client.get("/security").form("/security/two-step").fields
    assert client.post(PATH, fields).location == f"{PATH}?going_to=/security"


# --- keeping them


def test_who_does_not_say_that_they_kept_them_is_told_that_it_was_the_only_time(
    house: House,
) -> None:
    client = by_app(house, enrolled(house))
    shown, _ = make(client)
    assert 'name="kept" value="1" required' in shown.text
    answer = client.submit(shown, f"{PATH}/kept")
    assert answer.location == f"{PATH}?going_to=/security&said=recovery-codes-shown-once"


def test_the_file_holds_what_the_page_shows_and_no_address_holds_a_code(house: House) -> None:
    client = by_app(house, enrolled(house))
    shown, codes = make(client)
    file = client.submit(shown, f"{PATH}/download")
    assert file.status == 200
    assert file.header("content-type") == "text/plain; charset=utf-8"
    assert file.header("content-disposition") == 'attachment; filename="recovery-codes.txt"'
    assert file.header("cache-control") == "no-store"
    assert [line for line in file.text.splitlines() if line[:2].isdigit() and "-" in line] == codes
    assert "ann at Harbour Clinic" in file.text
    for attribute in re.findall(r'(?:href|action|src)="([^"]*)"', shown.text):
        assert not any(code[3:] in attribute for code in codes)


@pytest.mark.parametrize(
    "codes",
    [
        "",
        "<script>alert(1)</script>",
        "01-4XKQ-9TDM-2H8R-P6WZ javascript:alert(1)",
        "01-4XKQ-9TDM-2H8R-P6WZ " * 11,
        "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$dGFn",
    ],
)
def test_the_file_gives_back_nothing_but_codes(house: House, codes: str) -> None:
    """What it holds comes from the form, so it takes nothing else."""
    client = by_app(house, enrolled(house))
    shown, _ = make(client)
    answer = client.submit(shown, f"{PATH}/download", codes=codes)
    assert answer.status == 400
    assert "alert" not in answer.text


@pytest.mark.parametrize("where", ["//evil.example", "https://evil.example", "/sign-in", "\\evil"])
def test_the_way_on_never_leads_elsewhere(house: House, where: str) -> None:
    client = by_app(house, enrolled(house))
    assert where not in client.get(f"{PATH}?going_to={where}").text
    shown, _ = make(client)
    assert client.submit(shown, f"{PATH}/kept", kept="1", going_to=where).location == "/security"
    paper, landed = by_paper(house, make(client)[1][0])
    assert landed.location == f"{PATH}/used"
    assert where not in paper.get(f"{PATH}/used?going_to={where}").text


# --- the warnings


@pytest.mark.parametrize(
    ("used", "row", "card"),
    [(0, "10 left", None), (7, "3 left", None), (8, "Only 2 left", "2 recovery codes left")],
)
def test_two_left_are_said_on_security_settings_and_on_the_first_page(
    house: House, used: int, row: str, card: str | None
) -> None:
    """ASVS 6.4.5."""
    phone = enrolled(house)
    client = by_app(house, phone)
    _, codes = make(client)
    for code in codes[:used]:
        _, answer = by_paper(house, code)
        assert answer.location == f"{PATH}/used"
    assert row in client.get("/security").text
    home = client.get("/").text
    assert card in home if card else "recovery" not in home


def test_no_codes_left_is_said_plainly(house: House) -> None:
    phone = enrolled(house)
    client = by_app(house, phone)
    _, codes = make(client)
    for code in codes:
        by_paper(house, code)
    assert "None left" in client.get("/security").text
    assert "0 recovery codes left" in client.get("/").text


def test_somebody_who_never_made_any_is_invited_on_security_settings_alone(house: House) -> None:
    client = by_app(house, enrolled(house))
    assert "None yet" in client.get("/security").text
    assert "recovery" not in client.get("/").text


def test_the_recent_activity_lists_making_using_and_wrong_ones(house: House) -> None:
    client = by_app(house, enrolled(house))
    _, codes = make(client)
    by_paper(house, codes[0])
    by_paper(house, codes[0])
    text = client.get("/security").text
    for line in ("New recovery codes made", "A recovery code was used", "Wrong recovery code"):
        assert line in text
