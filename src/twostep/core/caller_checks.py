"""**Check caller**: whether whoever is on the telephone reads the messages of the user that they
claim to be (MISSION B-4).

A code goes to an address of the user, the caller reads it out, and the administrator types it. It
proves nothing at sign-in: it has a table, a hash and a message of its own. It belongs to one
administrator, one user and one address, and says no more than that the two met.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twostep.core.messages import MINUTE

CODE_LENGTH: Final = 6
CODE_LASTS: Final = 10 * MINUTE
"""As long as a code for a second step at the most: they are on the telephone."""

TRIES: Final = 5

STANDS_FOR: Final = 15 * MINUTE
"""How long a caller who was checked counts as checked: for this call and not for the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerCheck:
    """A check as it is stored, without its code. Times in milliseconds; ``passed_at`` None: nobody
    has read the code back. ``made_by``: the administrator. ``live``: no other took its place.
    """

    id: bytes
    user_id: bytes
    made_by: bytes
    contact_id: bytes
    message_id: bytes
    tries: int
    made_at: int
    expires_at: int
    passed_at: int | None = None
    live: bool = True

    def takes_tries(self, now: int) -> bool:
        """Whether its code can still be right."""
        return self.live and self.passed_at is None and self.tries < TRIES and now < self.expires_at

    def stands_until(self, now: int) -> int | None:
        """Until when (ms) the caller counts as checked; None where they do not at ``now``. A clock
        that was set back makes no check of the future.
        """
        if self.passed_at is None or not self.passed_at <= now < self.passed_at + STANDS_FOR:
            return None
        return self.passed_at + STANDS_FOR
