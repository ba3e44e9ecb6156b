"""R-31: an error while deciding is a refusal, wherever it happens and whatever it is."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from tests.helpers.house import House, enrolled, sign_in
from twostep.core.reasons import Code, because
from twostep.core.sign_in import AskFirstStep, Refused
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


@pytest.mark.parametrize("part", AT_THE_PASSWORD)
def test_r_31_an_error_at_the_password_lets_nobody_in(
    house: House, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """R-31: with the right password, where nothing else would be asked."""
    house.add()
    client = house.client()
    page = client.get("/sign-in")
    monkeypatch.setattr(part, break_down)
    with capture_logs():
        answer = client.submit(page, user_name="ann", password="seven tall herons waiting")
    monkeypatch.undo()
    assert answer.status == 500
    assert not answer.all_headers("set-cookie")
    assert live_sessions(house) == 0
    assert sign_in(client).location == "/"


@pytest.mark.parametrize("part", AT_THE_CODE)
def test_r_31_an_error_at_the_code_lets_nobody_in(
    house: House, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """R-31: with the right code; and the code that was not used up is still good afterwards."""
    phone = enrolled(house)
    client = house.client()
    sign_in(client)
    page = client.get("/sign-in/code")
    before = live_sessions(house)
    monkeypatch.setattr(part, break_down)
    with capture_logs():
        answer = client.submit(page, "/sign-in/code", code=phone.code())
    monkeypatch.undo()
    assert answer.status == 500
    assert SESSION not in client.cookies
    assert live_sessions(house) == before
    assert client.submit(page, "/sign-in/code", code=phone.code()).location == "/"


@pytest.mark.parametrize("part", AT_A_SESSION)
def test_r_31_an_error_while_a_session_is_looked_at_shows_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """R-31: neither a page nor a change."""
    house.add()
    client = house.client()
    sign_in(client)
    monkeypatch.setattr(part, break_down)
    with capture_logs():
        answer = client.twin().get("/security")
    monkeypatch.undo()
    assert answer.status == 500
    assert "Security Settings" not in answer.text
    assert client.get("/security").status == 200


@pytest.mark.parametrize(
    "odd",
    [
        None,
        True,
        "SignedIn",
        Ours(),
        AskFirstStep((because(Code.NOTHING_PROVEN),)),
        Refused((because(Code.ENDED),)),
    ],
    ids=lambda odd: type(odd).__name__,
)
def test_r_31_whatever_else_the_decision_might_be_it_is_no_session(
    house: House, monkeypatch: pytest.MonkeyPatch, odd: object
) -> None:
    """R-31 had an error object taken for a user. Only one answer makes a session here."""
    phone = enrolled(house)
    client = house.client()
    sign_in(client)
    page = client.get("/sign-in/code")
    monkeypatch.setattr("twostep.flows.mint.next_step", lambda *_: odd)
    monkeypatch.setattr("twostep.flows.second_step.record", lambda *_: None)
    before = live_sessions(house)
    with capture_logs():
        client.submit(page, "/sign-in/code", code=phone.code())
    assert SESSION not in client.cookies
    assert live_sessions(house) == before
