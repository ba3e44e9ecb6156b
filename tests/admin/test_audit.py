"""**Audit log**: who may look, what is asked for in the address bar, and what is taken away."""

from __future__ import annotations

import json
import re
from typing import Any

from sqlalchemy import select

from tests.helpers.clocks import SECOND
from tests.helpers.house import House, sign_in
from tests.helpers.http import Answer, Client
from tests.helpers.recorded import recorded
from tests.helpers.spreadsheets import sheet_of
from twostep.core.audit import EventKind, Visitor
from twostep.core.environments import Environment
from twostep.core.permissions import Permission
from twostep.core.users import User
from twostep.flows import audit, permissions, users
from twostep.i18n.audit_sentences import Told, told
from twostep.storage import people
from twostep.storage.tables import events

PATH, CSV, JSON_LINES = "/admin/audit", "/admin/audit.csv", "/admin/audit.jsonl"
FILES = (CSV, JSON_LINES)
VISITOR = Visitor(address="203.0.113.7", browser="Firefox on Linux")


def words_of(answer: Answer) -> str:
    """The page's words without its tags, blanks joined."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split()).replace("&#39;", "'")


def auditor(house: House, environment: Environment | None = None) -> Client:
    """Kim, who may read the log and nothing else, signed in."""
    place = environment or house.harbour
    kim = house.add("kim", place)
    permissions.grant(house.installation, place, kim, Permission.AUDIT)
    client = house.client(place)
    assert sign_in(client, "kim").location == "/"
    return client


def happened(
    house: House,
    kind: EventKind = EventKind.USER_UNLOCKED,
    *,
    actor: User | None = None,
    target: User | None = None,
    environment: Environment | None = None,
    **data: Any,
) -> str:
    """An event, a second after the one before; its id."""
    now = house.clock.forward(SECOND)
    place = environment or house.harbour
    house.installation.database.write(
        lambda connection: audit.record(
            connection,
            house.installation,
            kind,
            environment_id=place.id,
            now=now,
            actor=None if actor is None else actor.id,
            target=None if target is None else target.id,
            visitor=VISITOR,
            **data,
        )
    )
    found = house.installation.database.read(
        lambda c: c.execute(select(events.c.id).where(events.c.happened_at == now)).scalar_one()
    )
    return bytes(found).hex()


def removal(house: House) -> tuple[User, User, str]:
    """Bo has removed Ann's second step: Bo, Ann, and the event."""
    bo, ann = house.add("bo"), house.add("ann")
    reason: dict[str, Any] = {"reason": "lost_phone", "proven_by": "second_step"}
    return bo, ann, happened(house, EventKind.TWO_STEP_REMOVED, actor=bo, target=ann, **reason)


def shown(page: Answer) -> list[str]:
    """The events of a list."""
    return re.findall(rf'href="{PATH}/([0-9a-f]{{32}})"', page.text)


REMOVED = (
    "bo removed the 2-step verification of ann, by a second step of their own."
    " Reason: the phone is lost."
)


# --- who may


def test_the_menu_leads_whoever_holds_the_permission_to_the_page(house: House) -> None:
    client = auditor(house)
    home = client.get("/")
    assert f'href="{PATH}"' in home.text
    assert client.get(PATH).status == 200


def test_nobody_else_sees_an_entry_or_gets_a_page_or_a_file(house: House) -> None:
    """B-9, AC-70: by hand as well, with a good session and a good form."""
    event = happened(house)
    user = house.add("cy")
    for permission in set(Permission) - {Permission.AUDIT}:
        permissions.grant(house.installation, house.harbour, user, permission)
    client = house.client()
    sign_in(client, "cy")
    home = client.get("/")
    assert f'href="{PATH}"' not in home.text
    csrf = home.form("/sign-out").fields["csrf"]
    for path in (PATH, f"{PATH}/{event}", *FILES):
        assert client.get(path).status == 403
    assert client.post(PATH, {"csrf": csrf, "who": "ann"}).status == 403
    assert not recorded(house.installation, house.harbour, EventKind.AUDIT_EXPORTED)


def test_a_permission_that_was_taken_away_is_gone_at_the_next_click(house: House) -> None:
    client = auditor(house)
    kim = users.find(house.installation, house.harbour, "kim")
    assert kim is not None
    permissions.revoke(house.installation, house.harbour, kim, Permission.AUDIT)
    assert [client.get(path).status for path in (PATH, *FILES)] == [403, 403, 403]


def test_whoever_is_signed_out_is_sent_to_sign_in(house: House) -> None:
    for path in (PATH, *FILES):
        assert (house.client().get(path).location or "").startswith("/sign-in?going_to=")


# --- what stands there


def test_an_event_is_told_in_a_sentence_with_its_reason(house: House) -> None:
    """B-9: who did what to whom, and why."""
    client = auditor(house)
    _, _, event = removal(house)
    page = client.get(PATH)
    assert shown(page)[0] == event
    assert REMOVED in words_of(page)


def test_the_same_stands_there_in_spanish(house: House) -> None:
    client = auditor(house)
    removal(house)
    page = client.get(PATH, {"Accept-Language": "es"})
    data = {"reason": "lost_phone", "proven_by": "second_step"}
    said = Told(kind=EventKind.TWO_STEP_REMOVED, who="bo", whom="ann", data=data)
    assert '<html lang="es">' in page.text
    assert told(said, "es") in words_of(page)


def test_the_newest_stand_first_and_a_second_page_goes_on_where_the_first_ended(
    house: House,
) -> None:
    client = auditor(house)
    made = [happened(house) for _ in range(60)]
    first = client.get(f"{PATH}?what=users")
    older = re.search(r'href="([^"]+before=[^"]+)"', first.text)
    assert older is not None
    second = client.get(older[1].replace("&amp;", "&"))
    listed = shown(first) + shown(second)
    assert listed[:60] == made[::-1]
    assert len(listed) == len(set(listed))


def test_details_stand_on_the_page_of_the_event(house: House) -> None:
    """Address and browser of the visitor too, and the data as they are stored."""
    client = auditor(house)
    bo, ann, event = removal(house)
    page = client.get(f"{PATH}/{event}")
    words = words_of(page)
    for words_of_it in (REMOVED, "203.0.113.7", "lost_phone", "admin:two_step:removed", event):
        assert words_of_it in words
    assert f'href="{PATH}?who={bo.id.hex()}"' in page.text
    assert f'href="{PATH}?whom={ann.id.hex()}"' in page.text
    assert VISITOR.address not in client.get(PATH).text


def test_an_erased_person_is_told_as_one(house: House) -> None:
    """AC-83: no name is left, and the event still says what was done."""
    client = auditor(house)
    _, ann, event = removal(house)
    now = house.clock()
    house.installation.database.write(lambda c: people.erase(c, house.harbour.id, ann.id, now=now))
    page = client.get(f"{PATH}/{event}")
    assert "the 2-step verification of an erased person" in words_of(page)
    assert "ann" not in re.findall(r"\w+", words_of(page))


def test_an_event_is_found_by_its_own_environment_alone(house: House) -> None:
    """AC-71."""
    other = happened(house, environment=house.northside)
    client = auditor(house)
    assert client.get(f"{PATH}/{other}").status == 404
    assert other not in shown(client.get(PATH))
    assert other not in client.get(JSON_LINES).text


def test_an_id_that_is_none_is_found_nowhere(house: House) -> None:
    client = auditor(house)
    for id_ in ("0" * 32, "x", "0" * 31 + "G"):
        assert client.get(f"{PATH}/{id_}").status == 404


# --- what is asked for


def asked(client: Client, **typed: str) -> Answer:
    """The form above the list, sent."""
    form = client.get(PATH).form(PATH)
    return client.post(PATH, form.fields | typed)


def test_typed_names_lead_to_an_address_without_names(house: House) -> None:
    client = auditor(house)
    bo, ann, event = removal(house)
    answer = asked(client, who="bo", whom="ANN", what="two-step")
    where = answer.location or ""
    assert where == f"{PATH}?who={bo.id.hex()}&whom={ann.id.hex()}&what=two-step"
    page = client.get(where)
    assert shown(page) == [event]
    fields = page.form(PATH).fields
    assert (fields["who"], fields["whom"]) == ("bo", "ann")


def test_a_name_that_nobody_has_is_said_beside_its_field(house: House) -> None:
    client = auditor(house)
    answer = asked(client, whom="nobody")
    assert answer.status == 422
    assert "There is no user of this name here" in words_of(answer)
    assert answer.form(PATH).fields["whom"] == "nobody"


def test_somebody_who_was_erased_stays_asked_for_when_the_form_is_sent_again(house: House) -> None:
    client = auditor(house)
    _, ann, event = removal(house)
    now = house.clock()
    house.installation.database.write(lambda c: people.erase(c, house.harbour.id, ann.id, now=now))
    form = client.get(f"{PATH}?whom={ann.id.hex()}").form(PATH)
    answer = client.post(PATH, form.fields | {"what": "two-step"})
    assert shown(client.get(answer.location or "")) == [event]


def test_only_what_was_done_to_somebody_by_somebody_of_a_kind_on_a_day_is_listed(
    house: House,
) -> None:
    client = auditor(house)
    bo, ann, event = removal(house)
    happened(house, EventKind.USER_UNLOCKED, actor=bo, target=ann)
    happened(house, EventKind.TWO_STEP_REMOVED, actor=ann, target=bo)
    day = client.get(f"{PATH}/{event}").text
    today = re.search(r"<dd>(\d{4}-\d\d-\d\d)T", day)
    assert today is not None
    query = f"who={bo.id.hex()}&whom={ann.id.hex()}&what=two-step"
    assert shown(client.get(f"{PATH}?{query}&from={today[1]}&to={today[1]}")) == [event]
    assert shown(client.get(f"{PATH}?{query}&to=2001-01-01")) == []
    assert shown(client.get(f"{PATH}?what=admin:two_step:removed&who={bo.id.hex()}")) == [event]


def test_an_address_that_means_nothing_shows_everything(house: House) -> None:
    client = auditor(house)
    for query in ("who=x", "what=nothing", "before=1-x", "whom=" + "Z" * 32):
        page = client.get(f"{PATH}?{query}")
        assert page.status == 200
        assert len(shown(page)) == len(shown(client.get(PATH)))
    page = client.get(f"{PATH}?from=tomorrow")
    assert "Type a day as year, month and day" in words_of(page)


# --- taken away


def test_a_spreadsheet_holds_what_is_asked_for_and_no_cell_is_a_formula(house: House) -> None:
    """AC-80."""
    client = auditor(house)
    bo = house.add("bo")
    ann = house.add('=HYPERLINK("https://elsewhere.example";"ann")')
    happened(house, EventKind.USER_UNLOCKED, actor=bo, target=ann)
    happened(house, EventKind.USER_DISABLED, actor=ann, target=bo)
    answer = client.get(f"{CSV}?who={bo.id.hex()}")
    heading, row, *more = sheet_of(answer)
    assert not more
    cells = dict(zip(heading, row, strict=True))
    assert cells["Whom"].startswith("'=HYPERLINK")
    assert cells["IP address"] == VISITOR.address
    assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_json_lines_hold_every_event_that_is_asked_for(house: House) -> None:
    client = auditor(house)
    bo, ann, event = removal(house)
    (line,) = client.get(f"{JSON_LINES}?whom={ann.id.hex()}&what=two-step").text.splitlines()
    read = json.loads(line)
    assert read["id"] == event
    assert read["sentence"] == REMOVED
    assert read["who"] == {"id": bo.id.hex(), "name": "bo"}
    assert read["address"] == VISITOR.address
    assert read["data"] == {"reason": "lost_phone", "proven_by": "second_step"}


def test_a_file_goes_on_over_many_pages(house: House) -> None:
    client = auditor(house)
    made = {happened(house) for _ in range(40)}
    lines = client.get(f"{JSON_LINES}?what=users").text.splitlines()
    assert made <= {json.loads(line)["id"] for line in lines}


def test_that_somebody_took_events_away_is_an_event_that_says_which(house: House) -> None:
    client = auditor(house)
    bo, _, _ = removal(house)
    client.get(f"{CSV}?who={bo.id.hex()}&what=two-step")
    house.clock.forward(SECOND)
    client.get(JSON_LINES)
    found = [
        each.about for each in recorded(house.installation, house.harbour, EventKind.AUDIT_EXPORTED)
    ]
    assert found == [{"form": "csv", "by": bo.id.hex(), "kinds": "two-step"}, {"form": "jsonl"}]
