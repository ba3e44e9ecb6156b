"""AC-54: which host a request names decides which environment answers, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.helpers.asgi import FORM, Asked, Question, asked
from tests.helpers.house import PASSWORD, House, phone_from, sign_in
from tests.helpers.one_house import house_on_sqlite
from tests.helpers.places import a_name
from twostep.flows.environments import by_origin
from twostep.flows.links import invite_first_administrator

EVIL = "evil.example"

FORWARDED = (
    ("x-forwarded-host", EVIL),
    ("x-forwarded-host", f"harbour.localhost, {EVIL}"),
    ("x-forwarded-server", EVIL),
    ("x-forwarded-port", "666"),
    ("x-forwarded-prefix", f"//{EVIL}"),
    ("x-host", EVIL),
    ("x-http-host-override", EVIL),
    ("x-original-host", EVIL),
    ("x-original-url", f"https://{EVIL}/"),
    ("x-rewrite-url", f"https://{EVIL}/"),
    ("forwarded", f"host={EVIL};proto=https"),
    ("forwarded", f'for=1.2.3.4;host="{EVIL}"'),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-scheme", "https"),
    ("front-end-https", "on"),
    ("x-forwarded-ssl", "on"),
    ("x-url-scheme", "https"),
    ("referer", f"https://{EVIL}/"),
    ("host-", EVIL),
    ("x_forwarded_host", EVIL),
)

UNKNOWN = (
    "{evil}",
    "{evil}:{port}",
    "harbour.localhost.{evil}:{port}",
    "{evil}.harbour.localhost:{port}",
    "harbour.localhost",
    "harbour.localhost:1",
    "localhost:{port}",
    "127.0.0.1:{port}",
    "[::1]:{port}",
)
NOT_A_HOST = (
    "",
    "harbour.localhost.:{port}",
    "harbour.localhost:{port},{evil}",
    "harbour.localhost:{port} {evil}",
    "{evil}@harbour.localhost:{port}",
    "harbour.localhost:{port}@{evil}",
    "harbour.localhost:{port}/{evil}",
    "harbour.localhost:{port}?{evil}",
    "harbour.localhost:{port}#{evil}",
    "harbour.localhost:\x00",
    "harbour.localhost:0",
    "harbour.localhost:65536",
    "harbour.localhost:+{port}",
    "harbour.localhost:\xb2",
    "harbour.localhost:00001" + "9" * 5000,
    "harbour..localhost:{port}",
    "-harbour.localhost:{port}",
    "h\xe4rbour.localhost:{port}",
    "[::1:{port}",
    "[harbour.localhost]:{port}",
    "a" * 254 + ":{port}",
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_on_sqlite(tmp_path_factory.mktemp("house")) as made:
        made.add()
        yield made


@pytest.fixture(scope="module")
def application(house: House) -> Iterator[Asked]:
    with asked(house.installation) as being:
        yield being


def spelt(text: str, house: House) -> bytes:
    filled = text.replace("{port}", str(house.port)).replace("{evil}", EVIL)
    return filled.encode("latin-1")


@pytest.mark.parametrize("text", UNKNOWN)
def test_ac_54_a_host_that_is_no_environments_is_misdirected(
    text: str, house: House, application: Asked
) -> None:
    told = application.ask(Question(path="/sign-in", headers=[(b"host", spelt(text, house))]))
    assert told.status == 421
    assert told.header(b"set-cookie") is None
    assert EVIL not in told.text


@pytest.mark.parametrize("text", NOT_A_HOST)
def test_ac_54_what_is_no_host_is_refused(text: str, house: House, application: Asked) -> None:
    told = application.ask(Question(path="/sign-in", headers=[(b"host", spelt(text, house))]))
    # 421 where it can be read as another host: neither leads to an environment.
    assert told.status in {400, 421}
    assert told.header(b"set-cookie") is None
    assert EVIL not in told.text


def test_ac_54_two_hosts_are_refused_and_so_is_none(house: House, application: Asked) -> None:
    ours = (b"host", house.harbour.primary.netloc.encode())
    for headers in ([ours, ours], [ours, (b"host", EVIL.encode())], []):
        assert application.ask(Question(path="/sign-in", headers=headers)).status == 400


def test_ac_54_a_host_in_capitals_is_the_same_host(house: House, application: Asked) -> None:
    """RFC 9110 section 4.2.3: it is no second spelling of an origin that could be told apart."""
    host = house.harbour.primary.netloc.upper().encode()
    told = application.ask(Question(path="/sign-in", headers=[(b"host", host)]))
    assert told.status == 200
    assert "Harbour Clinic" in told.text


@pytest.mark.parametrize(("name", "value"), FORWARDED)
def test_ac_54_a_header_that_names_another_host_changes_nothing(
    name: str, value: str, house: House
) -> None:
    plain, poisoned = house.client().get("/sign-in"), house.client()
    page = poisoned.get("/sign-in", {name: value})
    assert page.status == 200
    assert same_but_for_what_is_new(page.text) == same_but_for_what_is_new(plain.text)
    assert [key for key, _ in page.headers] == [key for key, _ in plain.headers]
    away = poisoned.get("/security", {name: value})
    assert away.location == house.client().get("/security").location
    typed = page.form("/sign-in").fields | {"user_name": "ann", "password": PASSWORD}
    answer = poisoned.post("/sign-in", typed, {name: value})
    assert (answer.status, answer.location) == (303, "/")


def same_but_for_what_is_new(text: str) -> str:
    return re.sub(r'nonce="[\w-]{22}"|value="[\w-]{44}"', "", text)


def test_ac_54_every_redirect_is_a_path_and_no_page_holds_an_address_of_ours(house: House) -> None:
    """So that there is nothing in which a poisoned host could stand."""
    name = a_name()
    house.add(name, house.northside)
    client = house.client(house.northside)
    answers = [client.get("/"), client.get("/security"), sign_in(client, name)]
    page = client.get("/sign-in/set-up")
    code = phone_from(page, house.clock).code()
    answers += [page, client.submit(page, "/sign-in/set-up", code=code)]
    answers += [client.get("/"), client.get("/security"), client.get("/security/two-step")]
    for answer in answers:
        if answer.location is not None:
            parts = urlsplit(answer.location)
            assert (parts.scheme, parts.netloc) == ("", "")
            assert parts.path.startswith("/")
            assert not parts.path.startswith("//")
        assert "localhost" not in answer.text


def test_ac_54_the_first_administrators_link_has_the_configured_address(house: House) -> None:
    """Whatever host anybody asked for before, and also where the environment has several."""
    environment = house.environment("Eastside School", "eastside")
    links = []
    for host in ("eastside.localhost", EVIL):
        client = house.client(environment)
        client.get("/sign-in", {"Host": f"{host}:{house.port}", "X-Forwarded-Host": EVIL})
        found = by_origin(house.installation, str(environment.primary))
        assert found is not None
        link = invite_first_administrator(house.installation, found)
        assert link is not None
        links.append(link.reveal())
    assert {link.rsplit("/", 1)[0] for link in links} == {f"{environment.primary}/welcome"}


def test_ac_54_a_form_is_taken_at_its_own_host_alone(house: House, application: Asked) -> None:
    """The Origin header must be the address that was asked, not any address of ours."""
    headers = [
        (b"host", house.harbour.primary.netloc.encode()),
        (b"origin", str(house.northside.primary).encode()),
        FORM,
    ]
    told = application.ask(Question(method="POST", path="/sign-in", headers=headers))
    assert told.status == 403
