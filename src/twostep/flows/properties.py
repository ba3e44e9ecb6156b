"""Properties: reading what holds, and changing one.

What the operator sets for the whole installation holds in every environment, so every environment's
log gets the event of it: whoever reads one log sees all that changed the rules there.
"""

from __future__ import annotations

from collections.abc import Sequence

from twostep.core.audit import EventKind, Visitor
from twostep.core.environments import Environment
from twostep.core.keys import INSTALLATION_ID
from twostep.core.policies import Policy, TwoStepVerification
from twostep.core.properties import (
    BadValue,
    Property,
    Remembering,
    Scope,
    Stored,
    effective,
    policy_of,
    remembering_of,
    switched_on,
)
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.storage import environments, properties, sessions
from twostep.storage.database import Connection, ConstraintBroken
from twostep.storage.properties import Change


def stored_of(installation: Installation, environment_id: bytes) -> Stored:
    """What is stored for an environment, with the installation's defaults and floors."""
    return installation.database.read(
        lambda connection: properties.of_environment(connection, environment_id)
    )


def policy_for(installation: Installation, environment_id: bytes) -> Policy:
    """The policy that holds in an environment now."""
    return policy_of(stored_of(installation, environment_id), installation.clock())


def remembering_for(installation: Installation, environment_id: bytes) -> Remembering:
    """How an environment remembers devices now."""
    return remembering_of(stored_of(installation, environment_id))


def password_minimum(installation: Installation, environment_id: bytes) -> int:
    """How many characters a new password needs in an environment."""
    return int(effective(stored_of(installation, environment_id), "password_minimum_length").value)


def set_in_environment(
    installation: Installation, environment: Environment, item: Property, text: str
) -> Change:
    """Set an environment's own value. Raises BadValue, which names the bounds."""
    return _set(installation, environment.id, Scope.ENVIRONMENT, item, text)


def set_default(installation: Installation, item: Property, text: str) -> Change:
    """Set what holds where an environment has no value of its own. Raises BadValue."""
    return _set(installation, INSTALLATION_ID, Scope.DEFAULT, item, text)


def set_floor(installation: Installation, item: Property, text: str) -> Change:
    """Set what no environment may be laxer than. Raises BadValue, too for a property of which no
    value is stricter than another.
    """
    if item.stricter is None:
        raise BadValue("no value of it is stricter than another, so it has no floor")
    return _set(installation, INSTALLATION_ID, Scope.FLOOR, item, text)


def _set(
    installation: Installation, environment_id: bytes, scope: Scope, item: Property, text: str
) -> Change:
    value = item.check(text)
    now = installation.clock()

    def act(connection: Connection) -> Change:
        concerned = _concerned(connection, environment_id)
        for id_ in sorted(concerned):
            properties.lock(connection, id_)
        before = {id_: properties.of_environment(connection, id_) for id_ in concerned}
        change = properties.put(
            connection, environment_id, scope, item.name, value, now=now, changed_by=None
        )
        for id_ in concerned:
            after = properties.of_environment(connection, id_)
            if shuts_everybody_out(before[id_], after, now):
                raise BadValue(_NO_WAY_IN)
            make_void(connection, id_, before[id_], now=now)
            record(connection, installation, id_, item.name, scope, change, now=now)
            _end_lasting(connection, installation, id_, before[id_], now=now)
        return change

    try:
        return installation.database.write(act)
    except ConstraintBroken:
        # Two set it for the first time at once: by now there is a row to change.
        return installation.database.write(act)


def record(
    connection: Connection,
    installation: Installation,
    environment_id: bytes,
    name: str,
    scope: Scope,
    change: Change,
    *,
    now: int,
    actor: bytes | None = None,
    visitor: Visitor | None = None,
) -> None:
    """Write the event of one change into an environment's log, with the old and the new text."""
    audit.record(
        connection,
        installation,
        EventKind.PROPERTY_CHANGED,
        environment_id=environment_id,
        now=now,
        actor=actor,
        visitor=visitor,
        property=name,
        scope=scope.value,
        old=change.old or "",
        new=change.new,
    )


_NO_WAY_IN = (
    "with it an environment would ask for a second step that nobody could have."
    " Allow another method first, or set two_step_verification to off"
)


def shuts_everybody_out(before: Stored, after: Stored, now: int) -> bool:
    """Whether a change, and nothing before it, leaves nobody a way in."""
    return (
        policy_of(after, now).leaves_nobody_a_way_in
        and not policy_of(before, now).leaves_nobody_a_way_in
    )


def make_void(connection: Connection, environment_id: bytes, before: Stored, *, now: int) -> None:
    """What was switched off is not remembered when it comes back (CT-11, AC-27, AC-29)."""
    after = properties.of_environment(connection, environment_id)
    off = TwoStepVerification.OFF
    went_off = policy_of(after, now).two_step_verification is off and (
        policy_of(before, now).two_step_verification is not off
    )
    went_to_zero = remembering_of(after).days == 0 and remembering_of(before).days > 0
    if went_off or went_to_zero:
        environments.forget_remembered(connection, environment_id, passes_too=went_off)


def _end_lasting(
    connection: Connection,
    installation: Installation,
    environment_id: bytes,
    before: Stored,
    *,
    now: int,
) -> None:
    """Where the installation's switch is on now, or was until now, no session that was made to
    outlast its browser goes on: none comes back when the switch is taken away (CS-5).
    """
    after = properties.of_environment(connection, environment_id)
    if not (switched_on(before, now) or switched_on(after, now)):
        return
    ended = sessions.end_lasting(connection, environment_id, ended_by="installation", now=now)
    if ended:
        audit.record(
            connection,
            installation,
            EventKind.SESSION_ENDED,
            environment_id=environment_id,
            now=now,
            ended_by="installation",
            sessions=ended,
        )


def _concerned(connection: Connection, environment_id: bytes) -> Sequence[bytes]:
    if environment_id != INSTALLATION_ID:
        return [environment_id]
    return [environment.id for environment in environments.all_of_them(connection)]
