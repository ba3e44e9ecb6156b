"""What is queued to be sent, opened: what the people it is for would read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from twostep.core.messages import MessageKind
from twostep.crypto.boxes import Context
from twostep.flows.installation import Installation


@dataclass(frozen=True)
class Letter:
    """A message that waits."""

    kind: MessageKind
    to: str
    language: str
    data: dict[str, Any]


def letters(installation: Installation, kind: MessageKind | None = None) -> list[Letter]:
    """All that wait, of one kind or of every, the oldest first."""

    # As text: what the pages' own statements look like is watched elsewhere.
    waiting = installation.database.read(
        lambda connection: connection.exec_driver_sql(
            "select environment_id, id, user_id, kind, sealed, key_version from messages"
            " where sealed is not null order by made_at"
        ).all()
    )
    found = [_opened(installation, row) for row in waiting]
    return [letter for letter in found if kind in (None, letter.kind)]


def last_code(installation: Installation, kind: MessageKind = MessageKind.CONFIRM_ADDRESS) -> str:
    """The code of the newest message that confirms an address, or of that kind."""
    return str(letters(installation, kind)[-1].data["code"])


def another_code(code: str) -> str:
    """One that is wrong."""
    return str(999_999 - int(code)).zfill(6)


def _opened(installation: Installation, row: Any) -> Letter:
    context = Context.of_message(
        environment_id=bytes(row.environment_id),
        user_id=bytes(row.user_id),
        message_id=bytes(row.id),
    )
    box = installation.keys.open_box(
        bytes(row.sealed), key_version=row.key_version, context=context
    )
    parts = json.loads(box.reveal())
    return Letter(MessageKind(row.kind), parts["to"], parts["language"], parts["data"])
