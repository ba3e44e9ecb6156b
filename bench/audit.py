"""The audit log with a million events, against the bare arithmetic of its seals.

* bare HMAC-SHA-256 of as many bytes as an event has, per second: no check can be faster;
* the check in the database, the sealed export, and the check of the export, each per second;
* pages of **Audit log** by each filter, in milliseconds.

Usage: python -m bench.audit [--events N]

A SQLite file in a throw-away folder is used, in this process. A bar shows how far each has come.
"""

from __future__ import annotations

import argparse
import hmac
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import insert

from tests.helpers.audit_logs import AuditLog, make_log
from twostep.cli.key import progress_bar
from twostep.core.audit import Event, EventKind, canonical_json, data_as_text
from twostep.core.audit_chain import GENESIS, Intact, chain
from twostep.core.audit_groups import EventGroup, kinds_of
from twostep.core.environments import Environment, Origin
from twostep.core.keys import KeyPurpose
from twostep.crypto.identifiers import new_id
from twostep.flows import audit_exports, audit_lists
from twostep.flows.audit_lists import Filter
from twostep.storage.database import Connection, open_database
from twostep.storage.tables import events, seals
from twostep.storage.upgrades import create_schema

AT_A_TIME = 10_000
ROUNDS = 5
STEP_MS = 250

KINDS = (
    *(EventKind.PASSWORD_ACCEPTED, EventKind.CODE_ACCEPTED, EventKind.SIGN_IN_COMPLETED) * 30,
    *(EventKind.PASSWORD_REFUSED, EventKind.CODE_REFUSED) * 4,
    *(EventKind.TWO_STEP_REMOVED, EventKind.AUTHENTICATOR_SET_UP),
)
"""As a day has them: sign-ins, some that fail, and now and then somebody who sets up."""


def fill(log: AuditLog, count: int) -> None:
    """So many events of some users and one administrator, sealed as the sealer would."""
    key = log.installation.keys.current(KeyPurpose.AUDIT, environment_id=log.environment_id)
    secret, mac, begun = key.secret.reveal(), GENESIS, log.clock()
    people = [log.ann, *(new_id() for _ in range(999))]
    with progress_bar("Filling") as tell:
        for first in range(1, count + 1, AT_A_TIME):
            rows = []
            for number in range(first, min(first + AT_A_TIME, count + 1)):
                event = _event(log, number, people, begun)
                mac = chain(mac, event, key=secret)
                rows.append(_row(event, number, mac, key.version))
            _write(log, rows)
            tell(first, count)


def _event(log: AuditLog, number: int, people: list[bytes], begun: int) -> Event:
    kind = KINDS[number % len(KINDS)]
    person = people[number * 7919 % len(people)]
    actor = log.bob if kind is EventKind.TWO_STEP_REMOVED else person
    data = {"sign_in": f"{number:032x}", "reasons": [{"code": "both_steps_proven"}], "level": "2"}
    return Event(
        id=new_id(),
        environment_id=log.environment_id,
        at=begun + number * STEP_MS,
        kind=kind,
        actor=actor,
        target=person,
        visitor=person,
        data=data,
    )


def _row(event: Event, number: int, mac: bytes, version: int) -> dict[str, object]:
    return {
        "environment_id": event.environment_id,
        "id": event.id,
        "happened_at": event.at,
        "kind": event.kind.value,
        "actor_id": event.actor,
        "target_id": event.target,
        "visitor_id": event.visitor,
        "data": data_as_text(event.data),
        "number": number,
        "mac": mac,
        "key_version": version,
    }


def _write(log: AuditLog, rows: list[dict[str, object]]) -> None:
    last = rows[-1]

    def act(connection: Connection) -> None:
        connection.execute(insert(events), rows)
        seal = {name: last[name] for name in ("environment_id", "number", "mac", "key_version")}
        connection.execute(insert(seals).values(**seal, sealed_at=last["happened_at"]))

    log.database.write(act)


def bare(log: AuditLog) -> float:
    """Seals a second, without reading or spelling anything."""
    event = _event(log, 1, [log.ann], log.clock())
    text, key, count = GENESIS + canonical_json(event), bytes(32), 300_000
    began = time.perf_counter()
    for _ in range(count):
        hmac.digest(key, text, "sha256")
    return count / (time.perf_counter() - began)


def rate(what: str, count: int, bare_rate: float, act: Callable[[], object]) -> None:
    """How fast that is, and against the bare arithmetic."""
    began = time.perf_counter()
    act()
    took = time.perf_counter() - began
    print(f"{what}: {took:.0f} s, {count / took:,.0f} a second, {count / took / bare_rate:.3f} ×")


def pages(log: AuditLog) -> None:
    """The median of a few looks at each page."""
    lately = log.clock() + 100 * STEP_MS
    two_step = kinds_of(EventGroup.TWO_STEP)
    for what, wanted in {
        "everything": Filter(),
        "to one of a thousand users": Filter(target=log.ann),
        "by one administrator": Filter(actor=log.bob),
        "of a rare group": Filter(kinds=two_step),
        "of a common group": Filter(kinds=kinds_of(EventGroup.SIGN_IN)),
        "of kinds that there are none of": Filter(kinds=kinds_of(EventGroup.SERVICE)),
        "by one to another": Filter(actor=log.bob, target=log.ann),
        "by one, of kinds there are none of": Filter(
            actor=log.bob, kinds=kinds_of(EventGroup.SERVICE)
        ),
        "the first minute, of a rare group": Filter(kinds=two_step, to_at=lately),
    }.items():
        took = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            audit_lists.page(log.installation, log.environment_id, wanted)
            took.append((time.perf_counter() - began) * 1000)
        print(f"page, {what}: {statistics.median(took):.1f} ms")


def measure(log: AuditLog, folder: Path, count: int) -> None:
    """All in turn."""
    place = Environment(
        id=log.environment_id, name="harbour", primary=Origin("https", "harbour.example", 443)
    )
    file = folder / "export.jsonl"
    bare_rate = bare(log)
    print(f"bare HMAC-SHA-256: {bare_rate:,.0f} a second")

    def export() -> None:
        with progress_bar("Exporting") as tell, file.open("w") as out:
            out.writelines(audit_exports.export_lines(log.installation, place, progress=tell))

    def check() -> None:
        with file.open() as lines, progress_bar("Checking the export") as tell:
            told: Iterator[str] = (
                line for n, line in enumerate(lines) if n % 1000 or tell(n, count) is None
            )
            header = audit_exports.header_of(told)
            key_of = audit_exports.keys_of(log.installation, place.id)
            assert isinstance(audit_exports.check_export(header, told, key_of=key_of).chain, Intact)

    def check_database() -> None:
        assert isinstance(log.verify().chain, Intact)

    rate("check in the database", count, bare_rate, check_database)
    rate("sealed export", count, bare_rate, export)
    print(f"    {file.stat().st_size / 1e6:,.0f} MB")
    rate("check of the export", count, bare_rate, check)
    pages(log)


def main() -> None:
    """See the module's text."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=1_000_000)
    count = parser.parse_args().events
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/audit.db"
        create_schema(url)
        database = open_database(url)
        log = make_log(database, Path(folder))
        fill(log, count)
        measure(log, Path(folder), count)
        database.close()


if __name__ == "__main__":
    main()
