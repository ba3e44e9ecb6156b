"""An environment's own logo and colour on its pages, and on no other's."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from tests.helpers.house import House
from tests.helpers.pictures import png
from twostep.flows.looks import set_look
from twostep.storage.tables import looks

NAME = "0123456789abcdef0123456789abcdef"
PATH = f"/logo/{NAME}.png"


def dress(house: House, **changes: str) -> None:
    logo = png() if "logo_name" in changes else None
    set_look(house.installation, house.harbour, changes, logo=logo)


def test_a_page_shows_the_environment_s_own_colour_and_logo(house: House) -> None:
    plain = house.client().get("/sign-in").text
    assert 'class="mark"' in plain
    assert "/colours/" not in plain
    dress(house, accent="#7a1f5c", logo_name=NAME)
    page = house.client().get("/sign-in")
    assert f'<img class="logo" src="{PATH}" alt="">' in page.text
    assert 'class="mark"' not in page.text
    nonce = str(page.header("content-security-policy")).split("'nonce-")[1].split("'")[0]
    colours = "/colours/7a1f5c.css"
    assert f'<link rel="stylesheet" href="{colours}" nonce="{nonce}">' in page.text
    style = house.client().get(colours)
    assert (style.status, style.header("content-type")) == (200, "text/css; charset=utf-8")
    assert ":root { --accent: #7a1f5c;" in style.text
    assert "immutable" in str(style.header("cache-control"))


def test_the_logo_is_a_png_picture_that_may_be_kept(house: House) -> None:
    dress(house, logo_name=NAME)
    answer = house.client().get(PATH)
    assert (answer.status, answer.body) == (200, png())
    assert answer.header("content-type") == "image/png"
    assert answer.header("x-content-type-options") == "nosniff"
    assert "immutable" in str(answer.header("cache-control"))


@pytest.mark.parametrize(
    "path",
    [
        *("/logo/other.png", "/logo/.png", f"/logo/{NAME}", "/logo/"),
        *("/colours/", "/colours/red.css", "/colours/7fd1cc.css", "/colours/7a1f5c"),
        "/colours/7a1f5c%7D.css",
    ],
)
def test_anything_else_there_is_not_found(house: House, path: str) -> None:
    dress(house, logo_name=NAME)
    assert house.client().get(path).status == 404


def test_another_environment_has_neither(house: House) -> None:
    dress(house, accent="#7a1f5c", logo_name=NAME)
    client = house.client(house.northside)
    assert client.get(PATH).status == 404
    assert "/colours/" not in client.get("/sign-in").text


def test_a_colour_that_somebody_wrote_into_the_database_is_not_used(house: House) -> None:
    dress(house, accent="#7a1f5c")
    bad = "red} body { display: none"
    house.installation.database.write(lambda c: c.execute(update(looks).values(accent=bad)).close())
    page = house.client().get("/sign-in")
    assert page.status == 200
    assert "/colours/" not in page.text
