"""Changes to the rules about devices, each of which somebody could make by mistake.

What each one breaks stands in docs/develop/device-mutants.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select, update

from twostep.core import devices as rules
from twostep.core import situations
from twostep.core.devices import DAY, PASSES_FOR, Device
from twostep.core.generations import Generations
from twostep.flows import devices as device_flows
from twostep.storage import devices, environments, sign_ins, tables
from twostep.storage.database import Connection

Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Mutant:
    """``focus``: the acts among which it is looked for, beside signing in."""

    apply: Callable[[Patch], None]
    focus: frozenset[str]


MUTANTS: dict[str, Mutant] = {}

TIME = frozenset({"time_passes", "time_passes_until_it_ends"})
BACK = frozenset({"clock_is_set_back"})
DAYS = frozenset({"administrator_sets_days"})
MODES = frozenset({"administrator_sets_mode"})
ACTS = frozenset({"person_acts"})
FORGETS = frozenset({"person_forgets"})
COPIES = frozenset({"copy_cookies"})


def _mutant(focus: frozenset[str]) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    def keep(apply: Callable[[Patch], None]) -> Callable[[Patch], None]:
        MUTANTS[apply.__name__] = Mutant(apply, focus)
        return apply

    return keep


def _lasts(patch: Patch, days: Callable[[int, int], int]) -> None:
    """Remembering lasts so many days, of those then and those now."""
    plain = Device.remembered_until

    def mutant(self: Device, *, days_now: int, numbers: Any) -> int | None:
        until = plain(self, days_now=days_now, numbers=numbers)
        if until is None or self.verified_at is None or self.days_at_issue is None:
            return None
        return self.verified_at + days(self.days_at_issue, days_now) * DAY

    patch.setattr(Device, "remembered_until", mutant)


@_mutant(DAYS)
def the_larger_of_the_days(patch: Patch) -> None:
    _lasts(patch, max)


@_mutant(DAYS)
def the_days_of_today_alone(patch: Patch) -> None:
    _lasts(patch, lambda _then, now: now)


@_mutant(DAYS)
def no_days_are_no_limit(patch: Patch) -> None:
    _void(patch, lambda _passes_too: False)
    _lasts(patch, lambda then, now: min(then, now) if now else then)


def _void(patch: Patch, applies: Callable[[bool], bool]) -> None:
    """The numbers of the environment rise only where that says so."""
    plain = environments.forget_remembered

    def mutant(connection: Connection, environment_id: bytes, *, passes_too: bool) -> None:
        if applies(passes_too):
            plain(connection, environment_id, passes_too=passes_too)

    patch.setattr(environments, "forget_remembered", mutant)


@_mutant(DAYS)
def no_days_come_back_with_thirty(patch: Patch) -> None:
    _void(patch, lambda passes_too: passes_too)


@_mutant(MODES)
def off_ends_nothing(patch: Patch) -> None:
    _void(patch, lambda passes_too: not passes_too)


@_mutant(MODES)
def the_five_minutes_outlast_off(patch: Patch) -> None:
    def mutant(device: Device, _numbers: Any, now: int) -> bool:
        return device.passes_until is not None and now < device.passes_until

    patch.setattr(rules, "_passes_for_minutes", mutant)


@_mutant(TIME)
def each_sign_in_stretches_the_five_minutes(patch: Patch) -> None:
    plain = devices.rotate

    def mutant(connection: Connection, environment_id: bytes, device: Device, **more: Any) -> None:
        if device.passes_until is not None:
            device = replace(device, passes_until=device.last_used_at + PASSES_FOR)
        plain(connection, environment_id, device, **more)

    patch.setattr(devices, "rotate", mutant)


@_mutant(TIME)
def each_sign_in_stretches_the_days(patch: Patch) -> None:
    plain = devices.rotate

    def mutant(connection: Connection, environment_id: bytes, device: Device, **more: Any) -> None:
        if device.days_at_issue is not None:
            device = replace(device, verified_at=device.last_used_at)
        plain(connection, environment_id, device, **more)

    patch.setattr(devices, "rotate", mutant)


def _compares(patch: Patch, blind: Callable[[Device, Generations], Generations]) -> None:
    plain = rules.passing

    def mutant(device: Device, *, today: Generations, **more: Any) -> Any:
        seen = replace(device, generations=blind(device, today))
        return plain(seen, today=today, **more)

    patch.setattr(situations, "passing", mutant)


@_mutant(ACTS)
def a_new_password_ends_nothing(patch: Patch) -> None:
    _compares(patch, lambda device, today: replace(device.generations, password=today.password))


@_mutant(ACTS)
def a_new_key_ends_nothing(patch: Patch) -> None:
    _compares(
        patch, lambda device, today: replace(device.generations, second_step=today.second_step)
    )


@_mutant(FORGETS)
def a_forgotten_device_is_still_known(patch: Patch) -> None:
    plain = devices._device
    patch.setattr(devices, "_device", lambda row: replace(plain(row), forgotten_at=None))


@_mutant(FORGETS)
def forgetting_leaves_the_sessions(patch: Patch) -> None:
    patch.setattr(device_flows, "end", lambda *_given, **_named: False)


@_mutant(COPIES)
def an_old_token_is_good(patch: Patch) -> None:
    plain = devices.by_token

    def mutant(*given: Any) -> devices.Shown | None:
        found = plain(*given)
        return None if found is None else replace(found, good=True)

    patch.setattr(devices, "by_token", mutant)


@_mutant(COPIES)
def any_browser_is_the_newest_device(patch: Patch) -> None:
    plain = devices.by_token

    def mutant(
        connection: Connection, environment_id: bytes, user_id: bytes, token_hash: bytes
    ) -> devices.Shown | None:
        found = plain(connection, environment_id, user_id, token_hash)
        others = devices.of_user(connection, environment_id, user_id)
        return found or (devices.Shown(others[0], good=True) if others else None)

    patch.setattr(devices, "by_token", mutant)


@_mutant(ACTS)
def every_browser_is_carried_over(patch: Patch) -> None:
    plain = devices.carry_over

    def mutant(
        connection: Connection, environment_id: bytes, device_id: bytes, *, today: Generations
    ) -> None:
        this = devices.by_id(connection, environment_id, device_id)
        assert this is not None
        for device in devices.of_user(connection, environment_id, this.user_id):
            plain(connection, environment_id, device.id, today=today)

    patch.setattr(devices, "carry_over", mutant)


def _carried(patch: Patch, **columns: Any) -> None:
    """Carried over is whatever row this browser has."""

    def mutant(
        connection: Connection, environment_id: bytes, device_id: bytes, *, today: Generations
    ) -> None:
        del environment_id
        connection.execute(
            update(tables.devices)
            .where(tables.devices.c.id == device_id)
            .values(
                password_generation=today.password,
                second_step_generation=today.second_step,
                **columns,
            )
        )

    patch.setattr(devices, "carry_over", mutant)


@_mutant(ACTS)
def no_browser_is_carried_over(patch: Patch) -> None:
    patch.setattr(devices, "carry_over", lambda *_given, **_named: None)


@_mutant(ACTS)
def a_new_key_keeps_the_five_minutes(patch: Patch) -> None:
    _carried(patch)


@_mutant(TIME)
def the_tick_is_not_needed(patch: Patch) -> None:
    plain = sign_ins.want_remembering

    def mutant(connection: Connection, environment_id: bytes, id_: bytes, **_wanted: bool) -> None:
        plain(connection, environment_id, id_, wanted=True)

    patch.setattr(sign_ins, "want_remembering", mutant)


@_mutant(BACK)
def the_future_is_believed(patch: Patch) -> None:
    patch.setattr(rules, "CLOCK_SLACK", 400 * DAY)


@_mutant(COPIES)
def a_lost_answer_costs_the_remembering(patch: Patch) -> None:
    plain = devices.by_token

    def mutant(*given: Any) -> devices.Shown | None:
        found = plain(*given)
        newest = select(tables.devices.c.id).where(tables.devices.c.token_hash == given[3])
        return found and replace(found, good=given[0].execute(newest).first() is not None)

    patch.setattr(devices, "by_token", mutant)
