"""AC-68: what is too large, too slow or too much is refused early, and costs nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import shake_256

import pytest

from tests.helpers.asgi import FORM, Asked, Question, Told, asked
from tests.helpers.house import OTHER_PASSWORD, PASSWORD, House, sign_in
from tests.helpers.one_house import house_on_sqlite
from tests.helpers.places import a_name, at_welcome, signed_in
from tests.helpers.sealed_rows import everything_in
from tests.helpers.serving import front_of
from twostep.web.forms import MOST_FIELDS
from twostep.web.front import LARGEST_BODY, Front


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_on_sqlite(tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture(scope="module")
def application(house: House) -> Iterator[Asked]:
    with asked(house.installation) as being:
        yield being


def form(
    house: House,
    *pieces: bytes,
    length: bytes | None = None,
    stalls: bool = False,
    goes_away: bool = False,
) -> Question:
    """A POST to the sign-in page in these pieces, with the Content-Length that is given."""
    headers = [
        (b"host", house.harbour.primary.netloc.encode()),
        (b"origin", str(house.harbour.primary).encode()),
        FORM,
    ]
    if length is not None:
        headers.append((b"content-length", length))
    return Question(
        method="POST",
        path="/sign-in",
        headers=headers,
        body=pieces,
        stalls=stalls,
        goes_away=goes_away,
    )


def refused(told: Told, status: int) -> bool:
    return told.status == status and told.header(b"set-cookie") is None


def test_ac_68_a_body_that_says_it_is_too_large_is_not_read(
    house: House, application: Asked
) -> None:
    for length in (str(LARGEST_BODY + 1).encode(), b"9" * 30, b"9" * 5000):
        told = application.ask(form(house, b"", stalls=True, length=length))
        assert refused(told, 413)
    for length in (b"\xb2", b"-1", b"+1", b"1e3", b""):
        assert refused(application.ask(form(house, b"", length=length)), 400)


def test_ac_68_a_body_that_does_not_say_so_is_cut_off(house: House, application: Asked) -> None:
    """Chunked, or with a length that is a lie: what has come is counted."""
    piece = b"a" * 1024
    pieces = [piece] * (LARGEST_BODY // len(piece))
    assert application.ask(form(house, *pieces)).status == 403
    for length in (None, b"10"):
        question = form(house, *pieces, b"a", b"b" * 10_000_000, length=length)
        assert refused(application.ask(question), 413)


def test_ac_68_a_body_that_does_not_come_is_not_waited_for(house: House) -> None:
    front = front_of(house.installation)
    being = Asked(Front(front._app, front._site, slowest_body=0))
    told = being.ask(form(house, b"user_name=", stalls=True))
    being.close()
    assert refused(told, 408)


def test_ac_68_who_goes_away_in_the_middle_leaves_nothing(house: House, application: Asked) -> None:
    before = everything_in(house.installation.database)
    assert refused(application.ask(form(house, b"user_name=", goes_away=True)), 400)
    assert everything_in(house.installation.database) == before


def test_ac_68_more_fields_than_any_form_has_are_refused(house: House, application: Asked) -> None:
    body = b"&".join(b"f%d=" % number for number in range(MOST_FIELDS + 1))
    assert refused(application.ask(form(house, body)), 400)


def test_ac_68_cookies_without_end_are_refused(house: House) -> None:
    client = house.client()
    assert client.get("/sign-in", {"Cookie": "a=" + "b" * 16_000}).status == 200
    assert client.get("/sign-in", {"Cookie": "a=" + "b" * 17_000}).status == 431


MADE_BY_A_WELCOME = {"environments", "addresses", "keys", "links", "events", "people"}


@contextmanager
def no_hash(house: House) -> Iterator[None]:
    before = house.installation.hashing.performed
    yield
    assert house.installation.hashing.performed == before


@pytest.mark.parametrize("password", ["a" * 257, "🦩" * 257, "a" * 10_000])
def test_ac_68_a_password_that_nobody_has_is_refused_before_it_is_hashed(
    password: str, house: House
) -> None:
    """The same for a user and for a name that nobody has, and no try is used up."""
    name = a_name()
    house.add(name)
    before = everything_in(house.installation.database)
    with no_hash(house):
        answers = {sign_in(house.client(), each, password).status for each in (name, "nobody")}
        place = at_welcome(house)
        page = place.client.get(place.path)
        chosen = place.client.submit(page, place.path, user_name="boss", new_password=password)
    assert answers == {422}
    assert chosen.status == 422
    after = everything_in(house.installation.database)
    assert {table for table in after if after[table] != before[table]} <= MADE_BY_A_WELCOME


def test_ac_68_256_characters_of_four_bytes_are_a_password(house: House) -> None:
    """The longest there can be, and nothing of it is cut off: one character more or another one at
    its end is another password."""
    longest = "".join(chr(0x1F400 + digit) for digit in shake_256(b"flock").digest(256))
    assert (len(longest), len(longest.encode())) == (256, 1024)
    name = a_name()
    client = signed_in(house, name)
    page = client.get("/security/password")
    changed = client.submit(
        page, "/security/password", current_password=PASSWORD, new_password=longest
    )
    assert changed.location == "/security?said=password-saved"
    assert sign_in(house.client(), name, longest[:-1] + "a").status == 403
    assert sign_in(house.client(), name, longest).location == "/"
    typed = {"new_password": OTHER_PASSWORD, "current_password": longest + "🦩"}
    page = client.get("/security/password")
    assert client.submit(page, "/security/password", **typed).status == 403


def test_ac_68_looking_at_pages_stores_nothing(house: House, application: Asked) -> None:
    before = everything_in(house.installation.database)
    ours = (b"host", house.harbour.primary.netloc.encode())
    for path in ("/sign-in", "/sign-in/code", "/", "/security", "/nowhere") * 20:
        application.ask(Question(path=path, headers=[ours]))
    assert everything_in(house.installation.database) == before
