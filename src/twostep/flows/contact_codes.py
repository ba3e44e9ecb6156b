"""Codes that confirm an address: sent to the new one, and given back by whoever reads it.

Such a code proves an address and nothing else. What is stored covers its purpose, environment,
user, the address's id and the address itself (AC-09): at a second step, or for another address, it
matches nothing.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, replace

from twostep.core.audit import EventKind
from twostep.core.contacts import (
    CODE_LASTS,
    CODE_LENGTH,
    CODE_TRIES,
    ContactKind,
    EnteredBy,
    asks_again,
)
from twostep.core.keys import KeyPurpose
from twostep.core.messages import MINUTE, MessageKind
from twostep.core.sent_codes import CodeRules, MalformedCode, digits_of, normalise
from twostep.crypto.identifiers import keyed_hash
from twostep.crypto.keys import KeyMissing
from twostep.crypto.secret import KeyVersion
from twostep.delivery.carriers import Carrier
from twostep.flows import messages
from twostep.flows.contact_changes import end_what_was_begun
from twostep.flows.contact_notices import Happening, notices, queue_all
from twostep.flows.contact_rows import (
    Entered,
    counting_of,
    locked_rows,
    recipient,
    record,
    rows_of,
    same,
    sealed,
    waiting_of,
)
from twostep.flows.installation import Installation
from twostep.flows.messages import Recipient
from twostep.flows.second_step_changes import OvertakenMeanwhile
from twostep.flows.sessions import Person, goes_on
from twostep.flows.visitors import Browser
from twostep.storage import contacts
from twostep.storage.contacts import WAITING, Code, StoredContact
from twostep.storage.database import Connection
from twostep.storage.messages import NewMessage

RULES = CodeRules(length=CODE_LENGTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSent:
    """A code is on its way to the new address, and works until ``ends_at`` (ms). ``dying``: whose
    gateway it is that ends, or loses messages.
    """

    masked: str
    ends_at: int
    dying: Carrier | None = None


@dataclass(frozen=True, slots=True)
class TooSoon:
    """Too many messages were asked for. The next one can be from ``until`` (ms) on."""

    until: int


@dataclass(frozen=True, slots=True)
class Unchanged:
    """It is the address that there is, and confirmed; or the session ended at this moment."""


@dataclass(frozen=True, slots=True)
class NothingWaits:
    """No address of this kind waits for a code: it was cancelled, replaced or confirmed; or the
    session ended at this moment.
    """


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The new address counts."""

    masked: str


@dataclass(frozen=True, slots=True)
class CodeWrong:
    """Another code than the one that was sent; 0 left: it is dead, and a new one can be sent."""

    tries_left: int


@dataclass(frozen=True, slots=True)
class CodeOver:
    """The code is too old, or was tried too often. A new one can be sent."""


@dataclass(frozen=True, slots=True)
class Misshapen:
    """What was typed cannot be a code. It cost no try."""


_EVENTS = {Confirmed: EventKind.ADDRESS_CONFIRMED, CodeWrong: EventKind.ADDRESS_CODE_REFUSED}

Confirming = Confirmed | CodeWrong | CodeOver | Misshapen | NothingWaits


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """An address that is to wait, with the message that carries its code."""

    row: StoredContact
    to: Recipient
    message: NewMessage


def begin(
    installation: Installation,
    person: Person,
    entered: Entered,
    *,
    dying: Carrier | None,
    browser: Browser,
) -> CodeSent | TooSoon | Unchanged:
    """Let an address wait, and send it its code. One that waits already is replaced."""
    user, now = person.user, installation.clock()
    new = _prepared(installation, sealed(installation, user, entered, now=now), entered, now)
    place = (user.environment_id, user.id)

    def act(connection: Connection) -> CodeSent | TooSoon | Unchanged:
        counts = counting_of(locked_rows(connection, user), entered.kind)
        if not goes_on(connection, person):
            return Unchanged()
        if counts and _is_known(counts, now) and _is_same(counts, new.row):
            contacts.remove(connection, *place, entered.kind, state=WAITING)
            return Unchanged()
        at = messages.may_ask_at(connection, installation, new.to, now=now)
        if at > now:
            return TooSoon(at)
        contacts.put(connection, new.row)
        messages.queue(connection, new.message)
        kind, visitor = EventKind.ADDRESS_CHANGE_BEGUN, browser.visitor
        record(connection, installation, kind, new.row, now=now, actor=user.id, visitor=visitor)
        return CodeSent(masked=new.row.masked, ends_at=now + CODE_LASTS, dying=dying)

    begun = installation.database.write(act)
    messages.send_soon(installation)
    return begun


def confirm_own(
    installation: Installation,
    person: Person,
    kind: ContactKind,
    typed: str,
    *,
    browser: Browser,
) -> Confirming:
    """Confirm the address that waits by the code that went there; the old one is gone, and told."""
    digits = _digits(typed)
    if digits is None:
        return Misshapen()
    rows, now = rows_of(installation, person.user), installation.clock()
    waits = waiting_of(rows, kind)
    if waits is None:
        return NothingWaits()
    hashed, before = _hashed_as(installation, waits, digits), counting_of(rows, kind)
    happening = Happening(kind=kind, masked=waits.masked, by=EnteredBy.USER, where=browser.visitor)
    told = notices(installation, rows, happening, now=now, also=waits)

    def act(connection: Connection) -> Confirming:
        if not same(locked_rows(connection, person.user), rows) or not goes_on(connection, person):
            return NothingWaits()
        ended = _settle(connection, waits, hashed, now)
        if isinstance(ended, Confirmed):
            queue_all(connection, told)
            if before is not None and not _is_same(before, waits):
                end_what_was_begun(connection, installation, person.session, now=now)
        event = _EVENTS.get(type(ended))
        if event is not None:
            visitor, actor = browser.visitor, person.user.id
            record(connection, installation, event, waits, now=now, actor=actor, visitor=visitor)
        return ended

    try:
        ended = installation.database.write(act)
    except OvertakenMeanwhile:
        return NothingWaits()
    messages.send_soon(installation)
    return ended


def _settle(
    connection: Connection, waits: StoredContact, hashed: bytes | None, now: int
) -> Confirmed | CodeWrong | CodeOver:
    """The try is counted first, then compared: of many at once none is for nothing."""
    place = (waits.environment_id, waits.contact.user_id)
    code = contacts.reserve_try(connection, *place, waits.contact.id, now=now)
    if code is None or hashed is None:
        return CodeOver()
    if not hmac.compare_digest(hashed, code.hashed):
        return CodeWrong(CODE_TRIES - code.tries)
    contacts.confirm(connection, *place, waits.contact, now=now)
    return Confirmed(waits.masked)


def _prepared(
    installation: Installation, row: StoredContact, entered: Entered, now: int
) -> _Waiting:
    """To be called before the unit begins."""
    digits = digits_of(secrets.randbelow(10**CODE_LENGTH), RULES)
    key = installation.keys.current(KeyPurpose.CODE)
    ends_at = now + CODE_LASTS
    code = Code(hashed=_hashed(key, row, digits), key_version=key.version, ends_at=ends_at)
    to = recipient(row, entered.text)
    message = messages.write(
        installation,
        MessageKind.CONFIRM_ADDRESS,
        to,
        {"code": digits, "minutes": CODE_LASTS // MINUTE},
        now=now,
        expires_at=ends_at,
    )
    return _Waiting(row=replace(row, code=code), to=to, message=message)


def _digits(typed: str) -> str | None:
    try:
        digits = normalise(typed)
    except MalformedCode:
        return None
    return digits if len(digits) == CODE_LENGTH else None


def _hashed_as(installation: Installation, row: StoredContact, digits: str) -> bytes | None:
    """What a right code would be stored as; None where its key is gone, or it has none."""
    if row.code is None:
        return None
    try:
        key = installation.keys.at_version(KeyPurpose.CODE, row.code.key_version)
    except KeyMissing:
        return None
    return _hashed(key, row, digits)


def _hashed(key: KeyVersion, row: StoredContact, digits: str) -> bytes:
    where = (row.environment_id, row.contact.user_id, row.contact.id, row.address_hash)
    return keyed_hash(key.secret, b"confirm address", *where, digits.encode())


def _is_known(row: StoredContact, now: int) -> bool:
    """Whether it is confirmed, and not for so long that it is asked once more (AC-79)."""
    return row.contact.confirmed_at is not None and not asks_again(row.contact, now)


def _is_same(one: StoredContact, other: StoredContact) -> bool:
    return one.address_hash == other.address_hash
