"""What takes the messages: the installation's mail server and provider, and those that environments
have of their own.

An environment's own is opened when it is first needed and kept while it is used. Each change of one
has a new id, so the next message after a change finds no door and opens another.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, Generic, Protocol, TypeVar

from twostep.delivery.mail import Mailer, Relay
from twostep.delivery.mail_form import Mail
from twostep.delivery.outcomes import Outcome
from twostep.delivery.texts import Provider

MOST_KEPT: Final = 32
"""Doors of environments that are open and not in use."""

KEPT_SECONDS: Final = 60.0
"""For which one is kept that nobody needs."""


class MailDoor(Protocol):
    """What takes mails: a relay, or the mailbox of the demo."""

    async def send(self, mail: Mail) -> Outcome:
        """Try once."""
        ...

    async def close(self) -> None:
        """Close what is open."""
        ...


class TextDoor(Protocol):
    """What takes texts for numbers."""

    async def send(self, *, to: str, text: str) -> Outcome:
        """Try once."""
        ...

    async def close(self) -> None:
        """Close what is open."""
        ...


class Closable(Protocol):
    """Any door."""

    async def close(self) -> None:
        """Close what is open."""
        ...


D = TypeVar("D", bound=Closable)


def open_mailer(relay: Relay) -> MailDoor:
    """By SMTP, as almost everywhere."""
    return Mailer(relay)


def open_provider(url: str) -> TextDoor:
    """By Apprise. Raises WrongProvider."""
    return Provider(url)


@dataclass(slots=True)
class _Kept(Generic[D]):
    door: D
    used_at: float
    users: int = 0


@dataclass(slots=True)
class Doors(Generic[D]):
    """Doors that are open, by the id of the route that they lead to. Of one event loop."""

    kept: dict[bytes, _Kept[D]] = field(default_factory=dict)

    @asynccontextmanager
    async def through(self, route_id: bytes, open_door: Callable[[], D]) -> AsyncIterator[D]:
        """The door of that route, and nobody closes it meanwhile."""
        if (found := self.kept.get(route_id)) is None:
            found = self.kept[route_id] = _Kept(open_door(), _now())
        found.users += 1
        try:
            yield found.door
        finally:
            found.users -= 1
            found.used_at = _now()
            await self.close_unused()

    async def close_unused(self) -> None:
        """Those that were not used for a minute, and the longest unused of too many."""
        unused = sorted(
            (kept.used_at, route_id) for route_id, kept in self.kept.items() if not kept.users
        )
        spare = len(unused) - MOST_KEPT
        gone = [
            self.kept.pop(route_id).door
            for number, (used_at, route_id) in enumerate(unused)
            if number < spare or _now() - used_at > KEPT_SECONDS
        ]
        await asyncio.gather(*(door.close() for door in gone), return_exceptions=True)

    async def close(self) -> None:
        """All of them."""
        doors = [kept.door for kept in self.kept.values()]
        self.kept.clear()
        await asyncio.gather(*(door.close() for door in doors), return_exceptions=True)


def _now() -> float:
    return asyncio.get_running_loop().time()
