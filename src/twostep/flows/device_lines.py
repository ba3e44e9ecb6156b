"""**Devices** as their person sees them: lines, of which one may stand for many.

A browser that throws our cookie away leaves a row at each sign-in. They stay, because each was a
sign-in and some may be remembered, but they share a line, and are forgotten together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twostep.core.devices import lines_of as in_lines
from twostep.flows.devices import Listed, forget, list_of
from twostep.flows.installation import Installation
from twostep.flows.sessions import Person


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
    """The lines, the current device first."""
    found = {listed.device.id: listed for listed in list_of(installation, person)}
    devices = [listed.device for listed in found.values()]
    lines = []
    for line in in_lines(devices, current=person.session.device_id):
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
