"""AC-16: wrong proofs at a dialog count where those of sign-ins do."""

from __future__ import annotations

from tests.helpers.administrators import REASON, administrator, with_app
from tests.helpers.clocks import MINUTE
from tests.helpers.house import House, sign_in

WORD = "remove-two-step"


def test_ac_16_wrong_codes_at_a_dialog_pause_the_codes_of_sign_ins(house: House) -> None:
    ann = with_app(house)
    morgan = administrator(house)
    assert morgan.phone is not None
    house.clock.forward(MINUTE)
    for _ in range(5):
        morgan.send(ann, WORD, **REASON, code=morgan.phone.wrong_code())
    client = house.client()
    page = client.follow(sign_in(client, "morgan"))
    assert "There were too many wrong codes" in page.text or "Too many wrong codes" in page.text
    assert client.get("/security").status == 303


def test_ac_16_a_pause_that_sign_ins_began_holds_at_the_dialog(house: House) -> None:
    ann = with_app(house)
    morgan = administrator(house)
    assert morgan.phone is not None
    house.clock.forward(MINUTE)
    stranger = house.client()
    sign_in(stranger, "morgan")
    page = stranger.get("/sign-in/code")
    for _ in range(5):
        stranger.submit(page, "/sign-in/code", code=morgan.phone.wrong_code())
    answer = morgan.send(ann, WORD, **REASON, code=morgan.phone.code())
    assert answer.status == 422
    assert "Codes are checked again from" in answer.text
    assert sign_in(house.client(), "ann").location == "/sign-in/code"
