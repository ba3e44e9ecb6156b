"""Devices, in SQL. A row is a browser of a user; of its tokens only hashes are here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, bindparam, case, insert, or_, select, update

from twostep.core.devices import MOST_REMEMBERED, Device, EnvironmentNumbers
from twostep.core.generations import Generations
from twostep.core.ways import Way
from twostep.storage.database import Connection
from twostep.storage.tables import devices, environments

_THIS = (devices.c.environment_id == bindparam("environment")) & (
    devices.c.id == bindparam("device")
)
_BY_ID = select(devices).where(_THIS)
_BY_TOKEN = select(devices).where(
    devices.c.environment_id == bindparam("environment"),
    devices.c.user_id == bindparam("user"),
    or_(
        devices.c.token_hash == bindparam("token"),
        devices.c.earlier_token_hash == bindparam("token"),
    ),
)
_ALIKE = (
    select(
        devices,
        environments.c.remembering_generation.label("remembering_now"),
        environments.c.off_generation.label("off_now"),
    )
    .join(environments, environments.c.id == devices.c.environment_id)
    .where(
        devices.c.environment_id == bindparam("environment"),
        devices.c.user_id == bindparam("user"),
        devices.c.browser == bindparam("browser"),
        devices.c.forgotten_at.is_(None),
    )
    .order_by(devices.c.last_used_at.desc(), devices.c.id)
    .limit(MOST_REMEMBERED)
)
_INSERT = insert(devices)


@dataclass(frozen=True, slots=True)
class Shown:
    """The device of a token that was shown. ``good``: the token is the one that the browser should
    have.
    """

    device: Device
    good: bool


def by_id(connection: Connection, environment_id: bytes, device_id: bytes) -> Device | None:
    """The device of that id, or None."""
    row = connection.execute(_BY_ID, {"environment": environment_id, "device": device_id}).first()
    return None if row is None else _device(row)


def by_token(
    connection: Connection, environment_id: bytes, user_id: bytes, token_hash: bytes
) -> Shown | None:
    """The user's device of that token or of the one before it; None where it is nobody's."""
    row = connection.execute(
        _BY_TOKEN, {"environment": environment_id, "user": user_id, "token": token_hash}
    ).first()
    if row is None:
        return None
    return Shown(_device(row), row.token_hash == token_hash or row.earlier_is_good)


def alike(
    connection: Connection, environment_id: bytes, user_id: bytes, *, browser: str
) -> tuple[Sequence[Device], EnvironmentNumbers] | None:
    """The user's last used devices of a browser of that name, at most twenty, the last used one
    first, with the environment's numbers of today; None where there are none.
    """
    rows = connection.execute(
        _ALIKE, {"environment": environment_id, "user": user_id, "browser": browser}
    ).all()
    if not rows:
        return None
    numbers = EnvironmentNumbers(remembering=rows[0].remembering_now, off=rows[0].off_now)
    return [_device(row) for row in rows], numbers


def seen(
    connection: Connection, environment_id: bytes, device_id: bytes, *, token_hash: bytes
) -> None:
    """The browser shows its newest token: the one before is good for nothing from now on."""
    connection.execute(
        update(devices)
        .where(
            devices.c.environment_id == environment_id,
            devices.c.id == device_id,
            devices.c.token_hash == token_hash,
            devices.c.earlier_is_good,
        )
        .values(earlier_is_good=False)
    )


def add(
    connection: Connection, environment_id: bytes, device: Device, *, token_hash: bytes
) -> None:
    """Write a new device."""
    connection.execute(
        _INSERT,
        {
            "environment_id": environment_id,
            "id": device.id,
            "user_id": device.user_id,
            "token_hash": token_hash,
            "earlier_token_hash": None,
            "earlier_is_good": False,
            "browser": device.browser,
            "address": device.address,
            "first_used_at": device.first_used_at,
            "last_used_at": device.last_used_at,
            **_state(device),
        },
    )


def rotate(
    connection: Connection, environment_id: bytes, device: Device, *, token_hash: bytes
) -> None:
    """Write what a sign-in made of a known device, under a new token.

    The token that the browser showed stays good until the new one was seen: an answer may be lost.
    """
    same = (devices.c.environment_id == environment_id) & (devices.c.id == device.id)
    # Where the newest token was never seen, the browser has shown the one before it: that one
    # stays.
    connection.execute(
        update(devices)
        .where(same, devices.c.earlier_is_good.is_(False))
        .values(earlier_token_hash=devices.c.token_hash, earlier_is_good=True)
    )
    connection.execute(
        update(devices)
        .where(same)
        .values(
            token_hash=token_hash,
            browser=device.browser,
            address=device.address,
            last_used_at=device.last_used_at,
            **_state(device),
        )
    )


def carry_over(
    connection: Connection, environment_id: bytes, device_id: bytes, *, today: Generations
) -> None:
    """The person changed a credential in this very browser: what it remembers goes on.

    The five minutes go on as well where it was the password (CT-8); another second step ends them,
    because they stand on a code of the one before. What an earlier change had ended stays ended:
    only a row that was under the numbers of a moment ago is carried over.
    """
    same_password = devices.c.password_generation == today.password
    same_second_step = devices.c.second_step_generation == today.second_step
    connection.execute(
        update(devices)
        .where(
            devices.c.environment_id == environment_id,
            devices.c.id == device_id,
            devices.c.installation_generation == today.installation,
            or_(
                and_(devices.c.password_generation == today.password - 1, same_second_step),
                and_(same_password, devices.c.second_step_generation == today.second_step - 1),
            ),
        )
        .values(
            installation_generation=today.installation,
            password_generation=today.password,
            second_step_generation=today.second_step,
            passes_until=case((same_second_step, devices.c.passes_until), else_=None),
        )
    )


def forget(
    connection: Connection, environment_id: bytes, user_id: bytes, device_id: bytes, *, now: int
) -> bool:
    """Forget one device of the user; False where it is not theirs or was forgotten before."""
    gone = connection.execute(
        update(devices)
        .where(
            devices.c.environment_id == environment_id,
            devices.c.user_id == user_id,
            devices.c.id == device_id,
            devices.c.forgotten_at.is_(None),
        )
        .values(forgotten_at=now)
        .returning(devices.c.id)
    ).first()
    return gone is not None


def forget_all(connection: Connection, environment_id: bytes, user_id: bytes, *, now: int) -> None:
    """Forget every device of the user."""
    connection.execute(
        update(devices)
        .where(
            devices.c.environment_id == environment_id,
            devices.c.user_id == user_id,
            devices.c.forgotten_at.is_(None),
        )
        .values(forgotten_at=now)
    )


def of_user(connection: Connection, environment_id: bytes, user_id: bytes) -> Sequence[Device]:
    """The user's devices that were not forgotten, the last used one first."""
    rows = connection.execute(
        select(devices)
        .where(
            devices.c.environment_id == environment_id,
            devices.c.user_id == user_id,
            devices.c.forgotten_at.is_(None),
        )
        .order_by(devices.c.last_used_at.desc(), devices.c.id)
    ).all()
    return [_device(row) for row in rows]


def others(
    connection: Connection, environment_id: bytes, user_id: bytes, device_id: bytes
) -> Sequence[Device]:
    """The user's last used devices but that one, forgotten ones included, at most twenty."""
    rows = connection.execute(
        select(devices)
        .where(
            devices.c.environment_id == environment_id,
            devices.c.user_id == user_id,
            devices.c.id != device_id,
        )
        .order_by(devices.c.last_used_at.desc(), devices.c.id)
        .limit(MOST_REMEMBERED)
    ).all()
    return [_device(row) for row in rows]


def _state(device: Device) -> dict[str, Any]:
    return {
        "verified_at": device.verified_at,
        "days_at_issue": device.days_at_issue,
        "passes_until": device.passes_until,
        "forgotten_at": device.forgotten_at,
        "installation_generation": device.generations.installation,
        "password_generation": device.generations.password,
        "second_step_generation": device.generations.second_step,
        "remembering_generation": device.numbers.remembering,
        "off_generation": device.numbers.off,
        "way": None if device.way is None else device.way.value,
    }


def _device(row: Row[Any]) -> Device:
    return Device(
        id=row.id,
        user_id=row.user_id,
        browser=row.browser,
        address=row.address,
        first_used_at=row.first_used_at,
        last_used_at=row.last_used_at,
        verified_at=row.verified_at,
        days_at_issue=row.days_at_issue,
        passes_until=row.passes_until,
        forgotten_at=row.forgotten_at,
        generations=Generations(
            installation=row.installation_generation,
            password=row.password_generation,
            second_step=row.second_step_generation,
        ),
        numbers=EnvironmentNumbers(remembering=row.remembering_generation, off=row.off_generation),
        way=None if row.way is None else Way(row.way),
    )
