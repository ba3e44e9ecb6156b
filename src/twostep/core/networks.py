"""How much a block of addresses may get wrong before it is slowed: SECURITY §5.4's network row.

Promise: whoever sprays one password over many accounts from few addresses gets slow, and no
account is ever locked by it, nor anybody kept out whose browser the account knows. Blocks are
one address or home (/32, /64) and one site (/24, /48); both follow the same numbers. Failures
are the counted attempts of ``core.lockouts``: those of sign-ins that succeeded have dropped
out, so two thousand people behind one office address with 5 % typos are not slowed.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSchedule:
    """The numbers for one block; times in milliseconds.

    From ``slow_from`` counted failures within ``window`` on, each is followed by a pause: the
    ``first_pause``, doubled at each further multiple of ``slow_from``, at most
    ``longest_pause``. From ``refuse_from`` on nothing is evaluated until the window has
    emptied below it, and the answer asks to come back after ``retry_after``.
    """

    window: int
    slow_from: int
    first_pause: int
    longest_pause: int
    refuse_from: int
    retry_after: int

    def pause_after(self, failures: int) -> int:
        """The pause (milliseconds) that follows the failure with this number; 0 for none."""
        times = failures // self.slow_from
        return min(self.longest_pause, self.first_pause << (times - 1)) if times else 0


NETWORK: Final = NetworkSchedule(
    window=10 * 60_000,
    slow_from=100,
    first_pause=1_000,
    longest_pause=60_000,
    refuse_from=1_000,
    retry_after=60_000,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkStanding:
    """Where a block stands. ``retry_at`` is in milliseconds, None where the block is free.

    ``refused`` tells the last resort (429 with Retry-After) from an ordinary pause.
    """

    retry_at: int | None
    refused: bool


def network_standing(
    failures: int, newest_at: int | None, *, now: int, schedule: NetworkSchedule
) -> NetworkStanding:
    """Derive a block's standing from its counted failures within ``schedule.window``.

    Counting may stop at ``schedule.refuse_from``. ``newest_at`` is the time of the newest
    failure, None where there is none.
    """
    if failures >= schedule.refuse_from:
        return NetworkStanding(retry_at=now + schedule.retry_after, refused=True)
    pause = schedule.pause_after(failures)
    # Without a pause the newest one does not count, not even after a clock was set back before it.
    retry_at = newest_at + pause if pause and newest_at is not None else 0
    return NetworkStanding(retry_at=retry_at if retry_at > now else None, refused=False)


def site_of(address: str) -> tuple[int, int] | None:
    """The /24 of an IPv4 address or the /48 of an IPv6 address, as something to compare; None for a
    text that is no address.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    return parsed.version, int(parsed) >> (8 if parsed.version == 4 else 80)
