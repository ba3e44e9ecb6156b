"""Remembered devices: whether a browser that shows its lasting cookie is asked for a code.

A device is a browser of one user, recognised by a cookie that by itself grants nothing. Whether it
passes is worked out anew each time, from what its row says and from what holds now:

* *remembered*: a code was right here and the person ticked the box. It lasts the smaller of the
  days that held then and the days that hold now (AC-27), and ends at once and for good when the
  days go to 0 or 2-step verification is switched off.
* *passes*: for five minutes after a right code, ticked or not (CT-8). Absolute, never extended, and
  no proof: it only keeps a code from being asked twice in a row.

Both end when the password or the second step changes, with a restored backup, and when the device
is forgotten. A password change or a new key that was made in this very browser carries its row over
to the new numbers: what is remembered goes on, and so do the five minutes after a password change.
A new key ends them, and turning off ends both everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twostep.core.generations import Generations
from twostep.core.networks import site_of
from twostep.core.reasons import Code, Reason, because
from twostep.core.ways import Way

MINUTE = 60_000
DAY = 24 * 60 * MINUTE

PASSES_FOR = 5 * MINUTE
"""The five minutes of CT-8 (deviation D-02 of the security notes)."""

MOST_REMEMBERED = 20
"""Remembered devices of one user; a further one ends the remembering of the oldest (AC-84)."""

THROWN_AWAY = 2
"""So many remembered devices in a row that never showed their cookie again are called a habit. One
alone may be another browser of the same name."""

SHARES_A_LINE = 5
"""So many devices that only a cookie could tell apart stand in one line of the list."""

CLOCK_SLACK = 10_000
"""By so much the clocks of two nodes may differ. What was verified later than that from now was
verified by a clock that has since been set back, and nobody knows how long ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentNumbers:
    """The numbers of an environment that make remembering void: ``remembering`` what is remembered,
    ``off`` the five minutes as well.
    """

    remembering: int
    off: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A browser of a user. Times in ms; ``days_at_issue`` is None where not remembered."""

    id: bytes
    user_id: bytes
    browser: str
    address: str
    first_used_at: int
    last_used_at: int
    verified_at: int | None
    days_at_issue: int | None
    passes_until: int | None
    forgotten_at: int | None
    generations: Generations
    numbers: EnvironmentNumbers
    way: Way | None = None
    """By which way its person showed their second step here last."""

    @property
    def came_back(self) -> bool:
        """Whether its cookie was ever shown at a later sign-in that succeeded."""
        return self.last_used_at != self.first_used_at

    def remembered_until(self, *, days_now: int, numbers: EnvironmentNumbers) -> int | None:
        """When its remembering ends by time, or None where it is not remembered at all."""
        if self.verified_at is None or self.days_at_issue is None or self.forgotten_at is not None:
            return None
        if self.numbers.remembering != numbers.remembering:
            return None
        return self.verified_at + min(self.days_at_issue, days_now) * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """When the password and the second step that hold today came to be, in milliseconds."""

    password_at: int | None = None
    second_step_at: int | None = None


NOBODY_KNOWS_WHEN = Changed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """Whether the device passes, and why or why not."""

    passes: bool
    why: Reason


def passing(
    device: Device,
    *,
    now: int,
    days_now: int,
    today: Generations,
    numbers: EnvironmentNumbers,
    changed: Changed = NOBODY_KNOWS_WHEN,
) -> Passing:
    """Whether no code is asked in this browser, as of ``now``. ``changed`` is for the reason."""
    until = device.remembered_until(days_now=days_now, numbers=numbers)
    if device.forgotten_at is not None:
        return _asked(because(Code.DEVICE_FORGOTTEN))
    overtaken = device.generations.overtaken_by(today)
    if overtaken is not None:
        return _asked(_why_overtaken(overtaken, until, now, changed))
    if device.verified_at is None or device.verified_at > now + CLOCK_SLACK:
        return _asked(because(Code.NEW_DEVICE))
    if until is not None and now < until:
        return Passing(passes=True, why=because(Code.DEVICE_REMEMBERED, until=until))
    if _passes_for_minutes(device, numbers, now):
        assert device.passes_until is not None
        return Passing(passes=True, why=because(Code.DEVICE_PASSES, until=device.passes_until))
    if device.days_at_issue is None:
        return _asked(because(Code.DEVICE_NOT_REMEMBERED))
    if until is None or days_now == 0:
        return _asked(because(Code.REMEMBERING_SWITCHED_OFF))
    return _asked(because(Code.DEVICE_TIME_OVER, until=until))


def _passes_for_minutes(device: Device, numbers: EnvironmentNumbers, now: int) -> bool:
    return (
        device.passes_until is not None
        and device.numbers.off == numbers.off
        and now < device.passes_until
    )


def _why_overtaken(overtaken: Code, until: int | None, now: int, changed: Changed) -> Reason:
    """What ended the remembering; until when it would have lasted, where it would last still."""
    remembered = {
        Code.PASSWORD_CHANGED: (Code.DEVICE_BEFORE_PASSWORD, changed.password_at),
        Code.SECOND_STEP_CHANGED: (Code.DEVICE_BEFORE_SECOND_STEP, changed.second_step_at),
    }
    code, changed_at = remembered.get(overtaken, (overtaken, None))
    if until is None or until <= now or changed_at is None:
        return because(overtaken)
    return because(code, until=until, changed=changed_at)


def _asked(why: Reason) -> Passing:
    return Passing(passes=False, why=why)


def throws_cookies_away(
    alike: Sequence[Device],
    *,
    now: int,
    days_now: int,
    today: Generations,
    numbers: EnvironmentNumbers,
) -> bool:
    """Whether a browser that shows no cookie of a device seems to throw ours away each time.

    ``alike``: the user's devices of the same name and network, the one last used first. Each of the
    last two would pass today, and neither ever showed its cookie again. A private window does that,
    and a browser that deletes cookies when it is closed. It is a guess, for the reason alone: it
    decides nothing.
    """
    return len(alike) >= THROWN_AWAY and all(
        not device.came_back
        and passing(device, now=now, days_now=days_now, today=today, numbers=numbers).why.code
        is Code.DEVICE_REMEMBERED
        for device in alike[:THROWN_AWAY]
    )


def lines_of(devices: Sequence[Device], *, current: bytes | None) -> list[list[Device]]:
    """The devices as a list shows them, in their order: each in a line of its own, but for those of
    one name and one site that never showed their cookie again. Where there are many of these, they
    are one browser that throws it away, or several that are used once, and share a line.

    Grants and ends nothing. ``current`` has a line of its own.
    """
    place = {device.id: number for number, device in enumerate(devices)}
    kinds: dict[object, list[Device]] = {}
    for device in devices:
        alone = device.came_back or device.id == current
        kind = device.id if alone else (device.browser, site_of(device.address))
        kinds.setdefault(kind, []).append(device)
    lines: list[list[Device]] = []
    for alike in kinds.values():
        lines += [alike] if len(alike) >= SHARES_A_LINE else [[device] for device in alike]
    return sorted(lines, key=lambda line: place[line[0].id])
