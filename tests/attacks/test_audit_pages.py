"""The audit log, its files and its report, asked for with everything at once."""

from __future__ import annotations

import pytest

from tests.admin.test_audit import auditor, happened, removal
from tests.attacks.test_environment_predicates import without_environment
from tests.helpers.house import House, enrolled
from tests.helpers.http import Client
from tests.helpers.statements import clauses
from twostep.core.audit import EventKind

PAGES = ("/admin/audit", "/admin/audit.csv", "/admin/audit.jsonl")
REPORTS = ("/admin/report", "/admin/report.csv")


def everything(client: Client, who: str, whom: str, event: str) -> list[int]:
    """Each page, with each filter and with all of them; the statuses."""
    days = "from=2020-01-01&to=2040-01-01"
    queries = (
        *("", f"who={who}", f"whom={whom}", "what=two-step", "what=sign-in", days),
        *(f"who={who}&what=two-step", f"who={who}&whom={whom}", f"before=9-{'0' * 32}"),
        f"who={who}&whom={whom}&what=two-step&{days}&before={10**14}-{'f' * 32}",
    )
    paths = [f"{page}?{query}" for page in PAGES for query in queries]
    paths += [f"/admin/audit/{event}", *REPORTS, f"{REPORTS[0]}?day=2020-01-01"]
    return [client.get(path).status for path in paths]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_ac_71_every_statement_of_the_audit_log_says_which_environment(house: House) -> None:
    client = auditor(house)
    bo, ann, event = removal(house)
    with clauses() as heard:
        assert set(everything(client, bo.id.hex(), ann.id.hex(), event)) == {200}
    assert len(heard) > 100
    assert {name for clause in heard for name in without_environment(clause)} == set()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_ac_71_nothing_of_another_environment_is_in_any_page_or_file(house: House) -> None:
    """Its ids are typed into the address by hand."""
    zed, yan = house.add("zed.there", house.northside), house.add("yan.there", house.northside)
    event = happened(
        house, EventKind.TWO_STEP_REMOVED, actor=zed, target=yan, environment=house.northside
    )
    enrolled(house, "ann")
    client = auditor(house)
    for path in (*PAGES, *REPORTS):
        for query in ("", f"who={zed.id.hex()}", f"whom={yan.id.hex()}", "what=two-step"):
            text = client.get(f"{path}?{query}").text
            for word in ("zed.there", "yan.there", event):
                assert word not in text, (path, query)
    assert client.get(f"/admin/audit/{event}").status == 404
