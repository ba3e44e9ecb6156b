"""From the lines of a list to users, in SQL.

The switch copies all lines in one transaction, so a process that is killed has made all users or
none. What comes after it, the words by which they are found and the invitations, is done in pieces
by whichever process gets to it, and goes on where it was broken off.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import case, delete, insert, literal, select, update

from twostep.core.address_readiness import Reach
from twostep.core.contacts import ContactKind, EnteredBy
from twostep.core.user_lists import Import, ImportState
from twostep.core.users import SecondStep
from twostep.storage.contacts import COUNTING
from twostep.storage.database import Connection
from twostep.storage.tables import contacts, import_lines, imports, search_terms, users
from twostep.storage.user_imports import from_row, is_list, lines_of, pieces_of


def switch(
    connection: Connection, environment_id: bytes, import_id: bytes, *, now: int
) -> Import | None:
    """Make users of all lines; None where a line is wrong, or it was done or dropped meanwhile. A
    name that somebody has taken since the check raises IntegrityError.

    The condition closes the race of two who press the button: one of them finds it checked.
    """
    row = connection.execute(
        update(imports)
        .where(
            *is_list(environment_id, import_id),
            imports.c.state == ImportState.CHECKED.value,
            imports.c.bad == 0,
            imports.c.lines > 0,
        )
        .values(state=ImportState.SWITCHED.value, changed_at=now)
        .returning(imports)
    ).first()
    if row is None:
        return None
    for piece in pieces_of(connection, environment_id, import_id):
        _copy_users(connection, piece, now)
        _copy_contacts(connection, piece, row.language, now)
    return from_row(row)


def unfinished(connection: Connection) -> Sequence[Import]:
    """Lists whose users are there, and not yet found or invited, the oldest first."""
    rows = connection.execute(
        select(imports)
        .where(imports.c.state == ImportState.SWITCHED.value)
        .order_by(imports.c.changed_at)
    ).all()
    return [from_row(row) for row in rows]


def take_lines(
    connection: Connection,
    environment_id: bytes,
    import_id: bytes,
    numbers: Collection[int],
    *,
    now: int,
) -> bool:
    """Delete lines of which all is done with this transaction; False where another process has
    taken one of them.
    """
    gone = connection.execute(
        delete(import_lines)
        .where(*lines_of(environment_id, import_id), import_lines.c.number.in_(numbers))
        .returning(import_lines.c.number)
    ).all()
    connection.execute(
        update(imports)
        .where(*is_list(environment_id, import_id))
        .values(finished=imports.c.finished + len(gone), changed_at=now)
    )
    return len(gone) == len(numbers)


def end(connection: Connection, environment_id: bytes, import_id: bytes, *, now: int) -> bool:
    """All is done; False where it was before."""
    ended = connection.execute(
        update(imports)
        .where(*is_list(environment_id, import_id), imports.c.state == ImportState.SWITCHED.value)
        .values(state=ImportState.DONE.value, changed_at=now)
        .returning(imports.c.id)
    ).first()
    return ended is not None


def names_of(
    connection: Connection, environment_id: bytes, ids: Collection[bytes]
) -> Mapping[bytes, tuple[str, str, str]]:
    """What these users are called today: name, key of the name, full name. Nobody erases them,
    shuts them out or gives them another address before the transaction ends.
    """
    rows = connection.execute(
        select(users.c.id, users.c.name, users.c.name_key, users.c.full_name)
        .where(users.c.environment_id == environment_id, users.c.id.in_(ids))
        # By id, as all who lock several do.
        .order_by(users.c.id)
        .with_for_update()
    ).all()
    return {row.id: (row.name, row.name_key, row.full_name) for row in rows}


def still_reached(
    connection: Connection, environment_id: bytes, contact_ids: Collection[bytes]
) -> Collection[bytes]:
    """Whose of these addresses still count, of those who are not disabled. Called after the lock of
    ``names_of``.
    """
    return (
        connection.execute(
            select(users.c.id)
            .join(
                contacts,
                (contacts.c.environment_id == users.c.environment_id)
                & (contacts.c.user_id == users.c.id),
            )
            .where(
                users.c.environment_id == environment_id,
                contacts.c.environment_id == environment_id,
                contacts.c.id.in_(contact_ids),
                contacts.c.state == COUNTING,
                users.c.disabled_at.is_(None),
            )
        )
        .scalars()
        .all()
    )


def forget_terms(connection: Connection, environment_id: bytes, ids: Collection[bytes]) -> None:
    """Nothing finds these users any more, before it is written what does."""
    connection.execute(
        delete(search_terms).where(
            search_terms.c.environment_id == environment_id, search_terms.c.user_id.in_(ids)
        )
    )


def _copy_users(connection: Connection, lines: tuple[Any, ...], now: int) -> None:
    """Each of them with what a user has who was added today, and cannot sign in yet."""
    line = import_lines.c
    values: dict[str, Any] = {
        "environment_id": line.environment_id,
        "id": line.user_id,
        "name": line.name,
        "name_key": line.name_key,
        "full_name": line.full_name,
        "password_generation": literal(1),
        "second_step_generation": literal(1),
        "second_step": literal(SecondStep.NONE.value),
        "email_reach": case(
            (line.sealed.is_not(None), Reach.UNCONFIRMED.value), else_=Reach.NONE.value
        ),
        "text_reach": literal(Reach.NONE.value),
        "made_at": literal(now),
    }
    # By name, so that two lists with the same names do not wait for each other crosswise.
    chosen = select(*values.values()).where(*lines).order_by(line.name_key)
    connection.execute(insert(users).from_select(list(values), chosen, include_defaults=False))


def _copy_contacts(connection: Connection, lines: tuple[Any, ...], language: str, now: int) -> None:
    line = import_lines.c
    values: dict[str, Any] = {
        "environment_id": line.environment_id,
        "id": line.id,
        "user_id": line.user_id,
        "kind": literal(ContactKind.EMAIL.value),
        "state": literal(COUNTING),
        "entered_by": literal(EnteredBy.ADMINISTRATOR.value),
        "sealed": line.sealed,
        "key_version": line.key_version,
        "masked": line.masked,
        "address_hash": line.address_hash,
        "language": literal(language),
        "changed_at": literal(now),
        "code_tries": literal(0),
    }
    chosen = select(*values.values()).where(*lines, line.sealed.is_not(None))
    connection.execute(insert(contacts).from_select(list(values), chosen, include_defaults=False))
