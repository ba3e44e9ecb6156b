"""The audit log: what an event is, and the one form in which it is sealed.

Promise: every act leaves one event, written in the act's own transaction, and an event says who
did what to whom without saying who they are. ``actor``, ``target`` and ``visitor`` are references
to rows of ``people``, which can be erased while the chain over the events stays whole; ``data``
holds codes, numbers and ids, never a name, an address or a secret (SECURITY §5.7, §5.8).

How events are chained, and how tampering is found, stands in ``core.audit_chain``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class EventKind(StrEnum):
    """What happened, as ``source:subject:action``. A kind, once released, keeps its meaning."""

    # Signing in. The reasons of the decision are in the data.
    PASSWORD_ACCEPTED = "sign_in:password:accepted"
    PASSWORD_REFUSED = "sign_in:password:refused"
    PASSWORD_SUSPECT = "sign_in:password:suspect"
    CODE_SENT = "sign_in:code:sent"
    CODE_ACCEPTED = "sign_in:code:accepted"
    CODE_REFUSED = "sign_in:code:refused"
    CODE_ALREADY_USED = "sign_in:code:already_used"
    CODE_CLOCK_OFF = "sign_in:code:clock_off"
    RECOVERY_CODE_USED = "sign_in:recovery_code:used"
    RECOVERY_CODE_REFUSED = "sign_in:recovery_code:refused"
    HELP_DESK_CODE_USED = "sign_in:help_desk_code:used"
    HELP_DESK_CODE_REFUSED = "sign_in:help_desk_code:refused"
    LOCKOUT_BEGUN = "sign_in:lockout:begun"
    PENDING_USER_MISMATCH = "sign_in:pending:user_mismatch"
    SIGN_IN_COMPLETED = "sign_in:sign_in:completed"
    SIGN_IN_REFUSED = "sign_in:sign_in:refused"
    SIGN_IN_CANCELLED = "sign_in:sign_in:cancelled"
    SIGN_IN_DROPPED = "sign_in:sign_in:dropped"
    SIGN_IN_EXPIRED = "sign_in:sign_in:expired"
    SIGN_IN_FROM_SESSION = "sign_in:sign_in:from_session"
    DEVICE_OLD_TOKEN = "sign_in:device:old_token"
    SESSION_STARTED = "sign_in:session:started"

    # A person's own account.
    SESSION_ENDED = "account:session:ended"
    DEVICE_FORGOTTEN = "account:device:forgotten"
    STAY_SIGNED_IN_SET = "account:stay_signed_in:set"
    SIGNED_OUT = "account:session:signed_out"
    PASSWORD_SET = "account:password:set"
    PASSWORD_CHANGED = "account:password:changed"
    PASSWORD_CHANGE_REFUSED = "account:password:change_refused"
    AUTHENTICATOR_OFFERED = "account:authenticator:offered"
    AUTHENTICATOR_SET_UP = "account:authenticator:set_up"
    AUTHENTICATOR_SET_UP_REFUSED = "account:authenticator:set_up_refused"
    AUTHENTICATOR_REPLACED = "account:authenticator:replaced"
    AUTHENTICATOR_REMOVED = "account:authenticator:removed"
    CODES_TURNED_ON = "account:codes:turned_on"
    CODES_TURNED_OFF = "account:codes:turned_off"
    RECOVERY_CODES_MADE = "account:recovery_codes:made"
    ADDRESS_CHANGE_BEGUN = "account:address:change_begun"
    ADDRESS_CODE_REFUSED = "account:address:code_refused"
    ADDRESS_CONFIRMED = "account:address:confirmed"
    ADDRESS_REMOVED = "account:address:removed"
    INVITATION_ACCEPTED = "account:invitation:accepted"
    PASSWORD_RESET_ASKED = "account:password_reset:asked"
    PASSWORD_RESET = "account:password:reset"

    # What somebody with a permission, or the operator, does.
    USER_ADDED = "admin:user:added"
    USER_UNLOCKED = "admin:user:unlocked"
    USER_DISABLED = "admin:user:disabled"
    USER_ENABLED = "admin:user:enabled"
    USER_INVITED = "admin:user:invited"
    USER_EDITED = "admin:user:edited"
    USERS_IMPORTED = "admin:users:imported"
    USERS_DOWNLOADED = "admin:users:downloaded"
    USER_EXPORTED = "admin:user:exported"
    USER_ERASED = "admin:user:erased"
    SESSIONS_ENDED_FOR_USER = "admin:sessions:ended"
    DEVICES_FORGOTTEN_FOR_USER = "admin:devices:forgotten"
    PASSWORD_RESET_SENT = "admin:password_reset:sent"
    TWO_STEP_REMOVED = "admin:two_step:removed"
    TWO_STEP_PAUSED = "admin:two_step:paused"
    TWO_STEP_PAUSE_ENDED = "admin:two_step:pause_ended"
    HELP_DESK_CODE_MADE = "admin:help_desk_code:made"
    HELP_DESK_CODE_WITHDRAWN = "admin:help_desk_code:withdrawn"
    CALLER_CHECK_SENT = "admin:caller_check:sent"
    CALLER_CHECKED = "admin:caller_check:passed"
    CALLER_CHECK_FAILED = "admin:caller_check:failed"
    ADDRESS_SET_FOR_USER = "admin:address:set"
    ADDRESS_REMOVED_FOR_USER = "admin:address:removed"
    TEST_MESSAGE_ASKED = "admin:test_message:asked"
    PERMISSION_GRANTED = "admin:permission:granted"
    PERMISSION_REVOKED = "admin:permission:revoked"
    PROPERTY_CHANGED = "admin:property:changed"
    AUDIT_EXPORTED = "admin:audit:exported"
    REPORT_DOWNLOADED = "admin:report:downloaded"
    ADDRESS_READINESS_DOWNLOADED = "admin:address_readiness:downloaded"
    FIRST_ADMINISTRATOR_INVITED = "operator:first_administrator:invited"
    FIRST_ADMINISTRATOR_MADE = "operator:first_administrator:made"
    ENVIRONMENT_ADDED = "operator:environment:added"
    DELIVERY_CHANGED = "operator:environment:delivery_changed"
    AUDIT_STREAM_CHANGED = "operator:audit:stream_changed"
    LOOK_CHANGED = "operator:environment:look_changed"
    KEYS_ROTATED = "operator:keys:rotated"
    DATABASE_UPGRADED = "operator:database:upgraded"
    DATABASE_RESTORED = "operator:database:restored"
    BREAK_GLASS_MADE = "operator:break_glass:made"
    BREAK_GLASS_USED = "operator:break_glass:used"
    EVERYTHING_EXPORTED = "operator:everything:exported"
    EVERYTHING_IMPORTED = "operator:everything:imported"

    # The service about itself.
    MESSAGE_SETTLED = "service:message:settled"
    CHECKPOINT_WRITTEN = "service:audit:checkpoint_written"
    AUDIT_BROKEN = "service:audit:broken"
    AUDIT_TRIMMED = "service:audit:trimmed"
    CLOCK_ALARM = "service:clock:alarm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Where a request came from: personal, so it is kept in ``people`` and never in an event.

    ``address`` is an IP address as text, ``browser`` what the browser says of itself.
    """

    address: str
    browser: str


NEVER_IN_DATA: Final = frozenset(
    {
        *("address", "browser", "code", "cookie", "email", "ip", "key", "password", "phone"),
        *("secret", "token", "user_agent", "user_name"),
    }
)
"""Names of data that would put a person or a secret into a log that nobody can erase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One row of the audit log. ``at`` is in milliseconds.

    ``data`` may hold text, whole numbers, booleans, None, and lists and dicts of them: what
    JSON gives back exactly as it was. Making an event raises TypeError for anything else
    (a float has no one spelling), and ValueError for a name of ``NEVER_IN_DATA`` or text that
    is not Unicode. A failing event stops its act, as it should.
    """

    id: bytes
    environment_id: bytes
    at: int
    kind: EventKind
    actor: bytes | None = None
    target: bytes | None = None
    visitor: bytes | None = None
    data: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise as the class says."""
        forbidden = NEVER_IN_DATA.intersection(self.data)
        if forbidden:
            raise ValueError(f"personal or secret data in an event: {', '.join(sorted(forbidden))}")
        _check_plain(self.data)


def _check_plain(value: object) -> None:
    if isinstance(value, str):
        value.encode("utf-8")
    elif isinstance(value, dict):
        for name, part in value.items():
            if not isinstance(name, str):
                raise TypeError("names in an event's data are text")
            _check_plain(name)
            _check_plain(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _check_plain(part)
    elif not (value is None or isinstance(value, int)):
        raise TypeError(f"an event's data cannot hold {type(value).__name__}")


def canonical_json(event: Event) -> bytes:
    """Return the one spelling of ``event`` that is sealed, and that other programs can make again.

    UTF-8 JSON, no blanks, members sorted by name (by code points) at every depth, characters
    outside ASCII as themselves, ids and references in lower-case hexadecimal or ``null``.
    The members are ``actor at data environment id kind target visitor``. The number of the event
    is not among them: its place in the chain is its number.
    """
    return _json(
        {
            "actor": _hex(event.actor),
            "at": event.at,
            "data": event.data,
            "environment": event.environment_id.hex(),
            "id": event.id.hex(),
            "kind": event.kind,
            "target": _hex(event.target),
            "visitor": _hex(event.visitor),
        }
    )


def data_as_text(data: Mapping[str, object]) -> str:
    """Return ``data`` in the same spelling, as the text that the storage keeps."""
    return _json(data).decode("utf-8")


def data_from_text(text: str) -> dict[str, object]:
    """Return what ``data_as_text`` made into ``text``. Raises ValueError for any other spelling.

    So a stored text has one meaning: blanks put in, or a member written twice, do not read.
    """
    data = json.loads(text)
    if not isinstance(data, dict) or data_as_text(data) != text:
        raise ValueError("not the data of an event")
    return data


_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)


def _json(value: Mapping[str, object]) -> bytes:
    return _ENCODER.encode(value).encode("utf-8")


def _hex(reference: bytes | None) -> str | None:
    return None if reference is None else reference.hex()
