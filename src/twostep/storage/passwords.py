"""Sealed password hashes, in SQL."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select, update

from twostep.storage.tables import passwords


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPassword:
    """The sealed PHC string of a user and when the password was changed."""

    sealed: bytes
    key_version: int
    changed_at: int


_OF_USER = select(passwords.c.sealed, passwords.c.key_version, passwords.c.changed_at).where(
    passwords.c.environment_id == bindparam("environment"),
    passwords.c.user_id == bindparam("user"),
)


def of_user(connection: Connection, environment_id: bytes, user_id: bytes) -> SealedPassword | None:
    """The user's password, or None where they have none."""
    row = connection.execute(_OF_USER, {"environment": environment_id, "user": user_id}).first()
    if row is None:
        return None
    return SealedPassword(sealed=row.sealed, key_version=row.key_version, changed_at=row.changed_at)


def put(
    connection: Connection, environment_id: bytes, user_id: bytes, password: SealedPassword
) -> None:
    """Set the user's password, whether they had one or not."""
    changed = connection.execute(
        update(passwords)
        .where(passwords.c.environment_id == environment_id, passwords.c.user_id == user_id)
        .values(
            sealed=password.sealed,
            key_version=password.key_version,
            changed_at=password.changed_at,
        )
        .returning(passwords.c.user_id)
    ).first()
    if changed is None:
        connection.execute(
            insert(passwords).values(
                environment_id=environment_id,
                user_id=user_id,
                sealed=password.sealed,
                key_version=password.key_version,
                changed_at=password.changed_at,
            )
        )


def reseal(
    connection: Connection,
    environment_id: bytes,
    user_id: bytes,
    *,
    expected: bytes,
    sealed: bytes,
    key_version: int,
) -> bool:
    """Put the same password under another key or with other parameters; False where it changed
    meanwhile.

    The condition closes the race with a password change: a rehash of the old password must not
    replace the new
    one. ``changed_at`` stays, because for its owner nothing changed.
    """
    changed = connection.execute(
        update(passwords)
        .where(
            passwords.c.environment_id == environment_id,
            passwords.c.user_id == user_id,
            passwords.c.sealed == expected,
        )
        .values(sealed=sealed, key_version=key_version)
        .returning(passwords.c.user_id)
    ).first()
    return changed is not None
