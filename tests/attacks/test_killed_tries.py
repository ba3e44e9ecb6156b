"""AC-13: a try counts though nobody lived to write down what became of it.

Each try is reserved and committed, then compared, then settled. So whatever stops the server, in
the middle of a statement or between two of them, at least as many tries are in the database as
were compared (I-12).
"""

from __future__ import annotations

import os
import socket
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from copy import copy
from dataclasses import replace
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from tests.helpers.clocks import HandClock
from tests.helpers.guests import Guest, with_app
from tests.helpers.house import (
    NO_LIMITS,
    House,
    enrolled,
    make_installation_in,
    sign_in,
)
from tests.helpers.invariants import EVALUATED, hold
from tests.helpers.kills import killed_at
from tests.helpers.prepared import prepared_server
from tests.helpers.quick_hashes import QUICK
from tests.helpers.server import ROOT
from twostep.core.authenticators import Match, match_code
from twostep.crypto.key_files import KeyFile
from twostep.crypto.passwords import Hashing, Ticket
from twostep.crypto.secret import Secret
from twostep.flows import codes, second_step
from twostep.flows.codes import CodeRefused, CodesPaused
from twostep.flows.installation import Installation
from twostep.flows.keys import load_ring
from twostep.storage import tables
from twostep.storage.database import Database, DatabaseAway, open_database
from twostep.web.cookies import SESSION


def states(database: Database) -> Counter[tuple[str, str]]:
    """How many tries of each purpose are in each state."""
    rows = database.read(
        lambda connection: connection.execute(
            select(tables.attempts.c.purpose, tables.attempts.c.state)
        ).all()
    )
    return Counter((row.purpose, row.state) for row in rows)


# --- the whole process group, from outside

DIE = """
import os, signal
from twostep.core.authenticators import match_code
from twostep.flows import codes

def die(*given, **named):
    match_code(*given, **named)
    os.killpg(0, signal.SIGKILL)

codes.match_code = die
"""
"""A machine that stops in the middle: the code was compared, and nobody wrote down the result."""


def test_ac_13_the_process_group_killed_between_reserve_and_result(
    tmp_path: Path, database_url: str
) -> None:
    """AC-13: kill -9 of the whole server, started again: the try is counted."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "sitecustomize.py").write_text(DIE)
    server, phone = prepared_server(tmp_path, database_url)
    whole = dict(server.extra)
    server.extra["PYTHONPATH"] = f"{ROOT}{os.pathsep}{tmp_path / 'broken'}"
    with server:
        client = server.client()
        assert sign_in(client).location == "/sign-in/code"
        page = client.get("/sign-in/code")
        with suppress(OSError, HTTPException):
            client.submit(page, "/sign-in/code", code=phone.code())
            pytest.fail("the server answered")
        server.kill_group()
        server.extra = whole
        server.start()
        said = [client.submit(page, "/sign-in/code", code=phone.wrong_code()) for _ in range(4)]
        assert [answer.status for answer in said] == [403, 403, 403, 303], "five are a pause"
        assert client.get("/sign-in/code").status == 403
        assert SESSION not in client.cookies
    database = open_database(database_url)
    try:
        found = states(database)
    finally:
        database.close()
    assert found["second_step", "open"] == 1
    assert found["second_step", "failed"] == 4


# --- every boundary of every transaction, in a process of its own


def reopened(database: Database, folder: Path, clock: HandClock) -> Installation:
    return Installation(
        database=database,
        keys=load_ring(database, KeyFile(folder / "twostep.key"), clock=clock),
        hashing=Hashing(QUICK, threads=1, clock=clock),
        clock=clock,
        limits=NO_LIMITS,
    )


@pytest.mark.parametrize(
    ("database_url", "right"),
    [("sqlite", False), pytest.param("postgresql", True, marks=pytest.mark.postgresql)],
    indirect=["database_url"],
    ids=["sqlite-wrong", "postgresql-right"],
)
def test_ac_13_killed_at_every_boundary_no_more_is_compared_than_recorded(
    tmp_path: Path, database_url: str, right: bool
) -> None:
    """AC-13, I-2, I-12: password and code, killed before, inside and after each transaction."""
    clock, compared = HandClock(), tmp_path / "compared"
    compared.touch()
    database = open_database(database_url)
    installation = make_installation_in(database, tmp_path, clock=clock, limits=NO_LIMITS)
    house = House(installation, clock, 8000)
    phone = with_app(house)
    hold(installation)
    before = states(database)
    installation.hashing.close()
    database.close()

    def whole_sign_in(counted: Database) -> None:
        """In the child: a browser that knows the password, and the right or a wrong code."""
        note_comparisons(compared)
        there = copy(house)
        there.installation = reopened(counted, tmp_path, clock)
        guest = Guest(there)
        guest.sign_in()
        guest.code(phone.code() if right else phone.wrong_code())

    number, was_killed = 0, True
    while was_killed:
        number += 1
        clock.forward(30_000)
        was_killed = killed_at(number, database_url, whole_sign_in)
        database = open_database(database_url)
        try:
            found = states(database)
            hold(reopened(database, tmp_path, clock))
        finally:
            database.close()
        for purpose in ("password", "second_step"):
            recorded = sum(found[purpose, state] - before[purpose, state] for state in EVALUATED)
            assert recorded >= compared.read_text().split().count(purpose), f"killed at {number}"
    assert number > 10, "four transactions have more boundaries than that"


def note_comparisons(file: Path) -> None:
    """Write each comparison down before it is made, where a killed process cannot lose it."""

    def note(what: str) -> None:
        with file.open("a") as opened:
            opened.write(f"{what}\n")

    def matched(*given: Any, **named: Any) -> Match:
        note("second_step")
        return match_code(*given, **named)

    verify = Ticket.verify

    def verified(self: Ticket, phc: Secret[bytes], password: Secret[str]) -> None:
        note("password")
        verify(self, phc, password)

    codes.match_code = matched  # type: ignore[attr-defined]
    Ticket.verify = verified  # type: ignore[method-assign]


# --- errors and visitors, in this process


class FailingDatabase:
    """A database that goes away when the next comparison has been made."""

    def __init__(self, inner: Database) -> None:
        self._inner = inner
        self.away = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def write(self, unit: Any) -> Any:
        if self.away:
            raise DatabaseAway("unplugged")
        return self._inner.write(unit)


def counted_codes(house: House) -> int:
    found = states(house.installation.database)
    return found["second_step", "open"] + found["second_step", "failed"]


def test_ac_13_a_database_that_goes_away_after_the_comparison_leaves_the_try_counted(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC-13: nothing is said of the code, right or wrong, and each try counts."""
    phone = with_app(house)
    failing = FailingDatabase(house.installation.database)
    there = copy(house)
    there.installation = replace(house.installation, database=failing)
    guest = Guest(there)
    guest.sign_in()

    def then_unplugged(*given: Any, **named: Any) -> Match:
        failing.away = True
        return match_code(*given, **named)

    monkeypatch.setattr(codes, "match_code", then_unplugged)
    for code in (phone.code(), *[phone.wrong_code()] * 4):
        waiting = guest.waiting()
        assert waiting is not None
        with pytest.raises(DatabaseAway):
            guest.answer(waiting, code)
        failing.away = False
    assert counted_codes(house) == 5
    assert isinstance(guest.code(phone.code()), CodesPaused) or guest.session is None
    hold(house.installation)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_ac_13_an_error_around_the_comparison_is_a_counted_failure(
    house: House, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """AC-13, R-31: a fault of ours is a page that says so, and never a free try or a way in."""
    phone = enrolled(house)
    client = house.client()
    sign_in(client)
    page = client.get("/sign-in/code")

    def break_down(*given: Any, **named: Any) -> Match:
        if moment == "after":
            match_code(*given, **named)
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(codes, "match_code", break_down)
    with capture_logs():
        for tried in range(1, 6):
            answer = client.submit(page, "/sign-in/code", code=phone.code())
            assert answer.status == 500
            assert counted_codes(house) == tried
    monkeypatch.undo()
    assert client.submit(page, "/sign-in/code", code=phone.code()).status == 303
    assert client.get("/sign-in/code").status == 403, "five tries are a pause"
    assert SESSION not in client.cookies


def test_ac_13_a_visitor_who_hangs_up_has_used_a_try(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC-13: the connection is cut while the code is being compared."""
    phone = enrolled(house)
    client = house.client()
    sign_in(client)
    form = client.get("/sign-in/code").form()
    comparing, hung_up, settled = threading.Event(), threading.Event(), threading.Event()

    def slowly(*given: Any, **named: Any) -> Match:
        comparing.set()
        assert hung_up.wait(30)
        return match_code(*given, **named)

    def settling(act: Callable[..., CodeRefused]) -> Callable[..., CodeRefused]:
        def settle(*given: Any, **named: Any) -> CodeRefused:
            settled.set()
            return act(*given, **named)

        return settle

    monkeypatch.setattr(codes, "match_code", slowly)
    monkeypatch.setattr(second_step, "settle_wrong", settling(codes.settle_wrong))
    body = urlencode(form.fields | {"code": phone.wrong_code()})
    request = (
        f"POST /sign-in/code HTTP/1.1\r\nHost: {client.origin.removeprefix('http://')}\r\n"
        f"Origin: {client.origin}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Cookie: {'; '.join(f'{name}={value}' for name, value in client.cookies.items())}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )
    with socket.create_connection(("127.0.0.1", house.port)) as line:
        line.sendall(request.encode())
        assert comparing.wait(30)
    hung_up.set()
    assert settled.wait(30)
    # Whoever asks next waits for the transaction that has begun.
    assert client.twin().get("/sign-in/code").status == 200
    assert counted_codes(house) == 1
