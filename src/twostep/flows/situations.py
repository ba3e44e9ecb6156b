"""From rows to the facts that ``core.sign_in`` decides on.

Every door reads its facts here, in one transaction, so that no two doors can see a sign-in
differently.
"""

from __future__ import annotations

from collections.abc import Sequence

from twostep.core.contacts import by_method, reached, still_good
from twostep.core.devices import NOBODY_KNOWS_WHEN, throws_cookies_away
from twostep.core.generations import Generations
from twostep.core.help_desk_codes import OpenCode
from twostep.core.lockouts import Purpose, Standing, standing
from twostep.core.networks import site_of
from twostep.core.policies import SENT, Method, Policy, TwoStepVerification
from twostep.core.properties import (
    Stored,
    policy_of,
    remembering_of,
    session_limits_of,
    text_terms_of,
)
from twostep.core.reasons import Code
from twostep.core.sessions import Session
from twostep.core.situations import (
    SECOND_STEP_KINDS,
    SENT_KINDS,
    Asked,
    Credentials,
    Live,
    Pauses,
    Proof,
    Shown,
    Situation,
)
from twostep.core.users import User
from twostep.flows.installation import Installation
from twostep.flows.lockouts import not_before, standing_of
from twostep.flows.visitors import Browser
from twostep.storage import (
    contacts,
    devices,
    environments,
    help_desk_codes,
    properties,
    sign_ins,
    situations,
)
from twostep.storage.database import Connection
from twostep.storage.sign_ins import SignIn
from twostep.storage.situations import UserFacts


def of_sign_in(
    connection: Connection,
    installation: Installation,
    sign_in: SignIn,
    *,
    now: int,
    browser: Browser | None = None,
    asked: Asked | None = None,
) -> Situation:
    """The facts of a pending sign-in, as they are at this moment.

    ``browser``: the one in which it is, where a reason may speak of it.
    """
    stored = properties.of_environment(connection, sign_in.environment_id)
    facts = situations.facts_of(connection, sign_in.environment_id, sign_in.user_id)
    days, policy = remembering_of(stored).days, policy_of(stored, now)
    proofs = sign_ins.proofs_of(connection, sign_in.environment_id, sign_in.id)
    credentials = _credentials(connection, facts, policy, proofs, stored, now)
    shown = _shown(connection, sign_in, facts, days)
    if shown is None and browser is not None and _asked_of(credentials, policy, proofs):
        shown = _thrown_away(connection, facts, browser, days, now)
    counter = shown.device.id if shown and shown.device else None
    return Situation(
        user=facts.user if facts else None,
        policy=policy,
        proofs=proofs,
        credentials=credentials,
        begun=sign_in.begun,
        today=_generations(facts),
        waits_until=sign_in.waits_until,
        pauses=_pauses(connection, installation, facts, counter=counter, now=now),
        asked=asked or Asked(),
        shown=shown,
    )


def of_session(
    connection: Connection,
    installation: Installation,
    session: Session,
    *,
    now: int,
    asked: Asked | None = None,
) -> Situation:
    """The facts of a live session, as they are at this moment.

    The counters of wrong tries are read only where an act asks for something: they never end a
    session.
    """
    stored = properties.of_environment(connection, session.environment_id)
    facts = situations.facts_of(connection, session.environment_id, session.user_id)
    policy = policy_of(stored, now)
    proofs = sign_ins.proofs_of(connection, session.environment_id, session.sign_in_id)
    return Situation(
        user=facts.user if facts else None,
        policy=policy,
        proofs=proofs,
        credentials=_credentials(connection, facts, policy, proofs, stored, now),
        begun=session.generations,
        today=_generations(facts),
        live=Live(session=session, limits=session_limits_of(stored, now)),
        pauses=Pauses() if asked is None else _pauses(connection, installation, facts, now=now),
        asked=asked or Asked(),
    )


def generations_of(connection: Connection, user: User | None) -> Generations | None:
    """Today's generations, or None where the user is gone."""
    # Asked before it is known whether there is anybody: a name that nobody has costs the same
    # statements at sign-in (AC-21).
    installation = environments.generation(connection)
    if user is None:
        return None
    return Generations(
        installation=installation,
        password=user.password_generation,
        second_step=user.second_step_generation,
    )


def _generations(facts: UserFacts | None) -> Generations | None:
    if facts is None:
        return None
    return Generations(
        installation=facts.installation_generation,
        password=facts.user.password_generation,
        second_step=facts.user.second_step_generation,
    )


def _credentials(
    connection: Connection,
    facts: UserFacts | None,
    policy: Policy,
    proofs: Sequence[Proof],
    stored: Stored,
    now: int,
) -> Credentials:
    if facts is None:
        return Credentials()
    id_, whose = facts.authenticator_id, (facts.user.environment_id, facts.user.id)
    # Where no codes are sent, and none was shown, nobody's addresses are looked at.
    matter = policy.methods & SENT or any(proof.kind in SENT_KINDS for proof in proofs)
    found = [row.contact for row in contacts.of_user(connection, *whose)] if matter else []
    there = reached(found, text_terms_of(stored).countries)
    app = id_ is not None and Method.AUTHENTICATOR in policy.methods
    return Credentials(
        has_password=facts.has_password,
        authenticators=frozenset() if id_ is None else frozenset({id_}),
        recovery_codes=facts.recovery_codes,
        contacts=by_method(still_good(there, now, other_way=app)),
        wants_codes=facts.codes_wanted_at is not None,
        help_desk_codes=_help_desk_codes(connection, facts, now),
    )


def _help_desk_codes(connection: Connection, facts: UserFacts, now: int) -> tuple[OpenCode, ...]:
    if facts.help_desk_until is None or facts.help_desk_until <= now:
        return ()
    return tuple(
        row.code
        for row in help_desk_codes.open_of(
            connection, facts.user.environment_id, facts.user.id, now=now
        )
    )


def _shown(
    connection: Connection, sign_in: SignIn, facts: UserFacts | None, days_now: int
) -> Shown | None:
    """The device that this sign-in's browser was recognised as, or None.

    In the place of a live session none passes: *at once* asks for a second step now (AC-28).
    """
    in_place = sign_in.session_id is not None
    if sign_in.device_id is None and not in_place:
        return None
    device = sign_in.device_id and devices.by_id(
        connection, sign_in.environment_id, sign_in.device_id
    )
    return Shown(
        device=(device or None) if sign_in.device_is_good and not in_place else None,
        days_now=days_now,
        numbers=environments.numbers_of(connection, sign_in.environment_id),
        changed=facts.changed if facts else NOBODY_KNOWS_WHEN,
        why_not=Code.REQUIRED_SINCE_SIGNED_IN if in_place else Code.DEVICE_OLD_TOKEN,
    )


def _asked_of(credentials: Credentials, policy: Policy, proofs: Sequence[Proof]) -> bool:
    """Whether a code may be asked next, so that one statement more about why is worth its cost."""
    return (
        bool(credentials.methods(policy))
        and policy.two_step_verification is not TwoStepVerification.OFF
        and not any(proof.kind in SECOND_STEP_KINDS for proof in proofs)
    )


def _thrown_away(
    connection: Connection, facts: UserFacts | None, browser: Browser, days_now: int, now: int
) -> Shown | None:
    """What to say to a browser that shows no cookie and seems to keep none; None where nothing.

    One that shows the cookie of anybody keeps cookies.
    """
    today = _generations(facts)
    if facts is None or today is None or browser.devices or not days_now:
        return None
    user, visitor = facts.user, browser.visitor
    found = devices.alike(connection, user.environment_id, user.id, browser=visitor.browser)
    if found is None:
        return None
    alike, numbers = found
    here = site_of(visitor.address)
    near = [device for device in alike if site_of(device.address) == here]
    if not throws_cookies_away(near, now=now, days_now=days_now, today=today, numbers=numbers):
        return None
    why = Code.DEVICE_COOKIE_NOT_KEPT
    return Shown(device=None, days_now=days_now, numbers=numbers, why_not=why)


def _pauses(
    connection: Connection,
    installation: Installation,
    facts: UserFacts | None,
    *,
    counter: bytes | None = None,
    now: int,
) -> Pauses:
    """What the counters say now about this user; ``counter``: passwords are counted for this
    device.

    A stranger who guesses at a password pauses it for strangers, and not for the browsers that its
    owner uses (AC-22).
    """
    if facts is None:
        return Pauses()
    counted = situations.counted_of(
        connection,
        facts.user.environment_id,
        facts.user.id,
        most={purpose: installation.limits.of(purpose).most_needed for purpose in Purpose},
    )
    password, codes, recovery_codes = (
        _standing(installation, facts, purpose, counted[purpose], now)
        for purpose in (Purpose.PASSWORD, Purpose.SECOND_STEP, Purpose.RECOVERY_CODE)
    )
    if counter is not None and not password.disabled:
        password = standing_of(
            connection, installation, facts.user.environment_id, counter, Purpose.PASSWORD, now=now
        )
    return Pauses(
        password_until=password.blocked_until,
        password_stopped=password.disabled,
        codes_until=codes.blocked_until,
        codes_stopped=codes.disabled,
        recovery_codes_paused=not recovery_codes.open_now,
    )


def _standing(
    installation: Installation,
    facts: UserFacts,
    purpose: Purpose,
    counted: Sequence[int],
    now: int,
) -> Standing:
    return standing(
        counted,
        now=not_before(next(iter(counted), None), now),
        schedule=installation.limits.of(purpose),
        cleared_at=facts.marks[purpose].cleared_at,
        last_success_at=facts.marks[purpose].succeeded_at,
    )
