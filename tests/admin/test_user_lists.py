"""**User Management**: who may look, whom it lists, and what stands in the address bar."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.helpers.clocks import DAY, MINUTE
from tests.helpers.codes_by_mail import enter
from tests.helpers.house import PASSWORD, House, enrolled, sign_in
from tests.helpers.http import Answer, Client
from tests.helpers.recorded import recorded
from tests.helpers.spreadsheets import sheet_of
from twostep.admin import user_lists as pages
from twostep.core.audit import EventKind
from twostep.core.contacts import ContactKind
from twostep.core.permissions import ALL, Permission
from twostep.core.users import User
from twostep.crypto.secret import Secret
from twostep.flows import permissions, user_lists, users
from twostep.flows.contact_entries import set_for_user
from twostep.storage import user_lists as storage

PATH, FILE = "/admin/users", "/admin/users/export"
WRONG = "a wrong password of some length"


def holder(house: House, *held: Permission, name: str = "kim") -> Client:
    """Somebody of the help desk who holds these permissions, signed in."""
    kim = house.add(name)
    for permission in held:
        permissions.grant(house.installation, house.harbour, kim, permission)
    client = house.client()
    assert sign_in(client, name).location == "/"
    return client


def manager(house: House) -> Client:
    return holder(house, Permission.MANAGE_USERS)


def person(house: House, name: str, full_name: str) -> User:
    added = users.add(
        house.installation,
        house.harbour,
        name=name,
        full_name=full_name,
        password=Secret(PASSWORD),
    )
    assert isinstance(added, User)
    return added


def listed(page: Answer) -> list[str]:
    """The names of the rows, as they are read."""
    rows = re.findall(r'scope="row"><a href="/admin/users/[0-9a-f]{32}">([^<]*)</a>', page.text)
    return [row.replace("&#39;", "'") for row in rows]


def words_of(page: Answer) -> str:
    return words_in(page.text)


def words_in(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split()).replace("&#39;", "'")


def rows_of(page: Answer) -> list[str]:
    """Each row of the table but its first."""
    return re.findall(r"<tr.*?</tr>", page.text, re.S)[1:]


def search(client: Client, text: str, **more: str) -> Answer:
    """What the form above the list leads to."""
    answer = client.submit(client.get(PATH), PATH, search=text, **more)
    assert answer.status == 303
    return client.follow(answer)


@pytest.mark.parametrize("permission", sorted(ALL))
def test_ct_14_any_permission_opens_the_list_to_read(house: House, permission: Permission) -> None:
    client = holder(house, permission)
    assert listed(client.get(PATH)) == ["kim"]
    assert f'href="{PATH}"' in client.get("/").text


def test_ct_14_without_a_permission_there_is_no_menu_entry_and_403_by_hand(house: House) -> None:
    house.add("ann")
    client = house.client()
    sign_in(client)
    assert PATH not in client.get("/").text
    assert client.get(PATH).status == 403
    assert client.get(FILE).status == 403
    token = client.get("/security").form(None).fields["csrf"]
    assert client.post(PATH, {"csrf": token, "search": "ann"}).status == 403


def test_whoever_is_not_signed_in_is_led_to_the_sign_in(house: House) -> None:
    for path in (PATH, FILE):
        assert (house.client().get(path).location or "").startswith("/sign-in")


@pytest.mark.parametrize("permission", sorted(ALL - {Permission.MANAGE_USERS}))
def test_inviting_importing_and_the_file_are_for_whoever_manages_users(
    house: House, permission: Permission
) -> None:
    client = holder(house, permission)
    shown = client.get(PATH).text
    assert "/admin/users/invite" not in shown
    assert "/admin/users/import" not in shown
    assert FILE not in shown
    assert client.get(FILE).status == 403
    assert recorded(house.installation, house.harbour, EventKind.USERS_DOWNLOADED) == []


def test_each_row_says_who_it_is_and_how_they_stand(house: House) -> None:
    enrolled(house, "ann")
    person(house, "b.leeds", "Bo Leeds")
    client = manager(house)
    said = words_of(client.get(PATH))
    assert "ann Second step Authenticator app" in said
    assert "Bo Leeds b.leeds Second step Nothing set up Last sign-in Never" in said
    assert said.index("ann Second") < said.index("Bo Leeds") < said.index("kim Second")


def test_a_row_leads_to_the_page_of_its_user(house: House) -> None:
    ann = house.add("ann")
    assert f'href="{PATH}/{ann.id.hex()}"' in manager(house).get(PATH).text


def test_the_state_says_locked_paused_and_disabled(house: House) -> None:
    ann, bo = house.add("ann"), house.add("bo")
    users.disable(house.installation, house.harbour, bo)
    for _ in range(5):
        sign_in(house.client(), "ann", WRONG)
    client = manager(house)
    page = client.get(PATH)
    ann_s, bo_s, kim_s = (words_in(row) for row in rows_of(page))
    assert "Locked until" in ann_s
    assert "Disabled" not in ann_s
    assert "Disabled" in bo_s
    assert "Locked" not in bo_s
    assert "Locked" not in kim_s
    users.unlock(house.installation, house.harbour, ann)
    assert "Locked until" not in words_of(client.get(PATH))


def test_a_search_finds_the_beginning_of_any_word(house: House) -> None:
    person(house, "a.lee", "Ann Lee")
    person(house, "b.leeds", "Bo Leeds")
    client = manager(house)
    assert listed(search(client, "lee")) == ["Ann Lee", "Bo Leeds"]
    assert listed(search(client, "ANN le")) == ["Ann Lee"]
    nobody = search(client, "smith")
    assert listed(nobody) == []
    assert "Nobody was found" in words_of(nobody)
    assert 'value="smith"' in nobody.text


def test_what_is_searched_and_filtered_stands_in_the_address_bar(house: House) -> None:
    """So a colleague can be sent the link."""
    person(house, "a.lee", "Ann Lee")
    client = manager(house)
    answer = client.submit(client.get(PATH), PATH, search="lee", two_step="none", state="")
    assert answer.location == f"{PATH}?search=lee&two_step=none"
    page = client.follow(answer)
    assert listed(page) == ["Ann Lee"]
    assert '<option value="none" selected>' in page.text


def test_a_whole_address_finds_whoever_has_it_and_stands_in_no_address_bar(house: House) -> None:
    ann = person(house, "a.lee", "Ann Lee")
    kind, address = ContactKind.EMAIL, "ann.secret@harbour.example"
    set_for_user(house.installation, ann, kind, address, language="en")
    client = manager(house)
    answer = client.submit(client.get(PATH), PATH, search=address)
    asked = parse_qs(urlsplit(answer.location or "").query)
    assert list(asked) == ["address"]
    page = client.follow(answer)
    assert listed(page) == ["Ann Lee"]
    assert "secret" not in page.text
    assert "Whoever has this address" in words_of(page)
    narrowed = client.submit(page, PATH, two_step="app")
    assert set(parse_qs(urlsplit(narrowed.location or "").query)) == {"address", "two_step"}
    assert listed(client.follow(narrowed)) == []
    # An address that nobody has leaves as little behind.
    answer = client.submit(client.get(PATH), PATH, search="bo.secret@harbour.example")
    assert "secret" not in (answer.location or "")
    assert "Nobody has this address" in words_of(client.follow(answer))


def test_a_user_name_that_is_an_address_is_found_by_its_user_s_id(house: House) -> None:
    ann = house.add("ann@harbour.example")
    client = manager(house)
    answer = client.submit(client.get(PATH), PATH, search="ann@harbour.example")
    assert f"user={ann.id.hex()}" in (answer.location or "")
    page = client.follow(answer)
    assert listed(page) == ["ann@harbour.example"]
    assert 'value="ann@harbour.example"' in page.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("two_step=app", ["ann"]),
        ("two_step=set-up", ["ann"]),
        ("two_step=none", ["bo", "kim"]),
        ("state=disabled", ["bo"]),
        ("state=locked", []),
        ("signed_in=never", ["bo"]),
        ("signed_in=within-7-days", ["kim"]),
        ("signed_in=before-30-days", ["ann"]),
        ("signed_in=before-90-days", []),
        ("two_step=none&state=disabled&search=bo", ["bo"]),
        # What means nothing is left out.
        ("two_step=everything&state=asleep&signed_in=soon&after=x&user=zz", ["ann", "bo", "kim"]),
    ],
)
def test_each_filter_shows_whom_it_says(house: House, query: str, found: list[str]) -> None:
    enrolled(house, "ann")
    users.disable(house.installation, house.harbour, house.add("bo"))
    house.clock.forward(40 * DAY)
    page = manager(house).get(f"{PATH}?{query}")
    assert listed(page) == found
    if not found:
        assert "Whom this concerns will stand here" in words_of(page)


@pytest.mark.parametrize("typed", ["ann", "ann@northside.example"])
def test_where_a_search_finds_nobody_who_fits_the_filter_that_is_said(
    typed: str, house: House
) -> None:
    enter(house, house.add("ann"))
    client = manager(house)
    nobody = words_of(client.follow(search(client, typed, state="disabled")))
    assert "Nobody was found who also fits what is chosen under “Only some of them”." in nobody
    assert "Nobody has this address" not in nobody


def test_pages_lead_on_and_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_lists.page, "__kwdefaults__", {**_DEFAULTS, "most": 2})
    for name in ("ann", "bo", "cleo", "dan"):
        house.add(name)
    client = manager(house)
    first = client.get(PATH)
    assert (listed(first), link(first, "Previous page")) == (["ann", "bo"], None)
    second = client.get(link(first, "Next page") or "")
    assert listed(second) == ["cleo", "dan"]
    third = client.get(link(second, "Next page") or "")
    assert (listed(third), link(third, "Next page")) == (["kim"], None)
    assert listed(client.get(link(third, "Previous page") or "")) == ["cleo", "dan"]
    assert listed(client.get(link(third, "First page") or "")) == ["ann", "bo"]
    # No name stands in the address bar.
    assert all(name not in (link(first, "Next page") or "") for name in ("ann", "bo", "cleo"))


_DEFAULTS = dict(user_lists.page.__kwdefaults__ or {})


def link(page: Answer, words: str) -> str | None:
    found = re.search(rf'href="([^"]*)"[^>]*>{words}<', page.text)
    return None if found is None else found[1].replace("&amp;", "&")


def test_a_page_that_looked_at_many_in_vain_leads_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "FEW", 0)
    monkeypatch.setattr(storage, "MOST_LOOKED_AT", 1)
    house.add("ann")
    client = manager(house)
    page = client.get(f"{PATH}?two_step=none&signed_in=never")
    assert listed(page) == ["ann"]
    assert "There may be more further on" in words_of(page)
    assert link(page, "Keep looking") is not None


def test_ac_80_the_file_is_the_filtered_list_and_no_cell_is_a_formula(house: House) -> None:
    person(house, "a.lee", "Ann Lee")
    person(house, "=cmd", "+44 Evil")
    users.disable(house.installation, house.harbour, house.add("bo"))
    client = manager(house)
    answer = client.get(FILE)
    assert answer.header("content-disposition") == 'attachment; filename="users.csv"'
    heading, *rows = sheet_of(answer)
    assert heading[:3] == ["User name", "Full name", "Second step"]
    assert [row[:2] for row in rows] == [
        ["'=cmd", "'+44 Evil"],
        ["a.lee", "Ann Lee"],
        ["bo", ""],
        ["kim", ""],
    ]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", rows[2][7])
    disabled = sheet_of(client.get(f"{FILE}?state=disabled"))
    assert [row[0] for row in disabled] == ["User name", "bo"]
    assert f'href="{FILE}?state=disabled"' in client.get(f"{PATH}?state=disabled").text


def test_the_file_is_written_piece_by_piece(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "AT_A_TIME", 2)
    names = ["ann", "bo", "cleo", "dan", "kim"]
    for name in names[:-1]:
        house.add(name)
    _, *rows = sheet_of(manager(house).get(FILE))
    assert [row[0] for row in rows] == names


def test_whoever_takes_the_list_away_leaves_an_event_without_a_name_in_it(house: House) -> None:
    client = manager(house)
    client.get(f"{FILE}?search=lee&two_step=none")
    (event,) = recorded(house.installation, house.harbour, EventKind.USERS_DOWNLOADED)
    assert event.about == {"two_step": "none"}


def test_users_of_another_environment_are_in_no_list(house: House) -> None:
    ann = house.add("ann", house.northside)
    client = manager(house)
    for query in ("", "?search=ann", f"?user={ann.id.hex()}", f"?after={ann.id.hex()}"):
        assert "ann" not in listed(client.get(f"{PATH}{query}"))


def test_the_list_says_until_when_somebody_is_locked_as_of_now(house: House) -> None:
    house.add("ann")
    client = manager(house)
    for _ in range(5):
        sign_in(house.client(), "ann", WRONG)
    assert listed(client.get(f"{PATH}?state=locked")) == ["ann"]
    house.clock.forward(MINUTE)
    assert listed(client.get(f"{PATH}?state=locked")) == []
