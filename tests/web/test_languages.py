"""How a person chooses the language of the pages, and how it is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.asgi import Question
from tests.helpers.house import House, sign_in
from tests.helpers.http import Client
from tests.helpers.one_house import house_on_sqlite
from twostep.i18n.translations import languages
from twostep.web.cookies import LANGUAGE
from twostep.web.languages import LONGEST_QUERY, language_of, other_languages


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_on_sqlite(tmp_path_factory.mktemp("house")) as made:
        yield made


def spoken(text: str) -> str:
    found = re.search('<html lang="([^"]+)">', text)
    assert found
    return found[1]


def offered(text: str) -> list[str]:
    return re.findall(r'<a href="([^"]*)" lang="\w+" hreflang="\w+">', text)


def in_spanish(client: Client) -> None:
    assert spoken(client.get("/sign-in?language=es").text) == "es"


def test_a_page_can_be_had_in_another_language_and_the_next_one_speaks_it_too(
    house: House,
) -> None:
    client = house.client()
    first = client.get("/sign-in").text
    assert spoken(first) == "en"
    assert offered(first) == ["?language=es"]
    assert ">Español</a>" in first
    in_spanish(client)
    assert spoken(client.get("/forgot-password").text) == "es"
    client.get("/sign-in?language=en")
    assert spoken(client.get("/forgot-password").text) == "en"


def test_the_choice_is_kept_for_a_year_and_counts_more_than_the_browsers_wish(
    house: House,
) -> None:
    client = house.client()
    answer = client.get("/sign-in?language=es")
    [line] = [line for line in answer.all_headers("set-cookie") if line.startswith(LANGUAGE)]
    assert set(line.split("; ")) == {
        f"{LANGUAGE}=es", "Max-Age=31536000", "Path=/", "Secure", "HttpOnly", "SameSite=lax",
    }  # fmt: skip
    told = client.get("/forgot-password", {"Accept-Language": "en"})
    assert spoken(told.text) == "es"


def test_the_choice_outlives_signing_in_and_out_and_errors_speak_it(house: House) -> None:
    client = house.client()
    house.add("lucia")
    in_spanish(client)
    sign_in(client, "lucia")
    assert spoken(client.get("/security").text) == "es"
    assert spoken(client.get("/no-such-page").text) == "es"
    client.post("/sign-out", client.get("/security").form("/sign-out").fields)
    assert spoken(client.get("/sign-in").text) == "es"


def test_the_link_leads_to_the_same_page_with_all_that_it_was_asked(house: House) -> None:
    page = house.client().get("/sign-in?going_to=%2Fsecurity&language=es").text
    [link] = offered(page)
    query = urlsplit(link.replace("&amp;", "&")).query
    assert parse_qsl(query) == [("going_to", "/security"), ("language", "en")]


def test_what_no_page_of_ours_asks_for_is_not_repeated(house: House) -> None:
    """AC-67: an address may hold what somebody pasted into it."""
    page = house.client().get("/sign-in?token=a-canary&going_to=%2Fsecurity").text
    assert offered(page) == ["?going_to=%2Fsecurity&amp;language=es"]
    assert "a-canary" not in page


def test_the_answer_to_a_form_offers_no_way_that_would_lose_what_it_shows(house: House) -> None:
    client = house.client()
    in_spanish(client)
    answer = sign_in(client, "nobody", "not a password of anybody")
    assert answer.status == 403
    assert spoken(answer.text) == "es"
    assert offered(answer.text) == []


@pytest.mark.parametrize("chosen", ["tlh", "", "EN-GB", "../es", "es;", "%00", "es&language=x"])
def test_what_is_no_language_of_ours_changes_nothing(house: House, chosen: str) -> None:
    client = house.client()
    answer = client.get(f"/sign-in?language={chosen}")
    assert spoken(answer.text) == "en"
    assert LANGUAGE not in client.cookies
    client.cookies[LANGUAGE] = "tlh"
    assert spoken(client.get("/sign-in").text) == "en"


def test_a_file_is_not_the_place_to_choose_at(house: House) -> None:
    client = house.client()
    [path] = re.findall(r'href="(/static/app[^"]*css)"', client.get("/sign-in").text)
    assert client.get(f"{path}?language=es").all_headers("set-cookie") == []


@given(st.binary(max_size=LONGEST_QUERY + 10), st.text(max_size=10))
def test_r_31_any_address_and_any_cookie_give_a_language_that_there_is(
    query: bytes, cookie: str
) -> None:
    scope = Question(query=query).scope()
    spoken_here = language_of(scope, {LANGUAGE: cookie})
    assert spoken_here in languages()
    for link in other_languages(scope, spoken_here):
        assert link.href.startswith("?")
        assert link.href.isascii()
