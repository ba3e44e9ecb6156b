"""Messages that came back, in SQL."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from twostep.core.messages import MessageKind, MessageState, Route, Try
from twostep.storage.database import Connection
from twostep.storage.messages import Tried, read_history, written
from twostep.storage.tables import environments, messages
from twostep.storage.users import locked


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """The message that a report is about."""

    environment_id: bytes
    id: bytes
    user_id: bytes
    kind: MessageKind
    route: Route
    attempts: int


def note(
    connection: Connection, message_id: bytes, words: str, *, came_back: bool, now: int
) -> Returned | None:
    """Write down what a report says of a message that a mail server had accepted: that it came
    back, or (``came_back`` False) only that it is late. None where no such message is there, or it
    has come back already.

    The UPDATE says its condition again, for two reports at once.
    """
    accepted = (
        # All of them: a report comes to the installation. An id is random over them all.
        messages.c.environment_id.in_(select(environments.c.id)),
        messages.c.id == message_id,
        messages.c.state == MessageState.ACCEPTED.value,
    )
    row = connection.execute(select(messages).where(*accepted)).first()
    if row is None:
        return None
    # Before the message: whoever erases the user takes the two in this order.
    locked(connection, row.environment_id, row.user_id)
    how = Try.BOUNCED if came_back else Try.DELAYED
    history = (*read_history(row.history), Tried(at=now, ended=how, words=words))
    values = {"words": words, "history": written(history)}
    if came_back:
        values |= {"state": MessageState.BOUNCED.value}
    changed = connection.execute(
        update(messages).where(*accepted).values(**values).returning(messages.c.id)
    ).first()
    if changed is None:
        return None
    return Returned(
        environment_id=row.environment_id,
        id=row.id,
        user_id=row.user_id,
        kind=MessageKind(row.kind),
        route=Route(row.route),
        attempts=row.attempts,
    )
