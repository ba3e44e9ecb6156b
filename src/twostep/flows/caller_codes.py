"""The codes of **Check caller**: made with their message before a transaction begins, and stored as
hashes that cover what they are for.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from twostep.core.caller_checks import CODE_LASTS, CODE_LENGTH, CallerCheck
from twostep.core.contacts import ContactKind
from twostep.core.keys import KeyPurpose
from twostep.core.messages import MINUTE, MessageKind
from twostep.core.sent_codes import CodeRules, MalformedCode, digits_of, normalise
from twostep.core.users import User
from twostep.crypto.identifiers import keyed_hash, new_id
from twostep.crypto.keys import KeyMissing
from twostep.crypto.secret import KeyVersion
from twostep.flows import messages
from twostep.flows.contact_rows import Rows, counting_of, opened, recipient, rows_of
from twostep.flows.installation import Installation
from twostep.flows.messages import Recipient
from twostep.storage.caller_checks import Between, StoredCheck
from twostep.storage.messages import NewMessage

_RULES = CodeRules(length=CODE_LENGTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A code with its message, and the addresses as they were when it was made."""

    rows: Rows
    to: Recipient
    check: StoredCheck
    message: NewMessage


def prepared(
    installation: Installation, between: Between, user: User, kind: ContactKind, now: int
) -> Prepared | None:
    """A code for the user's address of this kind; None where there is none that counts, or it does
    not open. Raises KeyMissing.
    """
    rows = rows_of(installation, user)
    row = counting_of(rows, kind)
    text = None if row is None else opened(installation, row)
    if row is None or text is None:
        return None
    digits = digits_of(secrets.randbelow(10**CODE_LENGTH), _RULES)
    to = recipient(row, text)
    message = messages.write(
        installation,
        MessageKind.CHECK_CALLER,
        to,
        {"code": digits, "minutes": CODE_LASTS // MINUTE},
        now=now,
        expires_at=now + CODE_LASTS,
    )
    check = CallerCheck(
        id=new_id(),
        user_id=user.id,
        made_by=between.made_by,
        contact_id=row.contact.id,
        message_id=message.id,
        tries=0,
        made_at=now,
        expires_at=now + CODE_LASTS,
    )
    key = installation.keys.current(KeyPurpose.CODE)
    hashed = _hashed(key, between, check, digits)
    stored = StoredCheck(check=check, code_hash=hashed, key_version=key.version)
    return Prepared(rows=rows, to=to, check=stored, message=message)


def read_digits(typed: str) -> str | None:
    """The digits that were typed; None for what cannot be a code."""
    try:
        digits = normalise(typed)
    except MalformedCode:
        return None
    return digits if len(digits) == CODE_LENGTH else None


def hashed_as(
    installation: Installation, between: Between, stored: StoredCheck, digits: str
) -> bytes | None:
    """What a right code would be stored as; None where its key is gone."""
    try:
        key = installation.keys.at_version(KeyPurpose.CODE, stored.key_version)
    except KeyMissing:
        return None
    return _hashed(key, between, stored.check, digits)


def _hashed(key: KeyVersion, between: Between, check: CallerCheck, digits: str) -> bytes:
    who = (between.environment_id, between.user_id, between.made_by)
    return keyed_hash(
        key.secret, b"check caller", *who, check.contact_id, check.id, digits.encode()
    )
