"""Notices: to which addresses of a user they go, how many of a kind, and when a browser is news.

Who knows a password can make us write to its owner: by wrong codes, by signing in, by changing
things and changing them back. So of each kind at most a few go out (AC-53), and the last one of a
day says that it is the last. What is not mailed still stands under Recent activity.

With a password alone, and a second step that it does not open, that comes to seven in a day:
three of wrong codes, three of pauses, and one that the password is known to somebody.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Final

from twostep.core.contacts import Contact, ContactKind
from twostep.core.devices import DAY, THROWN_AWAY, Device
from twostep.core.messages import HOUR, Cap, MessageKind
from twostep.core.networks import site_of

WRONG_CODES_TOLD: Final = 3
"""The wrong code of a sign-in after which its owner is told: once, and not at the next (SECURITY
§5.8, ASVS 6.3.5)."""

LONGEST_WORDS: Final = 80
"""Characters of what a browser says of itself, in a notice."""

_OF_WRONG_TRIES: Final = frozenset({MessageKind.CODES_REFUSED, MessageKind.LOCKOUT})
_WRONG_TRIES: Final = (Cap(most=1, within=HOUR), Cap(most=3, within=DAY))
_DONE: Final = (Cap(most=5, within=DAY),)
"""What was done is told each time, however soon after the last: a sign-in of the owner's must not
hide one of somebody else's in the same hour."""

_EVERYWHERE: Final = frozenset(
    {
        MessageKind.SET_UP,
        MessageKind.REPLACED,
        MessageKind.TURNED_OFF,
        MessageKind.REMOVED,
        MessageKind.RECOVERY_CODES_MADE,
        MessageKind.PASSWORD_CHANGED,
        MessageKind.PASSWORD_SUSPECT,
        MessageKind.TWO_STEP_PAUSED,
        MessageKind.HELP_DESK_CODE,
    }
)
"""What changes how somebody signs in. Whoever has taken a mailbox over does not read their texts
(NIST SP 800-63B-4 section 4.6: all validated addresses)."""


class Telling(StrEnum):
    """What becomes of a notice."""

    TOLD = "told"
    TOLD_LAST = "told_last"
    """And no other of its kind for the rest of its day: it says so."""
    ENOUGH = "enough"
    """So many were sent that one more would be a nuisance."""


def telling(kind: MessageKind, told: Sequence[int], *, at: int) -> Telling:
    """What becomes of a notice of something that happened at ``at`` (ms).

    ``told``: the times of what was told before of this kind, in any order; a time that is to come,
    which another node's clock gave, counts as one of now.
    """
    caps = _WRONG_TRIES if kind in _OF_WRONG_TRIES else _DONE
    if any(_within(told, at, cap) >= cap.most for cap in caps):
        return Telling.ENOUGH
    longest = caps[-1]
    last = _within(told, at, longest) + 1 == longest.most
    return Telling.TOLD_LAST if last else Telling.TOLD


LOOKS_BACK: Final = DAY
"""How far back (ms) the times lie that ``telling`` asks for."""


def _within(told: Sequence[int], at: int, cap: Cap) -> int:
    return sum(1 for time in told if time > at - cap.within)


def addresses_for(kind: MessageKind, contacts: Collection[Contact]) -> tuple[Contact, ...]:
    """Where a notice goes.

    To the confirmed addresses; where there is none, to those that an administrator has entered,
    which count as well. What changes how somebody signs in goes to all of them. What was tried, and
    where somebody signed in, goes by mail where one of them is a mailbox, and as a text where none
    is: a text costs money, and tells what is in the mail less well.
    """
    counting = [contact for contact in contacts if contact.counts]
    reached = [contact for contact in counting if contact.confirmed_at is not None] or counting
    if kind not in _EVERYWHERE:
        reached = [one for one in reached if one.kind is ContactKind.EMAIL] or reached
    order = list(ContactKind)
    return tuple(sorted(reached, key=lambda contact: order.index(contact.kind)))


def is_news(others: Sequence[Device], *, browser: str, address: str, now: int) -> bool:
    """Whether a browser that was not recognised is told of, after somebody signed in with it.

    ``others``: the user's other devices, forgotten ones included, or the last used of them. The
    very first one is no news. A browser of the same name and site that has lost our cookie twice is
    taken for one that throws it away, and told of at its first sign-in of a day (UTC): once a day
    is a nuisance, never would hide somebody who sits beside it.
    """
    if not others:
        return False
    alike = [
        device
        for device in others
        if device.browser == browser
        and site_of(device.address) == site_of(address)
        and not device.came_back
        and device.forgotten_at is None
    ]
    if len(alike) < THROWN_AWAY:
        return True
    return all(device.first_used_at // DAY < now // DAY for device in alike)


def one_line(text: str) -> str:
    """What a browser says of itself as a notice may repeat it: one line, and not too long. It comes
    from whoever typed the password, and is read by its owner.
    """
    letters = (letter if letter.isprintable() else " " for letter in text)
    return " ".join("".join(letters).split())[:LONGEST_WORDS].strip()
