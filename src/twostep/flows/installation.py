"""What every flow works with, built once by the composition root."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Final

from twostep.clock import Clock
from twostep.core.lockouts import Limits
from twostep.crypto.keys import KeyRing
from twostep.crypto.passwords import Hashing
from twostep.storage.database import Database

TEXTS_A_DAY: Final = 10_000


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
    texts_a_day: int = TEXTS_A_DAY
    """How many texts may leave through a provider within 24 hours, of all environments together."""
    messages_wait: threading.Event = field(default_factory=threading.Event)
    """Set when a message has been committed, so that this process's sender looks at once."""
