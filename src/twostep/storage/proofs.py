"""Taking a proof for one act alone (AC-36)."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select, update

from twostep.core.situations import ProofKind
from twostep.storage.tables import proofs


def spend_proof(
    connection: Connection,
    environment_id: bytes,
    sign_in_id: bytes,
    *,
    kinds: Collection[ProofKind],
    shown_after: int,
    now: int,
) -> bool:
    """Take the newest proof of these kinds for one act alone; False where none is left.

    The condition closes the race of two acts that want the same one.
    """
    newest = (
        select(proofs.c.id)
        .where(
            proofs.c.environment_id == environment_id,
            proofs.c.sign_in_id == sign_in_id,
            proofs.c.kind.in_([kind.value for kind in kinds]),
            proofs.c.shown_at >= shown_after,
            proofs.c.shown_at <= now,
            proofs.c.spent_at.is_(None),
        )
        .order_by(proofs.c.shown_at.desc(), proofs.c.id)
        .limit(1)
    )
    spent = connection.execute(
        update(proofs)
        .where(
            proofs.c.environment_id == environment_id,
            proofs.c.id == newest.scalar_subquery(),
            proofs.c.spent_at.is_(None),
        )
        .values(spent_at=now)
        .returning(proofs.c.id)
    ).first()
    return spent is not None
