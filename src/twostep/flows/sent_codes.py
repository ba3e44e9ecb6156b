"""Codes by email and text message: sending one, and saying what became of it.

    the person asks ──► caps, one code alive, message queued, all in one transaction ──► sent

A code belongs to one sign-in (or, as fresh proof, to one session), one method and one address. What
is stored covers all of these (AC-09): in another sign-in, for another purpose or after the address
was changed it matches nothing. A new one takes the place of the one before and resets no counter
(AC-11).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from twostep.core.audit import EventKind
from twostep.core.contacts import method_to, still_good
from twostep.core.keys import KeyPurpose
from twostep.core.messages import MINUTE, MessageKind
from twostep.core.policies import Method
from twostep.core.properties import code_rules_of
from twostep.core.sent_codes import CodeRules, SentCode, SentFor, digits_of
from twostep.core.sign_in import FRESH_FOR, AskSecondStep, NextStep, next_step
from twostep.core.situations import Asked
from twostep.core.steps import NO_AGE
from twostep.core.users import User
from twostep.core.ways import Way
from twostep.crypto.identifiers import keyed_hash, new_id
from twostep.crypto.secret import KeyVersion
from twostep.flows import audit, messages
from twostep.flows.contact_rows import (
    Rows,
    counting_of,
    locked_rows,
    opened,
    recipient,
    rows_of,
    same,
)
from twostep.flows.installation import Installation
from twostep.flows.messages import Recipient
from twostep.flows.pending import Waiting
from twostep.flows.sessions import Person
from twostep.flows.situations import of_session, of_sign_in
from twostep.flows.visitors import Browser
from twostep.storage import properties, sent_codes, sessions, sign_ins
from twostep.storage.contacts import StoredContact
from twostep.storage.database import Connection
from twostep.storage.messages import NewMessage
from twostep.storage.sent_codes import Bound, StoredSentCode


@dataclass(frozen=True, slots=True)
class Sent:
    """A code is on its way."""


@dataclass(frozen=True, slots=True)
class NotYet:
    """Too many were asked for. The next one can be from ``until`` (ms) on."""

    until: int


@dataclass(frozen=True, slots=True)
class NoSuchWay:
    """No code is asked by that way now: the page goes where the person is."""


Sending = Sent | NotYet | NoSuchWay

Door = Callable[[Connection], NextStep | None]
"""What is asked at this moment, in the transaction that sends; None where all is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A code with its message, made before the transaction begins."""

    rows: Rows
    to: Recipient
    code: StoredSentCode
    masked: str
    message: NewMessage


def of_sign_in_that_waits(waiting: Waiting) -> Bound:
    """What the codes of a pending sign-in belong to."""
    return Bound(
        environment_id=waiting.sign_in.environment_id,
        user_id=waiting.sign_in.user_id,
        sign_in_id=waiting.sign_in.id,
        purpose=SentFor.SIGN_IN,
    )


def of_live_session(person: Person) -> Bound:
    """What the codes of somebody belong to who shows once more that it is they."""
    return Bound(
        environment_id=person.session.environment_id,
        user_id=person.session.user_id,
        sign_in_id=person.session.sign_in_id,
        purpose=SentFor.FRESH_PROOF,
    )


def send_in_sign_in(
    installation: Installation, waiting: Waiting, way: Way, *, language: str, browser: Browser
) -> Sending:
    """Send a code for a sign-in that waits for one. Raises KeyMissing."""
    now, place = installation.clock(), (waiting.sign_in.environment_id, waiting.sign_in.id)

    def door(connection: Connection) -> NextStep | None:
        sign_in = sign_ins.locked(connection, *place)
        if sign_in is None:
            return None
        return next_step(of_sign_in(connection, installation, sign_in, now=now), now)

    bound = of_sign_in_that_waits(waiting)
    return _send(installation, waiting.user, bound, way, door, language, browser, now)


def send_in_session(
    installation: Installation,
    person: Person,
    act: str,
    way: Way,
    *,
    language: str,
    browser: Browser,
    own: bool = False,
) -> Sending:
    """Send a code for a fresh proof that this act asks for, and asks for in any case where it takes
    one of its ``own``. Raises KeyMissing.
    """
    now, session = installation.clock(), person.session
    asked = Asked(greatest_age=NO_AGE if own else FRESH_FOR, act=act)

    def door(connection: Connection) -> NextStep | None:
        live = sessions.locked(connection, session.environment_id, session.id)
        if live is None:
            return None
        return next_step(of_session(connection, installation, live, now=now, asked=asked), now)

    bound = of_live_session(person)
    return _send(installation, person.user, bound, way, door, language, browser, now)


def hashed(key: KeyVersion, bound: Bound, method: Method, contact_id: bytes, typed: str) -> bytes:
    """What a code is stored as (SECURITY section 5.5)."""
    purpose, of = bound.purpose.value.encode(), method.value.encode()
    where = (bound.environment_id, bound.user_id, bound.sign_in_id, contact_id)
    return keyed_hash(key.secret, b"second step", purpose, of, *where, typed.encode())


def _send(
    installation: Installation,
    user: User,
    bound: Bound,
    way: Way,
    door: Door,
    language: str,
    browser: Browser,
    now: int,
) -> Sending:
    new = _prepared(installation, user, bound, way, language, now)
    if new is None:
        return NoSuchWay()

    def act(connection: Connection) -> Sending:
        rows = locked_rows(connection, user)
        step = door(connection)
        if not same(rows, new.rows) or not _asks(step, new.code, rows, now):
            return NoSuchWay()
        before = sent_codes.newest(connection, bound, new.code.method)
        at = max(
            messages.may_ask_at(connection, installation, new.to, now=now),
            before.code.again_at() if before else now,
        )
        if at > now:
            return NotYet(at)
        sent_before = before.code.sent_before + 1 if before else 0
        code = replace(new.code, code=replace(new.code.code, sent_before=sent_before))
        sent_codes.put(connection, bound, code)
        messages.queue(connection, new.message)
        _record(connection, installation, bound, new, browser, now)
        return Sent()

    sending = installation.database.write(act)
    messages.send_soon(installation)
    return sending


def _asks(step: NextStep | None, code: StoredSentCode, rows: Rows, now: int) -> bool:
    """Whether a code is asked by this method, and this address is one to which codes go."""
    if not isinstance(step, AskSecondStep) or code.method not in step.methods:
        return False
    app = Method.AUTHENTICATOR in step.methods
    there = still_good([row.contact for row in rows], now, other_way=app)
    return any(contact.id == code.contact_id for contact in there)


def _prepared(
    installation: Installation, user: User, bound: Bound, way: Way, language: str, now: int
) -> _Prepared | None:
    """None where there is no such address, or it does not open."""
    rows = rows_of(installation, user)
    row = counting_of(rows, way.sent_to) if way.sent_to else None
    text = opened(installation, row) if row else None
    if row is None or text is None:
        return None
    rules = installation.database.read(
        lambda c: code_rules_of(properties.of_environment(c, user.environment_id))
    )
    digits = digits_of(secrets.randbelow(10**rules.length), rules)
    to = replace(recipient(row, text), language=language)
    message = messages.write(
        installation,
        MessageKind.CODE,
        to,
        {"code": digits, "minutes": rules.lives // MINUTE},
        now=now,
        expires_at=now + rules.lives,
        sign_in_id=bound.sign_in_id,
    )
    code = _stored(installation, bound, row, rules, digits, message, now)
    return _Prepared(rows=rows, to=to, code=code, masked=row.masked, message=message)


def _stored(
    installation: Installation,
    bound: Bound,
    row: StoredContact,
    rules: CodeRules,
    digits: str,
    message: NewMessage,
    now: int,
) -> StoredSentCode:
    key = installation.keys.current(KeyPurpose.CODE)
    method = method_to(row.contact.kind)
    return StoredSentCode(
        code=SentCode(
            id=new_id(),
            length=rules.length,
            made_at=now,
            expires_at=now + rules.lives,
            tries=0,
            sent_before=0,
        ),
        method=method,
        contact_id=row.contact.id,
        message_id=message.id,
        code_hash=hashed(key, bound, method, row.contact.id, digits),
        key_version=key.version,
    )


def _record(
    connection: Connection,
    installation: Installation,
    bound: Bound,
    new: _Prepared,
    browser: Browser,
    now: int,
) -> None:
    audit.record(
        connection,
        installation,
        EventKind.CODE_SENT,
        environment_id=bound.environment_id,
        now=now,
        actor=bound.user_id,
        target=bound.user_id,
        visitor=browser.visitor,
        method=new.code.method.value,
        contact=new.code.contact_id.hex(),
        masked=new.masked,
        message=new.message.id.hex(),
        sign_in=bound.sign_in_id.hex(),
    )
