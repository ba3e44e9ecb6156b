"""Setting up an authenticator app (CT-3): a key is offered, and counts from its first right code
on.

An offer belongs to one session, or to one pending sign-in that ``next_step`` holds at set-up;
nobody else can
see or confirm it (AC-51). Until **Verify and Save** succeeds nothing changes at sign-in. A wrong
code leaves the
offer as it is, so that the same QR code is shown again and the account in the app stays good.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from twostep.core.audit import EventKind
from twostep.core.authenticator_addresses import key_in_groups, otpauth_address
from twostep.core.authenticators import KEY_BYTES, NEW_KEY, NO_STEP, AuthenticatorState
from twostep.core.environments import Environment
from twostep.crypto.boxes import BoxDamaged, Context
from twostep.crypto.identifiers import new_id
from twostep.crypto.secret import Secret
from twostep.flows import audit
from twostep.flows.codes import context_of, log_damage, parameters_of
from twostep.flows.installation import Installation
from twostep.flows.sessions import Person, goes_on
from twostep.storage import authenticators, users
from twostep.storage.authenticators import StoredAuthenticator
from twostep.storage.database import Connection
from twostep.storage.sign_ins import SignIn

OFFER_LASTS = 30 * 60 * 1000
"""How long a key can be confirmed: as long as a sign-in waits for somebody who installs an app."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A key that is being shown: as an ``otpauth://`` address for the QR code, and as text."""

    address: Secret[str]
    key_text: Secret[str]
    ends_at: int


def offer_in_sign_in(
    connection: Connection, installation: Installation, sign_in: SignIn, *, ends_at: int, now: int
) -> None:
    """See that there is a key to show in a sign-in that waits for set-up, as long as it waits."""
    _offer(
        connection,
        installation,
        sign_in.environment_id,
        sign_in.user_id,
        offered_to=sign_in.id,
        ends_at=ends_at,
        now=now,
    )


def offer_in_session(installation: Installation, person: Person, *, instead: bool = False) -> bool:
    """See that there is a key to show to a signed-in person; False where one is active already, and
    where the session ended at this moment.

    ``instead``: to take the place of the active one, which counts until the new one is confirmed.
    """
    now = installation.clock()
    environment_id, user_id = person.user.environment_id, person.user.id

    def act(connection: Connection) -> bool:
        users.locked(connection, environment_id, user_id)
        if not goes_on(connection, person):
            return False
        active = authenticators.active(connection, environment_id, user_id)
        if (active is not None) is not instead:
            return False
        _offer(
            connection,
            installation,
            environment_id,
            user_id,
            offered_to=person.session.id,
            ends_at=now + OFFER_LASTS,
            now=now,
        )
        return True

    return installation.database.write(act)


def offered(
    installation: Installation, environment: Environment, *, user_id: bytes, offered_to: bytes
) -> Offer | None:
    """The key that is being shown to this session or sign-in, or None. A look makes none, and one
    that was tampered with is shown to nobody (AC-65).
    """
    now = installation.clock()

    def look(connection: Connection) -> tuple[StoredAuthenticator, str] | None:
        row = authenticators.offer(
            connection, environment.id, user_id, offered_to=offered_to, now=now
        )
        user = users.by_id(connection, environment.id, user_id)
        return None if row is None or user is None else (row, user.name)

    found = installation.database.read(look)
    if found is None or found[0].offer_ends_at is None:
        return None
    row, name = found
    try:
        key = installation.keys.open_box(
            row.sealed, key_version=row.key_version, context=context_of(row)
        ).reveal()
    except BoxDamaged:
        log_damage(row)
        return None
    address = otpauth_address(
        issuer=environment.name, account=name, key=key, parameters=parameters_of(row)
    )
    return Offer(
        address=Secret(address), key_text=Secret(key_in_groups(key)), ends_at=found[0].offer_ends_at
    )


def drop_offers_of(connection: Connection, sign_in: SignIn, *, now: int) -> None:
    """Forget the key that this sign-in was shown."""
    authenticators.drop_offers_to(
        connection, sign_in.environment_id, sign_in.user_id, offered_to=sign_in.id, now=now
    )


def drop_offer_in_session(installation: Installation, person: Person) -> None:
    """The person begins anew: a key that this session was shown before is forgotten."""
    now = installation.clock()
    session = person.session
    installation.database.write(
        lambda connection: authenticators.drop_offers_to(
            connection, session.environment_id, session.user_id, offered_to=session.id, now=now
        )
    )


def state_of(installation: Installation, person: Person) -> int | None:
    """Since when the person's authenticator is active (milliseconds), or None."""
    row = installation.database.read(
        lambda connection: authenticators.active(
            connection, person.user.environment_id, person.user.id
        )
    )
    return None if row is None else row.confirmed_at


def _offer(
    connection: Connection,
    installation: Installation,
    environment_id: bytes,
    user_id: bytes,
    *,
    offered_to: bytes,
    ends_at: int,
    now: int,
) -> None:
    """The live offer to this session or sign-in is kept and lasts longer; any other one of the user
    is deleted.
    """
    live = authenticators.offer(connection, environment_id, user_id, offered_to=offered_to, now=now)
    if live is not None:
        authenticators.extend_offer(connection, environment_id, live.id, ends_at=ends_at)
        return
    authenticators.drop_offers_to(
        connection, environment_id, user_id, offered_to=offered_to, now=now
    )
    row = _new_key(installation, environment_id, user_id, offered_to, ends_at, now)
    authenticators.add(connection, row)
    audit.record(
        connection,
        installation,
        EventKind.AUTHENTICATOR_OFFERED,
        environment_id=environment_id,
        now=now,
        actor=user_id,
        target=user_id,
        authenticator=row.id.hex(),
    )


def _new_key(
    installation: Installation,
    environment_id: bytes,
    user_id: bytes,
    offered_to: bytes,
    ends_at: int,
    now: int,
) -> StoredAuthenticator:
    """A random key, sealed for its own row: nobody chooses it, and nobody can move it (AC-51)."""
    id_ = new_id()
    sealed = installation.keys.seal(
        Secret(secrets.token_bytes(KEY_BYTES)),
        context=Context.of_authenticator(
            environment_id=environment_id, user_id=user_id, authenticator_id=id_
        ),
    )
    return StoredAuthenticator(
        id=id_,
        environment_id=environment_id,
        user_id=user_id,
        state=AuthenticatorState.OFFERED.value,
        algorithm=NEW_KEY.algorithm.value,
        digits=NEW_KEY.digits,
        period_seconds=NEW_KEY.period_seconds,
        sealed=sealed.blob,
        key_version=sealed.key_version,
        last_step=NO_STEP,
        offered_to=offered_to,
        offer_ends_at=ends_at,
        made_at=now,
        confirmed_at=None,
    )
