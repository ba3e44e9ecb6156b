"""Signing in without the app: the code page's other way, and setting up again."""

from __future__ import annotations

import pytest

from tests.helpers.clocks import DAY, HOUR, MINUTE
from tests.helpers.house import SET_UP_DONE, House, Phone, enrolled, phone_from, sign_in
from tests.helpers.http import Answer, Client
from tests.helpers.recovery import another
from tests.pages.test_recovery_codes import CODE, by_app, by_paper, make

CODES = "/security/recovery-codes"
ENTER = "/sign-in/recovery"
CONFIRM = "/security/confirm/recovery"
DIALOG = "/security/two-step"


def with_codes(house: House) -> tuple[Phone, list[str]]:
    """Ann, with an app and ten codes on paper."""
    phone = enrolled(house)
    _, codes = make(by_app(house, phone))
    house.clock.forward(MINUTE)
    return phone, codes


def at_code(house: House, going_to: str = "/") -> Client:
    """A browser whose password was right."""
    client = house.client()
    page = client.follow(client.get(going_to))
    typed = {"user_name": "ann", "password": "seven tall herons waiting"}
    assert client.submit(page, "/sign-in", **typed).location == "/sign-in/code"
    return client


def give(client: Client, code: str) -> Answer:
    return client.submit(client.get(ENTER), ENTER, recovery_code=code)


def test_without_codes_there_is_no_such_way(house: House) -> None:
    enrolled(house)
    client = at_code(house)
    assert ENTER not in client.get("/sign-in/another-way").text
    assert client.get(ENTER).location == "/sign-in/code"
    page = client.get("/sign-in/code")
    answer = client.post(ENTER, page.form("/sign-in/code").fields | {"recovery_code": "x"})
    assert answer.location == "/sign-in/code"


def test_another_way_leads_to_a_recovery_code_which_signs_in(house: House) -> None:
    """B-6."""
    _, codes = with_codes(house)
    client = at_code(house, "/security")
    ways = client.get("/sign-in/another-way").text
    assert "A recovery code that you printed" in ways
    typed = codes[0].lower().replace("-", " ").replace("0", "o")
    answer = give(client, typed)
    assert answer.location == f"{CODES}/used?going_to=/security"
    page = client.follow(answer)
    assert "9 are left" in page.text
    assert 'href="/security">Later' in page.text
    assert client.get("/security").status == 200


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ("", 422, "Type one of your recovery codes"),
        ("   ", 422, "Type one of your recovery codes"),
        ("123456", 403, "two digits, then sixteen letters"),
        ("x" * 500, 403, "two digits, then sixteen letters"),
    ],
)
def test_what_is_no_code_is_said_beside_the_field_and_costs_no_try(
    house: House, typed: str, status: int, said: str
) -> None:
    _, codes = with_codes(house)
    client = at_code(house)
    for _ in range(7):
        answer = give(client, typed)
        assert (answer.status, said in answer.text) == (status, True)
        assert typed not in answer.text or len(typed) < 4
    assert give(client, codes[0]).location == f"{CODES}/used"


def test_a_wrong_code_a_used_one_and_the_pause_are_told_apart(house: House) -> None:
    _, codes = with_codes(house)
    by_paper(house, codes[0])
    client = at_code(house)
    used = give(client, codes[0])
    assert used.status == 403
    assert "was used before" in used.text
    wrong = give(client, another(codes[1]))
    assert "did not match" in wrong.text
    assert "3 tries left" in wrong.text
    last = [give(client, another(codes[1])) for _ in range(3)][-1]
    assert "too many wrong recovery codes" in last.text
    right = give(client, codes[1])
    assert right.status == 403
    assert "too many wrong recovery codes" in right.text
    house.clock.forward(HOUR)
    assert give(at_code(house), codes[1]).location == f"{CODES}/used"


def test_a_pause_of_recovery_codes_leaves_the_app_alone(house: House) -> None:
    """AC-18."""
    phone, codes = with_codes(house)
    client = at_code(house)
    for _ in range(5):
        give(client, another(codes[0]))
    page = client.get("/sign-in/code")
    assert client.submit(page, "/sign-in/code", code=phone.code()).location == "/"


def test_the_five_minutes_do_not_begin_with_a_recovery_code(house: House) -> None:
    """SECURITY 0.3: level 2 for one session. The same browser is asked again."""
    _, codes = with_codes(house)
    client = at_code(house)
    give(client, codes[0])
    client.submit(client.get("/"), "/sign-out")
    assert sign_in(client).location == "/sign-in/code"


# --- setting up again


def test_setting_up_again_replaces_the_lost_phone_and_leads_to_new_codes(house: House) -> None:
    """CT-6 for somebody whose phone is gone."""
    lost, codes = with_codes(house)
    client, landed = by_paper(house, codes[0])
    asked = client.follow(landed)
    dialog = client.submit(asked, f"{DIALOG}/new-key")
    assert dialog.location == DIALOG
    page = client.follow(dialog)
    new = phone_from(page, house.clock)
    done = client.submit(page, f"{DIALOG}/verify", code=new.code())
    assert done.location == SET_UP_DONE
    offered = client.follow(done)
    assert "9 recovery codes left" in offered.text
    shown = client.submit(offered, CODES)
    fresh = CODE.findall(shown.text)
    assert len(fresh) == 10
    house.clock.forward(MINUTE)
    later = at_code(house)
    page = later.get("/sign-in/code")
    assert later.submit(page, "/sign-in/code", code=lost.code()).status == 403
    assert give(later, codes[1]).status == 403
    assert give(later, fresh[1]).location == f"{CODES}/used"


def test_a_new_key_keeps_the_codes_that_are_not_made_anew(house: House) -> None:
    """They are another credential."""
    phone, codes = with_codes(house)
    client = by_app(house, phone)
    page = client.follow(client.submit(client.get(DIALOG), f"{DIALOG}/new-key"))
    new = phone_from(page, house.clock)
    client.submit(page, f"{DIALOG}/verify", code=new.code())
    house.clock.forward(MINUTE)
    assert by_paper(house, codes[0])[1].location == f"{CODES}/used"


def test_it_can_be_put_off_and_the_first_page_goes_on_asking(house: House) -> None:
    _, codes = with_codes(house)
    client, _ = by_paper(house, codes[0])
    assert "Your app was not at hand" in client.get("/").text
    state = client.get(CODES).text
    assert "Set up your app again first" in state
    assert "Make new codes" not in state


def test_once_the_app_was_shown_again_nobody_asks(house: House) -> None:
    """It had only been left at home."""
    phone, codes = with_codes(house)
    client, _ = by_paper(house, codes[0])
    house.clock.forward(6 * MINUTE)
    page = client.follow(client.submit(client.get(DIALOG), f"{DIALOG}/turn-off"))
    client.submit(page, "/security/confirm", code=phone.code())
    assert "not at hand" not in client.get("/").text
    assert client.get(f"{CODES}/used?going_to=/security").location == "/security"


def test_with_the_last_code_nothing_opens_before_the_app_is_set_up_again(house: House) -> None:
    old, codes = with_codes(house)
    client, landed = [by_paper(house, code) for code in codes][-1]
    assert landed.location == "/sign-in/set-up"
    assert (client.get("/").location or "").startswith("/sign-in")
    page = client.follow(landed)
    assert "last recovery code" in page.text
    phone = phone_from(page, house.clock)
    done = client.submit(page, "/sign-in/set-up", code=phone.code())
    assert (done.location or "").startswith(CODES)
    assert client.get("/").status == 200
    house.clock.forward(MINUTE)
    late = at_code(house)
    refused = late.submit(late.get("/sign-in/code"), "/sign-in/code", code=old.code())
    assert "did not match" in refused.text
    by_app(house, phone)


def test_while_codes_of_the_app_are_paused_a_recovery_code_lets_in(house: House) -> None:
    """SECURITY 5.4: they are counted apart, so a guesser with the password locks no owner out."""
    phone, codes = with_codes(house)
    guesser = at_code(house)
    for _ in range(5):
        page = guesser.get("/sign-in/code")
        if page.status == 200:
            guesser.submit(page, "/sign-in/code", code=phone.wrong_code())
    client = at_code(house)
    paused = client.get("/sign-in/code")
    assert paused.status == 403
    assert "Recovery codes are not paused" in paused.text
    assert f'href="{ENTER}"' in paused.text
    assert give(client, codes[0]).location == f"{CODES}/used"


def test_a_recovery_code_makes_no_new_codes(house: House) -> None:
    _, codes = with_codes(house)
    client, _ = by_paper(house, codes[0])
    fields = client.get(CODES).form(f"{DIALOG}/new-key").fields
    assert client.post(CODES, fields).location == "/security/confirm?act=recovery-codes"
    assert client.get(f"{CONFIRM}?act=recovery-codes").location == (
        "/security/confirm?act=recovery-codes"
    )


# --- the fresh proof


def test_hours_later_another_code_proves_it_afresh_for_setting_up_again(house: House) -> None:
    """AC-32."""
    _, codes = with_codes(house)
    client, _ = by_paper(house, codes[0])
    house.clock.forward(30 * MINUTE)
    asked = client.submit(client.get(f"{CODES}/used"), f"{DIALOG}/new-key")
    assert asked.location == "/security/confirm?act=new-key"
    page = client.follow(asked)
    assert f'href="{CONFIRM}?act=new-key"' in page.text
    enter = client.get(f"{CONFIRM}?act=new-key")
    wrong = client.submit(enter, CONFIRM, recovery_code=another(codes[1]))
    assert wrong.status == 403
    old = client.twin()
    right = client.submit(wrong, CONFIRM, recovery_code=codes[1])
    assert right.location == DIALOG
    assert "scan" in client.get(DIALOG).text
    assert old.get("/").status == 303, "AC-03: the browser goes on under another token"
    house.clock.forward(DAY)


def test_five_wrong_ones_end_the_session(house: House) -> None:
    """SECURITY 5.4, step-up."""
    phone, codes = with_codes(house)
    client = by_app(house, phone)
    house.clock.forward(6 * MINUTE)
    page = client.get(f"{CONFIRM}?act=turn-off")
    for _ in range(4):
        page = client.submit(page, CONFIRM, recovery_code=another(codes[0]))
        assert page.status == 403
    last = client.submit(page, CONFIRM, recovery_code=another(codes[0]))
    assert last.location == "/sign-in?said=session-ended"
    assert client.get("/").status == 303


@pytest.mark.parametrize("act", ["password", "recovery-codes", "properties"])
def test_for_anything_else_no_recovery_code_is_taken(house: House, act: str) -> None:
    phone, codes = with_codes(house)
    client = by_app(house, phone)
    house.clock.forward(6 * MINUTE)
    assert client.get(f"{CONFIRM}?act={act}").location == f"/security/confirm?act={act}"
    fields = client.get(f"{CONFIRM}?act=turn-off").form(CONFIRM).fields | {"act": act}
    answer = client.post(CONFIRM, fields | {"recovery_code": codes[0]})
    assert answer.location == f"/security/confirm?act={act}"
    assert by_paper(house, codes[0])[1].location == f"{CODES}/used"


def test_an_act_that_does_not_exist_is_not_found(house: House) -> None:
    phone, _ = with_codes(house)
    assert by_app(house, phone).get(f"{CONFIRM}?act=nothing").status == 404


def test_an_empty_field_is_said_and_keeps_the_act(house: House) -> None:
    phone, _ = with_codes(house)
    client = by_app(house, phone)
    house.clock.forward(6 * MINUTE)
    page = client.submit(client.get(f"{CONFIRM}?act=turn-off"), CONFIRM)
    assert page.status == 422
    assert page.form(CONFIRM).fields["act"] == "turn-off"


def test_turning_off_deletes_the_codes(house: House) -> None:
    phone, codes = with_codes(house)
    client = by_app(house, phone)
    done = client.submit(client.get(DIALOG), f"{DIALOG}/turn-off")
    assert done.location == "/security?said=turned-off"
    assert "recovery" not in client.get("/").text
    client = house.client()
    assert sign_in(client).location == "/"
    assert client.get(ENTER).status == 303
    assert codes


def test_wrong_codes_of_somebody_else_do_not_keep_the_owner_from_setting_up(house: House) -> None:
    """The last code is spent and the app's codes are paused: the new key has a counter of its own,
    and begins without what was guessed at the old one.
    """
    phone, codes = with_codes(house)
    guesser = at_code(house)
    for _ in range(5):
        guesser.submit(guesser.get("/sign-in/code"), "/sign-in/code", code=phone.wrong_code())
    assert at_code(house).get("/sign-in/code").status == 403
    client, landed = [by_paper(house, code) for code in codes][-1]
    page = client.follow(landed)
    new = phone_from(page, house.clock)
    refused = client.submit(page, "/sign-in/set-up", code=new.wrong_code())
    assert "did not match" in refused.text
    done = client.submit(refused, "/sign-in/set-up", code=new.code())
    assert (done.location or "").startswith(CODES)
    house.clock.forward(MINUTE)
    assert at_code(house).get("/sign-in/code").status == 200
