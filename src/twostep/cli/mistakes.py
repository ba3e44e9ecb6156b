"""From what went wrong to the one line that an operator reads, and the exit status.

An operator's mistake, or a machine's, gets a sentence that names the way out. What is not listed
here is a mistake of ours and keeps its traceback.
"""

from __future__ import annotations

from enum import IntEnum
from typing import assert_never

from twostep.app import WrongSchema
from twostep.clock import MovedClock
from twostep.core.keys import ForeignKeyFile
from twostep.crypto.key_files import KeyFileBusy, WrongKeyFile
from twostep.crypto.keys import KeyMissing
from twostep.crypto.password_hashes import TooMuchMemory, WeakParameters
from twostep.crypto.passwords import Busy
from twostep.flows.master_keys import NoSecondMasterKey
from twostep.settings import WrongSettings
from twostep.storage.faults import DatabaseAway, DatabaseBusy, WrongDatabaseUrl
from twostep.storage.schema import Current, Empty, Foreign, Newer, Older, SchemaState


class Status(IntEnum):
    """The exit statuses, as the package's text describes them."""

    REFUSED = 1
    USAGE = 2
    LATER = 3
    TAMPERED = 4


class Mistake(Exception):
    """Something that the operator can mend. The text is what they read."""

    def __init__(self, sentence: str, status: Status = Status.REFUSED) -> None:
        super().__init__(sentence)
        self.status = status


_OWN_WORDS: dict[type[Exception], Status] = {
    MovedClock: Status.USAGE,
    WrongSettings: Status.USAGE,
    WrongDatabaseUrl: Status.USAGE,
    WeakParameters: Status.USAGE,
    TooMuchMemory: Status.USAGE,
    WrongKeyFile: Status.REFUSED,
    KeyMissing: Status.REFUSED,
    KeyFileBusy: Status.LATER,
    NoSecondMasterKey: Status.REFUSED,
}
"""Exceptions whose text is written for operators."""


def explain(error: Exception) -> Mistake | None:
    """The sentence for a mistake that can be mended; None for one of ours."""
    for kind, status in _OWN_WORDS.items():
        if isinstance(error, kind):
            return Mistake(str(error), status)
    match error:
        case Mistake():
            return error
        case WrongSchema():
            return of_schema(error.state)
        case DatabaseAway():
            return Mistake(
                f"The database cannot be used: {first_line(error)}. Nothing was changed.",
                Status.LATER,
            )
        case DatabaseBusy():
            return Mistake("The database is busy. Try again in a moment.", Status.LATER)
        case Busy():
            return Mistake("Too many passwords are being checked. Try again.", Status.LATER)
        case ForeignKeyFile():
            return Mistake(
                "The master key was changed a moment ago. Do the same again.", Status.LATER
            )
        case OSError():
            return Mistake(f"{error.filename or 'A file'}: {error.strerror}.")
        case _:
            return None


def of_schema(state: SchemaState) -> Mistake:
    """Why a database cannot be used as it is, and the way out."""
    match state:
        case Empty():
            return Mistake("There is no database of Twostep's here yet. `twostep serve` makes it.")
        case Older(found=found):
            return Mistake(
                f"The database has the schema {found} of an earlier Twostep. "
                "Run `twostep database upgrade`, then start again."
            )
        case Newer(found=found):
            return Mistake(
                f"The database has the schema {found} of a later Twostep than this one. "
                "Start that one, or restore a backup from before its `twostep database upgrade`."
            )
        case Foreign(tables=tables):
            return Mistake(
                f"The database holds tables that are not Twostep's ({', '.join(tables[:3])}…). "
                "Give Twostep a database of its own."
            )
        case Current():
            return Mistake("The database has this version's schema already.")
        case _:
            assert_never(state)


def first_line(error: Exception) -> str:
    """What a library said, without its second thoughts."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
