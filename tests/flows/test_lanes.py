"""How many messages may be under way, and whose."""

from __future__ import annotations

import asyncio

import pytest

from twostep.core.messages import DeliveryKind, Priority
from twostep.flows.lanes import MOST_OF_OWN, Lane, Lanes

NOW, LATER = Priority.SOMEBODY_WAITS, Priority.NOTICE
HARBOUR, NORTHSIDE = b"h" * 16, b"n" * 16


def lanes(*under_way: tuple[Lane, Priority], most_at_once: int = 4) -> Lanes:
    made = Lanes(
        most_at_once=most_at_once,
        rate=None,
        own={HARBOUR: {DeliveryKind.MAIL: None}, NORTHSIDE: {}},
    )
    loop = asyncio.new_event_loop()
    for place in under_way:
        future: asyncio.Future[None] = loop.create_future()
        made.under_way[future] = place  # type: ignore[index]  # only its identity counts here
    loop.close()
    return made


def test_each_lane_has_places_of_its_own() -> None:
    busy = lanes(*[(HARBOUR, NOW)] * 4, (None, NOW))
    assert busy.room(HARBOUR, NOW) == 0
    assert busy.room(NORTHSIDE, NOW) == 4
    assert busy.room(None, NOW) == 3


@pytest.mark.parametrize("lane", [None, HARBOUR])
def test_notices_get_half_of_a_lane_s_places(lane: Lane) -> None:
    assert lanes().room(lane, LATER) == 2
    assert lanes((lane, LATER)).room(lane, LATER) == 1
    assert lanes((lane, LATER), (lane, LATER)).room(lane, LATER) == 0
    assert lanes((lane, LATER), (lane, LATER)).room(lane, NOW) == 2
    assert lanes(*[(lane, NOW)] * 3).room(lane, LATER) == 1
    assert lanes(most_at_once=1).room(lane, LATER) == 1


def test_own_lanes_together_are_bounded_and_the_others_are_not_among_them() -> None:
    crowd: list[tuple[Lane, Priority]] = [
        (number.to_bytes(16, "big"), NOW) for number in range(MOST_OF_OWN)
    ]
    assert lanes(*crowd[:-1]).room(HARBOUR, NOW) == 1
    assert lanes(*crowd).room(HARBOUR, NOW) == 0
    assert lanes(*crowd).room(None, NOW) == 4
