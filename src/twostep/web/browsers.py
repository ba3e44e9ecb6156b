"""The name of a browser in a person's words, from what it says of itself: no evidence."""

from __future__ import annotations

from functools import lru_cache

from ua_parser import parse

LONGEST_READ = 400
"""Browsers need about 150 characters; more is not read, so that nobody can make the parser work."""

UNKNOWN = "Unknown browser"


@lru_cache(maxsize=1000)
def browser_name(user_agent: str) -> str:
    """For example "Chrome on Windows"; :data:`UNKNOWN` where nothing is known."""
    found = parse(user_agent[:LONGEST_READ])
    browser = found.user_agent.family if found.user_agent else None
    system = found.os.family if found.os else None
    if browser and system and system != "Other":
        return f"{browser} on {system}"
    return browser or UNKNOWN
