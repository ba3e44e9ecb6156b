"""A person without a mouse: Tab, Enter and typing, and an eye on where the focus is.

Every step of the Tab key asserts what such a person needs: that they see where they are (WCAG 2.4.7
and 2.4.11), and that the page goes on downwards (2.4.3).
"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect
from typing_extensions import override

from tests.browser.windows import Window

MOST_TABS = 60
"""More than any page of ours has places to go to."""

_FOCUS = """
() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  return {
    what: element.outerHTML.slice(0, 120),
    nothing: element === document.body,
    in_main: element.closest("main") !== null,
    ring: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    colour: style.outlineColor,
    ground: getComputedStyle(element.closest(".card, header, body")).backgroundColor,
    top: box.top + scrollY,
    bottom: box.bottom + scrollY,
    left: box.left,
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0,
  };
}
"""


_STOPS = """
() => {
  const groups = new Set();
  const leads = (it) => it.checked && !groups.has(it.name) && groups.add(it.name);
  const stops = [...document.querySelectorAll("a[href], button, input, summary")]
    .filter((it) => it.checkVisibility() && it.tabIndex >= 0 && !it.disabled)
    .filter((it) => it.type !== "radio" || leads(it));
  stops.forEach((it, number) => (it.dataset.stop = number));
  return stops.map((it) => it.outerHTML.slice(0, 120));
}
"""
"""Where a person can go; of a group of choices, to the one that is chosen."""

_IS_BEFORE = """
(it) => document.activeElement.closest("main") !== null &&
  Boolean(document.activeElement.compareDocumentPosition(it) & Node.DOCUMENT_POSITION_PRECEDING)
"""

_AT = "() => document.activeElement.dataset.stop ?? null"


def tab_through(page: Page) -> list[str]:
    """Once around the page by the Tab key. Gives the places that it does not lead to.

    Raises AssertionError for a stop that nobody sees, or that stands above the one before.
    """
    stops: list[str] = page.evaluate(_STOPS)
    seen: set[int] = set()
    before = page.evaluate(_FOCUS)
    for _ in range(2 * len(stops) + MOST_TABS):
        page.keyboard.press("Tab")
        now = page.evaluate(_FOCUS)
        at = page.evaluate(_AT)
        if not now["nothing"]:
            demand_seen(now)
            demand_onwards(before, now)
        before = now
        seen |= set() if at is None else {int(at)}
        if len(seen) == len(stops):
            break
    return [stop for number, stop in enumerate(stops) if number not in seen]


def demand_seen(now: dict[str, Any]) -> None:
    """A person sees where they are."""
    assert now["seen"], f"the focus is out of sight: {now}"
    assert now["ring"] >= 2, f"nothing shows the focus: {now}"
    assert now["colour"] != now["ground"], f"the focus has the colour of the ground: {now}"


def demand_onwards(before: dict[str, Any], now: dict[str, Any]) -> None:
    """Within the page's own part, each stop is below or beside the one before."""
    if before["in_main"] and now["in_main"]:
        assert now["bottom"] > before["top"], f"the focus went up from {before} to {now}"


class KeyboardWindow(Window):
    """The same person's acts, by the keyboard alone."""

    def tick(self, target: Locator) -> None:
        """A box to tick. Where the page begins after it, they go back to it."""
        expect(target).to_be_visible()
        if target.evaluate(_IS_BEFORE):
            self.page.keyboard.press("Shift+Tab")
            demand_seen(self.page.evaluate(_FOCUS))
            expect(target).to_be_focused()
        self._go_to(target)
        self.page.keyboard.press("Space")
        expect(target).to_be_checked()

    @override
    def write(self, label: str, text: str) -> None:
        self._go_to(self.field(label))
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    @override
    def press(self, target: Locator) -> None:
        self._go_to(target)
        self.page.keyboard.press("Enter")

    @override
    def send(self, button: str) -> None:
        """By its button, which may stand outside of the form."""
        self.press(self.button(button))

    def _go_to(self, target: Locator) -> None:
        """By Tab, through everything that stands before it."""
        expect(target).to_be_visible()
        target.page.wait_for_load_state()
        before = self.page.evaluate(_FOCUS)
        within = before["in_main"] and target.evaluate("it => it.closest('main') !== null")
        for _ in range(MOST_TABS):
            if target.evaluate("it => (it.closest('summary') ?? it).matches(':focus')"):
                return
            self.page.keyboard.press("Tab")
            now = self.page.evaluate(_FOCUS)
            assert now["in_main"] or not within, f"the focus passed {target} by"
            if not now["nothing"]:
                demand_seen(now)
                demand_onwards(before, now)
            before = now
        raise AssertionError(f"no number of Tabs leads to {target}")
