"""Old rows go, and nothing that still decides anything."""

import pytest
from sqlalchemy import func, select, update

from tests.helpers.clocks import DAY, HOUR
from tests.helpers.house import House, enrolled, phone_from, set_up, sign_in
from twostep.core.messages import MessageKind, Route
from twostep.flows import links, messages, tidying
from twostep.flows.messages import Recipient
from twostep.flows.tidying import KEPT, tidy
from twostep.storage import tables, user_marks
from twostep.storage.database import Connection
from twostep.storage.tables import sessions


def rows(house: House, table: str) -> int:
    counted = select(func.count()).select_from(tables.metadata.tables[table])
    return house.installation.database.read(
        lambda connection: connection.execute(counted).scalar_one()
    )


def test_nothing_that_is_young_is_deleted(house: House) -> None:
    phone = enrolled(house, "ann")
    client = house.client()
    client.submit(client.follow(sign_in(client, "ann")), code=phone.code())
    sign_in(house.client(), "nobody")
    names = ("attempts", "lockouts", "sessions", "sign_ins", "proofs", "authenticators")
    before = {name: rows(house, name) for name in names}
    assert all(before.values())
    assert tidy(house.installation) == 0
    assert {name: rows(house, name) for name in names} == before


def test_what_is_over_for_a_month_is_deleted(house: House) -> None:
    house.add("ann")
    sign_in(house.client(), "ann")
    links.invite_first_administrator(house.installation, house.northside)
    house.clock.forward(KEPT + DAY)
    tidy(house.installation)
    for name in ("attempts", "sessions", "sign_ins", "proofs", "links"):
        assert rows(house, name) == 0, name
    assert sign_in(house.client(), "ann").status == 303


def test_a_lockout_that_is_over_is_no_longer_noted_and_one_that_runs_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidying, "BATCH", 2)
    ids = [house.add(name).id for name in ("ann", "bo", "cleo", "dan")]

    def note(connection: Connection) -> None:
        for number, user_id in enumerate(ids):
            until = house.clock() + HOUR * (2 if number == 3 else 1)
            user_marks.note_locked(connection, house.harbour.id, user_id, until=until)

    house.installation.database.write(note)
    house.clock.forward(HOUR)
    tidy(house.installation)
    noted = select(tables.users.c.id).where(tables.users.c.locked_until.is_not(None))
    left = house.installation.database.read(lambda c: c.execute(noted).scalars().all())
    assert left == ids[3:]


def test_a_users_failures_stay_because_the_hundredth_in_a_row_stops_them(house: House) -> None:
    house.add("ann")
    sign_in(house.client(), "ann", "a wrong password of some length")
    sign_in(house.client(), "nobody", "a wrong password of some length")
    house.clock.forward(KEPT + DAY)
    tidy(house.installation)
    assert rows(house, "attempts") == 1
    # The row that lines up tries at ann stays as well; the one for a name that nobody has goes.
    assert rows(house, "lockouts") == 1

    house.clock.forward(365 * DAY)
    tidy(house.installation)
    assert rows(house, "attempts") == 0


def test_a_sign_in_stays_as_long_as_a_session_stands_on_it(house: House) -> None:
    """The exchange of a session for one with more proof keeps its sign-in, and is younger."""
    house.add("ann")
    client = house.client()
    sign_in(client, "ann")
    house.clock.forward(HOUR // 15)
    set_up(house, client)
    assert (rows(house, "sign_ins"), rows(house, "sessions")) == (1, 2)
    house.installation.database.write(
        lambda connection: connection.execute(
            update(sessions)
            .where(sessions.c.ended_at.is_(None))
            .values(started_at=house.clock() + KEPT)
        )
    )
    house.clock.forward(KEPT)
    tidy(house.installation)
    assert (rows(house, "sign_ins"), rows(house, "sessions")) == (1, 1)
    house.clock.forward(KEPT + DAY)
    tidy(house.installation)
    assert (rows(house, "sign_ins"), rows(house, "sessions")) == (0, 0)


def test_an_offered_key_goes_when_its_time_is_over_and_the_active_one_stays(house: House) -> None:
    house.add("ann")
    client = house.client()
    sign_in(client, "ann")
    set_up(house, client)
    other = house.client()
    house.add("bo")
    sign_in(other, "bo")
    page = other.follow(other.submit(other.get("/security"), "/security/two-step"))
    assert page.status == 200
    assert rows(house, "authenticators") == 2
    house.clock.forward(HOUR)
    tidy(house.installation)
    assert rows(house, "authenticators") == 1


def test_an_offered_key_with_a_spent_step_goes_with_it(house: House) -> None:
    house.add("bo")
    client = house.client()
    sign_in(client, "bo")
    page = client.follow(client.submit(client.get("/security"), "/security/two-step"))
    phone = phone_from(page, house.clock)
    answer = client.submit(page, "/security/two-step/verify", code=phone.code(steps=-5))
    assert "slow" in answer.text
    assert rows(house, "spent_steps") == 1
    house.clock.forward(HOUR)
    tidy(house.installation)
    assert rows(house, "authenticators") == rows(house, "spent_steps") == 0


def test_much_is_deleted_in_small_pieces(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "BATCH", 2)
    house.add("ann")
    for _ in range(7):
        sign_in(house.client(), "ann")
    house.clock.forward(KEPT + DAY)
    tidy(house.installation)
    assert rows(house, "attempts") == rows(house, "sign_ins") == 0


def test_a_table_with_very_much_to_delete_does_not_hold_a_round_for_ever(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidying, "BATCH", 1)
    monkeypatch.setattr(tidying, "MOST_BATCHES", 3)
    house.add("ann")
    for _ in range(5):
        sign_in(house.client(), "ann")
    house.clock.forward(KEPT + DAY)
    tidy(house.installation)
    assert rows(house, "attempts") == 2
    tidy(house.installation)
    assert rows(house, "attempts") == 0


def test_messages_go_after_a_month_but_none_that_waits(house: House) -> None:
    user = house.add("ann")
    recipient = Recipient(
        environment_id=house.harbour.id,
        user_id=user.id,
        route=Route.MAIL,
        to="ann@harbour.example",
        language="en",
    )
    waits, sent = [
        messages.write(house.installation, MessageKind.LOCKOUT, recipient, {}, now=house.clock())
        for _ in range(2)
    ]
    house.installation.database.write(lambda c: messages.queue(c, waits))
    house.installation.database.write(lambda c: messages.queue(c, sent))
    settled = (
        update(tables.messages)
        .where(tables.messages.c.id == sent.id)
        .values(state="accepted", settled_at=house.clock())
    )
    house.installation.database.write(lambda c: c.execute(settled).close())
    tidy(house.installation)
    assert rows(house, "messages") == 2
    house.clock.forward(KEPT + DAY)
    tidy(house.installation)
    assert rows(house, "messages") == 1


def test_notices_that_nobody_sends_go_after_two_days(house: House) -> None:
    house.add("ann")
    sign_in(house.client(), "ann")
    sign_in(house.client(), "ann")
    tidy(house.installation)
    assert rows(house, "notices") == 1
    house.clock.forward(2 * DAY + 1)
    tidy(house.installation)
    assert rows(house, "notices") == 0


def test_a_device_goes_when_its_cookie_cannot_be_shown_any_more(house: House) -> None:
    """A year after its last sign-in, and a month after it was forgotten."""
    house.add("ann")
    first, second = house.client(), house.client()
    sign_in(first, "ann")
    sign_in(second, "ann")
    page = second.get("/security")
    form = next(f for f in page.forms() if f.action == "/security/devices/forget")
    assert second.post(form.action, form.fields).location == "/security?said=device-forgotten"
    house.clock.forward(KEPT)
    tidy(house.installation)
    assert rows(house, "devices") == 2
    house.clock.forward(DAY)
    tidy(house.installation)
    assert rows(house, "devices") == 1
    house.clock.forward(365 * DAY - DAY)
    tidy(house.installation)
    assert rows(house, "devices") == 1
    house.clock.forward(DAY)
    tidy(house.installation)
    assert rows(house, "devices") == 0
