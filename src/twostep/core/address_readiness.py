"""Who could be reached by sent codes, before anybody relies on them (CS-6).

A user's standing is noted down whenever an address changes, so that a million users are counted
and listed by an index. What a gateway is worth changes by the day, and is looked up when asked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Final, assert_never

from twostep.core.contacts import Contact, ContactKind, ContactState
from twostep.core.messages import GaveUp, MessageState, Try
from twostep.core.policies import Method


class Reach(StrEnum):
    """The best address that there is for a method, the worst first."""

    NONE = "none"
    WAITING = "waiting"
    """Only one that its user has not confirmed, so nothing is sent there."""
    UNCONFIRMED = "unconfirmed"
    """An administrator entered it: it counts, and nobody has shown that it is the user's."""
    CONFIRMED = "confirmed"


class SentBy(StrEnum):
    """By which sent codes people are to be reached."""

    EMAIL = "email"
    TEXT = "text"
    EITHER = "either"


class Gap(StrEnum):
    """What lacks, the worst first. A user may have more than one."""

    NO_ADDRESS = "no_address"
    WAITING = "waiting"
    DEAD_GATEWAY = "dead_gateway"
    FAILED = "failed"
    """The last message to an address that counts was refused, given up, or came back."""
    DYING_GATEWAY = "dying_gateway"
    UNCONFIRMED = "unconfirmed"


FAILURES: Final = frozenset({MessageState.REFUSED, MessageState.GIVEN_UP, MessageState.BOUNCED})
"""The ends of a message that say that its address is of no use."""


def tells_of_address(reason: GaveUp | None, tried: Collection[Try] = ()) -> bool:
    """Whether a message that was given up for this (None: it was not) tells anything of its
    address. One that could not leave, or that nobody could read, does not; nor does one whose
    server was away all the time, and never answered of it.
    """
    if reason is GaveUp.TIME_OVER:
        return Try.PUT_OFF in tried
    return reason is None or reason is GaveUp.TRIED_ENOUGH


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How somebody could be reached: by email (and gateway), and by text through a provider.

    ``gateway`` is the domain of the SMS Email that counts. ``failed``: how the last message to an
    address that counts failed.
    """

    email: Reach
    text: Reach
    gateway: str | None = None
    failed: MessageState | None = None

    def by(self, way: SentBy) -> Reach:
        """The best of what is meant."""
        return _best(self.email, self.text, way)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is noted beside an address: its gateway's domain, and how its last message failed."""

    contact: Contact
    gateway: str | None
    failed: MessageState | None


def standing_of(addresses: Collection[Known]) -> Standing:
    """The standing of a user with these addresses."""
    counting = {known.contact.kind: known for known in addresses if known.contact.counts}
    failed = (counting[kind].failed for kind in ContactKind if kind in counting)
    gateway = counting.get(ContactKind.SMS_EMAIL)
    contacts = [known.contact for known in addresses]
    return Standing(
        email=_reach(contacts, {ContactKind.EMAIL, ContactKind.SMS_EMAIL}),
        text=_reach(contacts, {ContactKind.PHONE}),
        gateway=None if gateway is None else gateway.gateway,
        failed=next((state for state in failed if state is not None), None),
    )


def gaps_of(
    standing: Standing, way: SentBy, *, dying: Collection[str], dead: Collection[str]
) -> tuple[Gap, ...]:
    """What lacks, the worst first; the domains are those of today."""
    reach = standing.by(way)
    has_gateway = way is not SentBy.TEXT and standing.gateway is not None
    found = {
        Gap.NO_ADDRESS: reach is Reach.NONE,
        Gap.WAITING: reach is Reach.WAITING,
        Gap.DEAD_GATEWAY: has_gateway and standing.gateway in dead,
        Gap.FAILED: standing.failed is not None,
        Gap.DYING_GATEWAY: has_gateway and standing.gateway in dying,
        Gap.UNCONFIRMED: reach is Reach.UNCONFIRMED,
    }
    return tuple(gap for gap in Gap if found[gap])


def pairs_of(reach: Reach, way: SentBy) -> tuple[tuple[Reach, Reach], ...]:
    """By email and by text: every pair whose best, of what is meant, is this one."""
    pairs = product(Reach, Reach)
    return tuple(pair for pair in pairs if _best(*pair, way) is reach)


REACH_OF: Final[Mapping[Gap, Reach]] = {
    Gap.NO_ADDRESS: Reach.NONE,
    Gap.WAITING: Reach.WAITING,
    Gap.UNCONFIRMED: Reach.UNCONFIRMED,
}
"""The gaps that are a question of what addresses there are."""


def way_of(methods: Collection[Method]) -> SentBy:
    """How people are to be reached where these methods are allowed. Notices go by either."""
    email, text = Method.EMAIL_CODE in methods, Method.TEXT_CODE in methods
    if email == text:
        return SentBy.EITHER
    return SentBy.EMAIL if email else SentBy.TEXT


def _best(email: Reach, text: Reach, way: SentBy) -> Reach:
    match way:
        case SentBy.EMAIL:
            return email
        case SentBy.TEXT:
            return text
        case SentBy.EITHER:
            return max(email, text, key=list(Reach).index)
        case _:
            assert_never(way)


_REACHED: Final[Mapping[ContactState, Reach]] = {
    ContactState.CONFIRMED: Reach.CONFIRMED,
    ContactState.UNCONFIRMED: Reach.UNCONFIRMED,
    ContactState.WAITING: Reach.WAITING,
}


def _reach(contacts: Collection[Contact], kinds: Collection[ContactKind]) -> Reach:
    reached = (_REACHED[contact.state] for contact in contacts if contact.kind in kinds)
    return max(reached, key=list(Reach).index, default=Reach.NONE)
