"""What axe finds: the part of WCAG 2.2 AA that a machine can see."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

_AXE = Axe()

# The script of axe is half a megabyte: it goes into a page once, however often it is run there.
_RUN = "axe.run({resultTypes: ['violations']}).then((found) => found.violations)"


def found_by_axe(page: Page) -> list[str]:
    """Each fault of the page as it looks now, with the first place where it is."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_AXE.axe_script)
    violations: list[dict[str, Any]] = page.evaluate(_RUN)
    return [f"{each['id']} in {each['nodes'][0]['html'][:100]}" for each in violations]


def wider_than_its_window(page: Page) -> bool:
    """Whether somebody has to scroll sideways (WCAG 1.4.10)."""
    inside, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return bool(inside > window)
