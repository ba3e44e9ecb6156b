"""``twostep export``: what another installation can use of one environment (MISSION B-8).

What comes out is open: password hashes out of their boxes, authenticator keys, addresses, and the
audit key that sealed the events. Whoever has it can sign in as anybody with a second step, so it is
written sealed with a passphrase unless somebody insists.

What does not travel, because it would be worth nothing elsewhere, or should not be worth anything:
sessions and what devices remember (their tokens carry the mark of this installation), recovery
codes (hashed with a key of the whole installation, which would give something away about all other
environments), whatever was on its way, and mail servers with their passwords.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from twostep.core.audit import EventKind
from twostep.core.environment_exports import FORMAT, VERSION, written
from twostep.core.environment_lines import PROFILE, event_members, hex_of
from twostep.core.environments import Environment
from twostep.core.keys import KeyPurpose
from twostep.core.properties import CATALOGUE, effective
from twostep.crypto.boxes import BoxDamaged, Context
from twostep.crypto.keys import KeyMissing
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.flows.person_contents import parts_of
from twostep.flows.sealing import seal
from twostep.storage import audit_chain, audit_stubs, environment_exports, properties
from twostep.storage import keys as stored_keys
from twostep.storage.database import Connection
from twostep.storage.environment_exports import UserRows

PIECE: Final = 500
"""Users or events read in one transaction."""

Progress = Callable[[int, int], None]


def export_lines(
    installation: Installation,
    environment: Environment,
    *,
    progress: Progress = lambda done, total: None,
) -> Iterator[bytes]:
    """The lines of the export, read piece by piece while people go on working.

    A user who changes something meanwhile is in it as before or as after. The log has an event of
    it before the first line. Raises KeyMissing, DatabaseAway, DatabaseBusy.
    """
    digest, count = hashlib.sha256(), 0
    for line in _lines(installation, environment, progress):
        digest.update(line)
        count += 1
        yield line
    yield written("end", {"lines": count, "sha256": digest.hexdigest()})


def _lines(
    installation: Installation, environment: Environment, progress: Progress
) -> Iterator[bytes]:
    _record(installation, environment)
    seal(installation, now=installation.clock())
    place = environment.id

    def look(connection: Connection) -> tuple[int, int, Mapping[str, str]]:
        stored = properties.of_environment(connection, place)
        return (
            environment_exports.count(connection, place),
            environment_exports.head_number(connection, place),
            {name: effective(stored, name).value for name in CATALOGUE},
        )

    users, newest, holds = installation.database.read(look)
    header = {
        "version": VERSION,
        "environment_id": place.hex(),
        "name": environment.name,
        "origins": [str(origin) for origin in environment.origins],
        "made_at": installation.clock(),
        "users": users,
        "events": newest,
        "effective": holds,
    }
    yield written(FORMAT, header)
    yield from _properties(installation, place)
    yield from _audit_keys(installation, place)
    done = 0
    for line in _users(installation, place):
        done += 1
        progress(done, users + newest)
        yield line
    yield from _people(installation, place)
    # The stub after the people, and right before the events: retention may have moved it.
    for line in _events(installation, place, newest):
        done += 1
        progress(done, max(done, users + newest))
        yield line


def _record(installation: Installation, environment: Environment) -> None:
    installation.database.write(
        lambda connection: audit.record(
            connection,
            installation,
            EventKind.EVERYTHING_EXPORTED,
            environment_id=environment.id,
            now=installation.clock(),
        )
    )


def _properties(installation: Installation, place: bytes) -> Iterator[bytes]:
    rows = installation.database.read(
        lambda connection: environment_exports.properties_of(connection, place)
    )
    for row in rows:
        if row.name not in CATALOGUE:
            continue
        yield written(
            "property",
            {
                "name": row.name,
                "value": row.value,
                "changed_at": row.changed_at,
                "changed_by": hex_of(row.changed_by),
            },
        )


def _audit_keys(installation: Installation, place: bytes) -> Iterator[bytes]:
    rows = installation.database.read(stored_keys.all_of_them)
    for row in rows:
        if row.environment_id == place and row.purpose is KeyPurpose.AUDIT:
            key = installation.keys.at_version(KeyPurpose.AUDIT, row.version, environment_id=place)
            members = {"version": row.version, "key": key.secret.reveal().hex()}
            yield written("audit_key", {**members, "made_at": row.made_at})


def _users(installation: Installation, place: bytes) -> Iterator[bytes]:
    after = b""
    while True:
        page = installation.database.read(
            lambda connection: environment_exports.users_after(
                connection,
                place,
                after,  # noqa: B023 - it runs before the next turn
                most=PIECE,
            )
        )
        for found in page:
            yield written("user", _user(installation, place, found))
        if len(page) < PIECE:
            return
        after = page[-1].user.id


def _user(installation: Installation, place: bytes, found: UserRows) -> Mapping[str, object]:
    user, more = found.user, found.more
    opened = _Boxes(installation, place, user.id)
    profile = {name: getattr(user, name) for name in PROFILE}
    active = [row for row in more["authenticators"] if row.state == "active"]
    return {
        **profile,
        "id": user.id.hex(),
        "password": next(filter(None, map(opened.password, more["passwords"])), None),
        "authenticator": next(filter(None, map(opened.authenticator, active)), None),
        "addresses": [
            address
            for row in more["contacts"]
            if row.state == "counting" and (address := opened.address(row)) is not None
        ],
        "recovery_codes": sum(row.used_at is None for row in more["recovery_codes"]),
        "devices": [_device(row) for row in more["devices"]],
        "grants": [
            {
                "permission": row.permission,
                "granted_by": hex_of(row.granted_by),
                "granted_at": row.granted_at,
            }
            for row in more["grants"]
        ],
    }


class _Boxes:
    """What is sealed of one user. A box that does not open is left out: nobody could sign in with
    it here either.
    """

    def __init__(self, installation: Installation, place: bytes, user_id: bytes) -> None:
        self._keys = installation.keys
        self._ids = {"environment_id": place, "user_id": user_id}

    def password(self, row: Any) -> Mapping[str, object] | None:
        """The PHC string, out of its box."""
        found = self._open(row, Context.of_password(**self._ids, changed_at=row.changed_at))
        return found and {"hash": found.decode(), "changed_at": row.changed_at}

    def authenticator(self, row: Any) -> Mapping[str, object] | None:
        """The key of an app. ``last_step`` goes along: no code of before works there again."""
        found = self._open(row, Context.of_authenticator(**self._ids, authenticator_id=row.id))
        names = ("algorithm", "digits", "period_seconds", "last_step", "made_at", "confirmed_at")
        return found and {
            "id": row.id.hex(),
            "key": found.hex(),
            **{name: getattr(row, name) for name in names},
        }

    def address(self, row: Any) -> Mapping[str, object] | None:
        """An address that counts."""
        found = self._open(row, Context.of_contact(**self._ids, contact_id=row.id))
        names = ("kind", "entered_by", "country", "language", "changed_at", "confirmed_at")
        return found and {
            "id": row.id.hex(),
            "address": found.decode(),
            **{name: getattr(row, name) for name in names},
        }

    def _open(self, row: Any, context: Context) -> Any:
        try:
            box = self._keys.open_box(row.sealed, key_version=row.key_version, context=context)
        except (BoxDamaged, KeyMissing):
            return None
        return box.reveal()


def _device(row: Any) -> Mapping[str, object]:
    names = ("browser", "address", "first_used_at", "last_used_at", "forgotten_at", "way")
    return {"id": row.id.hex(), **{name: getattr(row, name) for name in names}}


def _people(installation: Installation, place: bytes) -> Iterator[bytes]:
    after = b""
    while True:
        page = installation.database.read(
            lambda connection: environment_exports.people_after(
                connection,
                place,
                after,  # noqa: B023 - as above
                most=PIECE,
            )
        )
        for row in page:
            members = {
                "id": row.id.hex(),
                "is_user": "no" if row.user_id is None else "yes",
                "content": parts_of(row.content),
                "erased_at": row.erased_at,
            }
            yield written("person", members)
        if len(page) < PIECE:
            return
        after = page[-1].id


def _events(installation: Installation, place: bytes, newest: int) -> Iterator[bytes]:
    stub = installation.database.read(lambda connection: audit_stubs.newest(connection, place))
    if stub is not None:
        yield written("stub", {"line": stub})
    after = audit_chain.FIRST
    while True:
        page = installation.database.read(
            lambda connection: audit_chain.page(
                connection,
                place,
                after=after,  # noqa: B023 - as above
                most=PIECE,
            )
        )
        for entry in page.entries:
            members = event_members(entry)
            if entry.number <= newest and members is not None:
                yield written("event", members)
        if page.next is None or page.entries[-1].number >= newest:
            return
        after = page.next
