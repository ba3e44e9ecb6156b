"""AC-67, I-18: a secret is where it has to be and nowhere else.

A person does everything that can be done, on a real server that logs all it can (DEBUG). Each
secret of theirs is then looked for in the log, in every page, title and address, and in every
column of every row, as text and as the bytes behind the text.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from tests.attacks.test_killed_tries import reopened
from tests.helpers.clocks import MINUTE, ClockFile, HandClock
from tests.helpers.codes_by_mail import SEND, SENT
from tests.helpers.crawl import heard
from tests.helpers.house import SET_UP_DONE, Phone, phone_from
from tests.helpers.http import Answer, Client
from tests.helpers.letters import another_code
from tests.helpers.post_office import PostOffice
from tests.helpers.sealed_rows import everything_in
from tests.helpers.server import RunningServer
from tests.storage.waiting import until
from twostep.clock import system_clock
from twostep.core.contacts import ContactKind
from twostep.core.properties import find
from twostep.core.users import User, name_key
from twostep.crypto.secret import Secret
from twostep.flows import environments, properties, users
from twostep.flows.contact_entries import EnteredForUser, set_for_user
from twostep.storage.database import open_database

PASSWORD = "canary feathers over gravel"
NEW_PASSWORD = "gravel paths beneath canaries"
WRONG_PASSWORD = "quite another canary's song"
ADDRESS, NEW_ADDRESS = "canary.in.a.cage@mail.example", "canary.set.free@mail.example"
IN_THE_NAME_FIELD = "typed my password canary here"
IN_A_HEADER = "canary-of-a-header"
IN_THE_QUERY = "canary-of-the-query"

CONTACTS, CONFIRM = "/security/contacts", "/security/confirm/sent-code"
MESSAGES = "/admin/messages"

KEY_PAGES = {"/security/two-step", "/security/two-step/verify"}
"""The only pages that hold a key, and only while it is on offer."""


@dataclass
class Walk:
    """Everything that was done, and every secret that was part of it."""

    server: RunningServer
    clock: ClockFile
    answers: list[Answer]
    office: PostOffice
    url: str
    typed: set[str] = field(default_factory=set)
    cookies: set[str] = field(default_factory=set)
    in_forms: set[str] = field(default_factory=set)
    sent: set[str] = field(default_factory=set)
    phone: Phone | None = None

    def note(self, *clients: Client) -> None:
        """Keep what the browsers hold now: the cookies, and the tokens of the last pages."""
        for client in clients:
            self.cookies |= set(client.cookies.values())
        for form in (form for answer in self.answers for form in answer.forms()):
            self.in_forms |= {form.fields["csrf"]} if "csrf" in form.fields else set()

    def newest_code(self, to: str) -> str:
        """The code of the newest mail, once that has come to this address."""
        until(lambda: bool(self._codes_to(to) - self.sent))
        (code,) = self._codes_to(to) - self.sent
        self.sent.add(code)
        return code

    def _codes_to(self, to: str) -> set[str]:
        found: set[str] = set()
        for mail in [mail for mail in self.office.mails if mail.recipients == (to,)]:
            text = mail.message.get_body(("plain",))
            assert text is not None
            found |= set(re.findall(r"\b\d{6}\b", text.get_content()))
        return found

    @property
    def tokens(self) -> set[str]:
        """Every token of both kinds."""
        return self.cookies | self.in_forms

    def code(self, *, steps: int = 0) -> str:
        assert self.phone is not None
        now = HandClock(system_clock() + self.clock.offset)
        code = Phone(self.phone.key, now).code(steps=steps)
        self.typed.add(code)
        return code


def walk(walked: Walk) -> None:
    become_the_first_administrator(walked)
    client = walked.server.client()
    sign_in(walked, client, PASSWORD, name=IN_THE_NAME_FIELD)
    sign_in(walked, client, WRONG_PASSWORD)
    sign_in(walked, client, PASSWORD)
    set_up_the_app(walked, client)
    change_the_password(walked, client)
    client.submit(client.get("/"), "/sign-out")
    sign_in_with_codes(walked, client)
    codes_that_are_sent(walked)
    look_for_messages(client)
    strangers(walked)
    walked.note(client)


def become_the_first_administrator(walked: Walk) -> None:
    client, path = walked.server.client(), walked.server.welcome_path()
    walked.in_forms.add(path.removeprefix("/welcome/"))
    page = client.get(path)
    client.submit(page, path, user_name="boss", new_password="canary")
    client.get(f"{path}/and/more")
    made = client.submit(page, path, user_name="boss", new_password=PASSWORD)
    assert made.status == 303, made.text
    walked.note(client)


def sign_in(walked: Walk, client: Client, password: str, *, name: str = "boss") -> None:
    page = client.get("/sign-in")
    walked.note(client)
    client.submit(page, "/sign-in", user_name=name, password=password)
    walked.note(client)


def set_up_the_app(walked: Walk, client: Client) -> None:
    page = client.follow(client.submit(client.get("/security"), "/security/two-step"))
    walked.phone = phone_from(page, HandClock(system_clock()))
    wrong = client.submit(page, "/security/two-step/verify", code=walked.code(steps=500))
    done = client.submit(wrong, "/security/two-step/verify", code=walked.code())
    assert done.location == SET_UP_DONE, done.text
    walked.clock.forward(MINUTE)
    walked.note(client)


def change_the_password(walked: Walk, client: Client) -> None:
    page = client.get("/security/password")
    answers = [
        client.submit(page, "/security/password", current_password=current, new_password=new)
        for current, new in (
            (WRONG_PASSWORD, NEW_PASSWORD),
            (PASSWORD, "canary"),
            (PASSWORD, NEW_PASSWORD),
        )
    ]
    assert answers[-1].location == "/security?said=password-saved", answers[-1].text
    walked.note(client)


def sign_in_with_codes(walked: Walk, client: Client) -> None:
    sign_in(walked, client, NEW_PASSWORD)
    page = client.get("/sign-in/code")
    client.submit(client.get("/sign-in/another-way"), "/sign-in/cancel")
    sign_in(walked, client, NEW_PASSWORD)
    page = client.get("/sign-in/code")
    client.submit(page, "/sign-in/more-time")
    for steps in (500, 4):
        client.submit(page, "/sign-in/code", code=walked.code(steps=steps))
    done = client.submit(page, "/sign-in/code", code=walked.code())
    assert done.location == "/", done.text
    again = walked.server.client()
    sign_in(walked, again, NEW_PASSWORD)
    again.submit(again.get("/sign-in/code"), "/sign-in/code", code=walked.code())


def codes_that_are_sent(walked: Walk) -> None:
    """Ann, who has nothing but an address that an administrator entered, signs in, types her code
    wrong, gets another one, replaces the address, and shows once more that it is she.
    """
    somebody_with_an_address(walked)
    client = walked.server.client()
    sign_in(walked, client, PASSWORD, name="ann")
    page = client.get(SENT)
    client.submit(page, SENT, code=another_code(walked.newest_code(ADDRESS)))
    walked.clock.forward(MINUTE)
    csrf = page.form(SENT).fields["csrf"]
    page = client.follow(client.post(SEND, {"csrf": csrf, "to": "email"}))
    done = client.submit(page, SENT, code=walked.newest_code(ADDRESS))
    assert done.location == "/", done.text
    walked.note(client)
    walked.clock.forward(MINUTE)
    page = client.get(CONTACTS)
    csrf = page.form(CONTACTS).fields["csrf"]
    begun = client.post(CONTACTS, {"csrf": csrf, "kind": "email", "email": NEW_ADDRESS})
    assert begun.status == 303, begun.text
    page = client.follow(begun)
    code = {"csrf": csrf, "kind": "email", "email_code": walked.newest_code(NEW_ADDRESS)}
    done = client.post(f"{CONTACTS}/confirm", code)
    assert done.status == 303, done.text
    walked.note(client)
    for path in ("/security", CONTACTS):
        assert client.get(path).status == 200
    walked.clock.forward(6 * MINUTE)
    page = client.follow(client.get("/security/password"))
    csrf = page.form(None).fields["csrf"]
    asked = {"csrf": csrf, "act": "password", "to": "email"}
    page = client.follow(client.post(f"{CONFIRM}/send", asked))
    done = client.submit(page, CONFIRM, code=walked.newest_code(NEW_ADDRESS))
    assert done.location == "/security/password", done.text
    walked.note(client)


def look_for_messages(client: Client) -> None:
    """The first administrator looks for the address, and at what became of each message."""
    found = client.follow(client.submit(client.get(MESSAGES), MESSAGES, who=NEW_ADDRESS))
    assert "canary" not in found.url
    ids = set(re.findall(rf"{MESSAGES}/[0-9a-f]{{32}}", found.text + client.get(MESSAGES).text))
    assert len(ids) >= 4, found.text
    for path in ids:
        assert client.get(path).status == 200


def somebody_with_an_address(walked: Walk) -> None:
    """As a command does it, beside the running server."""
    database = open_database(walked.url)
    now = HandClock(system_clock() + walked.clock.offset)
    installation = reopened(database, walked.server.folder, now)
    try:
        (environment,) = environments.all_of_them(installation)
        for name, value in (("allow_email_codes", "yes"), ("two_step_verification", "required")):
            properties.set_in_environment(installation, environment, find(name), value)
        user = users.add(installation, environment, name="ann", password=Secret(PASSWORD))
        assert isinstance(user, User)
        entered = set_for_user(installation, user, ContactKind.EMAIL, ADDRESS, language="en")
        assert isinstance(entered, EnteredForUser)
    finally:
        installation.hashing.close()
        database.close()


def strangers(walked: Walk) -> None:
    """Secrets in places where none belongs."""
    client = walked.server.client()
    client.get(
        f"/sign-in?password={IN_THE_QUERY}",
        {
            "Authorization": f"Bearer {IN_A_HEADER}",
            "Referer": f"http://localhost/{IN_A_HEADER}",
            "X-Forwarded-For": IN_A_HEADER,
            "Cookie": f"other={IN_A_HEADER}; __Host-sess={IN_A_HEADER}",
            "User-Agent": IN_A_HEADER,
        },
    )
    client.post("/csp-reports", {})
    client.request("POST", "/sign-in", body=PASSWORD.encode(), headers={"Origin": client.origin})


def break_it(walked: Walk, url: str) -> None:
    """An error that nobody expected, in the middle of a sign-in: the log gets its traceback."""
    client = walked.server.client()
    page = client.get("/sign-in")
    database = open_database(url)
    database.write(lambda connection: connection.execute(text("DROP TABLE passwords")))
    database.close()
    for password in (NEW_PASSWORD, WRONG_PASSWORD):
        answer = client.submit(page, "/sign-in", user_name=IN_THE_NAME_FIELD, password=password)
        assert answer.status == 500, answer.status
    assert "Traceback" in walked.server.log
    walked.note(client)


@pytest.fixture
def walked(empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Walk]:
    clock = ClockFile(tmp_path / "clock")
    server = RunningServer(
        tmp_path / "server",
        database_url=empty_url,
        clock=clock,
        extra={"TWOSTEP_LOG_LEVEL": "debug", "TWOSTEP_LOG_FORMAT": "json"},
    )
    with PostOffice() as office, heard(monkeypatch) as answers:
        server.extra |= {
            "TWOSTEP_SMTP": f"smtp://localhost:{office.port}",
            "TWOSTEP_SMTP_STARTTLS": "never",
            "TWOSTEP_MAIL_SENDER": "codes@login.example",
        }
        walked = Walk(server, clock, answers, office, empty_url)
        with server:
            walk(walked)
            yield walked


def words(walked: Walk) -> set[str]:
    """Every secret as a person or a program writes it."""
    assert walked.phone is not None
    key = base64.b32encode(walked.phone.key).decode()
    grouped = " ".join(key[start : start + 4] for start in range(0, len(key), 4))
    return {
        *(PASSWORD, NEW_PASSWORD, WRONG_PASSWORD, IN_THE_NAME_FIELD, IN_A_HEADER, IN_THE_QUERY),
        *(name_key(IN_THE_NAME_FIELD), PASSWORD.replace(" ", "+"), "otpauth", "$argon2id$"),
        *(ADDRESS, NEW_ADDRESS, ADDRESS.replace("@", "%40")),
        *(key, grouped, key.lower(), walked.phone.key.hex()),
        *walked.tokens,
    }


def raw(walked: Walk) -> set[bytes]:
    """What is behind a token: whoever has the bytes can write the token."""
    assert walked.phone is not None
    found = {walked.phone.key}
    for token in walked.tokens:
        decoded = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        found.add(decoded if len(decoded) <= 33 else decoded[1:33])
    return found


def test_ac_67_no_secret_is_where_it_does_not_belong(walked: Walk, empty_url: str) -> None:
    database = open_database(empty_url)
    rows = everything_in(database)
    database.close()
    check_the_key_is_shown_once(walked)
    break_it(walked, empty_url)
    secrets = words(walked)
    assert len(walked.tokens) > 20
    assert len(walked.typed) >= 5
    assert {word for word in secrets if word in walked.server.log} == set()
    logged = without_times(walked.server.log)
    assert len(walked.sent) == 4
    assert {
        code for code in walked.typed | walked.sent if re.search(rf"\b{code}\b", logged)
    } == set()
    # The search finds what is there.
    assert [name for name in rows for row in rows[name] if secrets_in(row, {"boss"}, set(), set())]
    for name, columns in rows.items():
        for row in columns:
            assert secrets_in(row, secrets, raw(walked), walked.typed | walked.sent) == set(), name
    for answer in walked.answers:
        assert found_on_page(answer, secrets - walked.in_forms) == set()
        everywhere = f"{answer.url} {answer.location} {answer.text}"
        assert {code for code in walked.sent if re.search(rf"\b{code}\b", everywhere)} == set()
        in_headers = " ".join(v for k, v in answer.headers if k != "set-cookie")
        assert {word for word in secrets if word in in_headers} == set()


def without_times(log: str) -> str:
    """The log without its own time stamps, whose digits may look like a code."""
    lines = []
    for line in log.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            lines.append(line)
            continue
        lines.append(json.dumps({k: v for k, v in entry.items() if k != "timestamp"}))
    return "\n".join(lines)


def secrets_in(
    row: tuple[object, ...], secrets: set[str], pieces: set[bytes], codes: set[str]
) -> set[object]:
    found: set[object] = set()
    for value in row:
        if isinstance(value, str):
            found |= {word for word in secrets if word in value}
            found |= {code for code in codes if code == value}
        if isinstance(value, bytes):
            found |= {piece for piece in pieces if piece in value}
            found |= {word for word in secrets if word.encode() in value}
    return found


def found_on_page(answer: Answer, secrets: set[str]) -> set[str]:
    """What stands on a page: the key on the page that shows it, and nothing else. A user name that
    was typed comes back in its field; the person sees what it is."""
    page = answer.body.decode(errors="replace").replace(f'value="{IN_THE_NAME_FIELD}"', "")
    found = {word for word in secrets if word in page}
    if urlsplit(answer.url).path in KEY_PAGES:
        found = {word for word in found if not re.fullmatch("[A-Z2-7 ]{32,}", word)}
    return found


def check_the_key_is_shown_once(walked: Walk) -> None:
    """As a picture without an address, on a page that no browser keeps; and no page shows it again
    once it is confirmed."""
    shown = [answer for answer in walked.answers if 'id="key"' in answer.text]
    assert {urlsplit(answer.url).path for answer in shown} == KEY_PAGES
    for answer in shown:
        assert answer.header("cache-control") == "no-store"
        assert "<svg" in answer.text
        assert not re.search(r'<img[^>]+src="(?!/static/)', answer.text)
    walked.clock.forward(MINUTE)
    client = walked.server.client()
    sign_in(walked, client, NEW_PASSWORD)
    page = client.get("/sign-in/code")
    assert client.submit(page, "/sign-in/code", code=walked.code()).location == "/"
    for path in ("/security", "/security/two-step", "/sign-in/set-up"):
        assert 'id="key"' not in client.get(path).text
