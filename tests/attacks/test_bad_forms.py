"""R-31, R-32: forms that no page of ours made lead nowhere, and lose nothing.

Each address that takes a form gets it wrong in every way that issue 2 lists, and afterwards right:
what came before it has changed nothing. On PostgreSQL too, which takes no NUL in text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlencode

import pytest

from tests.helpers.house import PASSWORD, House
from tests.helpers.http import Answer
from tests.helpers.one_house import house_on_sqlite
from tests.helpers.places import (
    PLACES,
    Place,
    a_name,
    at_code,
    at_new_password,
    at_password,
    at_password_change,
    at_sessions,
    at_set_up,
    at_welcome,
)
from tests.helpers.sealed_rows import everything_in

pytestmark = pytest.mark.sqlite_alone

FORM = "application/x-www-form-urlencoded"
JOURNAL = {"attempts", "lockouts", "events", "people"}
"""What a wrong try may write: that it was made."""


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_on_sqlite(tmp_path_factory.mktemp("house")) as made:
        yield made


def send_raw(place: Place, body: bytes, content_type: str = FORM) -> Answer:
    """A body as it stands."""
    return place.client.twin().request(
        "POST",
        place.path,
        body=body,
        headers={
            "Content-Type": content_type,
            "Origin": place.client.origin,
            "Sec-Fetch-Site": "same-origin",
        },
    )


def pairs_of(place: Place) -> list[tuple[str, str]]:
    return [("csrf", place.csrf), *place.fields.items()]


def wrong_types(place: Place) -> Iterator[tuple[str, bytes, str]]:
    body = urlencode(pairs_of(place)).encode()
    multipart = b"".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in pairs_of(place)
    )
    yield "JSON", b'{"csrf": "a"}', "application/json"
    yield "multipart", multipart + b"--x--\r\n", "multipart/form-data; boundary=x"
    yield "plain", body, "text/plain"
    yield "none", body, ""
    yield "latin-1", body, f"{FORM}; charset=iso-8859-1"
    yield "utf-7", body, f"{FORM}; charset=utf-7"
    yield "two at once", body, f"{FORM}, text/plain"


def unreadable(place: Place) -> Iterator[tuple[str, bytes]]:
    pairs = pairs_of(place)
    body = urlencode(pairs).encode()
    for name, _ in pairs:
        yield f"{name} twice", body + f"&{name}=x".encode()
        yield f"{name} twice, once empty", body + f"&{name}".encode()
        yield f"{name} not UTF-8", body.replace(f"{name}=".encode(), f"{name}=%ff".encode())
        yield f"{name} raw bytes", body.replace(f"{name}=".encode(), name.encode() + b"=\xff")
        yield (
            f"{name} with half a surrogate",
            body.replace(f"{name}=".encode(), f"{name}=%ED%A0%80".encode()),
        )
        yield (
            f"{name} with an overlong slash",
            body.replace(f"{name}=".encode(), f"{name}=%C0%AF".encode()),
        )
    yield "raw UTF-8", body + "&x=é".encode()
    yield "too many fields", body + b"".join(b"&f%d=" % n for n in range(50))


@pytest.mark.parametrize("path", PLACES)
def test_r_32_a_form_that_cannot_be_read_changes_nothing(path: str, one: House) -> None:
    place = PLACES[path](one)
    before = everything_in(one.installation.database)
    for what, body, content_type in wrong_types(place):
        assert (what, send_raw(place, body, content_type).status) == (what, 415)
    for what, body in unreadable(place):
        assert (what, send_raw(place, body).status) == (what, 400)
    assert send_raw(place, b"").status == 403
    assert send_raw(place, b"&&&=&;=;").status in {400, 403}
    in_the_address = place.client.twin().post(f"{place.path}?{urlencode(pairs_of(place))}")
    assert in_the_address.status == 403
    assert everything_in(one.installation.database) == before
    assert place.send().status == place.done


@pytest.mark.parametrize("path", PLACES)
def test_r_32_a_form_of_which_a_part_is_missing_lets_nobody_in(path: str, one: House) -> None:
    """Empty, blank or not there at all: said beside the field, and the rest is kept."""
    place = PLACES[path](one)
    optional = {"going_to", "session", "device", "replaces", "kept", "who", "to", "stay", "form_id"}
    # A property that is missing is left as it is, a tick that is missing is none, and an empty line
    # of text is one. Without its tick the app would be forbidden, and the page asks back.
    saved = {200, 303} if path == "/admin/properties" else set()
    # Whoever looks for nobody in particular is shown everybody.
    found = {303} if path == "/admin/users" else set()
    before = everything_in(one.installation.database)
    csrf = place.csrf
    for name in set(place.fields) - optional:
        for value in (None, "", "   "):
            fields = {"csrf": csrf} | dict(place.fields) | {name: value or ""}
            if value is None:
                del fields[name]
            answer = place.client.twin().post(place.path, fields)
            # A password of three blanks is a password: too short, or wrong. An act that is none has
            # no page, and codes that are none are no file.
            assert answer.status in {422, 403, 404, 400} | saved | found, (name, value)
    after = everything_in(one.installation.database)
    allowed = JOURNAL | ({"properties"} if saved else set())
    assert {table for table in after if after[table] != before[table]} <= allowed
    assert place.send().status == place.done
    if saved:
        one.set(one.harbour, "allow_recovery_codes", "yes")


ODD = (
    "\x00",
    "ann\x00",
    "a\x00nn\x00",
    "\x01\x02\x1b[31m",
    "\u202e\u200b\ufeff",
    "\uffff\ufffe",
    "\U000e0041",
    "'; DROP TABLE users; --",
    "<script>alert(1)</script>",
    "{{ 7*7 }}${7*7}%s%n",
    "../../etc/passwd",
    "ﷺ" * 150,
    "e" + "\u0301" * 149,
    "\r\nSet-Cookie: __Host-sess=evil",
    "ß" * 150,
    "𝟙𝟚𝟛𝟜𝟝𝟞",
    "１２３４５６",
    "-1",
    "1e6",
    "9" * 5000,
    " ".join("123456"),
)


FIELDS: tuple[tuple[Callable[[House], Place], str, Mapping[str, str]], ...] = (
    (at_password, "user_name", {"password": "not the right password"}),
    (at_password, "password", {}),
    (at_code, "code", {}),
    (at_set_up, "code", {}),
    (at_welcome, "user_name", {"new_password": "too short"}),
    (at_welcome, "new_password", {"user_name": "\x00"}),
    (at_password_change, "new_password", {"current_password": "not the right password"}),
    (at_password_change, "current_password", {}),
)


def test_r_32_no_text_in_any_field_is_more_than_text(unlimited_house: House) -> None:
    """NUL, control characters, other scripts' digits, markup, SQL, five thousand digits. Nothing of
    it is a password or a code of anybody's, so each is refused beside its field."""
    for make, name, others in FIELDS:
        place = make(unlimited_house)
        csrf = place.csrf
        for text in ODD:
            fields = {"csrf": csrf} | dict(place.fields) | dict(others) | {name: text}
            answer = place.client.post(place.path, fields)
            assert answer.status in {403, 422}, (place.path, name, text)
            assert "<script>alert" not in answer.text
            assert "__Host-sess=evil" not in str(answer.headers)


def test_r_32_no_text_names_a_session(unlimited_house: House) -> None:
    place = at_sessions(unlimited_house)
    for text in ODD:
        assert place.send(session=text).location == "/security?said=no-other-session"


@pytest.mark.parametrize("text", ODD)
def test_where_somebody_was_going_is_a_path_of_ours_or_nothing(text: str, one: House) -> None:
    name = a_name()
    one.add(name)
    client = one.client()
    typed = {"user_name": name, "password": PASSWORD, "going_to": text}
    csrf = client.get("/sign-in").form().fields["csrf"]
    answer = client.post("/sign-in", {"csrf": csrf} | typed)
    assert (answer.status, answer.location) == (303, "/")


def test_what_was_typed_comes_back_but_for_secrets(one: House) -> None:
    """Issue 2: nothing typed is lost (secrets aside)."""
    place = at_password(one)
    answer = place.send(user_name='Ann "the" <b>&', password="a wrong password indeed")
    assert answer.status == 403
    fields = answer.form("/sign-in").fields
    assert fields["user_name"] == 'Ann "the" <b>&'
    assert fields["going_to"] == "/security"
    assert fields["password"] == ""
    assert "a wrong password indeed" not in answer.text
    welcome = at_welcome(one)
    refused = welcome.send(user_name="chosen", new_password="too short")
    assert refused.form(welcome.path).fields["user_name"] == "chosen"
    assert "too short" not in refused.text.split("</head>")[1].replace("is too short", "")


@pytest.mark.both_databases
def test_a_page_that_was_too_old_gives_back_what_was_typed(one: House) -> None:
    """The cookie was lost meanwhile, or the browser takes none: the same page, with the reason."""
    place = at_password(one)
    csrf = place.csrf
    place.client.cookies.clear()
    answer = place.client.post("/sign-in", {"csrf": csrf} | dict(place.fields))
    assert answer.status == 403
    assert answer.form("/sign-in").fields["user_name"] == place.fields["user_name"]
    again = place.client.post("/sign-in", answer.form("/sign-in").fields | {"password": PASSWORD})
    assert again.location == "/security"


OUT_OF_ORDER: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("/sign-in/code", {"code": "123456"}),
    ("/sign-in/set-up", {"code": "123456"}),
    ("/sign-in/new-password", {"new_password": "violet anchors drift slowly"}),
    ("/sign-in/more-time", {}),
    ("/sign-in/cancel", {}),
    ("/security/two-step", {}),
    ("/security/two-step/verify", {"code": "123456"}),
    ("/security/password", {"current_password": PASSWORD, "new_password": "violet anchors dr"}),
    ("/security/sessions/end", {"session": "others"}),
    ("/sign-out", {}),
)


@pytest.mark.parametrize(("path", "fields"), OUT_OF_ORDER)
def test_r_32_a_form_before_its_time_opens_nothing(
    path: str, fields: Mapping[str, str], one: House
) -> None:
    """Nobody has signed in in this browser: every form leads to the sign-in page."""
    client = one.client()
    csrf = client.get("/sign-in").form().fields["csrf"]
    before = everything_in(one.installation.database)
    answer = client.post(path, {"csrf": csrf} | dict(fields))
    assert answer.status == 303
    assert (answer.location or "").startswith("/sign-in?said=")
    assert client.get("/").status == 303
    assert everything_in(one.installation.database) == before


def test_r_32_a_form_of_another_step_opens_nothing(one: House) -> None:
    """A code where set-up is asked, a new password where a code is asked, and so on."""
    for make, own in (
        (at_code, "/sign-in/code"),
        (at_set_up, "/sign-in/set-up"),
        (at_new_password, "/sign-in/new-password"),
    ):
        place = make(one)
        csrf = place.csrf
        for path in ("/sign-in/code", "/sign-in/set-up", "/sign-in/new-password"):
            if path == own:
                continue
            fields = {"csrf": csrf, "code": "123456", "new_password": "violet anchors drift by"}
            answer = place.client.post(path, fields)
            assert (path, answer.location) == (path, own)
            assert "__Host-sess" not in place.client.cookies
        assert place.send().status == place.done
