"""How each user can be reached, noted at the user whenever an address changes or a message ends.

It could be worked out from the addresses each time, and not for a million users at once: the lists
of who cannot be reached, and their counts, begin at an index over what is noted here.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, and_, or_, select, update

from twostep.core.address_readiness import FAILURES, Known, standing_of, tells_of_address
from twostep.core.contacts import Contact, ContactKind, EnteredBy
from twostep.core.messages import DAY, GaveUp, MessageState, Try
from twostep.storage.database import Connection
from twostep.storage.tables import contacts, messages, users
from twostep.storage.users import locked

_SAME_ADDRESS = and_(
    contacts.c.environment_id == messages.c.environment_id,
    contacts.c.user_id == messages.c.user_id,
    contacts.c.address_hash == messages.c.address_hash,
    or_(
        contacts.c.confirmed_at.is_not(None),
        contacts.c.entered_by == EnteredBy.ADMINISTRATOR.value,
    ),
)


def note_reach(connection: Connection, environment_id: bytes, user_id: bytes) -> None:
    """Note how a user can be reached with the addresses that they have now.

    Whoever changes an address calls it, with the user's row locked.
    """
    rows = connection.execute(
        select(contacts).where(
            contacts.c.environment_id == environment_id, contacts.c.user_id == user_id
        )
    ).all()
    standing = standing_of([_known(row) for row in rows])
    connection.execute(
        update(users)
        .where(users.c.environment_id == environment_id, users.c.id == user_id)
        .values(
            email_reach=standing.email.value,
            text_reach=standing.text.value,
            gateway=standing.gateway,
            address_failed=None if standing.failed is None else standing.failed.value,
        )
    )


def note_result(
    connection: Connection,
    environment_id: bytes,
    message_id: bytes,
    result: MessageState,
    reason: GaveUp | None = None,
    tried: Collection[Try] = (),
) -> None:
    """Note at an address how a message to it ended; one that arrived ends what failed before.
    ``tried``: how its tries ended, where it was given up.

    Most messages change nothing here, and then nobody's row is locked.
    """
    place = lock_for_result(connection, environment_id, message_id, result, reason, tried)
    if place is None:
        return
    contact_id, user_id = place
    failed = result.value if result in FAILURES else None
    connection.execute(
        update(contacts)
        .where(contacts.c.environment_id == environment_id, contacts.c.id == contact_id)
        .values(failed=failed)
    )
    note_reach(connection, environment_id, user_id)


def lock_for_result(
    connection: Connection,
    environment_id: bytes,
    message_id: bytes,
    result: MessageState,
    reason: GaveUp | None = None,
    tried: Collection[Try] = (),
) -> tuple[bytes, bytes] | None:
    """Lock the user at whose address this result would be noted; the ids of address and user, or
    None where it would be noted nowhere.

    To be called before the message itself is changed: whoever erases the user has taken them first,
    and then their messages.
    """
    if not tells_of_address(reason, tried):
        return None
    failed = result.value if result in FAILURES else None
    row = connection.execute(
        select(contacts.c.id, contacts.c.user_id)
        .select_from(messages.join(contacts, _SAME_ADDRESS))
        .where(
            messages.c.environment_id == environment_id,
            messages.c.id == message_id,
            contacts.c.failed.is_distinct_from(failed),
        )
    ).first()
    if row is None:
        return None
    locked(connection, environment_id, row.user_id)
    return row.id, row.user_id


def note_use(connection: Connection, environment_id: bytes, message_id: bytes, *, now: int) -> None:
    """Note at an address that a message to it was taken: once a day, which is all that is asked of
    it later (AC-79).
    """
    to = select(messages.c.id).where(
        messages.c.environment_id == environment_id, messages.c.id == message_id, _SAME_ADDRESS
    )
    connection.execute(
        update(contacts)
        .where(
            contacts.c.environment_id == environment_id,
            to.exists(),
            or_(contacts.c.used_at.is_(None), contacts.c.used_at <= now - DAY),
        )
        .values(used_at=now)
    )


def contact_of(row: Row[Any]) -> Contact:
    """The address that stands in a row with all columns of ``contacts``."""
    return Contact(
        id=row.id,
        user_id=row.user_id,
        kind=ContactKind(row.kind),
        entered_by=EnteredBy(row.entered_by),
        confirmed_at=row.confirmed_at,
        changed_at=row.changed_at,
        used_at=row.used_at,
        country=row.country or "",
    )


def _known(row: Row[Any]) -> Known:
    return Known(
        contact=contact_of(row),
        gateway=row.gateway,
        failed=None if row.failed is None else MessageState(row.failed),
    )
