"""**Devices** as their person sees them: lines, of which one may stand for many.

A browser that throws our cookie away leaves a row at each sign-in. They stay, because each was a
sign-in and some may be remembered, but they share a line, and are forgotten together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twostep.core.devices import Device, EnvironmentNumbers, passing
from twostep.core.devices import lines_of as in_lines
from twostep.core.generations import Generations
from twostep.core.properties import remembering_of
from twostep.core.users import User
from twostep.flows.devices import forget
from twostep.flows.installation import Installation
from twostep.flows.sessions import Person
from twostep.flows.situations import generations_of
from twostep.storage import devices, environments, properties
from twostep.storage.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A device as its person sees it. ``remembered_until`` is None where a code would be asked."""

    device: Device
    remembered_until: int | None
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line; ``listed`` is what was last used of it, ``ids`` are all devices that it stands for.

    ``remembered_until``: of the one that is remembered longest, None where none is.
    """

    listed: Listed
    ids: tuple[bytes, ...]
    first_used_at: int
    remembered_until: int | None


def lines_of(installation: Installation, person: Person) -> Sequence[Line]:
    """The person's lines, the current device first."""
    now, current = installation.clock(), person.session.device_id
    return installation.database.read(
        lambda connection: lines_within(connection, person.user, current=current, now=now)
    )


def lines_within(
    connection: Connection, user: User, *, current: bytes | None = None, now: int
) -> Sequence[Line]:
    """The lines of any user; ``current``: the device in which the list is looked at."""
    found = {listed.device.id: listed for listed in _listed_all(connection, user, current, now)}
    lines = []
    for line in in_lines([listed.device for listed in found.values()], current=current):
        ids = tuple(device.id for device in line)
        remembered = [until for id_ in ids if (until := found[id_].remembered_until) is not None]
        lines.append(
            Line(
                listed=found[ids[0]],
                ids=ids,
                first_used_at=min(device.first_used_at for device in line),
                remembered_until=max(remembered, default=None),
            )
        )
    return lines


def forget_line(installation: Installation, person: Person, device_id: bytes) -> bool:
    """Forget every device of the line in which this one stands; False where it stands in none, or
    is the current one.
    """
    for line in lines_of(installation, person):
        if device_id in line.ids:
            return sum(forget(installation, person, id_) for id_ in line.ids) > 0
    return False


def _listed_all(
    connection: Connection, user: User, current: bytes | None, now: int
) -> Sequence[Listed]:
    days = remembering_of(properties.of_environment(connection, user.environment_id)).days
    numbers = environments.numbers_of(connection, user.environment_id)
    today = generations_of(connection, user)
    assert today is not None
    found = devices.of_user(connection, user.environment_id, user.id)
    listed = [_listed(device, current, days, today, numbers, now) for device in found]
    return sorted(listed, key=lambda item: not item.current)


def _listed(
    device: Device,
    current: bytes | None,
    days: int,
    today: Generations,
    numbers: EnvironmentNumbers,
    now: int,
) -> Listed:
    """The five minutes are not shown as remembered (CT-8)."""
    until = device.remembered_until(days_now=days, numbers=numbers)
    found = passing(device, now=now, days_now=days, today=today, numbers=numbers)
    remembered = found.passes and until is not None and now < until
    return Listed(
        device=device,
        remembered_until=until if remembered else None,
        current=device.id == current,
    )
