"""From what went wrong to the one line that an operator reads, and the exit status.

An operator's mistake, or a machine's, gets a sentence that names the way out. What is not listed
here is a mistake of ours and keeps its traceback.
"""

from __future__ import annotations

from enum import IntEnum

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
from twostep.storage.schema import SchemaState


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
    WrongSchema: Status.REFUSED,
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
    return Mistake(str(WrongSchema(state)))


def first_line(error: Exception) -> str:
    """What a library said, without its second thoughts."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
