"""Every page in a browser, without a server: who can use it, and what the script adds.

The pages come from tests/helpers/sample_pages.py, under the content security policy that the
service sends.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.accessibility import found_by_axe, wider_than_its_window
from tests.browser.keyboards import tab_through
from tests.helpers.sample_pages import KEY, NONCE, NOW, SAMPLES
from tests.helpers.sample_recovery_pages import CODES
from twostep.core.looks import stored_shades
from twostep.web.assets import STATIC_PATH, Assets
from twostep.web.dress import COLOURS_PATH, style_of
from twostep.web.headers import security_headers
from twostep.web.rendering import Renderer

pytestmark = pytest.mark.browser

ADDRESS = "https://northside.example/"
ASSETS = Assets()
RENDERER = Renderer(ASSETS)
POLICY = security_headers(nonce=NONCE, secure=True)["content-security-policy"]
PHONE = 320


def answer(route: Route) -> None:
    """The page of that name, a file of a page, or a note of what was sent."""
    path = urlsplit(route.request.url).path
    language = "es" if urlsplit(route.request.url).query == "language=es" else "en"
    asset = ASSETS.find(path.removeprefix(STATIC_PATH))
    if asset is not None:
        route.fulfill(body=asset.content, content_type=asset.media_type)
    elif path.startswith(COLOURS_PATH):
        shades = stored_shades(f"#{path.removeprefix(COLOURS_PATH).removesuffix('.css')}")
        assert shades is not None
        route.fulfill(body=style_of(shades), content_type="text/css")
    elif route.request.method == "POST":
        route.fulfill(body=f"sent {route.request.post_data}", content_type="text/plain")
    else:
        sample = SAMPLES[path.removeprefix("/")]
        route.fulfill(
            body=RENDERER.render(sample.view, sample.frame_in(language)),
            headers={"Content-Security-Policy": POLICY},
            content_type="text/html; charset=utf-8",
        )


class Opener:
    """Opens sample pages and collects what the browser complains about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.route("**/*", answer)
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, name: str) -> Page:
        self.page.goto(ADDRESS + name)
        return self.page


@pytest.fixture(params=["light", "dark"])
def in_theme(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Opener]:
    context = chromium.new_context(
        color_scheme=request.param, viewport={"width": PHONE, "height": 640}
    )
    yield Opener(context.new_page())
    context.close()


@pytest.fixture
def opener(chromium: Browser) -> Iterator[Opener]:
    context = chromium.new_context(timezone_id="America/Chicago")
    yield Opener(context.new_page())
    context.close()


@pytest.fixture
def without_script(chromium: Browser) -> Iterator[Opener]:
    context = chromium.new_context(java_script_enabled=False)
    yield Opener(context.new_page())
    context.close()


LARGER_TEXT = "() => { document.documentElement.style.fontSize = '200%' }"
"""What a browser does whose owner has the text twice as large (WCAG 1.4.4)."""

SMALL_TARGETS = """
() => [...document.querySelectorAll("button, .button, input, summary, footer a")]
  .filter((it) => it.checkVisibility())
  .map((it) => it.closest(".tick, .choice") ?? it)
  .map((it) => [it.outerHTML.slice(0, 100), it.getBoundingClientRect().height])
  .filter(([, height]) => 1 < height && height < 44)
"""


# Each language and each ground once: what differs by the two together would be a curious page.
@pytest.mark.parametrize(
    ("in_theme", "language", "turn"),
    [("light", "en", 0), ("dark", "es", 1)],
    indirect=["in_theme"],
)
def test_axe_finds_nothing_and_nothing_is_wider_than_a_small_phone(
    in_theme: Opener, language: str, turn: int
) -> None:
    """WCAG 2.2 AA as far as a machine sees it, of every other page on each ground: all are made of
    the same colours and pieces. Of each page in each language: reflow at 320 pixels and with text
    of twice the size, targets of 44.
    """
    found = []
    for place, name in enumerate(SAMPLES):
        page = in_theme.open(f"{name}?language={language}")
        if place % 2 == turn:
            found += [f"{name}: {fault}" for fault in found_by_axe(page)]
        found += [f"{name} has a target of {target}" for target in page.evaluate(SMALL_TARGETS)]
        if wider_than_its_window(page):
            found.append(f"{name} is too wide")
        page.evaluate(LARGER_TEXT)
        if wider_than_its_window(page):
            found.append(f"{name} is too wide with larger text")
    assert found == [], found
    assert in_theme.complaints == []


@pytest.mark.parametrize(
    ("language", "theme", "width", "turn"),
    [("en", "light", 390, 0), ("es", "dark", 1280, 1)],
)
def test_the_tab_key_leads_to_everything_downwards_and_shows_where_it_is(
    chromium: Browser, language: str, theme: Literal["light", "dark"], width: int, turn: int
) -> None:
    """WCAG 2.4.3, 2.4.7, 2.4.11; with **More** of System Properties open. Each page once, every
    other one on a phone.
    """
    context = chromium.new_context(
        color_scheme=theme, viewport={"width": width, "height": 700}, reduced_motion="reduce"
    )
    opener = Opener(context.new_page())
    missed = []
    for name in list(SAMPLES)[turn::2]:
        page = opener.open(f"{name}?language={language}")
        page.evaluate("document.querySelectorAll('.more').forEach((it) => (it.open = true))")
        missed += [f"{name}: {stop}" for stop in tab_through(page)]
        if wider_than_its_window(page):
            missed.append(f"{name} is too wide")
    context.close()
    assert missed == []


@pytest.mark.parametrize("script", ["opener", "without_script"])
def test_the_user_menu_leads_to_security_settings(
    script: str, request: pytest.FixtureRequest
) -> None:
    """CT-3, with the script and without it."""
    page: Page = request.getfixturevalue(script).open("home")
    link = page.get_by_role("link", name="Security Settings")
    expect(link).to_have_count(0)
    page.get_by_text("User settings").click()
    expect(link).to_have_attribute("href", "/security")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_the_user_menu_closes_with_escape_and_gives_the_focus_back(opener: Opener) -> None:
    page = opener.open("home")
    page.get_by_text("User settings").click()
    page.get_by_role("link", name="Security Settings").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Security Settings")).to_have_count(0)
    expect(page.locator("summary")).to_be_focused()


@pytest.mark.parametrize("typed", ["123456", "123 456"])
def test_the_code_page_sends_itself_when_the_code_is_complete(opener: Opener, typed: str) -> None:
    page = opener.open("code")
    expect(page.get_by_label("Verification code")).to_be_focused()
    page.keyboard.insert_text(typed)
    expect(page.get_by_text("sent csrf=a-token&code=123")).to_be_visible()


def test_an_incomplete_code_is_not_sent(opener: Opener) -> None:
    page = opener.open("code")
    expect(page.get_by_label("Verification code")).to_be_focused()
    page.keyboard.insert_text("12345x")
    expect(page.get_by_label("Verification code")).to_have_value("12345x")
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("code=12345x")).to_be_visible()


def test_after_a_wrong_code_the_person_sends_the_next_one(opener: Opener) -> None:
    page = opener.open("code-wrong")
    expect(page.get_by_label("Verification code")).to_be_focused()
    page.keyboard.insert_text("123456")
    expect(page.get_by_label("Verification code")).to_have_value("123456")
    page.keyboard.press("Enter")
    expect(page.get_by_text("code=123456")).to_be_visible()


def test_enter_in_the_set_up_page_means_verify_and_save(without_script: Opener) -> None:
    """The button stands outside of its form, beside the one for Cancel."""
    page = without_script.open("set-up-in-sign-in")
    page.get_by_label("Verification code").fill("123 456")
    page.keyboard.press("Enter")
    expect(page.get_by_text("code=123+456")).to_be_visible()


def test_a_second_click_sends_nothing(opener: Opener) -> None:
    """Or the same code would arrive twice, and be told that it was used already."""
    page = opener.open("sign-in")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.evaluate(
        "const form = document.querySelector('form'); form.requestSubmit(); form.requestSubmit()"
    )
    expect(page.get_by_text("sent csrf")).to_be_visible()
    assert sent.count("POST") == 1


def test_a_password_can_be_shown_and_is_a_password_again_when_it_is_sent(opener: Opener) -> None:
    page = opener.open("sign-in")
    password = page.get_by_label("Password")
    password.fill("four words of mine")
    page.get_by_role("button", name="Show").click()
    expect(password).to_have_attribute("type", "text")
    page.get_by_role("button", name="Hide").click()
    expect(password).to_have_attribute("type", "password")


def test_without_the_script_no_button_stands_that_does_nothing(without_script: Opener) -> None:
    page = without_script.open("sign-in")
    expect(page.get_by_role("button")).to_have_text(["Sign in"])
    page = without_script.open("set-up")
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    expect(page.get_by_text("goes on by itself")).not_to_be_visible()


def test_the_key_is_copied_without_its_blanks(opener: Opener) -> None:
    opener.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = opener.open("set-up")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == KEY


def test_where_copying_is_not_allowed_the_key_is_marked_instead(opener: Opener) -> None:
    page = opener.open("set-up")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(Error('no')) }")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status")).to_contain_text("Now marked")
    assert page.evaluate("getSelection().toString()").replace(" ", "") == KEY


def test_a_moment_is_told_in_the_time_of_the_reader(opener: Opener, without_script: Opener) -> None:
    opener.page.clock.set_fixed_time(datetime.fromtimestamp(NOW / 1000, UTC))
    expect(without_script.open("locked").locator("time").first).to_have_text("11:01 UTC")
    expect(opener.open("locked").locator("time").first).to_have_text("06:01")


def test_the_qr_code_is_black_on_white_in_the_dark_too(chromium: Browser) -> None:
    context = chromium.new_context(color_scheme="dark")
    page = Opener(context.new_page()).open("set-up")
    picture = page.locator(".qr")
    assert picture.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(255, 255, 255)"
    box = picture.bounding_box()
    assert box is not None
    assert box["width"] >= 200
    context.close()


def test_recovery_codes_are_copied_line_by_line(opener: Opener) -> None:
    opener.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = opener.open("recovery-codes-shown")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "\n".join(CODES)


def test_recovery_codes_are_printed_with_whose_they_are_and_nothing_to_press(
    opener: Opener,
) -> None:
    page = opener.open("recovery-codes-shown")
    page.evaluate("() => { window.print = () => { document.title = 'printing' } }")
    page.get_by_role("button", name="Print").click()
    expect(page).to_have_title("printing")
    page.emulate_media(media="print")
    expect(page.get_by_text("ann.lee at signin.northside.example")).to_be_visible()
    for code in CODES:
        expect(page.get_by_text(code)).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_label("I have kept them")).not_to_be_visible()


@pytest.mark.parametrize("script", ["opener", "without_script"])
def test_nobody_goes_on_from_recovery_codes_without_saying_that_they_kept_them(
    script: str, request: pytest.FixtureRequest
) -> None:
    page: Page = request.getfixturevalue(script).open("recovery-codes-shown")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    page.get_by_label("I have kept them").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("kept=1")).to_be_visible()


def test_without_the_script_the_codes_can_still_be_downloaded(without_script: Opener) -> None:
    page = without_script.open("recovery-codes-shown")
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    expect(page.get_by_role("button", name="Print")).to_have_count(0)
    page.get_by_role("button", name="Download").click()
    expect(page.get_by_text("codes=01-4XKQ")).to_be_visible()
