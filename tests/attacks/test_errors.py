"""R-31: an error while deciding is a refusal, wherever it happens and whatever it is."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from tests.helpers.house import PASSWORD, House, enrolled, sign_in
from twostep.core.reasons import Code, because
from twostep.core.sign_in import AskFirstStep, Refused, SignedIn
from twostep.storage import tables
from twostep.web.cookies import SESSION

pytestmark = [
    pytest.mark.usefixtures("invariants_hold"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

AT_THE_PASSWORD = (
    "twostep.flows.sign_in.check",
    "twostep.flows.sign_in.rehash_if_due",
    "twostep.flows.mint.next_step",
    "twostep.flows.mint.of_sign_in",
    "twostep.flows.situations.policy_of",
    "twostep.storage.properties.of_environment",
    "twostep.storage.lockouts.lock",
    "twostep.storage.lockouts.settle",
    "twostep.storage.sessions.add",
    "twostep.storage.audit.add",
)
"""Every part that decides something, or writes down what was decided."""

AT_THE_CODE = (
    *AT_THE_PASSWORD[2:],
    "twostep.flows.pending.next_step",
    "twostep.flows.codes.match_code",
    "twostep.crypto.keys.KeyRing.open_box",
    "twostep.storage.authenticators.use_up",
    "twostep.storage.sign_ins.end",
    "twostep.storage.lockouts.forgive",
)

AT_A_SESSION = (
    "twostep.flows.sessions.next_step",
    "twostep.flows.sessions.of_session",
    "twostep.flows.situations.policy_of",
    "twostep.storage.sessions.by_token",
    "twostep.storage.properties.of_environment",
)


class Ours(Exception):
    """A fault that nobody thought of."""


def break_down(*_: Any, **__: Any) -> Any:
    raise Ours


def live_sessions(house: House) -> int:
    counting = (
        select(func.count())
        .select_from(tables.sessions)
        .where(tables.sessions.c.ended_at.is_(None))
    )
    return house.installation.database.read(lambda c: c.execute(counting).scalar_one())


def test_r_31_an_error_at_the_password_lets_nobody_in(
    unlimited_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-31: with the right password, where nothing else would be asked."""
    house = unlimited_house
    house.add()
    for part in AT_THE_PASSWORD:
        client = house.client()
        page = client.get("/sign-in")
        before = live_sessions(house)
        with monkeypatch.context() as broken, capture_logs():
            broken.setattr(part, break_down)
            answer = client.submit(page, user_name="ann", password=PASSWORD)
        assert answer.status == 500, part
        assert not answer.all_headers("set-cookie"), part
        assert live_sessions(house) == before, part
        assert sign_in(client).location == "/", part


def test_r_31_an_error_at_the_code_lets_nobody_in(
    unlimited_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-31: with the right code; and the code that was not used up is still good afterwards."""
    house = unlimited_house
    phone = enrolled(house)
    for part in AT_THE_CODE:
        house.clock.forward(30_000)
        client = house.client()
        sign_in(client)
        page = client.get("/sign-in/code")
        before = live_sessions(house)
        with monkeypatch.context() as broken, capture_logs():
            broken.setattr(part, break_down)
            answer = client.submit(page, "/sign-in/code", code=phone.code())
        assert answer.status == 500, part
        assert SESSION not in client.cookies, part
        assert live_sessions(house) == before, part
        assert client.submit(page, "/sign-in/code", code=phone.code()).location == "/", part


def test_r_31_an_error_while_a_session_is_looked_at_shows_nothing(
    unlimited_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-31: neither a page nor a change."""
    house = unlimited_house
    house.add()
    client = house.client()
    sign_in(client)
    for part in AT_A_SESSION:
        with monkeypatch.context() as broken, capture_logs():
            broken.setattr(part, break_down)
            answer = client.twin().get("/security")
        assert answer.status == 500, part
        assert "Security Settings" not in answer.text, part
        assert client.get("/security").status == 200, part


def test_r_31_whatever_else_the_decision_might_be_it_is_no_session(
    unlimited_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-31 had an error object taken for a user. Only one answer makes a session here."""
    house = unlimited_house
    phone = enrolled(house)
    odd_ones = (
        *(None, True, "SignedIn", Ours(), SignedIn),
        *(AskFirstStep((because(Code.NOTHING_PROVEN),)), Refused((because(Code.ENDED),))),
    )
    for odd in odd_ones:
        house.clock.forward(30_000)
        client = house.client()
        sign_in(client)
        page = client.get("/sign-in/code")
        before = live_sessions(house)
        with monkeypatch.context() as broken, capture_logs():
            broken.setattr("twostep.flows.mint.next_step", lambda *_, odd=odd: odd)
            client.submit(page, "/sign-in/code", code=phone.code())
        assert SESSION not in client.cookies, odd
        assert live_sessions(house) == before, odd
