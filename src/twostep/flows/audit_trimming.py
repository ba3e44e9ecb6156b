"""Retention: the oldest events go, and a signed stub says up to where.

    verify the oldest thousand ─► delete them, put the stub, say so in the log: one transaction

Only what is in order is taken. A log that somebody has changed is left as it is, for whoever looks
into it: retention must not clear away the traces. A kill between two batches leaves a log that is
whole, behind the stub of the last one. How long is kept is the operator's alone to say: an
administrator who could shorten the log could hide what they did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Final

import structlog

from twostep.core.audit import EventKind
from twostep.core.audit_chain import BEGINNING, Broken, Seal, SealedEvent, verify
from twostep.core.audit_stubs import NotAStub, Stub, read_stub, stub_line
from twostep.core.keys import KeyPurpose
from twostep.crypto.keys import KeyMissing
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.storage import audit_chain, audit_stubs, audit_trimming
from twostep.storage.audit_trimming import TakenElsewhere
from twostep.storage.database import Connection, ConstraintBroken

DAY_MS: Final = 24 * 60 * 60 * 1_000

BATCH: Final = 1_000
"""Events in one transaction, as the sealer has it."""

_log = structlog.get_logger("twostep.audit")


def trim(installation: Installation, *, days: int) -> int:
    """Take away what is older than so many whole days (UTC), in every environment; how many events.

    The newest sealed event stays, whatever its age: it says how far the log has come. An
    environment whose log is not in order is logged as an error and keeps all of it. Raises
    DatabaseAway and DatabaseBusy.
    """
    now = installation.clock()
    # By whole days, so that most rounds of a day find nothing to do.
    before = (now - days * DAY_MS) // DAY_MS * DAY_MS
    places = installation.database.read(audit_chain.environments_logged)
    return sum(_trim(installation, place, before=before, now=now) for place in places)


def _trim(installation: Installation, place: bytes, *, before: int, now: int) -> int:
    try:
        keys = _keys(installation, place)
    except KeyMissing as missing:
        _log.error("audit_key_missing", environment=place.hex(), why=str(missing))
        return 0
    taken = 0
    while True:
        try:
            batch = _batch(installation, place, keys, before=before, now=now)
        except (TakenElsewhere, ConstraintBroken):
            break  # Another node is at it.
        taken += batch
        if batch < BATCH:
            break
    if taken:
        _forget_visitors(installation, place, now=now)
    return taken


def _keys(installation: Installation, place: bytes) -> Mapping[int, bytes]:
    """The audit keys by version, looked up before any unit begins. Raises KeyMissing."""
    ring = installation.keys
    newest = ring.current(KeyPurpose.AUDIT, environment_id=place)
    found = {newest.version: newest.secret.reveal()}
    for version in range(1, newest.version):
        older = ring.at_version(KeyPurpose.AUDIT, version, environment_id=place)
        found[version] = older.secret.reveal()
    return found


def _batch(
    installation: Installation, place: bytes, keys: Mapping[int, bytes], *, before: int, now: int
) -> int:
    def act(connection: Connection) -> int:
        start = _start(connection, place, keys)
        if start is None:
            return 0
        old = _old(connection, place, before=before)
        if not old:
            return 0
        found = verify(old, key_of=keys.__getitem__, start=start)
        if isinstance(found, Broken):
            _log.error(
                "audit_not_trimmed", environment=place.hex(), at=found.number, why=found.fault.value
            )
            return 0
        _take(connection, installation, place, keys, old, before=before, now=now)
        return len(old)

    return installation.database.write(act)


def _start(connection: Connection, place: bytes, keys: Mapping[int, bytes]) -> Seal | None:
    """Where the log begins; None where its stub was tampered with."""
    line = audit_stubs.newest(connection, place)
    if line is None:
        return BEGINNING
    try:
        return read_stub(line, environment_id=place, key_of=keys.__getitem__).seal
    except NotAStub:
        _log.error("audit_stub_forged", environment=place.hex())
        return None


def _old(connection: Connection, place: bytes, *, before: int) -> Sequence[SealedEvent]:
    """The oldest entries, as far as they lie before that moment, in the order of their numbers."""
    page = audit_chain.page(connection, place, after=audit_chain.FIRST, most=BATCH)

    def is_old(entry: SealedEvent) -> bool:
        newest = entry.number >= page.head.number
        # One that cannot be read is looked at, and found, by the verification.
        return not newest and (entry.event is None or entry.event.at < before)

    return list(takewhile(is_old, page.entries))


def _take(
    connection: Connection,
    installation: Installation,
    place: bytes,
    keys: Mapping[int, bytes],
    old: Sequence[SealedEvent],
    *,
    before: int,
    now: int,
) -> None:
    last, version = old[-1], max(keys)
    audit_trimming.take(connection, place, through=last.number, expected=len(old))
    stub = Stub(
        environment_id=place,
        number=last.number,
        mac=last.mac,
        before=before,
        at=now,
        key_version=version,
    )
    audit_stubs.put(connection, place, stub_line(stub, key=keys[version]))
    audit.record(
        connection,
        installation,
        EventKind.AUDIT_TRIMMED,
        environment_id=place,
        now=now,
        through=last.number,
        before=before,
        entries=len(old),
    )


def _forget_visitors(installation: Installation, place: bytes, *, now: int) -> None:
    """Addresses to which no event refers any more are kept no longer than the events were.

    Looking for them reads everything, so it is done outside of the transaction that empties them. A
    visitor who comes back in between has an event without an address.
    """
    while True:
        ids = installation.database.read(
            lambda connection: audit_trimming.unseen_visitors(connection, place, most=BATCH)
        )
        if not ids:
            return
        installation.database.write(
            lambda connection: audit_trimming.empty_visitors(
                connection,
                place,
                ids,  # noqa: B023 - it runs before the next turn
                now=now,
            )
        )
