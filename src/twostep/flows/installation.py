"""What every flow works with, built once by the composition root."""

from __future__ import annotations

from dataclasses import dataclass

from twostep.clock import Clock
from twostep.core.lockouts import Limits
from twostep.crypto.keys import KeyRing
from twostep.crypto.passwords import Hashing
from twostep.storage.database import Database


@dataclass(frozen=True, slots=True)
class Installation:
    """The parts of one running installation. ``limits`` is an argument, so that a test of something
    else can put
    the counters out of the way; nothing outside the tests does.
    """

    database: Database
    keys: KeyRing
    hashing: Hashing
    clock: Clock
    limits: Limits
