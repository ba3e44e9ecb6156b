"""``/admin/readiness``: who may look, what it lists, and the file of it (CS-6, AC-80)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.helpers.house import House, sign_in
from tests.helpers.http import Answer, Client
from tests.helpers.properties import administrator
from tests.helpers.recorded import recorded
from tests.helpers.spreadsheets import sheet_of
from twostep.admin import address_readiness
from twostep.core.audit import EventKind
from twostep.core.contacts import ContactKind
from twostep.core.permissions import Permission
from twostep.flows import contact_entries, contact_rows, permissions
from twostep.storage import contacts

PATH, FILE = "/admin/readiness", "/admin/readiness.csv"
HEADINGS = [
    "User name",
    "Authenticator app",
    "Recovery codes left",
    "Email",
    "SMS Email",
    "Number for text messages",
    "What is missing",
    "What to do",
]


@pytest.fixture
def boss(house: House) -> Client:
    """An administrator's browser."""
    return administrator(house, "boss")


def give(house: House, name: str, address: str, kind: ContactKind = ContactKind.EMAIL) -> None:
    user = house.add(name)
    contact_entries.set_for_user(house.installation, user, kind, address, language="en")


def words(page: Answer) -> str:
    assert page.status == 200, page.text
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split()).replace("&#39;", "'")


# --- who may


@pytest.mark.parametrize("path", [PATH, FILE])
def test_only_who_holds_system_properties_sees_it(house: House, path: str) -> None:
    user = house.add("cy")
    for permission in set(Permission) - {Permission.SYSTEM_PROPERTIES}:
        permissions.grant(house.installation, house.harbour, user, permission)
    client = house.client()
    assert (client.get(path).location or "").startswith("/sign-in")
    sign_in(client, "cy")
    assert client.get(path).status == 403
    permissions.grant(house.installation, house.harbour, user, Permission.SYSTEM_PROPERTIES)
    assert client.get(path).status == 200


def test_another_environments_people_are_not_listed(house: House, boss: Client) -> None:
    house.add("nora", house.northside)
    assert "nora" not in words(boss.get(PATH))
    assert [row[0] for row in sheet_of(boss.get(FILE))] == ["User name", "boss"]


# --- the page


def test_the_page_lists_who_lacks_what_and_what_to_do(house: House, boss: Client) -> None:
    give(house, "ann", "ann@harbour.example")
    text = words(boss.get(PATH))
    assert "No address: 1" in text
    assert "Entered by an administrator, not confirmed: 1" in text
    assert "Gateway that is gone: 0" in text
    assert "ann · no authenticator app" in text
    assert "Email: a•••@harbour.example · not confirmed" in text
    assert "Codes go there. Send a test message, and ask whether it came." in text
    assert "boss · no authenticator app No address. Nothing can be sent." in text


def test_filters_stand_in_the_address_bar(house: House, boss: Client) -> None:
    give(house, "ann", "ann@harbour.example")
    only = words(boss.get(f"{PATH}?by=email&lacks=unconfirmed"))
    assert "ann · " in only
    assert "boss · " not in only
    by_text = words(boss.get(f"{PATH}?by=text&lacks=no_address"))
    assert "No address: 2" in by_text
    assert "ann · " in by_text
    for nonsense in ("by=pigeon", "lacks=sense", "after=zz", "after=" + "0" * 32):
        assert "boss · " in words(boss.get(f"{PATH}?{nonsense}"))
    empty = words(boss.get(f"{PATH}?by=email&lacks=dead_gateway"))
    assert "Nobody. Whom this concerns will stand here." in empty


def test_what_is_allowed_here_says_by_which_codes(house: House, boss: Client) -> None:
    house.set(house.harbour, "allow_text_codes", "yes")
    page = boss.get(PATH)
    assert re.search(r'href="[^"]*by=text[^"]*" aria-current="true"', page.text)


def test_long_lists_come_in_pages_without_names_in_the_address(
    house: House, boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address_readiness, "ON_A_PAGE", 2)
    for name in ("ann", "cy", "dee"):
        house.add(name)
    first = boss.get(PATH)
    assert "ann · " in words(first)
    assert "dee · " not in words(first)
    found = re.search(r'class="button" href="([^"]+)"', first.text)
    assert found is not None
    path = found[1].replace("&amp;", "&")
    assert not re.search("ann|boss|cy", path.replace("by=", ""))
    second = boss.get(path)
    assert "cy · " in words(second)
    assert "dee · " in words(second)
    assert "boss · " not in words(second)
    assert "First page" in words(second)
    assert "Next page" not in words(second)


def test_who_may_send_messages_sends_a_test_from_each_line(house: House, boss: Client) -> None:
    give(house, "ann", "2125550123@paid.example", ContactKind.SMS_EMAIL)
    page = boss.get(PATH)
    form = page.form("/admin/messages/send-test")
    assert (form.fields["user_name"], form.fields["address_kind"]) == ("ann", "sms_email")
    assert "/admin/messages/" in (boss.submit(page, "/admin/messages/send-test").location or "")
    user = house.add("deputy")
    permissions.grant(house.installation, house.harbour, user, Permission.SYSTEM_PROPERTIES)
    deputy = house.client()
    sign_in(deputy, "deputy")
    assert "Send test message" not in deputy.get(PATH).text


def test_where_nobody_lacks_anything_the_page_says_so(house: House) -> None:
    user = house.add("boss", administrator=True)
    contact_entries.set_for_user(
        house.installation, user, ContactKind.EMAIL, "boss@harbour.example", language="en"
    )
    (row,) = contact_rows.rows_of(house.installation, user)
    confirmed = replace(row, contact=replace(row.contact, confirmed_at=house.clock()))
    house.installation.database.write(lambda connection: contacts.put(connection, confirmed))
    client = house.client()
    sign_in(client, "boss")
    assert "Everybody can be reached" in words(client.get(f"{PATH}?by=email"))
    assert "Nobody." in words(client.get(f"{PATH}?by=email&lacks=no_address"))


# --- the file


def test_the_file_is_what_rfc_4180_says_and_holds_the_whole_list(
    house: House, boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address_readiness, "AT_A_TIME", 2)
    for number in range(5):
        house.add(f"n{number}")
    give(house, "zoë, the “last”", "zoe@harbour.example")
    answer = boss.get(f"{FILE}?by=email")
    assert answer.header("content-type") == "text/csv; charset=utf-8"
    assert answer.header("content-disposition") == 'attachment; filename="readiness.csv"'
    assert answer.header("cache-control") == "no-store"
    assert answer.text.count("\r\n") == answer.text.count("\n") == 8
    found = sheet_of(answer)
    assert found[0] == HEADINGS
    assert {len(row) for row in found} == {8}
    assert [row[0] for row in found[1:]] == [
        "boss",
        *(f"n{n}" for n in range(5)),
        "zoë, the “last”",
    ]
    assert found[-1][1:7] == [
        "no",
        "0",
        "z•••@harbour.example (not confirmed)",
        "",
        "",
        "Entered by an administrator, not confirmed",
    ]
    assert "zoe@harbour" not in answer.text


def test_the_file_has_the_filter_of_its_page_and_its_download_is_in_the_log(
    house: House, boss: Client
) -> None:
    give(house, "ann", "ann@harbour.example")
    page = boss.get(f"{PATH}?by=email&lacks=unconfirmed")
    found = re.search(r'href="(/admin/readiness\.csv[^"]*)"', page.text)
    assert found is not None
    answer = boss.get(found[1].replace("&amp;", "&"))
    assert [row[0] for row in sheet_of(answer)] == ["User name", "ann"]
    kind = EventKind.ADDRESS_READINESS_DOWNLOADED
    (event,) = recorded(house.installation, house.harbour, kind)
    assert event.about == {"lacks": "unconfirmed", "by": "email"}


@pytest.mark.parametrize("name", ["=cmd|'/c calc'!A1", "+1", "-1+1", "@SUM(A1)", "＝1+1"])
def test_no_cell_is_a_formula(house: House, boss: Client, name: str) -> None:
    """AC-80: a user name is the one cell that somebody else may have chosen."""
    house.add(name)
    names = [row[0] for row in sheet_of(boss.get(FILE))]
    assert f"'{name}" in names
    assert name not in names


def test_the_file_speaks_the_language_of_whoever_asked(boss: Client) -> None:
    answer = boss.get(FILE, headers={"Accept-Language": "es"})
    assert len(sheet_of(answer)[0]) == len(HEADINGS)
