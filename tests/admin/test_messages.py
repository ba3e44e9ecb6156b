"""**Messages**: who may look, what became of each, and what is asked for in the address bar."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import func, select, update

from tests.helpers.clocks import DAY, HOUR, MINUTE, SECOND
from tests.helpers.house import House, sign_in
from tests.helpers.http import Answer, Client
from tests.helpers.letters import letters
from tests.helpers.properties import administrator
from tests.helpers.recorded import recorded
from tests.helpers.serving import served
from twostep.core.audit import EventKind
from twostep.core.contacts import ContactKind
from twostep.core.environments import Environment
from twostep.core.messages import MessageKind, Route, WaysOut
from twostep.core.permissions import Permission
from twostep.flows import messages, permissions, users
from twostep.flows.contact_entries import set_for_user
from twostep.flows.message_lists import PAGE
from twostep.flows.messages import Recipient
from twostep.storage.tables import messages as table
from twostep.storage.tables import sessions

PATH, TEST = "/admin/messages", "/admin/messages/send-test"
ADDRESS, MASKED = "ann@northside.example", "a•••@northside.example"


def words_of(answer: Answer) -> str:
    """The page's words without its tags, blanks joined."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split()).replace("&#39;", "'")


def desk(house: House) -> Client:
    """Kim of the help desk, who holds this permission and no other, signed in."""
    kim = house.add("kim")
    permissions.grant(house.installation, house.harbour, kim, Permission.MESSAGES)
    client = house.client()
    assert sign_in(client, "kim").location == "/"
    return client


def queue(
    house: House,
    name: str = "ann",
    *,
    to: str = ADDRESS,
    kind: MessageKind = MessageKind.CODE,
    route: Route = Route.MAIL,
    environment: Environment | None = None,
    **settled: Any,
) -> str:
    """A message to a new user of that name, and what became of it; its id."""
    place = environment or house.harbour
    now = house.clock()
    to_whom = Recipient(
        environment_id=place.id,
        user_id=house.add(name, place).id,
        route=route,
        to=to,
        language="en",
    )
    message = messages.write(
        house.installation,
        kind,
        to_whom,
        {"code": "918273", "minutes": 10},
        now=now,
        expires_at=now + HOUR,
    )
    house.installation.database.write(lambda c: messages.queue(c, message))
    if settled:
        became(house, message.id, **settled)
    return message.id.hex()


def became(house: House, message_id: bytes, **values: Any) -> None:
    house.installation.database.write(
        lambda c: c.execute(update(table).where(table.c.id == message_id).values(**values)).close()
    )


def shown(page: Answer) -> list[str]:
    """The messages of a list."""
    return re.findall(rf'href="{PATH}/([0-9a-f]{{32}})"', page.text)


# --- who may (CS-7)


def test_the_menu_leads_whoever_holds_the_permission_to_the_page(house: House) -> None:
    client = desk(house)
    home = client.get("/")
    assert "Messages" in words_of(home).split("System Admin")[1]
    assert f'href="{PATH}"' in home.text
    assert "System Properties" not in home.text
    assert client.get(PATH).status == 200


def test_nobody_else_sees_an_entry_or_gets_a_page(house: House) -> None:
    message = queue(house)
    user = house.add("cy")
    for permission in set(Permission) - {Permission.MESSAGES}:
        permissions.grant(house.installation, house.harbour, user, permission)
    client = house.client()
    sign_in(client, "cy")
    home = client.get("/")
    assert f'href="{PATH}"' not in home.text
    csrf = home.form("/sign-out").fields["csrf"]
    for path in (PATH, f"{PATH}/{message}"):
        assert client.get(path).status == 403
        assert client.get(path, {"Twostep-Watches": "1"}).status == 403
    assert client.post(PATH, {"csrf": csrf, "who": "ann"}).status == 403
    typed = {"csrf": csrf, "user_name": "ann", "address_kind": "email"}
    assert client.post(TEST, typed).status == 403


def test_a_permission_that_was_taken_away_is_gone_at_the_next_click(house: House) -> None:
    client = desk(house)
    page = client.get(PATH)
    message = queue(house)
    kim = users.find(house.installation, house.harbour, "kim")
    assert kim is not None
    permissions.revoke(house.installation, house.harbour, kim, Permission.MESSAGES)
    assert client.get(PATH).status == 403
    assert client.get(f"{PATH}/{message}").status == 403
    assert client.submit(page, TEST, user_name="ann", address_kind="email").status == 403
    assert client.submit(page, PATH, who="ann").status == 403


def test_a_stranger_is_sent_to_the_sign_in_page(house: House) -> None:
    stranger = house.client()
    assert stranger.get(PATH).location == f"/sign-in?going_to={PATH}&said=sign-in-first"
    assert stranger.post(PATH, {"who": "ann"}).location == "/sign-in?said=sign-in-first"
    assert stranger.post(TEST, {"user_name": "ann"}).location == "/sign-in?said=sign-in-first"


def test_forms_of_another_session_are_refused(house: House) -> None:
    client, other = desk(house), administrator(house, "bo")
    csrf = other.get(PATH).form(PATH).fields["csrf"]
    assert client.post(PATH, {"csrf": csrf, "who": "kim"}).status == 403
    typed = {"csrf": csrf, "user_name": "kim", "address_kind": "email"}
    assert client.post(TEST, typed).status == 403


def test_another_environment_s_messages_are_not_there(house: House) -> None:
    """I-15."""
    theirs = queue(house, environment=house.northside)
    client = desk(house)
    assert client.get(f"{PATH}/{theirs}").status == 404
    assert shown(client.get(PATH)) == []
    nora = users.find(house.installation, house.northside, "ann")
    assert nora is not None
    page = client.get(f"{PATH}?user={nora.id.hex()}")
    assert (page.status, shown(page)) == (200, [])


# --- the list


def test_the_list_says_what_became_of_each_message_the_newest_first(house: House) -> None:
    client = desk(house)
    refused = queue(house, state="refused", words="550 5.1.1 User unknown", attempts=1,
                    tried_at=house.clock(), settled_at=house.clock())  # fmt: skip
    house.clock.forward(SECOND)
    waits = queue(house, "bo", to="+12125552368", route=Route.TEXT_PROVIDER)
    page = client.get(PATH)
    assert shown(page) == [waits, refused]
    words = words_of(page)
    for part in (
        f"Code to sign in Refused ann · Email · {MASKED} Made today 00:00 UTC · 1 try,",
        "550 5.1.1 User unknown",
        "Code to sign in Queued bo · Text message, by a provider · •••• 68",
    ):
        assert part in words


def test_ac_67_neither_code_nor_address_stands_on_any_page(house: House) -> None:
    """AC-67."""
    client, message = desk(house), queue(house)
    for path in (PATH, f"{PATH}/{message}"):
        page = client.get(path).text
        assert MASKED in page
        assert ADDRESS not in page
        assert "918273" not in page


def test_an_empty_list_says_what_will_stand_here(house: House) -> None:
    client = desk(house)
    assert "Nothing was sent yet." in words_of(client.get(PATH))
    assert "No such message was sent" in words_of(client.get(f"{PATH}?state=failed"))
    place = f"{house.clock()}-{'0' * 32}"
    assert "There are no older ones." in words_of(client.get(f"{PATH}?before={place}"))


def test_what_is_asked_for_stands_in_the_address_and_leads_to_the_same_list(house: House) -> None:
    client = desk(house)
    queue(house)
    lockout = queue(house, "bo", kind=MessageKind.LOCKOUT, state="given_up", reason="time_over")
    typed = {"state": "failed", "kind": "lockout", "route": "mail", "from": "2026-01-01"}
    answer = client.submit(client.get(PATH), PATH, **typed)
    assert answer.location == f"{PATH}?state=failed&kind=lockout&route=mail&from=2026-01-01"
    page = client.follow(answer)
    assert shown(page) == [lockout]
    assert "Its time was over before a server took it" in words_of(page)
    fields = page.form(PATH).fields
    assert fields["from"] == "2026-01-01"
    for value in ("failed", "lockout", "mail"):
        assert f'<option value="{value}" selected>' in page.text
    assert '<details class="more" open>' in page.text


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("state=waiting", [0]),
        ("state=failed", [1]),
        ("state=accepted", [2]),
        ("state=refused", [1]),
        ("kind=test", [2]),
        ("route=text_gateway", [1]),
        ("from=2026-01-03", [0]),
        ("from=2026-01-02", [0, 1]),
        ("from=2026-01-02&state=failed", [1]),
    ],
)
def test_each_filter_leaves_out_what_is_not_asked_for(
    house: House, asked: str, found: list[int]
) -> None:
    made = [queue(house, state="accepted", kind=MessageKind.TEST)]
    house.clock.forward(DAY)
    made.insert(0, queue(house, "bo", state="refused", route=Route.TEXT_GATEWAY))
    house.clock.forward(DAY)
    made.insert(0, queue(house, "cy"))
    client = desk(house)
    assert shown(client.get(f"{PATH}?{asked}")) == [made[number] for number in found]


NONSENSE = (
    *("state=lost", "kind=", "kind=%00", "route=pigeon", "state=failed&state=waiting", "said=x"),
    *("from=yesterday", "from=2026-02-30", "from=9999-12-31", "from=0001-01-01"),
    *("from=%D9%A2026-01-01", "from=" + "2" * 5_000, "user=abc", "user=" + "g" * 32, "user=%ff"),
    *("user=" + "0" * 32, "address=12", "address=" + "f" * 64, "before=1", "before=-1-00"),
    *("before=" + "9" * length + "-" + "0" * 32 for length in (15, 40)),
)


def test_whatever_stands_in_the_address_the_page_is_a_page(house: House) -> None:
    """R-31."""
    queue(house)
    client = desk(house)
    for asked in NONSENSE:
        page = client.get(f"{PATH}?{asked}")
        assert (asked, page.status) == (asked, 200)
        assert "Find messages" in words_of(page)


def test_what_is_no_day_is_said_beside_its_field_and_stays_there(house: House) -> None:
    page = desk(house).get(f"{PATH}?from=1+May")
    assert 'id="from-error"' in page.text
    assert page.form(PATH).fields["from"] == "1 May"


def test_what_is_no_message_is_not_found(house: House) -> None:
    client = desk(house)
    for id_ in ("abc", "0" * 32, "g" * 32, "0" * 31 + "é", " " + "0" * 31, "A" * 32):
        assert (id_, client.get(f"{PATH}/{quote(id_)}").status) == (id_, 404)


def test_the_pages_follow_each_other(house: House) -> None:
    client = desk(house)
    queued = [queue(house, f"user{number}") for number in range(PAGE + 2)]
    first = client.get(f"{PATH}?state=waiting")
    assert len(shown(first)) == PAGE
    (older,) = re.findall(r'href="([^"]*before[^"]*)">Older', first.text)
    second = client.get(older.replace("&amp;", "&"))
    assert set(shown(first)) | set(shown(second)) == set(queued)
    assert len(shown(second)) == 2
    assert "Older messages" not in second.text
    assert f'href="{PATH}?state=waiting">The newest' in second.text


# --- looking for somebody


def test_a_user_is_found_by_name_and_the_address_bar_names_nobody(house: House) -> None:
    client = desk(house)
    theirs, _ = queue(house), queue(house, "bo")
    answer = client.submit(client.get(PATH), PATH, who=" ANN ", state="waiting")
    assert re.fullmatch(rf"{PATH}\?user=[0-9a-f]{{32}}&state=waiting", answer.location or "")
    page = client.follow(answer)
    assert shown(page) == [theirs]
    assert page.form(PATH).fields["who"] == "ann"
    assert "Messages to ann" in words_of(page)


def test_an_address_is_found_by_its_hash_and_stands_nowhere(house: House) -> None:
    """The whole address finds messages to it, whoever they were for."""
    client = desk(house)
    found = [queue(house), queue(house, "bo")]
    queue(house, "cy", to="cy@northside.example")
    answer = client.submit(client.get(PATH), PATH, who=" Ann@Northside.example")
    assert re.fullmatch(rf"{PATH}\?address=[0-9a-f]{{64}}", answer.location or "")
    page = client.follow(answer)
    assert set(shown(page)) == set(found)
    assert ADDRESS not in page.text
    assert "Messages to this address" in words_of(page)


@pytest.mark.parametrize("typed", ["nobody", "ann@", "\x00", "x" * 400, "<b>", "'; drop table"])
def test_whom_nobody_is_called_keeps_what_was_typed_and_says_so(house: House, typed: str) -> None:
    client = desk(house)
    answer = client.submit(client.get(PATH), PATH, who=typed, state="failed")
    if answer.status == 303:  # It may be an address that nothing was sent to.
        assert "@" in typed
        return
    assert answer.status == 422
    assert 'id="who-error"' in answer.text
    assert answer.form(PATH).fields["who"] == typed.replace("\x00", "")
    assert '<option value="failed" selected>' in answer.text


def test_an_empty_search_shows_everybody(house: House) -> None:
    client = desk(house)
    assert client.submit(client.get(PATH), PATH, who="  ").location == PATH


# --- one message


def test_one_message_tells_each_of_its_tries_and_what_comes_next(house: House) -> None:
    client = desk(house)
    at = house.clock()
    message = queue(
        house,
        state="queued",
        attempts=2,
        words="451 4.7.1 Greylisted",
        history=f'[[{at},"unreachable",""],[{at},"put_off","451 4.7.1 Greylisted"]]',
        tried_at=at,
        due_at=at + MINUTE,
    )
    words = words_of(client.get(f"{PATH}/{message}"))
    for part in (
        "Queued It waits to be handed over, or for its next try.",
        "It is tried again at 00:01 UTC , and not after 01:00 UTC .",
        "The server asked to come back later. 451 4.7.1 Greylisted",
        "The server could not be reached",
        "The server wants to be asked again",
        f"Address {MASKED}",
    ):
        assert part in words


ENDS: tuple[tuple[dict[str, str], tuple[str, ...]], ...] = (
    ({"state": "accepted"}, ("Whether it arrived, only the person knows.", "junk mail")),
    ({"state": "sent"}, ("The provider of text messages took it",)),
    ({"state": "refused"}, ("The server said no for good", "most often it has a mistake")),
    ({"state": "sending"}, ("It is being handed over at this moment",)),
    ({"state": "bounced"}, ("a report came back", "its mailbox is full")),
    ({"reason": "no_route"}, ("Nothing is set by which it could leave", "TWOSTEP_SMTP")),
    ({"reason": "tried_enough"}, ("The provider did not take it",)),
    ({"reason": "unreadable"}, ("could not be opened",)),
    ({"reason": "restored"}, ("a backup that was restored",)),
    ({"reason": "too_long"}, ("does not fit into one text message",)),
    ({"reason": "time_over"}, ("Its time was over",)),
)


def test_why_it_ended_so_and_what_can_be_done_is_said(house: House) -> None:
    client, message = desk(house), queue(house)
    for values, parts in ENDS:
        became(house, bytes.fromhex(message), **({"state": "given_up"} | values))
        words = words_of(client.get(f"{PATH}/{message}"))
        for part in parts:
            assert part in words


def test_a_message_that_is_settled_is_not_looked_at_again_by_itself(house: House) -> None:
    client = desk(house)
    waits, done = queue(house), queue(house, "bo", state="accepted")
    assert "data-live" in client.get(f"{PATH}/{waits}").text
    assert "data-live" not in client.get(f"{PATH}/{done}").text


# --- a page that asks by itself


def last_used(house: House) -> int:
    latest = select(func.max(sessions.c.last_used_at))
    return int(house.installation.database.read(lambda c: c.execute(latest).scalar_one()))


def test_a_page_that_was_left_open_keeps_no_session_alive(house: House) -> None:
    client = desk(house)
    since = last_used(house)
    for _ in range(3):
        house.clock.forward(10 * MINUTE)
        assert client.get(PATH, {"Twostep-Watches": "1"}).status == 200
    assert last_used(house) == since
    assert client.get(PATH).status == 200
    assert last_used(house) == house.clock(), "a click is a use"


def test_a_page_that_asks_by_itself_after_the_end_gets_no_page(house: House) -> None:
    client = desk(house)
    csrf = client.get(PATH).form("/sign-out").fields["csrf"]
    client.twin().post("/sign-out", {"csrf": csrf})
    answer = client.get(PATH, {"Twostep-Watches": "1"})
    assert (answer.status, answer.body, answer.location) == (204, b"", None)


# --- Send test message


def with_address(house: House, name: str = "ann") -> None:
    user = house.add(name)
    set_for_user(house.installation, user, ContactKind.EMAIL, ADDRESS, language="en")


def send(client: Client, **typed: str) -> Answer:
    fields = {"user_name": "ann", "address_kind": "email"} | typed
    return client.submit(client.get(PATH), TEST, **fields)


def test_a_test_message_is_sent_and_its_page_shows_it(house: House) -> None:
    client = desk(house)
    with_address(house)
    answer = send(client)
    assert re.fullmatch(rf"{PATH}/[0-9a-f]{{32}}\?said=test-queued", answer.location or "")
    page = client.follow(answer)
    words = words_of(page)
    assert "The test message is on its way." in words
    assert "Test message" in words
    assert f"Address {MASKED}" in words
    (letter,) = letters(house.installation)
    assert (letter.kind, letter.to) == (MessageKind.TEST, ADDRESS)
    (event,) = recorded(house.installation, house.harbour, EventKind.TEST_MESSAGE_ASKED)
    assert event.about["masked"] == MASKED


def test_the_page_of_a_message_sends_one_the_same_way(house: House) -> None:
    client = desk(house)
    with_address(house)
    page = client.follow(send(client))
    house.clock.forward(30 * SECOND)
    again = client.submit(page, TEST)
    assert (again.status, len(letters(house.installation))) == (303, 2)
    assert again.location != page.url


@pytest.mark.parametrize(
    ("typed", "field", "told"),
    [
        ({"user_name": ""}, "user_name", "There is no user of this name here."),
        ({"user_name": "nobody"}, "user_name", "There is no user of this name here."),
        ({"user_name": "kim"}, "address_kind", "Choose another kind, let the person add it in"),
        ({"address_kind": "phone"}, "address_kind", "This user has no such address."),
    ],
)
def test_who_cannot_get_one_is_said_beside_the_field_with_the_way_out(
    house: House, typed: dict[str, str], field: str, told: str
) -> None:
    client = desk(house)
    with_address(house)
    answer = send(client, **typed)
    assert answer.status == 422
    assert told in words_of(answer)
    assert f'id="{field}-error"' in answer.text
    assert answer.form(TEST).fields["user_name"] == typed.get("user_name", "ann")
    assert letters(house.installation) == []


def test_enough_is_said_with_when_the_next_one_can_be_sent(house: House) -> None:
    client = desk(house)
    with_address(house)
    assert send(client).status == 303
    answer = send(client)
    assert answer.status == 429
    assert "The next one can be sent from 00:01 UTC on." in words_of(answer)
    assert len(letters(house.installation)) == 1


def test_a_kind_of_address_that_no_form_offers_is_a_bad_request(house: House) -> None:
    assert send(desk(house), address_kind="pigeon").status == 400


# --- how fast, and whether at all


def test_the_rate_of_the_mail_server_is_told_as_the_time_that_a_crowd_takes(house: House) -> None:
    """With no rate set, who can set it."""
    cookies = desk(house).cookies
    assert "the operator sets TWOSTEP_MAIL_RATE" in words_of(get_with(house, cookies, WaysOut()))
    words = words_of(get_with(house, cookies, WaysOut(rate=30)))
    assert "2000 codes would take about 67 minutes through this mail server" in words
    assert "(at most 30 messages a minute)" in words
    assert "about 1 minute through" in words_of(get_with(house, cookies, WaysOut(rate=5_000)))


def test_where_nothing_is_set_the_page_says_so(house: House) -> None:
    cookies = desk(house).cookies
    words = words_of(get_with(house, cookies, WaysOut(mails=False, texts=False)))
    assert "No mail server is set, so no mail leaves." in words
    assert "There is no provider of text messages" in words
    assert "No mail server is set" not in words_of(get_with(house, cookies, WaysOut()))


def get_with(house: House, cookies: dict[str, str], ways: WaysOut) -> Answer:
    """The page of the same installation, served with other settings."""
    with served(house.installation, ways=ways) as port:
        host = house.harbour.primary.netloc
        client = Client(f"http://{host}", connect_to=("127.0.0.1", port), cookies=dict(cookies))
        return client.get(PATH)
