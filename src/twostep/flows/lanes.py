"""Who may have how many messages under way: the installation, and each environment with a mail
server or a provider of its own.

A server that hangs holds each message for most of a minute. So what waits for one environment's
own has places of its own, and nobody else's message waits behind it. Notices get half of the places
and two thirds of a relay's rate, so that a thousand of them leave room for the code that somebody
waits for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from twostep.core.messages import LEASE, MINUTE, DeliveryKind, Priority, Share
from twostep.crypto.identifiers import new_id
from twostep.flows.installation import Installation
from twostep.storage import delivery_routes, message_counts, messages
from twostep.storage.database import Connection
from twostep.storage.messages import Claimed

Lane = bytes | None
"""An environment that has a way of its own; None: all others together."""

MOST_OF_OWN: Final = 64
"""Messages under way in all lanes of environments together, while as many of their servers hang as
may: the lane of all others is never among them."""


@dataclass(slots=True, kw_only=True)
class Lanes:
    """What is under way, and how much more may be. ``rate``: of the installation's relay, in a
    minute.
    """

    most_at_once: int
    rate: int | None
    own: Mapping[bytes, Mapping[DeliveryKind, int | None]] = field(default_factory=dict)
    under_way: dict[asyncio.Task[None], tuple[Lane, Priority]] = field(default_factory=dict)

    def look(self, installation: Installation) -> None:
        """Find out which environments have a way of their own."""
        self.own = installation.database.read(delivery_routes.who_has_own)

    def room(self, lane: Lane, priority: Priority) -> int:
        """How many more may be begun."""
        here = [other for where, other in self.under_way.values() if where == lane]
        free = self.most_at_once - len(here)
        if lane is not None:
            others = sum(where is not None for where, _ in self.under_way.values())
            free = min(free, MOST_OF_OWN - others)
        if priority is Priority.SOMEBODY_WAITS:
            return free
        return min(free, max(1, self.most_at_once // 2) - here.count(Priority.NOTICE))

    def due(self, installation: Installation, priority: Priority) -> Sequence[Lane]:
        """The lanes in which something waits and may be begun."""
        now, own = installation.clock(), frozenset(self.own)

        def look(connection: Connection) -> Sequence[Lane]:
            share = Share(without=own)
            found: list[Lane] = []
            if messages.any_due(connection, priority=priority, now=now, share=share):
                found.append(None)
            if own:
                found += messages.who_has_due(connection, own, priority=priority, now=now)
            return found

        lanes = installation.database.read(look)
        return [lane for lane in lanes if self.room(lane, priority) > 0]

    def claim(
        self, installation: Installation, lane: Lane, priority: Priority
    ) -> Sequence[Claimed]:
        """Take as much of a lane as there is room for: what is taken is under way at once, and ends
        before its claim runs out.
        """
        now, room = installation.clock(), self.room(lane, priority)

        def act(connection: Connection) -> Sequence[Claimed]:
            left = min(room, self._rate_left(connection, lane, priority, now=now))
            if left <= 0:
                return ()
            return messages.claim(
                connection,
                priority=priority,
                claim_id=new_id(),
                now=now,
                until=now + LEASE,
                most=left,
                share=Share(without=frozenset(self.own)) if lane is None else Share(only=lane),
            )

        return installation.database.write(act)

    def _rate_left(
        self, connection: Connection, lane: Lane, priority: Priority, *, now: int
    ) -> int:
        """How many more its relay takes in this minute, whoever sends them."""
        own_relay = {each for each, ways in self.own.items() if DeliveryKind.MAIL in ways}
        if lane in own_relay and lane is not None:
            rate, share = self.own[lane][DeliveryKind.MAIL], Share(only=lane)
        else:
            rate, share = self.rate, Share(without=frozenset(own_relay))
        if rate is None:
            return self.most_at_once
        tried = message_counts.tried_since(connection, now - MINUTE, most=rate, share=share)
        mine = rate if priority is Priority.SOMEBODY_WAITS else max(1, rate * 2 // 3)
        return mine - len(tried)
