"""What a report of failure changes: the message that came back, and the address that is none.

Nothing in a report is believed but this: it came to an address that we made for one message, and
nobody else can make (``flows/return_addresses.py``).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from twostep.core.audit import EventKind
from twostep.core.messages import MessageState
from twostep.delivery.reports import Action, Report
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.flows.return_addresses import message_of
from twostep.storage import bounces, reach
from twostep.storage.database import Connection

ADDRESS_IS_NONE: Final = "5.1."
"""RFC 3463 section 3.2: what a status begins with that is about the address, and for good. A full
mailbox is another matter."""


class Taken(StrEnum):
    """What became of a report."""

    BOUNCED = "bounced"
    LATE = "late"
    """The mail server still tries. That is noted, and the message stays *accepted*."""
    NOT_OURS = "not_ours"
    """It is about no message of ours, or about one that is known to have come back, or of which no
    mail server has accepted anything. Nothing was changed."""


def take_report(installation: Installation, report: Report) -> Taken:
    """Write down what the report says of the message that it is about."""
    ids = {message_of(installation, recipient) for recipient in report.recipients} - {None}
    if len(ids) != 1:
        return Taken.NOT_OURS
    (message_id,) = ids
    assert message_id is not None
    now, came_back = installation.clock(), report.action is Action.FAILED

    def act(connection: Connection) -> Taken:
        message = bounces.note(connection, message_id, report.words, came_back=came_back, now=now)
        if message is None:
            return Taken.NOT_OURS
        if not came_back:
            return Taken.LATE
        if report.status.startswith(ADDRESS_IS_NONE):
            place = message.environment_id
            reach.note_result(connection, place, message_id, MessageState.BOUNCED)
        audit.record(
            connection,
            installation,
            EventKind.MESSAGE_SETTLED,
            environment_id=message.environment_id,
            now=now,
            target=message.user_id,
            message=message_id.hex(),
            kind_of_message=message.kind.value,
            route=message.route.value,
            result=MessageState.BOUNCED.value,
            why="",
            tries=message.attempts,
        )
        return Taken.BOUNCED

    return installation.database.write(act)
