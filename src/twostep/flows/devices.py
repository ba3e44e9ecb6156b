"""Devices: recognising one, keeping one at a sign-in, listing and forgetting them.

Threat: a copied cookie. It is worth nothing without the password, its token changes at each
sign-in, and one that was replaced and is shown again is not taken: the person is asked for a code,
and the log has an event. No alarm is raised: a restored tab and a lost answer look like a thief.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from twostep.core.audit import EventKind
from twostep.core.devices import (
    MOST_REMEMBERED,
    PASSES_FOR,
    Device,
    EnvironmentNumbers,
)
from twostep.core.generations import Generations
from twostep.core.keys import KeyPurpose
from twostep.core.properties import Remembering, remembering_of
from twostep.crypto.identifiers import keyed_hash, new_id
from twostep.crypto.tokens import Token, issue_plain, read_plain
from twostep.flows import audit
from twostep.flows.installation import Installation
from twostep.flows.sessions import Person, end, still_in
from twostep.flows.visitors import Browser
from twostep.storage import devices, environments, properties, sessions
from twostep.storage.database import Connection
from twostep.storage.sign_ins import SignIn

COOKIE_PREFIX = "__Host-dev-"


@dataclass(frozen=True, slots=True)
class DeviceCookie:
    """The lasting cookie by which the browser is recognised from now on."""

    name: str
    token: Token


@dataclass(frozen=True, slots=True)
class Recognised:
    """What the browser's cookie said. ``good``: it may be remembered; else it only identifies."""

    device_id: bytes | None = None
    good: bool = False


def cookie_name(installation: Installation, environment_id: bytes, subject: bytes) -> str:
    """One for each user: five people can share a browser, each remembered by themselves."""
    key = installation.keys.current(KeyPurpose.INDEX).secret
    return COOKIE_PREFIX + keyed_hash(key, b"device", environment_id, subject)[:4].hex()


def recognise(
    connection: Connection,
    installation: Installation,
    environment_id: bytes,
    subject: bytes,
    *,
    browser: Browser,
    now: int,
) -> Recognised:
    """Which device of that subject this browser is, by its cookie. One look, whoever is meant.

    A token of this name that no device has was replaced more than once: the log says that too.
    """
    name = cookie_name(installation, environment_id, subject)
    token = read_plain(browser.devices.get(name, ""))
    shown = devices.by_token(
        connection, environment_id, subject, token.stored if token else bytes(32)
    )
    if token is None or (shown and shown.device.forgotten_at is not None):
        return Recognised()
    if shown and shown.good:
        devices.seen(connection, environment_id, shown.device.id, token_hash=token.stored)
        return Recognised(shown.device.id, good=True)
    audit.record(
        connection,
        installation,
        EventKind.DEVICE_OLD_TOKEN,
        environment_id=environment_id,
        now=now,
        target=subject,
        visitor=browser.visitor,
        device=shown.device.id.hex() if shown else "",
    )
    return Recognised(shown.device.id if shown else None, good=False)


def keep(
    connection: Connection,
    installation: Installation,
    sign_in: SignIn,
    *,
    proven: bool,
    today: Generations,
    browser: Browser,
    now: int,
) -> tuple[bytes, DeviceCookie]:
    """Write the device of a sign-in that has succeeded, and give the cookie that recognises it.

    ``proven``: a second step was shown in it, so that the five minutes begin and, where the person
    or the environment wants it, the remembering.
    """
    environment_id, user_id = sign_in.environment_id, sign_in.user_id
    remembering = remembering_of(properties.of_environment(connection, environment_id))
    numbers = environments.numbers_of(connection, environment_id)
    known = sign_in.device_id and devices.by_id(connection, environment_id, sign_in.device_id)
    # One that was forgotten while this sign-in waited for its code is nobody's any more.
    known = known if known and known.forgotten_at is None else None
    device = replace(
        known or _new_device(user_id, today, numbers, now),
        browser=browser.visitor.browser,
        address=browser.visitor.address,
        last_used_at=now,
        way=sign_in.way or (known.way if known else None),
    )
    if proven:
        wanted = remembering.always or (sign_in.wants_remembering and remembering.offered)
        device = _verified(device, remembering, wanted, today, numbers, now)
    token = issue_plain()
    if known:
        devices.rotate(connection, environment_id, device, token_hash=token.stored)
    else:
        devices.add(connection, environment_id, device, token_hash=token.stored)
    if proven:
        _drop_oldest(connection, installation, device, environment_id, now=now)
    name = cookie_name(installation, environment_id, user_id)
    return device.id, DeviceCookie(name, token)


def _new_device(
    user_id: bytes, today: Generations, numbers: EnvironmentNumbers, now: int
) -> Device:
    return Device(
        id=new_id(),
        user_id=user_id,
        browser="",
        address="",
        first_used_at=now,
        last_used_at=now,
        verified_at=None,
        days_at_issue=None,
        passes_until=None,
        forgotten_at=None,
        generations=today,
        numbers=numbers,
    )


def _verified(
    device: Device,
    remembering: Remembering,
    wanted: bool,
    today: Generations,
    numbers: EnvironmentNumbers,
    now: int,
) -> Device:
    return replace(
        device,
        verified_at=now,
        days_at_issue=remembering.days if wanted and remembering.days > 0 else None,
        passes_until=now + PASSES_FOR,
        generations=today,
        numbers=numbers,
    )


def _drop_oldest(
    connection: Connection,
    installation: Installation,
    newest: Device,
    environment_id: bytes,
    *,
    now: int,
) -> None:
    """At most twenty; what only identifies does not count, nor what a change has ended (AC-84)."""
    days = remembering_of(properties.of_environment(connection, environment_id)).days

    def remembered(device: Device) -> bool:
        until = device.remembered_until(days_now=days, numbers=newest.numbers) or 0
        return until > now and device.generations == newest.generations

    found = devices.of_user(connection, environment_id, newest.user_id)
    # By time alone the newest would not stay first after a clock was set back.
    ordered = sorted(filter(remembered, found), key=lambda device: device.id != newest.id)
    for device in ordered[MOST_REMEMBERED:]:
        _forget(connection, installation, environment_id, newest.user_id, device.id, now=now)


def forget(installation: Installation, person: Person, device_id: bytes) -> bool:
    """Forget one of the person's other devices and end its sessions; False for any other id."""
    now = installation.clock()
    if device_id == person.session.device_id:
        return False
    environment_id, user_id = person.user.environment_id, person.user.id
    return installation.database.write(
        lambda connection: (
            still_in(connection, person)
            and _forget(connection, installation, environment_id, user_id, device_id, now=now)
        )
    )


def forget_others(installation: Installation, person: Person) -> int:
    """Forget all devices of the person but the current one; how many."""
    now = installation.clock()
    environment_id, user_id = person.user.environment_id, person.user.id

    def act(connection: Connection) -> int:
        if not still_in(connection, person):
            return 0
        found = devices.of_user(connection, environment_id, user_id)
        others = [device.id for device in found if device.id != person.session.device_id]
        return sum(
            _forget(connection, installation, environment_id, user_id, id_, now=now)
            for id_ in others
        )

    return installation.database.write(act)


def _forget(
    connection: Connection,
    installation: Installation,
    environment_id: bytes,
    user_id: bytes,
    device_id: bytes,
    *,
    now: int,
) -> bool:
    if not devices.forget(connection, environment_id, user_id, device_id, now=now):
        return False
    for session in sessions.live_of_user(connection, environment_id, user_id, begun_after=0):
        if session.device_id == device_id:
            end(connection, installation, session, ended_by="device_forgotten", now=now)
    audit.record(
        connection,
        installation,
        EventKind.DEVICE_FORGOTTEN,
        environment_id=environment_id,
        now=now,
        actor=user_id,
        target=user_id,
        device=device_id.hex(),
    )
    return True
