"""What stands on the page of a person's addresses. See ``views``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from twostep.web.rendering import FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsLine:
    """What **Security Settings** says of them: the masked addresses that count, by kind (empty
    where there is none), and whether one waits for its code.
    """

    email: str = ""
    text: str = ""
    unconfirmed: bool = False
    waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayLine:
    """A carrier, and how its gateway stands: ``working``, ``dying`` or ``dead``. ``ends_at``
    (milliseconds) where the day is known.
    """

    key: str
    carrier: str
    standing: str
    ends_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactField:
    """One field: the address that counts, masked (empty: none), since when it is what it is, and
    the one that waits.

    ``kind`` is what its forms send, ``confirmed`` whether somebody has shown that it is theirs,
    ``code_until`` (milliseconds) when the code ends that went to the one that waits; None where it
    has ended. ``asked_again``: it was not used for long, so that its user is asked whether it is
    still theirs.
    """

    kind: str
    masked: str = ""
    confirmed: bool = False
    changed_at: int = 0
    gateway: GatewayLine | None = None
    waiting: str = ""
    waiting_gateway: GatewayLine | None = None
    code_until: int | None = None
    asked_again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stood in the fields of a form that could not be taken."""

    email: str = ""
    sms_email: str = ""
    number: str = ""
    phone: str = ""
    carrier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """``/security/contacts``. ``may_change``: their proof is fresh, so the forms are there.
    ``takes_numbers``: texts go to numbers through a provider.
    """

    template: ClassVar[str] = "contacts.html"

    csrf: str
    email: ContactField
    sms_email: ContactField
    phone: ContactField
    carriers: tuple[GatewayLine, ...]
    may_change: bool = True
    takes_numbers: bool = False
    typed: Typed = Typed()
    errors: tuple[FieldError, ...] = ()
