"""What every act of an administrator on another user begins with, inside its own transaction.

A page has asked before whether the person may do it. Nothing of that counts here: who they are,
what they hold and what they have proven is read again in the transaction that acts, with both
users' rows locked, so that two administrators who act on each other come one after the other.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from twostep.core.permissions import Permission, Reach, Rule, reach
from twostep.core.properties import ADMINISTRATORS_NEED_TWO_STEP, effective
from twostep.core.sessions import Level, Session
from twostep.core.sign_in import FRESH_FOR, SignedIn, next_step
from twostep.core.situations import Asked, ProofKind, Situation
from twostep.core.users import User
from twostep.flows.installation import Installation
from twostep.flows.sessions import Person
from twostep.flows.situations import of_session
from twostep.storage import permissions, proofs, properties, sessions, users
from twostep.storage.database import Connection

ACT = "users"
"""What the act is called where its proof is asked."""


class MayNot(StrEnum):
    """Why an administrator may not do it. Nothing was changed."""

    SIGNED_OUT = "signed_out"
    """Their session is over, or opened by a help-desk code, which is for today's work."""
    PROVE_AGAIN = "prove_again"
    """Their proof is no longer fresh, or was taken by another act."""
    NEEDS_TWO_STEP = "needs_two_step"
    """They have no second step, and the environment asks for one of whoever acts on others."""
    NOT_HELD = "not_held"
    ONESELF = "oneself"
    HOLDS_MORE = "holds_more"
    NOBODY = "nobody"
    """There is no such user in this environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """They may. ``held``: what the administrator holds; ``held_by_target``: what the user does.
    ``by_second_step``: the administrator has a second step, and has shown it; otherwise it was the
    password (D-08).
    """

    actor: User
    target: User
    session: Session
    held: frozenset[Permission]
    held_by_target: frozenset[Permission]
    by_second_step: bool


def acting_on(
    connection: Connection,
    installation: Installation,
    person: Person,
    permission: Permission,
    target_id: bytes,
    *,
    now: int,
    own_proof: bool = False,
    rule: Rule = reach,
) -> Acting | MayNot:
    """Whether ``person`` may use ``permission`` on the user at this moment. First statement of the
    act's transaction. ``own_proof``: the act takes a fresh proof for itself alone (AC-36). ``rule``
    decides on whom: another one only for permissions themselves.
    """
    environment_id = person.session.environment_id
    # By id, so that two who act on each other do not wait for each other crosswise.
    rows = {
        id_: users.locked(connection, environment_id, id_)
        for id_ in sorted({person.user.id, target_id})
    }
    actor, target = rows[person.user.id], rows[target_id]
    live = sessions.locked(connection, environment_id, person.session.id)
    people = _People(actor=actor, target=target, target_id=target_id, live=live)
    found = _reaching(connection, installation, people, permission, rule, now)
    if isinstance(found, MayNot):
        return found
    acting, situation = found
    if not isinstance(next_step(situation, now), SignedIn):
        return MayNot.PROVE_AGAIN
    if own_proof and not proofs.spend_proof(
        connection,
        environment_id,
        acting.session.sign_in_id,
        kinds=situation.asked.takes if acting.by_second_step else {ProofKind.PASSWORD},
        shown_after=now - FRESH_FOR,
        now=now,
    ):
        return MayNot.PROVE_AGAIN
    return acting


def acting_alone(
    connection: Connection,
    installation: Installation,
    person: Person,
    permission: Permission,
    *,
    now: int,
) -> Acting | MayNot:
    """The same for an act on nobody who is there already, such as inviting somebody."""
    return acting_on(
        connection, installation, person, permission, person.user.id, now=now, rule=whoever_holds
    )


def whoever_holds(
    held: AbstractSet[Permission],
    needed: Permission,
    _theirs: AbstractSet[Permission],
    *,
    oneself: bool,
) -> Reach:
    """The rule of an act on nobody: only what one holds decides."""
    assert oneself
    return Reach.REACHES if needed in held else Reach.NOT_HELD


def reaching(
    installation: Installation,
    person: Person,
    permission: Permission,
    target_id: bytes,
    *,
    rule: Rule = reach,
) -> Acting | MayNot:
    """The same but for the proof, and without a lock: what a page asks before it shows a dialog,
    and before it compares a proof, so that whoever may not do it learns nothing by trying.
    """
    now, environment_id = installation.clock(), person.session.environment_id

    def look(connection: Connection) -> Acting | MayNot:
        people = _People(
            actor=users.by_id(connection, environment_id, person.user.id),
            target=users.by_id(connection, environment_id, target_id),
            target_id=target_id,
            live=person.session,
        )
        found = _reaching(connection, installation, people, permission, rule, now)
        return found if isinstance(found, MayNot) else found[0]

    return installation.database.read(look)


@dataclass(frozen=True, slots=True, kw_only=True)
class _People:
    actor: User | None
    target: User | None
    target_id: bytes
    live: Session | None


def _reaching(
    connection: Connection,
    installation: Installation,
    people: _People,
    permission: Permission,
    rule: Rule,
    now: int,
) -> tuple[Acting, Situation] | MayNot:
    actor, target, live = people.actor, people.target, people.live
    if actor is None or live is None or live.level is Level.HELP_DESK_CODE:
        return MayNot.SIGNED_OUT
    held = permissions.of_user(connection, live.environment_id, actor.id)
    theirs = permissions.of_user(connection, live.environment_id, people.target_id)
    found = rule(held, permission, theirs, oneself=people.target_id == actor.id)
    if found is Reach.NOT_HELD:
        return MayNot.NOT_HELD
    if target is None:
        return MayNot.NOBODY
    if found is not Reach.REACHES:
        return MayNot(found.value)
    asked = Asked(greatest_age=FRESH_FOR, act=ACT)
    situation = of_session(connection, installation, live, now=now, asked=asked)
    if lacks_two_step(connection, situation):
        return MayNot.NEEDS_TWO_STEP
    acting = Acting(
        actor=actor,
        target=target,
        session=live,
        held=held,
        held_by_target=theirs,
        by_second_step=bool(situation.credentials.methods(situation.policy)),
    )
    return acting, situation


def lacks_two_step(connection: Connection, situation: Situation) -> bool:
    """Whether the environment asks a second step of administrators, and this one has none (D-08).
    For acts that are on no one user, too.
    """
    if situation.user is None or situation.credentials.methods(situation.policy):
        return False
    stored = properties.of_environment(connection, situation.user.environment_id)
    return effective(stored, ADMINISTRATORS_NEED_TWO_STEP).value == "yes"
