"""What the front does with a request before and after its page. What it refuses, and that every
answer has its headers, is in tests/attacks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import structlog
from sqlalchemy import delete
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from tests.helpers.asgi import FORM, Asked, Question, Told, asked
from tests.helpers.house import House
from tests.helpers.one_house import house_on_sqlite
from tests.helpers.serving import front_of
from twostep.app import routes
from twostep.core.environments import Environment, Origin
from twostep.crypto.passwords import Busy
from twostep.flows import environments
from twostep.storage.faults import DatabaseAway, DatabaseBusy
from twostep.storage.tables import addresses
from twostep.web.front import KNOWN_FOR_MS, SLOWEST_BODY, Front, masked_path


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_on_sqlite(tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture(scope="module")
def application(house: House) -> Iterator[Asked]:
    with asked(house.installation) as being:
        yield being


def at(environment: Environment) -> tuple[bytes, bytes]:
    return b"host", environment.primary.netloc.encode()


def answer_to(house: House, error: Exception) -> Told:
    """What the front makes of an error of a page."""

    async def page(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise error

    being = Asked(Front(page, front_of(house.installation)._site))
    told = being.ask(Question(path="/security", headers=[at(house.harbour)]))
    being.close()
    return told


@pytest.mark.parametrize(
    ("error", "status", "retry_after"),
    [
        (Busy(), 503, b"2"),
        (DatabaseBusy("a canary"), 503, b"2"),
        (DatabaseAway("a canary"), 503, b"5"),
        (ClientDisconnect("a canary"), 400, None),
        (HTTPException(404, "a canary"), 404, None),
        (HTTPException(405, "a canary", {"Allow": "GET"}), 405, None),
        (HTTPException(418, "a canary"), 418, None),
        (PermissionError("a canary"), 500, None),
        (RecursionError("a canary"), 500, None),
        (AssertionError("a canary"), 500, None),
    ],
)
def test_r_31_each_error_ends_as_a_page_that_says_nothing_of_it(
    error: Exception, status: int, retry_after: bytes | None, house: House
) -> None:
    told = answer_to(house, error)
    assert (told.status, told.header(b"retry-after")) == (status, retry_after)
    assert "canary" not in told.text
    assert "<h1>" in told.text
    assert ("Reference:" in told.text) == (status >= 500)
    assert told.header(b"allow") == (b"GET" if status == 405 else None)


def test_the_reference_on_the_page_finds_the_request_in_the_log(house: House) -> None:
    with structlog.testing.capture_logs() as logs:
        told = answer_to(house, PermissionError("why"))
    failed, request = logs
    assert failed["event"] == "request_failed"
    assert failed["error"] == "PermissionError"
    assert failed["reference"] == request["reference"]
    assert f"Reference: {failed['reference']}" in told.text


def test_an_answer_that_has_begun_is_not_begun_anew(house: House) -> None:
    """What the browser has is what it has; the log says how it ended."""

    async def breaks_off(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise PermissionError

    being = Asked(Front(breaks_off, front_of(house.installation)._site))
    with structlog.testing.capture_logs() as logs:
        told = being.ask(Question(headers=[at(house.harbour)]))
    being.close()
    assert (told.status, told.body) == (200, b"half")
    assert [entry["event"] for entry in logs] == ["request_failed", "request"]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/sign-in", "/sign-in"),
        ("/welcome/O1XQOsjYnwaPwYnpqtF5ovENEFYdAA0cyoLoPjgbtxE", "/welcome/…"),
        ("/welcome/", "/welcome/…"),
        ("/break-glass/O1XQOsjYnwaPwYnpqtF5ovENEFYdAA0cyoLoPjgbtxE", "/break-glass/…"),
        ("/welcome/a/b?c", "/welcome/…"),
        ("/Reset/O1XQOsjYnwaPwYnpqtF5ovENEFYdAA0cyoLoPjgbtxE", "/Reset/…"),
        ("//reset/O1XQOsjYnwaPwYnpqtF5ovENEFYdAA0cyoLoPjgbtxE", "//reset/…"),
        ("/go/invitation/O1XQOsjYnwaPwYnpqtF5ov-NEFYdAA0cyoLoPjgb_xE.", "/go/invitation/…."),
        (f"/admin/users/{'ab' * 16}/edit", f"/admin/users/{'ab' * 16}/edit"),
        ("/a\nb", "…"),
        ("/\x1b[31m", "…"),
        ("/é", "…"),
        ("/" + "a" * 5000, "/" + "a" * 199),
        ("", ""),
    ],
)
def test_ac_67_a_path_is_logged_without_what_is_secret_or_strange(path: str, shown: str) -> None:
    assert masked_path(path) == shown


def test_ac_67_one_line_for_each_request_and_no_query_in_it(
    house: House, application: Asked
) -> None:
    with structlog.testing.capture_logs() as logs:
        application.ask(Question(path="/sign-in", query=b"a=canary", headers=[at(house.harbour)]))
    (line,) = logs
    assert set(line) == {
        *("event", "log_level", "method", "path", "status", "milliseconds", "reference"),
    }
    assert "canary" not in str(line)


def test_a_probe_is_answered_on_any_host_and_sets_nothing(application: Asked) -> None:
    """A load balancer asks for the address of the machine, and knows of no environment."""
    for headers in ([], [(b"host", b"10.0.0.1")], [(b"host", b"a b"), (b"host", b"c")]):
        told = application.ask(Question(path="/healthz", headers=headers))
        assert (told.status, told.body) == (200, b"ok\n")
        assert told.header(b"set-cookie") is None
        assert application.ask(Question(path="/readyz", headers=headers)).status == 200


def test_an_address_that_was_taken_away_is_believed_for_five_seconds(house: House) -> None:
    added = environments.add(
        house.installation, name="Soon gone", primary=Origin("http", "gone.localhost", house.port)
    )
    assert isinstance(added, Environment)
    question = Question(path="/sign-in", headers=[at(added)])
    with asked(house.installation) as being:
        assert being.ask(question).status == 200
        house.installation.database.write(
            lambda connection: connection.execute(
                delete(addresses).where(addresses.c.environment_id == added.id)
            )
        )
        house.clock.forward(KNOWN_FOR_MS - 1)
        assert being.ask(question).status == 200
        house.clock.forward(1)
        assert being.ask(question).status == 421
        assert KNOWN_FOR_MS == 5_000


def test_a_new_address_is_found_at_once(house: House, application: Asked) -> None:
    """That there was none is not remembered."""
    soon = Origin("http", "new.localhost", house.port)
    question = Question(path="/sign-in", headers=[(b"host", soon.netloc.encode())])
    assert application.ask(question).status == 421
    environments.add(house.installation, name="New", primary=soon)
    assert application.ask(question).status == 200


def test_two_requests_that_run_side_by_side_are_two_visits(house: House) -> None:
    """AC-72: a server that hands the same state to both would otherwise mix two environments."""
    shared: dict[str, Any] = {}

    class SharedState(Question):
        def scope(self) -> dict[str, Any]:  # type: ignore[explicit-override]
            return super().scope() | {"state": shared}

    with asked(house.installation) as being:
        for environment in (house.harbour, house.northside) * 3:
            told = being.ask(SharedState(path="/sign-in", headers=[at(environment)]))
            assert environment.name in told.text
    assert shared == {}


def test_a_language_that_there_is_not_is_english(house: House, application: Asked) -> None:
    plain = application.ask(Question(path="/forgot-password", headers=[at(house.harbour)]))
    for wanted in (b"tlh", b"*", b"en-GB,en;q=0.5", b"\xff", b"q=1" * 500, b"en;q=nan"):
        headers = [at(house.harbour), (b"accept-language", wanted)]
        told = application.ask(Question(path="/forgot-password", headers=headers))
        assert len(told.body) == len(plain.body)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'[{"body": {"effectiveDirective": "script-src-elem"}}]', 204),
        (b"[]", 204),
        (b"{}", 204),
        (b'"text"', 204),
        (b"[1, null, [], {}, {}, {}, {}]", 204),
        (b'[{"body": {"effectiveDirective": {"a": []}}}]', 204),
        (b'[{"body": {"effectiveDirective": "\\ud800\\u0000\\n<script>"}}]', 204),
        (b"", 400),
        (b"[" * 16_000, 400),
        (b"\xff", 400),
        (b"nope", 400),
        (b"9" * 6000, 400),
    ],
)
def test_r_31_a_report_is_a_line_in_the_log_or_refused(
    body: bytes, status: int, house: House, application: Asked
) -> None:
    """Anybody can send one, so nothing of it but the name of a directive is kept."""
    headers = [at(house.harbour), (b"content-type", b"application/reports+json")]
    question = Question(method="POST", path="/csp-reports", headers=headers, body=[body])
    with structlog.testing.capture_logs() as logs:
        assert application.ask(question).status == status
    said = [entry["directive"] for entry in logs if entry["event"] == "csp_report"]
    assert set(said) <= {"script-src-elem", "unknown"}
    assert FORM not in headers


def test_a_reload_of_the_origin_does_not_change_what_it_is(house: House) -> None:
    """An environment with two addresses: a form is taken at each one from its own pages alone."""
    first = Origin("http", "one.localhost", house.port)
    second = replace(first, host="two.localhost")
    environments.add(house.installation, name="Two", primary=first, others=[second])
    with asked(house.installation) as being:
        for here, there in ((first, second), (second, first)):
            for origin, status in ((here, 415), (there, 403)):
                headers = [(b"host", here.netloc.encode()), (b"origin", str(origin).encode())]
                question = Question(method="POST", path="/sign-in", headers=headers)
                assert being.ask(question).status == status


def test_no_link_that_there_is_stands_in_a_log(house: House) -> None:
    """Each route that takes a token, by what its pages are."""
    paths = [route.path for route in routes(front_of(house.installation)._site)]
    links = {path for path in paths if "{token}" in path}
    assert len(links) >= 4
    for path in links:
        assert "a-secret" not in masked_path(path.replace("{token}", "a-secret"))


def test_a_file_that_takes_longer_to_write_than_a_body_may_to_read_is_not_cut_off(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever writes it listens for the visitor going away, and hears nothing until then."""
    steady, heard = [0.0], []
    monkeypatch.setattr("twostep.web.front.steady_seconds", lambda: steady[0])
    coming: list[Message] = [{"type": "http.request", "body": b""}, {"type": "http.disconnect"}]

    async def receive() -> Message:
        return coming.pop(0)

    async def send(_message: Message) -> None:
        """Nobody reads the answer."""

    async def page(_scope: Scope, receive: Receive, _send: Send) -> None:
        heard.append((await receive())["type"])
        steady[0] = 10 * SLOWEST_BODY
        heard.append((await receive())["type"])

    front = Front(page, front_of(house.installation)._site)
    asyncio.run(front(Question(path="/healthz").scope(), receive, send))
    assert heard == ["http.request", "http.disconnect"]
