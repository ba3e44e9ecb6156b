"""A process that sends: ``python -m tests.flows.sending_process URL KEY_FILE PORT NOW KILLED_AT``.

It sends what is due and ends. ``KILLED_AT`` is the point at which it is killed (SIGKILL), counted
from 1 over its writes to the database: before each, inside (all SQL done, not committed), and
after. 0: at none.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from pathlib import Path

from tests.helpers.kills import CountedDatabase
from tests.helpers.quick_hashes import QUICK
from twostep.core.lockouts import LIMITS
from twostep.crypto.key_files import KeyFile
from twostep.crypto.passwords import Hashing
from twostep.delivery.mail import Mailer, Relay, Tls
from twostep.flows.installation import Installation
from twostep.flows.keys import load_ring
from twostep.flows.sending import Sender
from twostep.flows.tries import Outgoing
from twostep.storage.database import open_database


def main(url: str, key_file: str, port: int, now: int, killed_at: int) -> None:
    points = itertools.count(1)

    def point() -> None:
        if next(points) == killed_at:
            os.kill(os.getpid(), signal.SIGKILL)

    database = CountedDatabase(open_database(url), point)
    installation = Installation(
        database=database,
        keys=load_ring(database, KeyFile(Path(key_file)), clock=lambda: now),
        hashing=Hashing(QUICK, threads=1, clock=lambda: now),
        clock=lambda: now,
        limits=LIMITS,
    )
    relay = Relay(host="localhost", port=port, tls=Tls.NEVER, greeting="login.example")
    outgoing = Outgoing(sender="codes@login.example", open_mail=lambda: Mailer(relay))
    sender = Sender(installation, outgoing)
    sender.start()
    sender.stop()
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6]))
