"""Addresses of a profile: which of them count, and which one a code goes to.

A user has at most one address of each kind that counts, and beside it at most one that waits:

    the user types one ─► waits ──the code that went there──► counts, confirmed
    an administrator enters one ────────────────────────────► counts, unconfirmed

So a session that somebody stole turns no codes towards the thief before a code has come back from
the new address and a proof was shown, and the old address is told (AC-31). Every change gives the
address a new id: what was proven with the old one is proven with something that is gone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from twostep.core.messages import DAY, HOUR, MINUTE, Route
from twostep.core.policies import Method

CODE_LENGTH: Final = 6
CODE_LASTS: Final = 30 * MINUTE
"""A code that confirms an address is no second step: it may wait in a slow mailbox."""

CODE_TRIES: Final = 5


class ContactKind(StrEnum):
    """The fields of a profile."""

    EMAIL = "email"
    SMS_EMAIL = "sms_email"
    """An address of a gateway from mail to text message."""
    PHONE = "phone"
    """A number, for a real provider of text messages."""


class EnteredBy(StrEnum):
    """Whose word an address is."""

    USER = "user"
    ADMINISTRATOR = "administrator"


class ContactState(StrEnum):
    """How an address stands, as a page says it."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    """An administrator entered it: it counts, and nobody has shown that it is the user's."""
    WAITING = "waiting"
    """The user's own change, until its code comes back. It does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """An address without the address. Times in milliseconds; ``confirmed_at`` None: never.

    ``changed_at``: since when it is what it is. ``used_at``: when a message to it was last taken.
    ``country``: of a number.
    """

    id: bytes
    user_id: bytes
    kind: ContactKind
    entered_by: EnteredBy
    confirmed_at: int | None
    changed_at: int
    used_at: int | None = None
    country: str = ""

    @property
    def state(self) -> ContactState:
        """How it stands."""
        if self.confirmed_at is not None:
            return ContactState.CONFIRMED
        if self.entered_by is EnteredBy.ADMINISTRATOR:
            return ContactState.UNCONFIRMED
        return ContactState.WAITING

    @property
    def counts(self) -> bool:
        """Whether codes and notices go there."""
        return self.state is not ContactState.WAITING


_ORDER: Final[Mapping[Method, tuple[ContactKind, ...]]] = {
    Method.TEXT_CODE: (ContactKind.PHONE,),
    Method.EMAIL_CODE: (ContactKind.SMS_EMAIL, ContactKind.EMAIL),
}
"""Where the codes of a method go, the first that there is first (CS-2). A gateway is email: what
comes through it is worth no more (D-03).
"""

_ROUTES: Final[Mapping[ContactKind, Route]] = {
    ContactKind.EMAIL: Route.MAIL,
    ContactKind.SMS_EMAIL: Route.TEXT_GATEWAY,
    ContactKind.PHONE: Route.TEXT_PROVIDER,
}


def route_to(kind: ContactKind) -> Route:
    """How a message goes to an address of that kind."""
    return _ROUTES[kind]


def counting(contacts: Collection[Contact]) -> Mapping[ContactKind, Contact]:
    """The addresses that count, by kind."""
    return {contact.kind: contact for contact in contacts if contact.counts}


def waiting(contacts: Collection[Contact]) -> Mapping[ContactKind, Contact]:
    """The addresses that wait for their code, by kind."""
    return {contact.kind: contact for contact in contacts if not contact.counts}


def destinations(method: Method, contacts: Collection[Contact]) -> tuple[Contact, ...]:
    """Where codes of this method can go: the first is where they do go, each further one is to be
    offered where the one before failed (CS-2).
    """
    found = counting(contacts)
    return tuple(found[kind] for kind in _ORDER.get(method, ()) if kind in found)


def reached(contacts: Collection[Contact], countries: Collection[str]) -> tuple[Contact, ...]:
    """The addresses without the numbers of countries to which no texts are sent (AC-53)."""
    phone = ContactKind.PHONE
    return tuple(to for to in contacts if to.kind is not phone or to.country in countries)


def by_method(contacts: Collection[Contact]) -> dict[Method, tuple[bytes, ...]]:
    """By method, the ids of the addresses that its codes can go to."""
    found = {method: destinations(method, contacts) for method in _ORDER}
    return {method: tuple(to.id for to in there) for method, there in found.items() if there}


def method_to(kind: ContactKind) -> Method:
    """As which method a code counts that goes to an address of that kind."""
    return next(method for method, kinds in _ORDER.items() if kind in kinds)


UNUSED_FOR: Final = 180 * DAY
"""An address that nothing went to for so long may be somebody else's by now: carriers give numbers
to new people, and mailboxes go with an employment (AC-79)."""

RESET_WAITS: Final = 24 * HOUR
"""How long no password is reset by mail after an administrator has changed an address (AC-31): the
person hears of it at the old one meanwhile."""


def asks_again(contact: Contact, now: int) -> bool:
    """Whether the user should confirm once more that an address which counts is still theirs: no
    message to it was taken for ``UNUSED_FOR``, and it is what it is for as long.
    """
    last = max(contact.changed_at, contact.confirmed_at or 0, contact.used_at or 0)
    return contact.counts and now - last >= UNUSED_FOR


def still_good(contacts: Collection[Contact], now: int, *, other_way: bool) -> tuple[Contact, ...]:
    """The addresses that codes go to: with another way to pass, without those that ask to be
    confirmed again; without one, all of them. A code that a stranger may read is no worse than the
    password alone, and nobody is locked out of a mailbox that they have (AC-79).
    """
    return tuple(to for to in contacts if not (other_way and asks_again(to, now)))


def reset_by_mail_from(contacts: Collection[Contact]) -> int:
    """From when on (ms) a password may be reset by mail; 0: at any time. Whatever address an
    administrator has entered, the user waits for it: it is not known through which one they would
    hear of it. One that the user has confirmed since is the user's own word.
    """
    entered = (to for to in contacts if to.state is ContactState.UNCONFIRMED)
    return max((to.changed_at + RESET_WAITS for to in entered), default=0)


def takes_tries(*, tries: int, ends_at: int, now: int) -> bool:
    """Whether the code of an address that waits can still be right."""
    return tries < CODE_TRIES and now < ends_at
