"""Messages: what is sent, which first, how often it is tried, and when one may be asked for.

A message is written in the transaction of the act that causes it, and sent afterwards:

    queued ──claimed──► sending ──server took it──► accepted   (a mail server's 250, with its words)
      ▲                  │  │  └─provider took it─► sent       (a provider, which tells no more)
      └──── try later ───┘  └────────────────────► refused     (for good: 5xx)
    queued ──time is over, or nothing to send it with──► given_up
    accepted ──a report came back──► bounced

*Accepted* means that a server has taken it, and not that somebody has read it. A sender that is
killed between the server's word and our note of it leaves the row *sending*; its claim runs out,
and the same message, with the same code, is sent again. It may come twice, and never differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


class MessageState(StrEnum):
    """What became of a message."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    GIVEN_UP = "given_up"
    BOUNCED = "bounced"


WAITING: Final = frozenset({MessageState.QUEUED, MessageState.SENDING})
"""The states in which something is still to be done. In all others the content is gone."""

FAILED: Final = frozenset({MessageState.REFUSED, MessageState.GIVEN_UP, MessageState.BOUNCED})
"""The states that a list of troubles shows."""


class MessageKind(StrEnum):
    """What a message is. Those of ``ASKED_FOR`` are asked for by somebody who waits for them; the
    others are notices (SECURITY §5.8).
    """

    CODE = "code"
    CONFIRM_ADDRESS = "confirm_address"
    TEST = "test"
    CHECK_CALLER = "check_caller"
    """A code that whoever calls the help desk reads back. It opens nothing."""
    PASSWORD_RESET = "password_reset"
    INVITATION = "invitation"
    SET_UP = "set_up"
    REPLACED = "replaced"
    TURNED_OFF = "turned_off"
    REMOVED = "removed"
    NEW_DEVICE = "new_device"
    RECOVERY_CODE_USED = "recovery_code_used"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    PASSWORD_CHANGED = "password_changed"
    PASSWORD_SUSPECT = "password_suspect"
    ADDRESS_CHANGED = "address_changed"
    LOCKOUT = "lockout"
    CODES_REFUSED = "codes_refused"
    TWO_STEP_PAUSED = "two_step_paused"
    HELP_DESK_CODE = "help_desk_code"
    """That the help desk has made one for somebody, and never the code."""
    PERMISSION_CHANGED = "permission_changed"
    PERMISSION_OF_ANOTHER = "permission_of_another"
    """For everybody who manages users, when somebody else is given a permission or loses one."""
    BREAK_GLASS = "break_glass"


ASKED_FOR: Final = frozenset(
    {
        *(MessageKind.CODE, MessageKind.CONFIRM_ADDRESS, MessageKind.TEST),
        MessageKind.CHECK_CALLER,
    }
)
"""What §5.4 counts: sends that somebody asks for, and could ask for again and again."""

WITH_LINK: Final = frozenset({MessageKind.PASSWORD_RESET, MessageKind.INVITATION})
"""What carries a link. Nobody has signed in who asks for a reset, so those are counted apart
(``PER_RESET``): whoever knows a name must not use up what its owner may ask for."""


class Priority(IntEnum):
    """Which goes first. The smaller number does."""

    SOMEBODY_WAITS = 0
    NOTICE = 1


class Route(StrEnum):
    """How a message leaves."""

    MAIL = "mail"
    TEXT_GATEWAY = "text_gateway"
    TEXT_PROVIDER = "text_provider"


class DeliveryKind(StrEnum):
    """What an environment may have of its own, in the place of the installation's."""

    MAIL = "mail"
    """A mail server, which takes the texts to gateways as well."""
    TEXT = "text"
    """A provider of text messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysOut:
    """By which ways messages leave this installation: whether mails do, whether texts do through a
    provider, and how many the mail server takes in a minute (None: nobody has set that).
    """

    mails: bool = True
    texts: bool = True
    rate: int | None = None


CROWD: Final = 2_000
"""So many people may want a code at once, on the first morning after the switch."""


def minutes_for(count: int, rate: int) -> int:
    """How many minutes so many messages take at that rate a minute, the last one begun counted in
    full.
    """
    return -(-count // rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Some environments' messages: those of ``only`` one, or of all but ``without``."""

    only: bytes | None = None
    without: frozenset[bytes] = frozenset()


ALL: Final = Share()


class GaveUp(StrEnum):
    """Why a message was not tried any more."""

    TRIED_ENOUGH = "tried_enough"
    """A provider did not take it, or did not say so; and each try may cost money (AC-53)."""
    BROKEN_OFF = "broken_off"
    """The line broke each time after everything was handed over: it may have arrived as often."""
    TIME_OVER = "time_over"
    """It was tried until its time was over; the last words of the server say why in vain."""
    NO_ROUTE = "no_route"
    """Nothing is set by which it could leave."""
    UNREADABLE = "unreadable"
    """Its content did not open: the row was changed, or its key is gone."""
    RESTORED = "restored"
    """It waited in a backup: who it was for has got it, or does not wait any more."""
    TOO_LONG = "too_long"
    """A text that does not fit into one message, whatever is left out of it."""


class Try(StrEnum):
    """How one try ended, for the history of a message."""

    ACCEPTED = "accepted"
    SENT = "sent"
    REFUSED = "refused"
    PUT_OFF = "put_off"
    """The server said: later (4xx)."""
    UNREACHABLE = "unreachable"
    BROKEN_OFF = "broken_off"
    """All was handed over, and no answer came. It may have arrived."""
    NOT_BEGUN = "not_begun"
    """No server was asked: a template of the operator's, or the route that is set, is wrong."""
    INTERRUPTED = "interrupted"
    """The process that sent it ended. It may have arrived."""
    DELAYED = "delayed"
    """No try of ours: a report came that a later server still tries."""
    BOUNCED = "bounced"
    """No try of ours: a report came that it did not arrive."""


NOTICES_LAST: Final = 2 * DAY
"""How long a notice is tried. RFC 5321 section 4.5.4.1 asks for 4 or 5 days of a mail server, which
ours is handed over to; a notice of the day before yesterday is of no use."""

LEASE: Final = MINUTE
"""How long a claim lasts. Whoever sends has to be done before: see ``SENDING_LASTS``."""

SENDING_LASTS: Final = 45 * SECOND
"""A try that takes longer is broken off, so that nobody else claims what is still being sent."""

MOST_PAID_TRIES: Final = 3
"""By a provider of text messages, which is paid for each: one whose answers get lost may have
delivered them all."""

MOST_BROKEN_OFF: Final = 3
"""By a mail server that takes all of it and never says so, because a filter behind it is slow: it
may have delivered each of them."""

MAY_HAVE_ARRIVED: Final = frozenset({Try.BROKEN_OFF, Try.INTERRUPTED})

MOST_IN_HISTORY: Final = 20
"""Tries that a message remembers: the last ones."""

_CODE_WAITS: Final = tuple(seconds * SECOND for seconds in (5, 10, 20, 30))
"""A greylisting server takes the message some minutes later (RFC 6647 section 5 suggests between
one minute and an hour), and the person waits: so soon, and after these each minute."""
_LATER_CODE_WAIT: Final = MINUTE
_NOTICE_WAITS: Final = tuple(minutes * MINUTE for minutes in (1, 5, 15, 30))
_LATER_NOTICE_WAIT: Final = HOUR


def priority_of(kind: MessageKind) -> Priority:
    """A notice never goes before what somebody waits for. Of invitations there may be many."""
    waits = kind in ASKED_FOR or kind is MessageKind.PASSWORD_RESET
    return Priority.SOMEBODY_WAITS if waits else Priority.NOTICE


def next_try(priority: Priority, *, attempts: int, now: int, expires_at: int) -> int | None:
    """When to try again after so many tries (ms), or None: its time will be over by then."""
    if priority is Priority.SOMEBODY_WAITS:
        waits, later = _CODE_WAITS, _LATER_CODE_WAIT
    else:
        waits, later = _NOTICE_WAITS, _LATER_NOTICE_WAIT
    at = now + (waits[attempts - 1] if 0 < attempts <= len(waits) else later)
    return at if at < expires_at else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """At most so many sends within so many milliseconds."""

    most: int
    within: int


PER_USER: Final = (Cap(most=5, within=HOUR), Cap(most=15, within=DAY))
PER_RESET: Final = Cap(most=3, within=6 * HOUR)
"""Mails with which a password is set anew, to one address for all accounts together (AC-53)."""
PER_ADDRESS: Final = (Cap(most=1, within=30 * SECOND), Cap(most=60, within=DAY))
"""SECURITY §5.4, *sends per address hash*: an address is one for all accounts together (AC-53)."""


def may_send_at(*, to_address: Sequence[int], by_user: Sequence[int], now: int) -> int:
    """When the next message may be asked for: ``now``, or the moment in which every cap has room.

    The sequences are the times of what was asked for before (ms), in any order.
    """
    earliest = [
        _room_at(cap, times, now)
        for caps, times in ((PER_ADDRESS, to_address), (PER_USER, by_user))
        for cap in caps
    ]
    return max(now, *earliest)


def _room_at(cap: Cap, times: Sequence[int], now: int) -> int:
    """A time that is to come (another node's clock) counts as one of now."""
    counted = sorted(min(at, now) for at in times)[-cap.most :]
    return counted[0] + cap.within if len(counted) == cap.most else now
