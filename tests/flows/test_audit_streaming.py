"""Events as a stream: in order, each at least once, and no act waits for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from tests.helpers.audit_logs import ANNS, AuditLog, make_log
from tests.helpers.clocks import MINUTE, SECOND
from tests.helpers.receivers import Received, datagrams, webhook_server
from twostep.core.environments import Environment, parse_origin
from twostep.delivery.syslog import read_syslog
from twostep.delivery.webhooks import read_webhook
from twostep.flows import keys
from twostep.flows.audit_streaming import BATCH, Streamer, stream_due
from twostep.flows.audit_streams import (
    Standing,
    Stream,
    StreamUnusable,
    clear_stream,
    set_stream,
    standing_of,
)
from twostep.flows.sealing import seal
from twostep.storage import audit_streams
from twostep.storage.database import Database
from twostep.storage.tables import audit_streams as table

SECRET = "a shared secret of some length 1"


@pytest.fixture
def log(database: Database, tmp_path: Path) -> AuditLog:
    return make_log(database, tmp_path)


@pytest.fixture
def hook() -> Iterator[Received]:
    with webhook_server() as received:
        yield received


def harbour(log: AuditLog) -> Environment:
    return Environment(
        id=log.environment_id, name="harbour", primary=parse_origin("https://harbour.example")
    )


def to(log: AuditLog, hook: Received, *, resolved: bool = False) -> None:
    receiver = read_webhook(f"http://127.0.0.1:{hook.port}/", SECRET)
    stream = Stream(receiver=receiver, resolved=resolved)
    set_stream(log.installation, harbour(log), stream, from_beginning=True)


def sealed(log: AuditLog, number: int = 1) -> None:
    for _ in range(number):
        log.record(actor=log.ann)
    seal(log.installation, now=log.clock())


def events_in(hook: Received) -> list[dict[str, Any]]:
    return [event for body in hook.bodies for event in json.loads(body)["events"]]


def numbers_in(hook: Received) -> list[int]:
    return [event["number"] for event in events_in(hook)]


def standing(log: AuditLog) -> Standing:
    found = standing_of(log.installation, harbour(log))
    assert found is not None
    return found


def test_events_arrive_in_order_and_once(log: AuditLog, hook: Received) -> None:
    to(log, hook)
    sealed(log, BATCH + 5)
    assert stream_due(log.installation) == BATCH + 6
    sealed(log)
    assert stream_due(log.installation) == 1
    assert stream_due(log.installation) == 0
    assert numbers_in(hook) == list(range(1, BATCH + 8))
    assert standing(log).behind == 0


def test_people_are_references_unless_the_operator_says_otherwise(
    log: AuditLog, hook: Received
) -> None:
    to(log, hook)
    sealed(log)
    stream_due(log.installation)
    text = b"".join(hook.bodies).decode()
    assert log.ann.hex() in text
    assert "Ann" not in text
    assert ANNS.address not in text
    to(log, hook, resolved=True)
    stream_due(log.installation)
    (last,) = [e for e in events_in(hook) if e.get("actor_name")][-1:]
    assert last["actor_name"] == "Ann Abara"
    assert last["address"] == ANNS.address


def test_only_what_comes_from_now_on_unless_all_is_wanted(log: AuditLog, hook: Received) -> None:
    sealed(log, 3)
    receiver = read_webhook(f"http://127.0.0.1:{hook.port}/", SECRET)
    set_stream(log.installation, harbour(log), Stream(receiver=receiver, resolved=False))
    sealed(log)
    stream_due(log.installation)
    assert numbers_in(hook) == [4, 5]


def test_a_receiver_that_is_away_is_tried_again_and_misses_nothing(
    log: AuditLog, hook: Received
) -> None:
    to(log, hook)
    sealed(log, 3)
    hook.status = 503
    assert stream_due(log.installation) == 0
    assert standing(log).failures == 1
    assert standing(log).why == "it answered 503"
    hook.status = 200
    assert stream_due(log.installation) == 0, "not before it is due"
    log.clock.forward(SECOND)
    assert stream_due(log.installation) == 4
    assert numbers_in(hook) == [1, 2, 3, 4]
    assert standing(log).failures == 0


def test_waits_grow_and_stay_within_five_minutes(log: AuditLog, hook: Received) -> None:
    to(log, hook)
    sealed(log)
    hook.status = 500
    for _ in range(30):
        log.clock.forward(5 * MINUTE)
        stream_due(log.installation)
    assert standing(log).failures == 30


def test_a_process_that_died_after_sending_sends_the_batch_once_more(
    log: AuditLog, hook: Received
) -> None:
    to(log, hook)
    sealed(log, 2)
    now = log.clock()
    claimed = log.database.write(
        lambda c: audit_streams.claim(
            c, log.environment_id, b"dead process....", now=now, until=now + MINUTE
        )
    )
    assert claimed is not None
    # It sent, and was killed before it could note that. Its claim holds for a minute.
    assert stream_due(log.installation) == 0
    log.clock.forward(MINUTE)
    assert stream_due(log.installation) == 3
    stale = log.database.write(
        lambda c: audit_streams.advance(
            c, log.environment_id, b"dead process....", position=99, now=now, until=now
        )
    )
    assert stale is False
    assert numbers_in(hook) == [1, 2, 3]


def test_two_processes_do_not_send_side_by_side(log: AuditLog, hook: Received) -> None:
    to(log, hook)
    sealed(log)
    now = log.clock()

    def claim(name: bytes) -> object:
        return log.database.write(
            lambda c: audit_streams.claim(c, log.environment_id, name, now=now, until=now + MINUTE)
        )

    assert claim(b"first...........") is not None
    assert claim(b"second..........") is None


def test_a_stream_that_somebody_changed_in_the_database_sends_nothing(
    log: AuditLog, hook: Received
) -> None:
    to(log, hook)
    sealed(log)
    log.database.write(lambda c: c.execute(update(table).values(id=b"another id......")))
    assert stream_due(log.installation) == 0
    assert hook.bodies == []
    with pytest.raises(StreamUnusable):
        standing_of(log.installation, harbour(log))


def test_a_rotation_of_keys_seals_it_anew(log: AuditLog, hook: Received) -> None:
    to(log, hook)
    done = keys.rotate(log.installation, now=log.clock())
    assert done.damaged == ()
    sealed(log)
    assert stream_due(log.installation) > 0


def test_syslog_gets_one_message_for_each_event(log: AuditLog) -> None:
    with datagrams() as received:
        stream = Stream(receiver=read_syslog(f"udp://127.0.0.1:{received.port}"), resolved=False)
        set_stream(log.installation, harbour(log), stream, from_beginning=True)
        sealed(log, 2)
        assert stream_due(log.installation) == 3
        lines = [body.decode().split(" - event - ")[1] for body in received.wait_for(3)]
    assert [json.loads(line)["number"] for line in lines] == [1, 2, 3]


def test_a_cleared_stream_sends_nothing_more(log: AuditLog, hook: Received) -> None:
    to(log, hook)
    assert clear_stream(log.installation, harbour(log))
    assert not clear_stream(log.installation, harbour(log))
    sealed(log)
    assert stream_due(log.installation) == 0
    assert standing_of(log.installation, harbour(log)) is None


def test_the_thread_sends_by_itself_and_stops_when_told(log: AuditLog, hook: Received) -> None:
    to(log, hook)
    sealed(log)
    streamer = Streamer(log.installation)
    streamer.start()
    hook.wait_for(1)
    streamer.stop()
    assert numbers_in(hook) == [1, 2]
