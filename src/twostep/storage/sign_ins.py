"""Sign-ins and their proofs, in SQL. Which step comes next is not stored: it is derived from these
facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from twostep.core.generations import Generations
from twostep.core.situations import Proof, ProofKind
from twostep.core.ways import Way
from twostep.storage.tables import proofs, sign_ins


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A sign-in as it is stored. ``state``: pending, completed, cancelled or dropped.

    ``session_id``: the live session in whose place it stands, because more became required.
    """

    id: bytes
    environment_id: bytes
    user_id: bytes
    state: str
    token_hash: bytes | None
    browser_id: bytes
    going_to: str | None
    device_id: bytes | None
    device_is_good: bool
    wants_remembering: bool
    started_at: int
    waits_until: int
    extensions: int
    begun: Generations
    session_id: bytes | None = None
    way: Way | None = None


# These run in every sign-in, so they are built once: building one costs as much as running it.
_PENDING = sign_ins.c.state == "pending"
_THIS = (sign_ins.c.environment_id == bindparam("environment")) & (
    sign_ins.c.id == bindparam("sign_in")
)
_INSERT = insert(sign_ins)
_INSERT_PROOF = insert(proofs)
_BY_ID = select(sign_ins).where(_THIS)
_LOCKED = select(sign_ins).where(_THIS, _PENDING).with_for_update()
_PENDING_BY_TOKEN = select(sign_ins).where(
    sign_ins.c.environment_id == bindparam("environment"),
    sign_ins.c.token_hash == bindparam("token"),
    _PENDING,
)
_PROOFS = (
    select(proofs.c.kind, proofs.c.credential_id, proofs.c.shown_at)
    .where(
        proofs.c.environment_id == bindparam("environment"),
        proofs.c.sign_in_id == bindparam("sign_in"),
    )
    .order_by(proofs.c.shown_at)
)
_END = (
    update(sign_ins)
    .where(_THIS, _PENDING)
    .values(state=bindparam("new_state"), ended_at=bindparam("now"), token_hash=None)
    .returning(sign_ins.c.id)
)
_OLDER_PENDING = (
    select(sign_ins.c.id)
    .where(
        sign_ins.c.environment_id == bindparam("environment"),
        sign_ins.c.user_id == bindparam("user"),
        _PENDING,
    )
    .order_by(sign_ins.c.started_at.desc())
    .limit(100)
    .offset(bindparam("keep"))
)


def add(connection: Connection, sign_in: SignIn) -> None:
    """Write a new sign-in."""
    connection.execute(
        _INSERT,
        {
            "environment_id": sign_in.environment_id,
            "id": sign_in.id,
            "user_id": sign_in.user_id,
            "state": sign_in.state,
            "token_hash": sign_in.token_hash,
            "browser_id": sign_in.browser_id,
            "going_to": sign_in.going_to,
            "device_id": sign_in.device_id,
            "device_is_good": sign_in.device_is_good,
            "wants_remembering": sign_in.wants_remembering,
            "session_id": sign_in.session_id,
            "way": sign_in.way,
            "started_at": sign_in.started_at,
            "waits_until": sign_in.waits_until,
            "extensions": sign_in.extensions,
            "installation_generation": sign_in.begun.installation,
            "password_generation": sign_in.begun.password,
            "second_step_generation": sign_in.begun.second_step,
        },
    )


def add_proof(
    connection: Connection, environment_id: bytes, sign_in_id: bytes, id_: bytes, proof: Proof
) -> None:
    """Write a proof. Proofs are never changed."""
    connection.execute(
        _INSERT_PROOF,
        {
            "environment_id": environment_id,
            "id": id_,
            "sign_in_id": sign_in_id,
            "kind": proof.kind.value,
            "credential_id": proof.credential_id,
            "shown_at": proof.shown_at,
        },
    )


def pending_by_token(
    connection: Connection, environment_id: bytes, token_hash: bytes
) -> SignIn | None:
    """The pending sign-in of that token in that environment, or None."""
    row = connection.execute(
        _PENDING_BY_TOKEN, {"environment": environment_id, "token": token_hash}
    ).first()
    return None if row is None else _sign_in(row)


def by_id(connection: Connection, environment_id: bytes, id_: bytes) -> SignIn | None:
    """The sign-in of that id, whatever became of it."""
    row = connection.execute(_BY_ID, {"environment": environment_id, "sign_in": id_}).first()
    return None if row is None else _sign_in(row)


def locked(connection: Connection, environment_id: bytes, id_: bytes) -> SignIn | None:
    """The sign-in while it is pending, its row locked until the transaction ends; None where it is
    over.
    """
    row = connection.execute(_LOCKED, {"environment": environment_id, "sign_in": id_}).first()
    return None if row is None else _sign_in(row)


def proofs_of(
    connection: Connection, environment_id: bytes, sign_in_id: bytes
) -> tuple[Proof, ...]:
    """What was shown in that sign-in, in order."""
    rows = connection.execute(_PROOFS, {"environment": environment_id, "sign_in": sign_in_id}).all()
    return tuple(
        Proof(kind=ProofKind(row.kind), shown_at=row.shown_at, credential_id=row.credential_id)
        for row in rows
    )


def end(
    connection: Connection, environment_id: bytes, sign_in_id: bytes, *, state: str, now: int
) -> bool:
    """End a pending sign-in; False where it is not pending.

    The condition closes the race of a form that is sent twice: of two requests one completes the
    sign-in and makes a session, and the other finds it used up (AC-05). The token goes with it.
    """
    changed = connection.execute(
        _END,
        {"environment": environment_id, "sign_in": sign_in_id, "new_state": state, "now": now},
    ).first()
    return changed is not None


def extend(
    connection: Connection,
    environment_id: bytes,
    sign_in_id: bytes,
    *,
    waits_until: int,
    most: int,
) -> bool:
    """Let a pending sign-in wait longer, at most ``most`` times; False where it may not."""
    changed = connection.execute(
        update(sign_ins)
        .where(
            sign_ins.c.environment_id == environment_id,
            sign_ins.c.id == sign_in_id,
            sign_ins.c.state == "pending",
            sign_ins.c.extensions < most,
        )
        .values(waits_until=waits_until, extensions=sign_ins.c.extensions + 1)
        .returning(sign_ins.c.id)
    ).first()
    return changed is not None


def carry_over(
    connection: Connection, environment_id: bytes, sign_in_id: bytes, *, today: Generations
) -> None:
    """The person changed a credential in this sign-in: it goes on under today's generations."""
    connection.execute(
        update(sign_ins)
        .where(sign_ins.c.environment_id == environment_id, sign_ins.c.id == sign_in_id)
        .values(
            installation_generation=today.installation,
            password_generation=today.password,
            second_step_generation=today.second_step,
        )
    )


def want_remembering(
    connection: Connection,
    environment_id: bytes,
    sign_in_id: bytes,
    *,
    wanted: bool,
    way: Way = Way.AUTHENTICATOR,
) -> None:
    """Write down whether the person ticked **Remember this device** beside the code, and where that
    came from.
    """
    connection.execute(
        update(sign_ins)
        .where(sign_ins.c.environment_id == environment_id, sign_ins.c.id == sign_in_id)
        .values(wants_remembering=wanted, way=way.value)
    )


def drop_oldest(
    connection: Connection, environment_id: bytes, user_id: bytes, *, keep: int, now: int
) -> Sequence[bytes]:
    """Drop the pending sign-ins of a user but for the ``keep`` newest; the ids of the dropped."""
    ids = (
        connection.execute(
            _OLDER_PENDING, {"environment": environment_id, "user": user_id, "keep": keep}
        )
        .scalars()
        .all()
    )
    return [id_ for id_ in ids if end(connection, environment_id, id_, state="dropped", now=now)]


def _sign_in(row: Row[tuple[object, ...]]) -> SignIn:
    return SignIn(
        id=row.id,
        environment_id=row.environment_id,
        user_id=row.user_id,
        state=row.state,
        token_hash=row.token_hash,
        browser_id=row.browser_id,
        going_to=row.going_to,
        device_id=row.device_id,
        device_is_good=row.device_is_good,
        wants_remembering=row.wants_remembering,
        session_id=row.session_id,
        way=None if row.way is None else Way(row.way),
        started_at=row.started_at,
        waits_until=row.waits_until,
        extensions=row.extensions,
        begun=Generations(
            installation=row.installation_generation,
            password=row.password_generation,
            second_step=row.second_step_generation,
        ),
    )
