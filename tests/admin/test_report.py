"""**Report for a day**: who had a second step, who lost it by whom, and how people signed in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.admin.test_audit import REMOVED, auditor, happened, words_of
from tests.helpers.clocks import DAY
from tests.helpers.house import House, enrolled, sign_in
from tests.helpers.http import Client
from tests.helpers.recorded import recorded
from tests.helpers.spreadsheets import sheet_of
from twostep.core.audit import EventKind
from twostep.core.permissions import Permission
from twostep.core.users import User
from twostep.flows import permissions, two_step_reports, users
from twostep.storage import people

PATH, CSV = "/admin/report", "/admin/report.csv"


def today(house: House) -> str:
    return datetime.fromtimestamp(house.clock() / 1000, UTC).date().isoformat()


def user(house: House, name: str) -> User:
    found = users.find(house.installation, house.harbour, name)
    assert found is not None
    return found


def listed(client: Client, day: str) -> dict[str, str]:
    """Everybody of the file, and what they had."""
    names, *found = sheet_of(client.get(f"{CSV}?day={day}"))
    rows = [dict(zip(names, row, strict=True)) for row in found]
    assert {row["At the end of"] for row in rows} <= {day}
    return {row["User name"]: row["2-Step Verification"] for row in rows}


def removed_by_bo(house: House) -> None:
    """Ann, who had an app, has none any more; what the flow does to her key is not asked here."""
    bo = house.add("bo")
    reason: dict[str, Any] = {"reason": "lost_phone", "proven_by": "second_step"}
    happened(house, EventKind.TWO_STEP_REMOVED, actor=bo, target=user(house, "ann"), **reason)


def test_nobody_without_the_permission_gets_it(house: House) -> None:
    """AC-70: by hand as well."""
    cy = house.add("cy")
    for permission in set(Permission) - {Permission.AUDIT}:
        permissions.grant(house.installation, house.harbour, cy, permission)
    client = house.client()
    sign_in(client, "cy")
    assert [client.get(path).status for path in (PATH, CSV)] == [403, 403]
    assert not recorded(house.installation, house.harbour, EventKind.REPORT_DOWNLOADED)


def test_who_had_a_second_step_is_told_for_any_day(house: House) -> None:
    """B-9: set up on one day, removed on another; each day has what was so at its end."""
    house.add("early")
    house.clock.forward(DAY)
    before = today(house)
    house.clock.forward(DAY)
    enrolled(house, "ann")
    with_app = today(house)
    house.clock.forward(DAY)
    removed_by_bo(house)
    after = today(house)
    client = auditor(house)
    assert listed(client, before) == {"early": "None"}
    assert listed(client, with_app) == {"early": "None", "ann": "Authenticator app"}
    assert listed(client, after)["ann"] == "None"
    words = words_of(client.get(f"{PATH}?day={with_app}"))
    assert "Authenticator app 1 " in words


def test_removals_stand_there_by_whom_and_why(house: House) -> None:
    """AC-35."""
    enrolled(house, "ann")
    removed_by_bo(house)
    client = auditor(house)
    page = client.get(f"{PATH}?day={today(house)}")
    assert REMOVED in words_of(page)
    assert "Removals by whom Who How many bo 1" in words_of(page)
    link = f"/admin/audit?who={user(house, 'bo').id.hex()}&amp;what=admin%3Atwo_step%3Aremoved"
    assert link in page.text
    assert "None." in words_of(client.get(f"{PATH}?day=2001-01-01"))


def test_sign_ins_are_counted_by_what_was_shown(house: House) -> None:
    """SECURITY: the report of sign-ins counts by level, and an email code is no second factor."""
    client = auditor(house)
    for level in ("2", "2", "2e", "1h"):
        happened(house, EventKind.SIGN_IN_COMPLETED, target=user(house, "kim"), level=level)
    words = words_of(client.get(PATH))
    assert "Password alone 1 " in words
    assert "Password and a code by email 1 " in words
    assert "Password and a second step 2 " in words
    assert "Password and a help-desk code 1 " in words
    assert "Password and a second step 0 " in words_of(client.get(f"{PATH}?day=2001-01-01"))


def test_a_day_before_the_log_begins_is_reported_with_what_may_be_missing(house: House) -> None:
    client = auditor(house)
    begins = house.clock() - 2 * DAY
    happened(house, EventKind.AUDIT_TRIMMED, through=7, before=begins)
    early = datetime.fromtimestamp((begins - 3 * DAY) / 1000, UTC).date().isoformat()
    assert "may be missing" in words_of(client.get(f"{PATH}?day={early}"))
    assert "may be missing" not in words_of(client.get(PATH))


def test_an_erased_person_is_reported_without_a_name(house: House) -> None:
    """AC-83."""
    enrolled(house, "ann")
    ann = user(house, "ann")
    client = auditor(house)
    now = house.clock()
    assert listed(client, today(house))["ann"] == "Authenticator app"
    house.installation.database.write(lambda c: people.erase(c, house.harbour.id, ann.id, now=now))
    page = client.get(f"/admin/audit?whom={ann.id.hex()}")
    assert "An erased person set up 2-Step Verification" in words_of(page)


@pytest.mark.parametrize(
    ("typed", "said"), [("tomorrow", "Type a day"), ("2999-01-01", "has not come yet")]
)
def test_a_day_that_is_none_is_said_beside_the_field_and_today_is_reported(
    house: House, typed: str, said: str
) -> None:
    client = auditor(house)
    page = client.get(f"{PATH}?day={typed}")
    assert said in words_of(page)
    assert page.form(PATH).fields["day"] == today(house)


def test_that_somebody_took_it_away_is_an_event(house: House) -> None:
    client = auditor(house)
    listed(client, today(house))
    (event,) = recorded(house.installation, house.harbour, EventKind.REPORT_DOWNLOADED)
    assert event.about == {"day": today(house)}


def test_a_file_goes_on_over_many_pieces_and_no_cell_is_a_formula(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC-80. Where a piece ends must not matter."""
    monkeypatch.setattr(two_step_reports, "AT_A_TIME", 2)
    names = {f"user{number}" for number in range(5)} | {"=1+1"}
    for name in names:
        house.add(name)
    enrolled(house, "ann")
    found = listed(auditor(house), today(house))
    assert set(found) == (names - {"=1+1"}) | {"'=1+1", "ann", "kim"}
    assert found["ann"] == "Authenticator app"


def test_too_many_people_to_count_are_left_to_the_file(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(two_step_reports, "MOST_COUNTED", 2)
    client = auditor(house)
    house.add("ann")
    assert "None 2 " in words_of(client.get(PATH))
    house.add("bo")
    words = words_of(client.get(PATH))
    assert "There are too many people to count them on a page." in words
    assert set(listed(client, today(house))) == {"kim", "ann", "bo"}


def test_other_environments_are_not_in_it(house: House) -> None:
    """AC-71."""
    house.add("elsewhere", house.northside)
    happened(
        house, EventKind.TWO_STEP_REMOVED, target=house.add("x", house.northside),
        environment=house.northside,
    )  # fmt: skip
    client = auditor(house)
    assert set(listed(client, today(house))) == {"kim"}
    assert "removed the 2-step" not in words_of(client.get(PATH))
