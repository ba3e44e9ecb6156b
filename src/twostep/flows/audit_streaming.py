"""Streaming events: a thread of each process that sends what was sealed, and no act waits for it.

    claim the stream ─► read the next hundred ─► send them ─► note the last number ─► …
                                                    └─ not taken: note why, try again later

In order, and each at least once: the number is noted after the receiver took the batch, so after a
crash in between the batch comes once more. Events carry their number, by which a receiver knows
what it has. Only sealed events are sent, so their order is that of the log.

What retention takes before a receiver took it is not sent any more: a receiver that is away for as
long as events are kept has a gap, which the numbers show.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog

from twostep.core.audit_chain import SealedEvent
from twostep.core.environment_lines import event_members
from twostep.crypto.identifiers import new_id
from twostep.delivery.syslog import SyslogAway
from twostep.delivery.webhooks import Webhook, WebhookAway
from twostep.flows.audit_streams import Stream, StreamUnusable, opened
from twostep.flows.installation import Installation
from twostep.flows.person_contents import parts_of
from twostep.storage import audit_chain, audit_streams, people
from twostep.storage.database import DatabaseAway, DatabaseBusy

EVERY_MS: Final = 1_000
BATCH: Final = 100
MOST_BATCHES: Final = 20
"""Of one environment in a round: then the others have their turn."""

CLAIMED_MS: Final = 60_000
"""Longer than any batch takes. A process that died with a claim holds the stream up for so long."""

LONGEST_WAIT_MS: Final = 5 * 60_000

_BEHIND_ALL_IDS: Final = b"\xff" * 17

_log = structlog.get_logger("twostep.audit")


class Streamer:
    """The thread of one process. To be started after a fork and stopped before the database is
    closed.
    """

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="twostep-streamer", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Begin the next round now."""
        self._wake.set()

    def stop(self) -> None:
        """Let the batch that is under way finish, and wait for that."""
        self._stopping = True
        self._wake.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stopping:
            try:
                stream_due(self._installation, stopping=lambda: self._stopping)
            except (DatabaseAway, DatabaseBusy) as away:
                _log.warning("streaming_waits_for_database", why=type(away).__name__)
            except Exception:  # noqa: BLE001 - a thread that ended in silence would send no more
                _log.exception("streaming_failed")
            self._wake.wait(EVERY_MS / 1000)
            self._wake.clear()


def stream_due(installation: Installation, *, stopping: Any = lambda: False) -> int:
    """Send what waits, in every environment that streams; how many events were taken.

    Raises DatabaseAway and DatabaseBusy.
    """
    now = installation.clock()
    places = installation.database.read(lambda connection: audit_streams.due(connection, now=now))
    return sum(_stream(installation, place, stopping) for place in places if not stopping())


def _stream(installation: Installation, place: bytes, stopping: Any) -> int:
    claim_id, now = new_id(), installation.clock()
    stored = installation.database.write(
        lambda connection: audit_streams.claim(
            connection, place, claim_id, now=now, until=now + CLAIMED_MS
        )
    )
    if stored is None:
        return 0
    taken, position = 0, stored.position
    try:
        stream = opened(installation, stored)
        for _ in range(MOST_BATCHES):
            batch = _next(installation, place, position)
            if not batch or stopping():
                break
            _send(installation, place, stream, batch)
            position = batch[-1].number
            if not _advance(installation, place, claim_id, position):
                return taken
            taken += len(batch)
    except (SyslogAway, WebhookAway, StreamUnusable) as error:
        _put_off(installation, place, claim_id, stored.failures, str(error))
        return taken
    installation.database.write(
        lambda connection: audit_streams.let_go(connection, place, claim_id)
    )
    return taken


def _next(installation: Installation, place: bytes, position: int) -> Sequence[SealedEvent]:
    page = installation.database.read(
        lambda connection: audit_chain.page(
            connection, place, after=(position, _BEHIND_ALL_IDS), most=BATCH
        )
    )
    return page.entries


def _send(
    installation: Installation, place: bytes, stream: Stream, batch: Sequence[SealedEvent]
) -> None:
    """Raises SyslogAway and WebhookAway."""
    known = _people(installation, place, batch) if stream.resolved else {}
    told = [_told(entry, place, known) for entry in batch]
    now = installation.clock()
    if isinstance(stream.receiver, Webhook):
        body = {"environment": place.hex(), "events": told}
        stream.receiver.post(_json(body).encode(), at=now)
    else:
        stream.receiver.send([_json(each) for each in told], at=now, kind="event")


def _told(
    entry: SealedEvent, place: bytes, known: Mapping[bytes, Mapping[str, str]]
) -> Mapping[str, object]:
    event = entry.event
    members = event_members(entry)
    if event is None or members is None:
        # Somebody has changed it: ``twostep audit verify`` tells more.
        return {"environment": place.hex(), "number": entry.number, "unreadable": True}
    names = {"actor_name": event.actor, "target_name": event.target}
    resolved = {
        word: known[id_]["name"]
        for word, id_ in names.items()
        if id_ is not None and "name" in known.get(id_, {})
    }
    visitor = known.get(event.visitor, {}) if event.visitor else {}
    where = {word: visitor[word] for word in ("address", "browser") if word in visitor}
    return {"environment": place.hex(), **members, **resolved, **where}


def _people(
    installation: Installation, place: bytes, batch: Sequence[SealedEvent]
) -> Mapping[bytes, Mapping[str, str]]:
    ids = {
        id_
        for entry in batch
        if entry.event is not None
        for id_ in (entry.event.actor, entry.event.target, entry.event.visitor)
        if id_ is not None
    }
    found = installation.database.read(
        lambda connection: people.contents_of(connection, place, ids)
    )
    return {id_: parts_of(content) or {} for id_, content in found.items()}


def _advance(installation: Installation, place: bytes, claim_id: bytes, position: int) -> bool:
    now = installation.clock()
    return installation.database.write(
        lambda connection: audit_streams.advance(
            connection, place, claim_id, position=position, now=now, until=now + CLAIMED_MS
        )
    )


def _put_off(
    installation: Installation, place: bytes, claim_id: bytes, failures: int, why: str
) -> None:
    wait = min(EVERY_MS << min(failures, 20), LONGEST_WAIT_MS)
    due_at = installation.clock() + wait
    _log.warning(
        "audit_stream_put_off",
        environment=place.hex(),
        why=why,
        failures=failures + 1,
        wait_ms=wait,
    )
    installation.database.write(
        lambda connection: audit_streams.failed(
            connection, place, claim_id, why=why[:200], due_at=due_at
        )
    )


def _json(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
