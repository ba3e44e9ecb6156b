"""``/admin``: who may look, and that pictures, words and tables say the same (B-10)."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from typing_extensions import override

from tests.helpers.clocks import DAY
from tests.helpers.house import OTHER_PASSWORD, House, sign_in
from tests.helpers.http import Client
from tests.helpers.properties import administrator
from tests.helpers.sample_pages import SAMPLES
from twostep.core.permissions import Permission
from twostep.flows import permissions
from twostep.flows.sealing import seal
from twostep.web.assets import Assets
from twostep.web.rendering import Renderer

PATH = "/admin"


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split()).replace("&#39;", "'")


def part(text: str, title: str) -> str:
    """The section of that title."""
    return next(each for each in text.split("<section") if f">{title}</h2>" in each)


class Pictures(HTMLParser):
    """Of a page: the bars of each picture, the cells of each table, and the number beside each."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.charts: list[list[list[dict[str, str | None]]]] = []
        self.numbers: list[list[int]] = []
        self.tables: list[list[list[str]]] = []
        self._inside: list[str] = []
        self.feed(page)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "ul" and "chart" in (given.get("class") or ""):
            self.charts.append([])
            self.numbers.append([])
        elif tag == "svg" and self.charts and given.get("aria-hidden"):
            self.charts[-1].append([])
        elif tag == "rect" and given.get("class") == "bar":
            self.charts[-1][-1].append(given)
        elif tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        self._inside.append(tag)

    @override
    def handle_data(self, data: str) -> None:
        tag = self._inside[-1] if self._inside else ""
        if tag == "strong" and self.charts and data.isdigit():
            self.numbers[-1].append(int(data))
        elif tag in ("th", "td") and data.strip():
            self.tables[-1][-1].append(data.strip())

    @override
    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass


# --- who may


@pytest.mark.parametrize("permission", Permission)
def test_any_permission_opens_it_with_the_pictures_whose_lists_it_opens(
    house: House, permission: Permission
) -> None:
    user = house.add("cy")
    client = house.client()
    assert (client.get(PATH).location or "").startswith("/sign-in")
    sign_in(client, "cy")
    assert client.get(PATH).status == 403
    assert f'href="{PATH}"' not in client.get("/").text
    permissions.grant(house.installation, house.harbour, user, permission)
    page = client.get(PATH)
    assert page.status == 200
    assert f'href="{PATH}"' in page.text
    said = words(page.text)
    assert "2-step verification" in said and "Held back now" in said
    assert ("Sign-ins of the last 30 days" in said) == (permission is Permission.AUDIT)
    assert ("Second steps of the last 30 days" in said) == (permission is Permission.AUDIT)
    assert ("Messages of the last 30 days" in said) == (permission is Permission.MESSAGES)
    assert "You see what your permissions open" in said


# --- what it says


@pytest.fixture
def boss(house: House) -> Client:
    """An administrator's browser."""
    return administrator(house, "boss")


def test_a_new_installation_is_told_what_will_stand_here(house: House, boss: Client) -> None:
    said = words(boss.get(PATH).text)
    assert "0 of 1 user has set up a second step" in said
    assert "Nobody is locked." in said
    assert "Nobody's second step is paused." in said
    assert "Nobody has signed in yet." in said
    assert "Nobody was asked for a second step yet." in said
    assert "Nothing was sent yet." in said
    assert "You see what your permissions open" not in said


def test_it_counts_what_was_sealed_and_each_row_leads_to_its_list(
    house: House, boss: Client
) -> None:
    house.add("dee")
    for _ in range(3):
        sign_in(house.client(), "dee", OTHER_PASSWORD)
    seal(house.installation, now=house.clock())
    page = boss.get(PATH)
    said = words(page.text)
    assert "0 of 2 users have set up" in said
    assert "Signed in 1 " in said
    assert "Refused at the password 3 " in said
    assert "Password alone 1" in said
    links = re.findall(r'href="(/admin/[^"]+)"', page.text.replace("&amp;", "&"))
    assert any("two_step=none" in link for link in links)
    for link in links:
        assert boss.get(link.partition("#")[0]).status == 200, link
    refused = next(link for link in links if "password%3Arefused" in link)
    assert boss.get(refused).text.count("dee") >= 3


def test_another_environment_is_not_counted(house: House, boss: Client) -> None:
    house.add("nora", house.northside)
    sign_in(house.client(house.northside), "nora", OTHER_PASSWORD)
    seal(house.installation, now=house.clock())
    said = words(boss.get(PATH).text)
    assert "0 of 1 user has" in said
    assert "Refused at the password 0" in said


def test_what_is_older_than_thirty_days_is_gone_from_it(house: House, boss: Client) -> None:
    seal(house.installation, now=house.clock())
    house.clock.forward(29 * DAY)
    sign_in(boss, "boss")
    assert "Signed in 1 " in words(boss.get(PATH).text)
    house.clock.forward(DAY)
    sign_in(boss, "boss")
    assert "Nobody has signed in yet." in words(boss.get(PATH).text)


def test_who_is_locked_and_who_is_disabled_is_told(house: House, boss: Client) -> None:
    house.add("dee")
    for _ in range(5):
        sign_in(house.client(), "dee", OTHER_PASSWORD)
    held = part(boss.get(PATH).text, "Held back now")
    assert "1 user is locked" in words(held)
    assert ">dee</a>" in held


# --- pictures, words and tables


@pytest.mark.parametrize("name", ["overview", "overview-first-sign-in", "overview-help-desk"])
def test_pictures_and_words_and_tables_say_the_same(name: str) -> None:
    sample = SAMPLES[name]
    page = Renderer(Assets()).render(sample.view, sample.frame)
    found = Pictures(page)
    assert len(found.charts) == len(found.tables) == len(found.numbers) > 0
    for chart, numbers, table in zip(found.charts, found.numbers, found.tables, strict=True):
        heading, *rows = table
        if heading[0] == "Day (UTC)":
            *days, together = rows
            assert len(days) == 30
            columns = [[int(row[place + 1]) for row in days] for place in range(len(numbers))]
            assert [int(cell) for cell in together[1:]] == numbers
            for bars, column, number in zip(chart, columns, numbers, strict=True):
                assert sum(column) == number
                drawn = {(int(bar["x"] or 0) - 1) // 10: int(bar["height"] or 0) for bar in bars}
                assert set(drawn) == {day for day, count in enumerate(column) if count}
                most = max(column)
                assert all(abs(high - 40 * column[day] / most) <= 1 for day, high in drawn.items())
        else:
            assert [int(row[1]) for row in rows] == numbers
            total = sum(numbers)
            for bars, number in zip(chart, numbers, strict=True):
                share = sum(int(bar["width"] or 0) for bar in bars)
                assert (share > 0) == (number > 0)
                assert abs(share - 100 * number / max(1, total)) <= 1


def test_a_picture_has_no_style_and_no_script_of_its_own() -> None:
    sample = SAMPLES["overview"]
    page = Renderer(Assets()).render(sample.view, sample.frame)
    for picture in re.findall(r"<svg.*?</svg>", page, re.S):
        assert not re.search(r"style|<script|\son\w+=|href", picture)
