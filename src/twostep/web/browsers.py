"""The name of a browser in a person's words, from what it says of itself: no evidence."""

from __future__ import annotations

from functools import lru_cache

from ua_parser import parse

LONGEST_READ = 400
"""Browsers need about 150 characters; more is not read, so that nobody can make the parser work."""

UNKNOWN = ""
"""The pages have a sentence for it, in each language."""

# What the parser's families are called by the people who use them.
_BROWSERS = {
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Edge Mobile": "Edge",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "HeadlessChrome": "Chrome",
    "Mobile Safari": "Safari",
}
_SYSTEMS = {"Mac OS X": "Mac", "iOS": "iPhone or iPad", "Chrome OS": "Chromebook"}


@lru_cache(maxsize=1000)
def browser_name(user_agent: str) -> str:
    """For example "Chrome on Windows"; :data:`UNKNOWN` where nothing is known."""
    found = parse(user_agent[:LONGEST_READ])
    browser = found.user_agent.family if found.user_agent else None
    system = found.os.family if found.os else None
    if not browser or browser == "Other":
        return UNKNOWN
    browser = _BROWSERS.get(browser, browser)
    if not system or system == "Other":
        return browser
    return f"{browser} on {_SYSTEMS.get(system, system)}"
