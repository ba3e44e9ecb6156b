"""What stops a request before or instead of its page: it knows which page says so."""

from __future__ import annotations

from twostep.i18n.matters import Matter


class StopRequest(Exception):
    """Ends the request with a page that says one thing. ``retry_after`` is in seconds."""

    def __init__(self, matter: Matter, status: int, *, retry_after: int | None = None) -> None:
        super().__init__(matter.name)
        self.matter = matter
        self.status = status
        self.retry_after = retry_after


def bad_request() -> StopRequest:
    """The request is not well-formed."""
    return StopRequest(Matter.BAD_REQUEST, 400)


def not_found() -> StopRequest:
    """There is no such page, or not for this person."""
    return StopRequest(Matter.NOT_FOUND, 404)
