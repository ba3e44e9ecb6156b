"""A copy of everything that is stored about one person (GDPR, Art. 15 and 20), as JSON.

Nothing about others stands in it: who else acted on them is "somebody else", and of what they did
to others only what and when. Nothing secret does either: a password's hash or an app's key would
open the account to whoever comes by the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from twostep.core.audit import EventKind, data_from_text
from twostep.core.permissions import Permission
from twostep.core.users import User
from twostep.flows import audit
from twostep.flows.administration import MayNot, acting_on
from twostep.flows.contact_rows import opened, rows_of
from twostep.flows.installation import Installation
from twostep.flows.sessions import Person
from twostep.flows.visitors import Browser
from twostep.storage import environments, person_data
from twostep.storage.database import Connection

FORMAT: Final = "twostep person 1"

PIECE: Final = 1_000

LEFT_OUT: Final = (
    "password_hash",
    "authenticator_keys",
    "recovery_codes",
    "tokens",
    "names_of_others",
)
"""What is stored and not given, as the document itself says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonData:
    """The copy. ``text`` is a JSON document with its newline."""

    text: str


def export(
    installation: Installation, person: Person, target_id: bytes, *, browser: Browser
) -> PersonData | MayNot:
    """The copy of another user's data, for whoever may manage users. The log has it."""
    now = installation.clock()

    def act(connection: Connection) -> User | MayNot:
        acting = acting_on(
            connection, installation, person, Permission.MANAGE_USERS, target_id, now=now
        )
        if isinstance(acting, MayNot):
            return acting
        audit.record(
            connection,
            installation,
            EventKind.USER_EXPORTED,
            environment_id=acting.target.environment_id,
            now=now,
            actor=acting.actor.id,
            target=target_id,
            visitor=browser.visitor,
        )
        return acting.target

    found = installation.database.write(act)
    return found if isinstance(found, MayNot) else _data_of(installation, found, now)


def export_by_operator(installation: Installation, user: User) -> PersonData:
    """The same by the operator."""
    now = installation.clock()
    installation.database.write(
        lambda connection: audit.record(
            connection,
            installation,
            EventKind.USER_EXPORTED,
            environment_id=user.environment_id,
            now=now,
            target=user.id,
        )
    )
    return _data_of(installation, user, now)


def _data_of(installation: Installation, user: User, now: int) -> PersonData:
    whose = user.environment_id, user.id

    def look(connection: Connection) -> tuple[str, Mapping[str, Any], Mapping[str, Any]]:
        place = environments.by_id(connection, user.environment_id)
        return (
            place.name if place else "",
            person_data.user_row(connection, *whose) or {},
            person_data.rows_of(connection, *whose),
        )

    name, profile, rows = installation.database.read(look)
    document = {
        "format": FORMAT,
        "made_at": _time(now),
        "environment": name,
        "left_out": LEFT_OUT,
        "user": _readable(profile),
        "addresses": _addresses(installation, user),
        **{table: [_readable(row) for row in found] for table, found in rows.items()},
        "events": _events(installation, user),
    }
    return PersonData(text=f"{json.dumps(document, ensure_ascii=False, indent=2)}\n")


def _addresses(installation: Installation, user: User) -> list[Mapping[str, Any]]:
    return [
        {
            "kind": row.contact.kind.value,
            "address": opened(installation, row),
            "counts": row.contact.counts,
            "entered_by": row.contact.entered_by.value,
            "language": row.language,
            "changed_at": _time(row.contact.changed_at),
            "confirmed_at": _time(row.contact.confirmed_at),
        }
        for row in rows_of(installation, user)
    ]


def _events(installation: Installation, user: User) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    after = b""
    while True:
        page = installation.database.read(
            lambda connection: person_data.events_of(
                connection,
                user.environment_id,
                user.id,
                after=after,  # noqa: B023 - it runs before the next turn
                most=PIECE,
            )
        )
        found += page
        if len(page) < PIECE:
            break
        after = page[-1]["id"]
    found.sort(key=lambda row: (row["happened_at"], row["id"]))
    return [_event(row, user.id) for row in found]


def _event(row: Mapping[str, Any], user_id: bytes) -> Mapping[str, Any]:
    """Of an act on somebody else, what it was and when: its data and its address are theirs."""
    actor, target = row["actor_id"], row["target_id"]
    told: dict[str, Any] = {"at": _time(row["happened_at"]), "what": row["kind"]}
    told["by"] = "the person" if actor == user_id else "somebody else" if actor else "nobody named"
    told["to"] = "somebody else" if target not in {None, user_id} else "the person"
    if target in {None, user_id}:
        told["data"] = data_from_text(row["data"])
    # Where an administrator acted, the address is the administrator's.
    if actor in {None, user_id} and row["content"] is not None:
        content = json.loads(row["content"])
        told |= {name: content[name] for name in ("address", "browser") if name in content}
    return told


def _readable(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        name: _time(value) if name.endswith(("_at", "_until", "_since")) else value
        for name, value in row.items()
    }


def _time(at: int | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at / 1000, UTC).isoformat()
