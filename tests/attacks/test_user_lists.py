"""The one address that takes a form with a file: large for whoever may, and closed for all else."""

from __future__ import annotations

import pytest

from tests.helpers.administrators import Administrator, administrator
from tests.helpers.codes_by_mail import enter
from tests.helpers.house import House
from tests.helpers.letters import letters
from tests.helpers.places import a_name, disable
from tests.helpers.sealed_rows import everything_in
from tests.helpers.user_lists import BOUNDARY, PATH, checked, form_of
from twostep.core.messages import MessageKind
from twostep.core.user_lists import LARGEST_LIST, MOST_LINES
from twostep.flows import import_lists, user_imports, users
from twostep.flows.import_lists import Switched
from twostep.flows.user_imports import Reading

LIST = b"user_name\nann\n"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Nothing here depends on the kind of database."""
    return sqlite_url


@pytest.fixture
def morgan(house: House) -> Administrator:
    return administrator(house, app=False)


def sent(by: Administrator, body: bytes, **headers: str) -> int:
    usual = {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Origin": by.client.origin,
        "Sec-Fetch-Site": "same-origin",
    }
    found = {name.replace("_", "-"): value for name, value in headers.items()}
    kept = {name: value for name, value in (usual | found).items() if value}
    return by.client.request("POST", PATH, body=body, headers=kept).status


def test_ac_40_a_list_is_refused_from_elsewhere_and_without_its_token(
    house: House, morgan: Administrator
) -> None:
    token = morgan.csrf().encode()
    good = form_of({"csrf": token, "file": LIST})
    before = everything_in(house.installation.database)
    for headers in (
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "", "Origin": "https://evil.example"},
        {"Sec_Fetch_Site": "", "Origin": ""},
    ):
        assert sent(morgan, good, **headers) == 403
    for wrong in (b"", token[:-1], token + b"A", b"\xff" * 44):
        assert sent(morgan, form_of({"csrf": wrong, "file": LIST})) == 403
    assert sent(morgan, form_of({"file": LIST, "csrf": token})) == 403
    assert everything_in(house.installation.database) == before
    assert sent(morgan, good) == 303


def test_ac_68_a_list_has_an_end_and_so_has_every_other_form(
    house: House, morgan: Administrator
) -> None:
    before = everything_in(house.installation.database)
    announced = {"Content_Length": str(LARGEST_LIST + 1)}
    assert sent(morgan, b"", **announced) == 413
    big = form_of({"csrf": morgan.csrf().encode(), "file": b"x" * 20_000})
    elsewhere = morgan.client.request(
        "POST", "/sign-out", body=big, headers={"Origin": morgan.client.origin}
    )
    assert elsewhere.status == 413
    assert everything_in(house.installation.database) == before


def test_ac_68_more_lines_than_are_taken_are_no_list(
    house: House, morgan: Administrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing of it stays."""
    assert MOST_LINES == 100_000
    monkeypatch.setattr(user_imports, "MOST_LINES", 1_000)
    body = b"user_name\n" + b"a\n" * 1_001
    assert sent(morgan, form_of({"csrf": morgan.csrf().encode(), "file": body})) == 422
    rows = house.installation.database.read(
        lambda c: c.exec_driver_sql("select state from imports").all()
    )
    assert [row.state for row in rows] == ["dropped"]


def test_r_32_a_form_that_cannot_be_read_leaves_nothing(
    house: House, morgan: Administrator
) -> None:
    token = morgan.csrf().encode()
    good = form_of({"csrf": token, "file": LIST})
    assert sent(morgan, good[:-8]) == 400
    assert sent(morgan, good.replace(b"\r\n", b"\n")) == 400
    assert sent(morgan, b"") == 400
    assert sent(morgan, good, Content_Type="multipart/form-data") == 415
    assert sent(morgan, good, Content_Type="multipart/mixed; boundary=x") == 415
    assert "/import/" in checked(morgan, LIST)


def test_a_name_is_text_on_the_page_whatever_it_is(house: House, morgan: Administrator) -> None:
    script = '"<script>alert(1)</script>","=cmd|\' /C calc\'!A0",nonsense'
    path = checked(morgan, f"user_name,full_name,email\n{script}\n")
    page = morgan.client.get(path)
    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize("change", ["address", "disabled"])
def test_ac_31_no_invitation_goes_to_an_address_that_was_changed_since_the_import(
    house: House, change: str
) -> None:
    """A link dies with the address that it was sent to, and with the account, even where either
    went while a long list was still being worked off.
    """
    names = [a_name() for _ in range(3)]
    reading = Reading(house.installation, house.harbour, made_by=None, language="en")
    lines = [f"{name},{name}@harbour.example,yes" for name in names]
    reading.feed("\n".join(["user_name,email,invite", *lines]).encode())
    found = reading.finish()
    done = import_lists.switch(house.installation, house.harbour.id, found.id, person=None)
    assert isinstance(done, Switched)
    user = users.find(house.installation, house.harbour, names[1])
    assert user is not None
    if change == "address":
        enter(house, user, f"other.{names[1]}@harbour.example")
    else:
        disable(house, user)
    before = len(letters(house.installation, MessageKind.INVITATION))
    assert import_lists.finish(house.installation, done.found) == 3
    sent = letters(house.installation, MessageKind.INVITATION)[before:]
    assert {letter.to for letter in sent} == {f"{n}@harbour.example" for n in (names[0], names[2])}
