"""Sessions, in SQL. :func:`add` has one caller, the one mint; a house test holds that."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from twostep.core.generations import Generations
from twostep.core.reasons import from_json
from twostep.core.sessions import Level, Session
from twostep.storage.tables import revocations, sessions

# These run in every sign-in or request, so they are built once.
_BY_TOKEN = select(sessions).where(
    sessions.c.environment_id == bindparam("environment"),
    sessions.c.token_hash == bindparam("token"),
)
_OLDER_LIVE = (
    select(sessions.c.id)
    .where(
        sessions.c.environment_id == bindparam("environment"),
        sessions.c.user_id == bindparam("user"),
        sessions.c.ended_at.is_(None),
    )
    .order_by(sessions.c.started_at.desc())
    .limit(1000)
    .offset(bindparam("keep"))
)


def add(connection: Connection, session: Session, *, token_hash: bytes) -> None:
    """Write a new session."""
    connection.execute(
        insert(sessions),
        {
            "environment_id": session.environment_id,
            "id": session.id,
            "user_id": session.user_id,
            "sign_in_id": session.sign_in_id,
            "device_id": session.device_id,
            "token_hash": token_hash,
            "level": session.level.value,
            "reasons": json.dumps([reason.as_json() for reason in session.reasons]),
            "browser": session.browser,
            "address": session.address,
            "started_at": session.started_at,
            "lasts_until": session.lasts_until,
            "ends_at": session.ends_at,
            "help_desk_code_id": session.help_desk_code_id,
            "last_used_at": session.last_used_at,
            "installation_generation": session.generations.installation,
            "password_generation": session.generations.password,
            "second_step_generation": session.generations.second_step,
        },
    )


def by_token(connection: Connection, environment_id: bytes, token_hash: bytes) -> Session | None:
    """The session of that token in that environment, ended or not, or None."""
    row = connection.execute(
        _BY_TOKEN, {"environment": environment_id, "token": token_hash}
    ).first()
    return None if row is None else _session(row)


def end_oldest(
    connection: Connection, environment_id: bytes, user_id: bytes, *, keep: int, now: int
) -> Sequence[bytes]:
    """End the live sessions of a user but for the ``keep`` newest; the ids of those that ended."""
    ids = connection.execute(
        _OLDER_LIVE, {"environment": environment_id, "user": user_id, "keep": keep}
    ).scalars()
    return [
        id_
        for id_ in ids.all()
        if end(connection, environment_id, id_, ended_by="too_many", now=now)
    ]


def locked(connection: Connection, environment_id: bytes, session_id: bytes) -> Session | None:
    """The session while it was not ended, its row locked until the transaction ends; None where it
    was.
    """
    row = connection.execute(
        select(sessions)
        .where(
            sessions.c.environment_id == environment_id,
            sessions.c.id == session_id,
            sessions.c.ended_at.is_(None),
        )
        .with_for_update()
    ).first()
    return None if row is None else _session(row)


def live_of_user(
    connection: Connection, environment_id: bytes, user_id: bytes, *, begun_after: int
) -> Sequence[Session]:
    """The sessions of a user that were not ended and began after that time, the newest first."""
    rows = connection.execute(
        select(sessions)
        .where(
            sessions.c.environment_id == environment_id,
            sessions.c.user_id == user_id,
            sessions.c.ended_at.is_(None),
            sessions.c.started_at > begun_after,
        )
        .order_by(sessions.c.started_at.desc())
    ).all()
    return [_session(row) for row in rows]


def end(
    connection: Connection, environment_id: bytes, session_id: bytes, *, ended_by: str, now: int
) -> bool:
    """End one session; False where it was over before. Others hear of it by ``revocations``."""
    changed = connection.execute(
        update(sessions)
        .where(
            sessions.c.environment_id == environment_id,
            sessions.c.id == session_id,
            sessions.c.ended_at.is_(None),
        )
        .values(ended_at=now, ended_by=ended_by)
        .returning(sessions.c.id)
    ).first()
    if changed is not None:
        connection.execute(
            insert(revocations).values(
                environment_id=environment_id, session_id=session_id, revoked_at=now
            )
        )
    return changed is not None


def end_lasting(connection: Connection, environment_id: bytes, *, ended_by: str, now: int) -> int:
    """End the live sessions of an environment whose cookies were made to outlast the browser; how
    many ended. In two statements: there may be one for each user.
    """
    ended = connection.execute(
        update(sessions)
        .where(
            sessions.c.environment_id == environment_id,
            sessions.c.lasts_until.is_not(None),
            sessions.c.ended_at.is_(None),
        )
        .values(ended_at=now, ended_by=ended_by)
        .returning(sessions.c.id)
    ).scalars().all()  # fmt: skip
    if ended:
        connection.execute(
            insert(revocations),
            [
                {"environment_id": environment_id, "session_id": id_, "revoked_at": now}
                for id_ in ended
            ],
        )
    return len(ended)


def make_lasting(
    connection: Connection, environment_id: bytes, session_id: bytes, *, until: int | None
) -> None:
    """Write down until when the cookie of a live session is to last; None: as long as the browser
    is open.
    """
    connection.execute(
        update(sessions)
        .where(sessions.c.environment_id == environment_id, sessions.c.id == session_id)
        .values(lasts_until=until)
    )


def move_end(
    connection: Connection, environment_id: bytes, user_id: bytes, *, was: int, to: int
) -> None:
    """Let the live sessions of a user that a pause of the second step opened, and that were to end
    with it, end with another one (ms).
    """
    connection.execute(
        update(sessions)
        .where(
            sessions.c.environment_id == environment_id,
            sessions.c.user_id == user_id,
            sessions.c.ends_at == was,
            sessions.c.help_desk_code_id.is_(None),
            sessions.c.ended_at.is_(None),
        )
        .values(ends_at=to)
    )


def carry_over(
    connection: Connection, environment_id: bytes, session_id: bytes, *, today: Generations
) -> None:
    """The person changed a credential in this very session: it goes on, under today's numbers."""
    connection.execute(
        update(sessions)
        .where(sessions.c.environment_id == environment_id, sessions.c.id == session_id)
        .values(
            installation_generation=today.installation,
            password_generation=today.password,
            second_step_generation=today.second_step,
        )
    )


def used(
    connection: Connection, environment_id: bytes, session_id: bytes, *, now: int, step: int
) -> None:
    """Write that the session was used, where the last writing is older than ``step`` milliseconds.

    A clock that was set back must not leave the last use in the future, so that is mended as well.
    """
    connection.execute(
        update(sessions)
        .where(
            sessions.c.environment_id == environment_id,
            sessions.c.id == session_id,
            sessions.c.ended_at.is_(None),
            or_(sessions.c.last_used_at <= now - step, sessions.c.last_used_at > now),
        )
        .values(last_used_at=now)
    )


def _session(row: Row[tuple[object, ...]]) -> Session:
    return Session(
        id=row.id,
        environment_id=row.environment_id,
        user_id=row.user_id,
        sign_in_id=row.sign_in_id,
        device_id=row.device_id,
        level=Level(row.level),
        reasons=tuple(from_json(stored) for stored in json.loads(row.reasons)),
        browser=row.browser,
        address=row.address,
        started_at=row.started_at,
        last_used_at=row.last_used_at,
        ended_at=row.ended_at,
        lasts_until=row.lasts_until,
        ends_at=row.ends_at,
        help_desk_code_id=row.help_desk_code_id,
        generations=Generations(
            installation=row.installation_generation,
            password=row.password_generation,
            second_step=row.second_step_generation,
        ),
    )
