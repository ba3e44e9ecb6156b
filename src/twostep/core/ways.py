"""Ways to pass the second step, as a person sees them: one for each thing that they may have in
hand.

A method says what a code is worth; a way says where it comes from. Codes by email may come into a
mailbox or, through a gateway, as a text, and which of the two is at hand the person knows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Final

from twostep.core.contacts import Contact, ContactKind, destinations
from twostep.core.policies import Method


class Way(StrEnum):
    """The value is what addresses, forms and the database call it."""

    AUTHENTICATOR = "authenticator"
    RECOVERY_CODE = "recovery_code"
    HELP_DESK_CODE = "help_desk_code"
    PHONE = ContactKind.PHONE.value
    SMS_EMAIL = ContactKind.SMS_EMAIL.value
    EMAIL = ContactKind.EMAIL.value

    @property
    def sent_to(self) -> ContactKind | None:
        """The kind of address that its codes are sent to; None where nothing is sent."""
        return None if self in _WITHOUT_SENDING else ContactKind(self.value)


_WITHOUT_SENDING: Final = {
    Way.AUTHENTICATOR: Method.AUTHENTICATOR,
    Way.RECOVERY_CODE: Method.RECOVERY_CODE,
    Way.HELP_DESK_CODE: Method.HELP_DESK_CODE,
}


def ways_of(methods: Sequence[Method], contacts: Collection[Contact]) -> tuple[Way, ...]:
    """The ways of somebody who is asked for one of these methods, the strongest first; of one
    method the one to which codes go by themselves first (CS-2).
    """
    found: list[Way] = []
    for method in methods:
        found.extend(way for way, of in _WITHOUT_SENDING.items() if of is method)
        found.extend(Way(to.kind.value) for to in destinations(method, contacts))
    return tuple(found)


def begins_with(ways: Sequence[Way], chosen: Way | None) -> Way | None:
    """The way that a sign-in begins with: the one that was chosen in this browser before, else the
    strongest; None where there is none. A recovery code is nobody's first way, and neither is one
    of the help desk: they are used up.
    """
    able = [way for way in ways if way not in (Way.RECOVERY_CODE, Way.HELP_DESK_CODE)]
    return chosen if chosen in able else next(iter(able), None)
