"""SECURITY §5.3 on every answer there is: AC-67, AC-73, AC-74."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie

import pytest
from starlette.types import Receive, Scope, Send

from tests.helpers.asgi import Asked, Question, asked
from tests.helpers.crawl import crawl, heard
from tests.helpers.house import House, sign_in
from tests.helpers.http import Answer
from tests.helpers.one_house import house_on_sqlite
from tests.helpers.places import at_sign_out
from tests.helpers.serving import front_of
from twostep.core.environments import Environment, Origin
from twostep.flows import environments
from twostep.web.cookies import DEVICE, LANGUAGE, PENDING, SESSION, VISITOR
from twostep.web.front import Front

NONCE = re.compile(r"script-src 'nonce-([\w-]{22})'; style-src 'nonce-([\w-]{22})'")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_on_sqlite(tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture(scope="module")
def answers(house: House) -> list[Answer]:
    with pytest.MonkeyPatch.context() as patch, heard(patch) as found:
        crawl(house)
        return list(found)


def test_the_crawl_meets_every_kind_of_answer(answers: list[Answer]) -> None:
    """What is asserted of every answer here is asserted of all these."""
    met = {answer.status for answer in answers}
    assert met >= {200, 303, 400, 403, 404, 405, 410, 413, 415, 421, 422, 431}
    assert met < set(range(600)) - {500}


def test_ac_73_no_answer_can_be_framed_sniffed_or_scripted(answers: list[Answer]) -> None:
    for answer in answers:
        policy = answer.header("content-security-policy")
        assert policy is not None
        assert NONCE.sub("", policy) == (
            "default-src 'none'; ; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
            "base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
            "require-trusted-types-for 'script'; report-to csp"
        )
        assert answer.header("x-frame-options") == "DENY"
        assert answer.header("x-content-type-options") == "nosniff"
        assert answer.header("referrer-policy") == "same-origin"
        assert answer.header("cross-origin-opener-policy") == "same-origin"
        assert answer.header("cross-origin-resource-policy") == "same-origin"
        assert answer.header("access-control-allow-origin") is None
        permissions = (answer.header("permissions-policy") or "").split(", ")
        allowed = {entry for entry in permissions if not entry.endswith("=()")}
        assert allowed == {
            "publickey-credentials-get=(self)",
            "publickey-credentials-create=(self)",
        }
        for name in ("content-security-policy", "x-frame-options", "cache-control"):
            assert len(answer.all_headers(name)) == 1


def test_ac_73_each_answer_has_a_nonce_of_its_own_and_the_page_has_the_same(
    answers: list[Answer],
) -> None:
    nonces = []
    for answer in answers:
        found = NONCE.search(answer.header("content-security-policy") or "")
        assert found is not None
        assert found[1] == found[2]
        nonces.append(found[1])
        in_page = set(re.findall(r'nonce="([^"]+)"', answer.body.decode("latin-1")))
        assert in_page <= {found[1]}
    assert len(set(nonces)) == len(nonces)


def test_ac_67_nothing_but_files_is_kept_by_a_browser(answers: list[Answer]) -> None:
    kept = [answer for answer in answers if answer.header("cache-control") != "no-store"]
    assert kept
    for answer in kept:
        assert any(f"/{folder}/" in answer.url for folder in ("static", "colours", "logo"))
        assert answer.status == 200
        assert answer.header("set-cookie") is None
        assert answer.header("cache-control") == "public, max-age=31536000, immutable"


A_YEAR = str(365 * 24 * 60 * 60)

KEPT_FOR = {
    SESSION: {"", "0"},
    VISITOR: {"", "0"},
    PENDING: {"", "900", "1800", "0"},
    "__Host-dev-": {A_YEAR, "0"},
    LANGUAGE: {A_YEAR},
}
"""In seconds, as the browser is told; empty for as long as it is open."""


def test_ac_74_every_cookie_has_every_attribute(answers: list[Answer]) -> None:
    """SECURITY §5.3: a missing Secure, or a Domain, would make the __Host- prefix void."""
    seen = set()
    for line in (line for answer in answers for line in answer.all_headers("set-cookie")):
        [(exact, morsel)] = SimpleCookie(line).items()
        name = "__Host-dev-" if DEVICE.match(exact) else exact
        assert morsel["secure"] is True
        assert morsel["httponly"] is True
        assert (morsel["path"], morsel["samesite"], morsel["domain"]) == ("/", "lax", "")
        assert morsel["expires"] == ""
        assert morsel["max-age"] in KEPT_FOR[name]
        assert (morsel["max-age"] == "0") == (morsel.value == "")
        seen.add((name, morsel["max-age"]))
    assert {name for name, _ in seen} == set(KEPT_FOR)
    assert {(PENDING, "900"), (PENDING, "1800"), (PENDING, "0")} <= seen


def test_over_plain_http_no_browser_is_told_to_stay_on_https(answers: list[Answer]) -> None:
    """RFC 6797 section 7.2."""
    assert {answer.header("strict-transport-security") for answer in answers} == {None}


def test_over_https_every_answer_tells_the_browser_to_stay_there(house: House) -> None:
    environment = https_environment(house)
    ours = (b"host", environment.primary.netloc.encode())
    with asked(house.installation) as application:
        for path in ("/", "/sign-in", "/nowhere", "/static/x", "/security", "/favicon.ico"):
            told = application.ask(Question(path=path, headers=[ours], scheme="https"))
            assert told.header(b"strict-transport-security") == (
                b"max-age=31536000; includeSubDomains"
            )


def https_environment(house: House) -> Environment:
    added = environments.add(
        house.installation, name="Online", primary=Origin("https", "login.example.org", 443)
    )
    assert isinstance(added, Environment)
    return added


def test_signing_out_clears_what_the_browser_kept_of_the_pages(house: House) -> None:
    """But not its cookies: other people may use this browser."""
    place = at_sign_out(house)
    session = place.client.cookies["__Host-sess"]
    answer = place.send()
    assert answer.header("clear-site-data") == '"cache", "storage"'
    assert answer.location == "/sign-in?said=signed-out"
    assert "__Host-sess" not in place.client.cookies
    place.client.cookies["__Host-sess"] = session
    assert place.client.get("/").status == 303


def test_r_31_an_error_that_nobody_expected_says_nothing_and_lets_nobody_in(
    house: House,
) -> None:
    """The page has a reference for whoever reads the log, and no word of what went wrong."""

    async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError("the canary of an inner error")

    front = front_of(house.installation)
    being = Asked(Front(broken, front._site))
    ours = (b"host", house.harbour.primary.netloc.encode())
    told = being.ask(Question(path="/security", headers=[ours]))
    being.close()
    assert told.status == 500
    assert "canary" not in told.text
    assert "RuntimeError" not in told.text
    assert re.search(r"[0-9a-f]{12}", told.text)
    assert told.header(b"cache-control") == b"no-store"
    assert told.header(b"x-frame-options") == b"DENY"
    assert told.header(b"set-cookie") is None


def test_a_page_after_sign_in_names_nobody_in_its_title_or_address(house: House) -> None:
    """AC-67: titles and addresses stay in histories and in the windows of shared screens."""
    name = "quentin.q"
    house.add(name)
    client = house.client()
    sign_in(client, name)
    for path in ("/", "/security", "/security/password"):
        page = client.get(path)
        assert page.status == 200
        title = re.search(r"<title>(.*?)</title>", page.text, re.DOTALL)
        assert title is not None
        assert name not in title[1]
