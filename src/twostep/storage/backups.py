"""Copies of a SQLite database, taken while it is in use.

A backup holds one moment of the database, complete in one file that only its owner may read: it
holds everything that the database holds (what is sealed in it stays sealed, and the key file is not
part of it). It appears under its name when it is whole and on the disk, and never takes the place
of another file.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from twostep.storage.faults import DatabaseAway
from twostep.storage.sqlite_file import in_our_words

# Between two batches other threads of this process get their turn. 4 MiB with pages of 4 KiB.
_PAGES_AT_ONCE = 1_024


class TargetExists(Exception):
    """There is a file of that name. Nothing was written."""


def backup(
    database_path: Path, target: Path, *, progress: Callable[[int, int], None] | None = None
) -> None:
    """Copies the database, as it is now, to the new file ``target``, readable by its owner only.

    Nobody waits for it: neither readers nor writers, of this process or another. ``progress`` is
    told, after each batch, how many pages are copied and how many there are. Raises TargetExists,
    and DatabaseAway where the database cannot be read, is damaged, or the copy does not fit on the
    disk.
    """
    if os.path.lexists(target):
        raise TargetExists(str(target))
    with faults_told(), private_folder(target.parent) as folder:
        copy = folder / "copy"
        _copy(database_path, copy, progress or _nobody_watches)
        put_in_place(copy, target)


@contextmanager
def faults_told() -> Iterator[None]:
    """What SQLite and the file system raise, as one of our types."""
    try:
        yield
    except (sqlite3.Error, DBAPIError) as error:
        told = in_our_words(error)
        raise told from told.__cause__
    except OSError as error:
        raise DatabaseAway(os.strerror(error.errno or 0)) from error


@contextmanager
def private_folder(parent: Path) -> Iterator[Path]:
    """A folder that only its owner may enter, on the same file system as its parent; gone at the
    end.
    """
    folder = Path(tempfile.mkdtemp(prefix=".twostep-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def open_plainly(path: Path) -> sqlite3.Connection:
    """A connection of the driver's that begins no transaction by itself and makes no file."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)


def put_in_place(copy: Path, target: Path) -> None:
    """Gives a finished file its name, in one step and on the disk. Raises TargetExists."""
    copy.chmod(0o600)
    _to_disk(copy)
    try:
        # Unlike a renaming, a link never replaces what is there.
        target.hardlink_to(copy)
    except FileExistsError:
        raise TargetExists(str(target)) from None
    _to_disk(target.parent)


def _nobody_watches(_copied: int, _total: int) -> None:
    pass


def _copy(source_path: Path, copy: Path, progress: Callable[[int, int], None]) -> None:
    def tell(_status: int, remaining: int, total: int) -> None:
        progress(total - remaining, total)

    copy.touch(mode=0o600)
    with closing(open_plainly(source_path)) as source, closing(open_plainly(copy)) as target:
        # A copy that is not finished is thrown away, so it needs no journal.
        target.execute("PRAGMA journal_mode = OFF")
        target.execute("PRAGMA synchronous = OFF")
        # One reading transaction around all batches. Without it SQLite begins the copy again
        # whenever somebody has written meanwhile, and under steady writing never ends.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        source.backup(target, pages=_PAGES_AT_ONCE, progress=tell)
        source.rollback()
        # A backup is one file: not one that looks for its journal beside it.
        target.execute("PRAGMA journal_mode = DELETE")
        (verdict,) = target.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise DatabaseAway("the database is damaged")


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
