"""A session: a signed-in browser, and when it ends.

A session ends by itself when it was not used for its idle limit, or when it reaches its absolute
limit, whatever
the browser's cookie says (NIST SP 800-63B-4 section 5.2: cookie expiry shall not be what enforces a
timeout).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from twostep.core.generations import Generations
from twostep.core.reasons import Code, Reason

MINUTE = 60_000
HOUR = 60 * MINUTE

MOST_PER_USER = 20
"""Live sessions of one user; a further one ends the oldest (ASVS 7.1.2)."""


class Level(StrEnum):
    """What a session has earned (the truth table of the security notes, section 0.3). Never raised
    by a label.
    """

    PASSWORD = "1"
    REMEMBERED = "1r"
    EMAIL_CODE = "2e"
    TEXT_CODE = "2s"
    SECOND_STEP = "2"
    HELP_DESK_CODE = "1h"
    """A password and a code from the help desk: for today's work, and no proof of anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """The ends in milliseconds. Defaults 60 minutes and 12 hours: NIST SP 800-63B-4 section 2.2.3,
    ASVS 7.3. ``lasting``: whether a session may outlast its browser. It may not where the operator
    has switched 2-step verification on for the whole installation (CS-5).
    """

    idle: int = 60 * MINUTE
    absolute: int = 12 * HOUR
    lasting: bool = True

    def lasts_until(self, *, wanted: bool, started_at: int) -> int | None:
        """Until when (ms) the browser is to keep the cookie of a session, through being closed;
        None: for as long as it is open.
        """
        return started_at + self.absolute if wanted and self.lasting else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session as the rules and the pages see it; its token is known to the browser alone.

    ``lasts_until``: until when (ms) its cookie was made to last, for somebody who stays signed in
    when they close the browser; None for a cookie that goes with it. ``ends_at``: when it ends
    whatever else holds (ms), with the help-desk code ``help_desk_code_id`` or the pause that let
    its person in; None where neither did.
    """

    id: bytes
    environment_id: bytes
    user_id: bytes
    sign_in_id: bytes
    device_id: bytes | None
    level: Level
    reasons: tuple[Reason, ...]
    browser: str
    address: str
    started_at: int
    last_used_at: int
    ended_at: int | None
    generations: Generations
    lasts_until: int | None = None
    ends_at: int | None = None
    help_desk_code_id: bytes | None = None

    def over(self, *, limits: SessionLimits, now: int) -> Code | None:
        """Why the session is over at ``now``, or None while it lives.

        A clock that was set back makes nothing live longer: a session that was last used in the
        future is
        taken as used now, and its absolute end stays where it was.
        """
        if self.lasts_until is not None and not limits.lasting:
            # Before all else, so that those whose session the operator has ended are told why.
            return Code.LASTING_OVERRULED
        if self.ended_at is not None:
            return Code.ENDED
        if self.ends_at is not None and now >= self.ends_at:
            by_code = self.help_desk_code_id is not None
            return Code.HELP_DESK_CODE_OVER if by_code else Code.TWO_STEP_PAUSE_OVER
        if now >= self.started_at + limits.absolute:
            return Code.SESSION_OVER
        if now >= self.last_used_at + limits.idle:
            return Code.SESSION_IDLE
        return None
