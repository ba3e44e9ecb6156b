"""Sealing: numbering new events and chaining them, within a second, on any node.

An act only inserts its event. A chain head in its transaction would make all sign-ins of an
environment wait for each other (measured: half the commits of eight clients). So the chain is
continued here, in batches:

    event inserted with its act ──► waits, without a number ──► numbered, chained, sealed
                                     (a second at the most)

Every node runs a ``Sealer``. Of two that seal one environment at the same moment, the database
refuses the later one, which looks again: no event is sealed twice, and none is skipped (I-14). In
the same transaction events are counted by the day (``core.event_counts``), for the same reason.

The order of the log is the order of its numbers. On PostgreSQL a transaction that began earlier may
commit later, so an event can have an older time and a greater number than the one before it.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from twostep.core.audit import Event
from twostep.core.audit_chain import Seal, chain
from twostep.core.event_counts import tally
from twostep.core.keys import KeyPurpose
from twostep.crypto.keys import KeyMissing
from twostep.crypto.secret import KeyVersion
from twostep.delivery.syslog import Syslog
from twostep.flows.checkpoints import Checkpoints
from twostep.flows.installation import Installation
from twostep.storage import audit_chain, event_counts
from twostep.storage.audit_chain import NewSeal, SealedElsewhere
from twostep.storage.database import (
    Connection,
    ConstraintBroken,
    Database,
    DatabaseAway,
    DatabaseBusy,
)

BATCH: Final = 1_000
"""Events in one transaction: on SQLite, 20 ms in which nobody else can write."""

TRIES: Final = 5
"""How often to look again after another node was faster. It then sealed what waited here, so that
what remains can wait for the next second."""

EVERY_MS: Final = 1_000
"""SECURITY §5.7: events are chained within a second."""

LONGEST_WAIT_MS: Final = 30_000

_log = structlog.get_logger("twostep.audit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What was sealed in one environment: how many events, and up to where the chain goes now."""

    environment_id: bytes
    events: int
    head: Seal


def seal(installation: Installation, *, now: int) -> int:
    """Seal everything that waits, in every environment; how many events.

    Raises DatabaseAway and DatabaseBusy.
    """
    return sum(sealed.events for sealed in seal_all(installation, now=now))


def seal_all(installation: Installation, *, now: int) -> Sequence[Sealed]:
    """The same; what was sealed in each environment that had something to seal.

    An environment that cannot be sealed (its key is gone, its chain was tampered with) is logged as
    an error, and does not keep the others from it.
    """
    done = []
    for environment_id in installation.database.read(audit_chain.environments_waiting):
        try:
            sealed = _seal_environment(installation, environment_id, now=now)
        except KeyMissing as missing:
            _log.error("audit_key_missing", environment=environment_id.hex(), why=str(missing))
            continue
        if sealed is not None:
            done.append(sealed)
    return done


def wait_after(failures: int) -> int:
    """How long to wait for the next round, in milliseconds, after so many failures in a row."""
    return min(EVERY_MS << min(failures, 10), LONGEST_WAIT_MS)


class Sealer:
    """The thread of one process that seals every second and writes the checkpoints.

    It outlives a database that goes away. To be started after a fork, and stopped before the
    database is closed: ``stop`` seals once more.
    """

    def __init__(
        self,
        installation: Installation,
        *,
        checkpoint_file: Path | None = None,
        checkpoint_syslog: Syslog | None = None,
    ) -> None:
        """Where checkpoints go. Nowhere: no lines are written, and a tail cut off is not missed."""
        self._installation = installation
        places = (checkpoint_file, checkpoint_syslog)
        self._checkpoints = [
            Checkpoints(installation, place) for place in places if place is not None
        ]
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin. The process may end without waiting for this thread; what waits stays in the
        database, and is sealed at the next start.
        """
        self._thread = threading.Thread(target=self._work, name="twostep-sealer", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Begin the next round now."""
        self._wake.set()

    def stop(self) -> None:
        """Seal once more, write a last checkpoint, and end. Returns when that is done."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        failures = 0
        while True:
            # Read before the round: what was inserted before stop() is sealed by the last round.
            last = self._stopping
            failures = 0 if self._round(failures, last=last) else failures + 1
            if last:
                return
            self._wake.wait(wait_after(failures) / 1000)
            self._wake.clear()

    def _round(self, failures: int, *, last: bool) -> bool:
        """Seal, and write what checkpoints are due. Whether the database let it."""
        now = self._installation.clock()
        try:
            sealed = seal_all(self._installation, now=now)
            heads = {one.environment_id: one.head for one in sealed}
            for checkpoints in self._checkpoints:
                checkpoints.write_due(heads, now=now, at_the_end=last)
        except (DatabaseAway, DatabaseBusy) as away:
            _log.warning(
                "sealing_waits_for_database",
                why=str(away),
                failures=failures + 1,
                wait_ms=0 if last else wait_after(failures + 1),
            )
            return False
        except Exception:  # noqa: BLE001 - a thread that ended in silence would seal nothing more
            _log.exception("sealing_failed", failures=failures + 1)
            return False
        if failures:
            _log.info("sealing_goes_on", failures=failures)
        return True


def _seal_environment(
    installation: Installation, environment_id: bytes, *, now: int
) -> Sealed | None:
    """Batch after batch, until one is not full. None where nothing was sealed."""
    key = installation.keys.current(KeyPurpose.AUDIT, environment_id=environment_id)
    total, head = 0, None
    while (batch := _seal_batch(installation.database, environment_id, key, now=now)) is not None:
        total, head = total + batch.events, batch.head
        if batch.events < BATCH:
            break
    if head is None:
        return None
    return Sealed(environment_id=environment_id, events=total, head=head)


def _seal_batch(
    database: Database, environment_id: bytes, key: KeyVersion, *, now: int
) -> Sealed | None:
    """None where nothing waits, or nothing could be sealed."""

    def act(connection: Connection) -> Sealed | None:
        head = audit_chain.head_of(connection, environment_id)
        waiting = audit_chain.unsealed(connection, environment_id, most=BATCH)
        seals = _chained(waiting, head, key)
        if not seals:
            return None
        audit_chain.put_seals(connection, environment_id, seals, now=now)
        event_counts.add(connection, environment_id, tally(waiting))
        newest = Seal(number=seals[-1].number, mac=seals[-1].mac)
        return Sealed(environment_id=environment_id, events=len(seals), head=newest)

    for _ in range(TRIES):
        try:
            return database.write(act)
        except (SealedElsewhere, ConstraintBroken):
            continue
    # Another node, again and again; or numbers that are taken though no seal has come that far,
    # which is somebody's work: the check names the first of them.
    _log.error("events_not_sealed", environment=environment_id.hex(), tries=TRIES)
    return None


def _chained(waiting: Sequence[Event], head: Seal, key: KeyVersion) -> Sequence[NewSeal]:
    """The places of what waits, behind the head."""
    secret = key.secret.reveal()
    seals, mac = [], head.mac
    for number, event in enumerate(waiting, start=head.number + 1):
        mac = chain(mac, event, key=secret)
        place = NewSeal(
            event_id=event.id,
            happened_at=event.at,
            number=number,
            mac=mac,
            key_version=key.version,
        )
        seals.append(place)
    return seals
