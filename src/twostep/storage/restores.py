"""Putting a backup in the place of a SQLite database that may be serving.

What was ended since the backup must not come alive again with it (AC-61). So the backup is changed
before anybody sees it, in a copy of its own:

    backup ─► private copy, checked ─► generation raised, open rows ended, steps spent ─► live

* The installation's generation rises above both the backup's and the live database's: sessions,
  pending sign-ins and the remembering of devices from before are void, whatever cookie comes back.
* Sessions, pending sign-ins, one-time links and offered keys are ended.
* A code of an authenticator app that was used after the backup cannot be used again. While the copy
  is on its way people go on signing in, so it arrives with steps spent far ahead, and
  :func:`settle`, afterwards, brings that down to what a code can have been used for by then.
  Between the two no code is good; a process that dies between them has only made everybody with
  an app wait for five minutes.

The live database takes the copy over in one transaction of its own, which other processes wait for:
they see the old one or the new one, and a machine that stops half-way has the old one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile

from sqlalchemy import ColumnElement, literal, update

from twostep.core.messages import GaveUp
from twostep.storage import (
    caller_checks,
    contacts,
    help_desk_codes,
    helping,
    messages,
    notices,
    password_resets,
    sent_codes,
)
from twostep.storage.backups import faults_told, open_plainly, private_folder, put_in_place
from twostep.storage.database import Connection
from twostep.storage.faults import DatabaseBusy
from twostep.storage.schema import Current, SchemaState, schema_found
from twostep.storage.sqlite_file import Link, SqliteFile
from twostep.storage.tables import authenticators, installation, links, sessions, sign_ins

ENDED_BY = "restore"
"""What stands at a session that a restore has ended."""

# RFC 6238 section 5.2 as Twostep keeps it: a code counts one step early, so the step after now may
# be spent.
_STEPS_AHEAD = 1
# Ten steps are five minutes: more than bringing the copy in takes.
_STEPS_AHEAD_MEANWHILE = 10

Record = Callable[[Connection, int], None]
"""Writes down a restore, which makes that generation, as the last statement of its transaction."""

# A serving process has the write lock most of the time when it writes all it can: ask often.
_TRIES = 1_000
_SECONDS_BETWEEN_TRIES = 0.01
_PATIENCE_MS = 10_000


class UnusableBackup(Exception):
    """The file is not a whole database. The live one was not touched."""


class WrongBackupSchema(Exception):
    """The backup has another version of the schema, in ``state``. The live database was not
    touched.

    An older one can be brought to this version first, as a database of its own.
    """

    def __init__(self, state: SchemaState) -> None:
        super().__init__(repr(state))
        self.state = state


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What :func:`settle` has to know, and the generation that holds from now on."""

    generation: int
    prepared_at: int


def restore(
    database_path: Path,
    source: Path,
    *,
    now: int,
    record: Record | None = None,
) -> Restored:
    """Puts the backup ``source`` in the place of the database, which may be serving. Call
    ``settle`` next.

    ``record`` writes the event of it, as the last statement of the same transaction. Raises
    UnusableBackup, WrongBackupSchema, DatabaseBusy where a writer does not make room, and
    DatabaseAway where the live file is damaged (it has to be moved away first) or the disk is full.
    Whatever it raises, the old database is as it was.
    """
    with faults_told(), private_folder(database_path.parent) as folder:
        if database_path.exists() and source.samefile(database_path):
            raise UnusableBackup("the database itself")
        copy = _checked_copy(source, folder)
        restored = _make_safe(copy, database_path, now=now, record=record)
        if database_path.exists():
            _take_over(database_path, copy)
        else:
            _set_aside_journal(database_path, now=now)
            put_in_place(copy, database_path)
    return restored


def settle(database_path: Path, restored: Restored, *, now: int) -> None:
    """Lets people with an authenticator app in again, from the next code that cannot have been used
    yet.

    ``now`` is read after ``restore`` has returned. Raises DatabaseBusy and DatabaseAway.
    """
    meanwhile = _step(restored.prepared_at) + _STEPS_AHEAD_MEANWHILE
    link = SqliteFile(database_path, patience_ms=_PATIENCE_MS).open_writer()
    with faults_told(), closing(link):
        link.driver.execute("BEGIN IMMEDIATE")
        link.connection.execute(
            update(authenticators)
            .where(authenticators.c.last_step == meanwhile)
            .values(last_step=_step(now) + _STEPS_AHEAD)
        )
        link.driver.commit()


def _checked_copy(source: Path, folder: Path) -> Path:
    copy = folder / "copy"
    copy.touch(mode=0o600)
    copyfile(source, copy)
    try:
        with closing(open_plainly(copy)) as driver:
            whole = driver.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
            whole = whole and not driver.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise UnusableBackup("not a database") from error
    if not whole:
        raise UnusableBackup("damaged")
    return copy


def _make_safe(copy: Path, live: Path, *, now: int, record: Record | None) -> Restored:
    with closing(SqliteFile(copy, patience_ms=_PATIENCE_MS).open_plain()) as link:
        state = schema_found(link.connection)
        if not isinstance(state, Current):
            raise WrongBackupSchema(state)
        link.end()
        known = _attach(link, live)
        link.driver.execute("BEGIN")
        if known:
            _keep_what_is_spent(link)
        generation = _raise_generation(link, known=known)
        _end_what_is_open(link.connection, now=now)
        _spend_ahead(link.connection, now=now)
        if record is not None:
            record(link.connection, generation)
        link.driver.commit()
    return Restored(generation=generation, prepared_at=now)


def _attach(link: Link, live: Path) -> bool:
    """Whether the live database could be laid beside the copy, to be asked what it knows."""
    if not live.exists() or not live.stat().st_size:
        return False
    with closing(SqliteFile(live, patience_ms=_PATIENCE_MS).open_reader()) as beside:
        if not isinstance(schema_found(beside.connection), Current):
            return False
    link.driver.execute("ATTACH DATABASE ? AS live", (f"{live.absolute().as_uri()}?mode=rw",))
    return True


def _keep_what_is_spent(link: Link) -> None:
    """What the live database knows to be spent stays spent, also where the clock was set back
    since.
    """
    link.driver.execute(
        "UPDATE authenticators AS a SET last_step = max(a.last_step, l.last_step)"
        " FROM live.authenticators AS l WHERE l.environment_id = a.environment_id AND l.id = a.id"
    )
    link.driver.execute(
        "INSERT OR IGNORE INTO spent_steps (environment_id, authenticator_id, step)"
        " SELECT l.environment_id, l.authenticator_id, l.step FROM live.spent_steps AS l"
        " JOIN authenticators AS a ON a.environment_id = l.environment_id"
        " AND a.id = l.authenticator_id"
    )


def _raise_generation(link: Link, *, known: bool) -> int:
    everywhere = "SELECT generation FROM installation"
    if known:
        everywhere += " UNION ALL SELECT generation FROM live.installation"
    highest = link.driver.execute(f"SELECT max(generation) FROM ({everywhere})").fetchone()[0]  # noqa: S608
    generation = int(highest or 0) + 1
    link.connection.execute(update(installation).values(generation=generation))
    return generation


def _end_what_is_open(connection: Connection, *, now: int) -> None:
    connection.execute(
        update(sessions)
        .where(sessions.c.ended_at.is_(None))
        .values(ended_at=now, ended_by=ENDED_BY)
    )
    connection.execute(
        update(sign_ins)
        .where(sign_ins.c.ended_at.is_(None))
        .values(state="dropped", ended_at=now, token_hash=None)
    )
    connection.execute(update(links).where(links.c.used_at.is_(None)).values(used_at=now))
    messages.give_up_all(connection, GaveUp.RESTORED, now=now)
    notices.drop_all(connection)
    password_resets.drop_all(connection)
    contacts.end_codes(connection)
    sent_codes.delete_all(connection)
    caller_checks.delete_all(connection)
    help_desk_codes.end_everywhere(connection, now=now)
    helping.end_pauses_everywhere(connection)
    connection.execute(
        update(authenticators).where(authenticators.c.offer_ends_at > now).values(offer_ends_at=now)
    )


def _spend_ahead(connection: Connection, *, now: int) -> None:
    meanwhile = _step(now) + _STEPS_AHEAD_MEANWHILE
    connection.execute(
        update(authenticators)
        .where(authenticators.c.last_step < meanwhile)
        .values(last_step=meanwhile)
    )


def _step(now: int) -> ColumnElement[int]:
    """The step of RFC 6238 section 4.2 at ``now`` (milliseconds), by each row's own period."""
    return literal(now) // (authenticators.c.period_seconds * 1_000)


def _take_over(live: Path, copy: Path) -> None:
    tries = 0

    def count(_status: int, _remaining: int, _total: int) -> None:
        nonlocal tries
        tries += 1
        if tries > _TRIES:
            raise DatabaseBusy("another process holds the database")

    with closing(open_plainly(copy)) as source, closing(open_plainly(live)) as target:
        target.execute("PRAGMA synchronous = FULL")
        target.execute("PRAGMA busy_timeout = 0")
        # All pages in one step: one transaction, and nobody sees a part of it.
        source.backup(target, pages=-1, progress=count, sleep=_SECONDS_BETWEEN_TRIES)


def _set_aside_journal(live: Path, *, now: int) -> None:
    """A journal whose database is gone would be taken for the restored one's, and spoil it."""
    journal = live.with_name(f"{live.name}-wal")
    if journal.exists():
        journal.rename(live.with_name(f"{live.name}-wal.before-{now}"))
    live.with_name(f"{live.name}-shm").unlink(missing_ok=True)
