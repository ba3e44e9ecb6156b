"""What each line of an export holds, and within which bounds (see ``environment_exports``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from twostep.core.audit import Event, EventKind
from twostep.core.audit_chain import SealedEvent
from twostep.core.authenticators import Algorithm
from twostep.core.contacts import ContactKind, EnteredBy
from twostep.core.environment_exports import (
    FORMAT,
    GENERATION,
    ID,
    LATEST,
    TIME,
    VERSION,
    Check,
    WrongLine,
    hexadecimal,
    nested,
    number,
    one_of,
    optional,
    record,
    several,
    text,
)
from twostep.core.environments import LONGEST_NAME as LONGEST_ENVIRONMENT
from twostep.core.permissions import Permission
from twostep.core.users import LONGEST_FULL_NAME, LONGEST_NAME
from twostep.core.ways import Way

MOST_DEVICES: Final = 5_000


def _origins(value: Any) -> list[str]:
    check = text(300, shortest=8)
    if not isinstance(value, list) or not 1 <= len(value) <= 100:
        raise WrongLine("no list of addresses")
    return [check(each) for each in value]


def _texts(value: Any) -> dict[str, str]:
    check = text(10_000)
    if not isinstance(value, dict) or len(value) > 200:
        raise WrongLine("no object of texts")
    return {check(name): check(each) for name, each in value.items()}


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WrongLine("no object")
    return value


HEADER: Final[Mapping[str, Check]] = {
    "version": number(VERSION, VERSION),
    "environment_id": ID,
    "name": text(LONGEST_ENVIRONMENT, shortest=1),
    "origins": _origins,
    "made_at": TIME,
    "users": number(0, 2**40),
    "events": number(0, 2**60),
    "effective": _texts,
}
"""``effective``: which properties held where it was made, for whoever compares."""

PROPERTY: Final[Mapping[str, Check]] = {
    "name": text(100, shortest=1),
    "value": text(10_000),
    "changed_at": TIME,
    "changed_by": optional(ID),
}

AUDIT_KEY: Final[Mapping[str, Check]] = {
    "version": number(1, 2**31 - 1),
    "key": hexadecimal(32, 32),
    "made_at": TIME,
}

STUB: Final[Mapping[str, Check]] = {"line": text(500, shortest=1)}

_PASSWORD: Final[Mapping[str, Check]] = {"hash": text(500, shortest=1), "changed_at": TIME}

_AUTHENTICATOR: Final[Mapping[str, Check]] = {
    "id": ID,
    "algorithm": one_of(frozenset(Algorithm)),
    "digits": number(6, 8),
    "period_seconds": number(15, 120),
    # RFC 4226 section 4, R6: 128 bits at least. Apps take what fits into an address.
    "key": hexadecimal(10, 64),
    "last_step": number(0, 2**62),
    "made_at": TIME,
    "confirmed_at": optional(TIME),
}

_ADDRESS: Final[Mapping[str, Check]] = {
    "id": ID,
    "kind": one_of(frozenset(ContactKind)),
    "entered_by": one_of(frozenset(EnteredBy)),
    "address": text(320, shortest=3),
    "country": optional(text(2, shortest=2)),
    "language": text(35, shortest=2),
    "changed_at": TIME,
    "confirmed_at": optional(TIME),
}

_DEVICE: Final[Mapping[str, Check]] = {
    "id": ID,
    "browser": text(500),
    "address": text(45),
    "first_used_at": TIME,
    "last_used_at": TIME,
    "forgotten_at": optional(TIME),
    "way": optional(one_of(frozenset(Way))),
}

_GRANT: Final[Mapping[str, Check]] = {
    "permission": one_of(frozenset(Permission)),
    "granted_by": optional(ID),
    "granted_at": TIME,
}

PROFILE: Final[Mapping[str, Check]] = {
    "id": ID,
    "name": text(LONGEST_NAME, shortest=1),
    "full_name": text(LONGEST_FULL_NAME),
    "made_at": TIME,
    "disabled_at": optional(TIME),
    "password_generation": GENERATION,
    "second_step_generation": GENERATION,
    "password_suspect_at": optional(TIME),
    "codes_wanted_at": optional(TIME),
    "stays_since": optional(TIME),
    "two_step_paused_at": optional(TIME),
    "two_step_paused_until": optional(TIME),
    "set_up_code_asked_at": optional(TIME),
    "last_sign_in_at": optional(TIME),
}
"""The columns of ``users`` that travel."""

USER: Final[Mapping[str, Check]] = {
    **PROFILE,
    "password": optional(nested(_PASSWORD)),
    "authenticator": optional(nested(_AUTHENTICATOR)),
    "addresses": several(_ADDRESS, most=len(ContactKind)),
    "recovery_codes": number(0, 100),
    "devices": several(_DEVICE, most=MOST_DEVICES),
    "grants": several(_GRANT, most=len(Permission)),
}
"""``recovery_codes``: how many could still be used where it was made. They do not travel."""

PERSON: Final[Mapping[str, Check]] = {
    "id": ID,
    "is_user": one_of(frozenset({"yes", "no"})),
    "content": optional(_texts),
    "erased_at": optional(TIME),
}

EVENT: Final[Mapping[str, Check]] = {
    "number": number(1, 2**62),
    "mac": hexadecimal(32, 32),
    "key_version": number(1, 2**31 - 1),
    "id": ID,
    "at": number(-LATEST, LATEST),
    "kind": one_of(frozenset(EventKind)),
    "actor": optional(ID),
    "target": optional(ID),
    "visitor": optional(ID),
    "data": _object,
}

END: Final[Mapping[str, Check]] = {"lines": number(0, 2**60), "sha256": hexadecimal(32, 32)}


def header(kind: str, members: Mapping[str, Any]) -> dict[str, Any]:
    """What the first line says. Raises WrongLine."""
    if kind != FORMAT:
        raise WrongLine("the file is no export of Twostep's")
    if members.get("version") != VERSION:
        raise WrongLine("the export is of another version of Twostep")
    return record(members, HEADER)


def event_members(entry: SealedEvent) -> dict[str, object] | None:
    """A sealed event as a line holds it; None where the stored row cannot be read as one."""
    event = entry.event
    if event is None:
        return None
    return {
        "number": entry.number,
        "mac": entry.mac.hex(),
        "key_version": entry.key_version,
        "id": event.id.hex(),
        "at": event.at,
        "kind": event.kind.value,
        "actor": hex_of(event.actor),
        "target": hex_of(event.target),
        "visitor": hex_of(event.visitor),
        "data": dict(event.data),
    }


def sealed_event(members: Mapping[str, Any], environment_id: bytes) -> SealedEvent:
    """The event of a line. Raises WrongLine."""
    found = record(members, EVENT)
    try:
        event = Event(
            id=found["id"],
            environment_id=environment_id,
            at=found["at"],
            kind=EventKind(found["kind"]),
            actor=found["actor"],
            target=found["target"],
            visitor=found["visitor"],
            data=found["data"],
        )
    except (TypeError, ValueError):
        raise WrongLine("data that no event holds") from None
    return SealedEvent(
        number=found["number"],
        event=event,
        mac=found["mac"],
        key_version=found["key_version"],
    )


def hex_of(value: bytes | None) -> str | None:
    """An id or bytes as a line holds them."""
    return None if value is None else value.hex()
