"""Doors that are kept open, and how many of them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from twostep.flows import doors as module
from twostep.flows.doors import MOST_KEPT, Doors


@dataclass
class Door:
    name: int
    closed: list[int] = field(default_factory=list)

    async def close(self) -> None:
        self.closed.append(self.name)


@dataclass
class Street:
    """Opens doors, and knows which were opened and closed."""

    opened: list[int] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)

    def open(self, name: int) -> Door:
        self.opened.append(name)
        return Door(name, self.closed)


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    asyncio.run(coroutine)


def key(name: int) -> bytes:
    return name.to_bytes(16, "big")


async def pass_through(doors: Doors[Door], street: Street, *names: int) -> None:
    for name in names:
        async with doors.through(key(name), partial(street.open, name)) as door:
            assert door.name == name


def test_a_door_is_opened_once_and_kept() -> None:
    street = Street()

    async def act() -> None:
        doors: Doors[Door] = Doors()
        await pass_through(doors, street, 1, 1, 2, 1)
        assert (street.opened, street.closed) == ([1, 2], [])
        await doors.close()

    run(act())
    assert sorted(street.closed) == [1, 2]


def test_of_too_many_the_longest_unused_is_closed_and_never_one_in_use() -> None:
    street = Street()

    async def act() -> None:
        doors: Doors[Door] = Doors()
        async with doors.through(key(0), lambda: street.open(0)):
            await pass_through(doors, street, *range(1, MOST_KEPT + 3))
            assert street.closed == [1, 2]
            assert len(doors.kept) == MOST_KEPT + 1

    run(act())


def test_one_that_nobody_needs_for_a_while_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    street = Street()

    async def act() -> None:
        doors: Doors[Door] = Doors()
        await pass_through(doors, street, 1)
        monkeypatch.setattr(module, "KEPT_SECONDS", -1.0)
        await pass_through(doors, street, 2)
        assert street.closed == [1, 2]

    run(act())


def test_a_door_that_does_not_open_is_not_kept() -> None:
    def stuck() -> Door:
        raise OSError("stuck")

    async def act() -> None:
        doors: Doors[Door] = Doors()
        with pytest.raises(OSError, match="stuck"):
            async with doors.through(key(1), stuck):
                raise AssertionError("nobody comes here")
        assert doors.kept == {}

    run(act())
