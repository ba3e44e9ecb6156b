"""What must hold in the database at every moment, whatever was done to it (SECURITY §6.2).

``hold(installation)`` looks at all of it and raises AssertionError, which names the invariant. It
reads the tables and nothing else, so it believes no flow. To look after each test of a file:

    pytestmark = pytest.mark.usefixtures("invariants_hold")

where ``invariants_hold`` is known to the conftest.py of the folder, and the house to the test.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import Row, Table, select

from twostep.core.audit import EventKind
from twostep.core.authenticators import NEW_KEY, step_at
from twostep.core.lockouts import Limits, Purpose, Schedule
from twostep.flows.audit_chain import verify_environment
from twostep.flows.installation import Installation
from twostep.flows.sealing import seal
from twostep.storage import tables

Rows = Sequence[Row[Any]]

COUNTED = ("open", "failed")
EVALUATED = (*COUNTED, "passed", "forgiven")
LEVELS = {
    "2": {"authenticator", "recovery_code"},
    "2s": {"text_code"},
    "2e": {"email_code"},
}
"""What a level stands on, beside the password (SECURITY section 0.3)."""


@pytest.fixture
def invariants_hold(request: pytest.FixtureRequest) -> Iterator[None]:
    """After the test, all that must hold does, in whichever house it used."""
    names = {"house", "unlimited_house"} & set(request.fixturenames)
    houses = [request.getfixturevalue(name) for name in sorted(names)]
    yield
    for house in houses:
        hold(house.installation)


def hold(installation: Installation) -> None:
    """Raise AssertionError where an invariant does not hold."""
    facts = _Facts(installation)
    no_session_without_the_proofs_it_needed(facts)
    one_live_session_for_each_sign_in(facts)
    no_step_was_accepted_twice(facts)
    each_sent_code_was_spent_for_one_proof(facts)
    no_help_desk_code_was_used_too_often(facts)
    no_more_tries_than_the_budgets_allow(facts, installation.limits)
    each_change_has_its_event(facts)
    permissions_come_from_holders(facts)
    the_chains_verify(installation)


class _Facts:
    """The rows of every table that is asked for, read at one moment."""

    def __init__(self, installation: Installation) -> None:
        def read(connection: Any) -> dict[str, Rows]:
            return {
                table.name: connection.execute(select(table)).all()
                for table in tables.metadata.sorted_tables
            }

        self._rows = installation.database.read(read)

    def of(self, table: Table) -> Rows:
        return self._rows[table.name]

    def by_id(self, table: Table) -> dict[bytes, Row[Any]]:
        return {row.id: row for row in self.of(table)}

    def events(self, *kinds: EventKind) -> list[dict[str, Any]]:
        """The data of all events of these kinds, with their kind and target."""
        return [
            {**json.loads(row.data), "kind": row.kind, "target": row.target_id}
            for row in self.of(tables.events)
            if row.kind in kinds
        ]


def _reasons(row: Row[Any]) -> set[str]:
    return {reason["code"] for reason in json.loads(row.reasons)}


def no_session_without_the_proofs_it_needed(facts: _Facts) -> None:
    """I-1 and I-13: each session stands on a completed sign-in, with the proofs of its level.

    Where the policy of today holds since before the session began, it must have what that demands.
    """
    sign_ins = facts.by_id(tables.sign_ins)
    proofs = defaultdict(list)
    for proof in facts.of(tables.proofs):
        proofs[proof.sign_in_id].append(proof)
    devices = facts.by_id(tables.devices)
    owners = {row.id: row.user_id for row in facts.of(tables.authenticators)}
    for session in facts.of(tables.sessions):
        sign_in = sign_ins[session.sign_in_id]
        assert sign_in.state == "completed", "I-1: a session of a sign-in that was not completed"
        assert sign_in.user_id == session.user_id, "I-1: a session of somebody else's sign-in"
        shown = proofs[sign_in.id]
        assert any(proof.kind == "password" for proof in shown), "I-1: a session without password"
        helped = {"help_desk_code", "set_up_code"}
        second = [proof for proof in shown if proof.kind not in {"password", *helped}]
        assert all(
            owners[proof.credential_id] == session.user_id
            for proof in second
            if proof.kind == "authenticator"
        ), "I-1: a proof with somebody else's key"
        earned = [level for level, kinds in LEVELS.items() if kinds & {row.kind for row in second}]
        # What was shown on the way out of a session counts for the one that came after it.
        if session.level in LEVELS or session.ended_by != "exchanged":
            above = session.level in LEVELS and session.level not in earned
            assert not above, "I-13: a level above its proofs"
            assert bool(second) == (session.level in LEVELS), "I-13: a level below its proofs"
        if session.level == "1h":
            _stands_on_a_help_desk_code(facts, session, shown)
        elif session.level == "1r":
            _stands_on_a_device(devices.get(session.device_id), session)
        elif _demanded(facts, session) and "two_step_paused" not in _reasons(session):
            assert second, "I-1: a session that lacks the second step that its policy demanded"


def _stands_on_a_device(device: Row[Any] | None, session: Row[Any]) -> None:
    """I-4: a session of level 1r is one on a device of that very user, where a code was right."""
    assert device is not None, "I-4: remembered without a device"
    assert device.user_id == session.user_id, "I-4: remembered as somebody else's device"
    assert device.verified_at is not None, "I-4: remembered without a code"


def _stands_on_a_help_desk_code(facts: _Facts, session: Row[Any], shown: Rows) -> None:
    """A session of level 1h is one of that very user's code for today's work, and ends with it."""
    code = facts.by_id(tables.help_desk_codes).get(session.help_desk_code_id)
    assert code is not None, "I-1: helped in without a code"
    assert code.user_id == session.user_id, "I-1: helped in by somebody else's code"
    assert code.purpose == "today", "I-1: helped in by a code for set-up"
    assert session.ends_at == code.ends_at, "B-4: a session that outlives its code"
    assert any(proof.credential_id == code.id for proof in shown), "I-1: a code that was not shown"


def no_help_desk_code_was_used_too_often(facts: _Facts) -> None:
    """I-2: as many proofs as uses, and no more uses than it was made for."""
    kinds = ("help_desk_code", "set_up_code")
    proofs = Counter(row.credential_id for row in facts.of(tables.proofs) if row.kind in kinds)
    for code in facts.of(tables.help_desk_codes):
        assert code.used <= code.uses, "I-2: a help-desk code was used too often"
        assert proofs[code.id] == code.used, "I-2: proofs without a use of their own"


def _demanded(facts: _Facts, session: Row[Any]) -> bool:
    mode, since = "optional", 0
    for row in facts.of(tables.properties):
        if row.environment_id != session.environment_id:
            continue
        if row.name == "two_step_verification":
            mode, since = row.value, max(since, row.changed_at)
        if row.name == "two_step_required_from":
            since = max(since, row.changed_at, int(row.value))
    if since >= session.started_at:
        return False
    had_one = any(
        row.user_id == session.user_id
        and row.state == "active"
        and row.confirmed_at < session.started_at
        for row in facts.of(tables.authenticators)
    )
    return mode == "required" or (mode == "optional" and had_one)


def one_live_session_for_each_sign_in(facts: _Facts) -> None:
    """AC-03, AC-05: a sign-in gives one session, and each exchange ends the one before."""
    live = Counter(row.sign_in_id for row in facts.of(tables.sessions) if row.ended_at is None)
    assert not [number for number in live.values() if number > 1], "two sessions of one sign-in"


def no_step_was_accepted_twice(facts: _Facts) -> None:
    """I-2, as far as rows can tell: no more proofs with a key than it has steps in that time."""
    shown = defaultdict(list)
    for proof in facts.of(tables.proofs):
        if proof.credential_id is not None:
            shown[proof.credential_id].append(proof.shown_at)
    for authenticator in facts.of(tables.authenticators):
        times = sorted(shown[authenticator.id])
        for first, begun in enumerate(times):
            for last in range(first, len(times)):
                steps = step_at(times[last], NEW_KEY) - step_at(begun, NEW_KEY) + 3
                assert last - first + 1 <= steps, "I-2: a step of a key was accepted twice"
        if times:
            newest = step_at(max(times), NEW_KEY) + 1
            assert authenticator.last_step <= newest, "I-2: a step was spent ahead of its time"


def each_sent_code_was_spent_for_one_proof(facts: _Facts) -> None:
    """I-2: as many proofs by email and text as codes that were used, of the same sign-in each; no
    code was compared more often than five times, and one is alive of each.
    """
    codes = facts.of(tables.sent_codes)
    used = Counter((row.sign_in_id, row.method) for row in codes if row.state == "used")
    proofs = (row for row in facts.of(tables.proofs) if row.kind in ("email_code", "text_code"))
    shown = Counter((row.sign_in_id, row.kind) for row in proofs)
    assert shown == used, "I-2: proofs without a code of their own"
    assert all(row.tries <= 5 for row in codes), "I-11: a code took more than five tries"
    live = Counter(
        (row.sign_in_id, row.purpose, row.method) for row in codes if row.state == "live"
    )
    assert all(number == 1 for number in live.values()), "two codes alive of one sign-in"


def no_more_tries_than_the_budgets_allow(facts: _Facts, limits: Limits) -> None:
    """I-11: for each counter, in every window, however the tries came.

    What was counted once may have been forgiven since, but never the other way round, so what
    counts now did so when the next one was reserved.
    """
    cleared = {
        (row.environment_id, row.subject, row.purpose): row.cleared_at or -1
        for row in facts.of(tables.lockouts)
    }
    tries = defaultdict(list)
    for row in facts.of(tables.attempts):
        if row.state in COUNTED:
            counter = (row.environment_id, row.subject, row.purpose)
            after = row.started_at > cleared.get(counter, -1)
            tries[(*counter, after)].append(row.started_at)
    for (_, _, purpose, _), times in tries.items():
        _within(sorted(times), limits.of(Purpose(purpose)))


def _within(times: list[int], schedule: Schedule) -> None:
    for budget in schedule.budgets:
        for first, begun in enumerate(times):
            window = [time for time in times[first:] if time < begun + budget.window]
            assert len(window) <= budget.most, f"I-11: {len(window)} tries in a window"
    first_delay = min((delay.failures for delay in schedule.delays), default=len(times))
    for time in sorted(set(times)):
        before = [earlier for earlier in times if time - schedule.memory < earlier < time]
        at_once = times.count(time)
        assert at_once <= max(1, first_delay - len(before)), f"I-11: {at_once} tries at once"
        if before:
            until = before[-1] + schedule.pause_after(len(before))
            assert time >= until, "I-6: a try was evaluated during a pause"


def each_change_has_its_event(facts: _Facts) -> None:
    """I-14: as many events as changes, each about the same thing."""
    sessions, sign_ins = facts.of(tables.sessions), facts.of(tables.sign_ins)
    ended = facts.events(EventKind.SESSION_ENDED, EventKind.SIGNED_OUT)
    _same(
        (row.id.hex() for row in sessions if row.ended_at is not None),
        (event["session"] for event in ended),
        "sessions that ended",
    )
    completed = facts.events(EventKind.SIGN_IN_COMPLETED)
    _same(
        (row.id.hex() for row in sign_ins if row.state == "completed"),
        (event["sign_in"] for event in completed),
        "sign-ins that were completed",
    )
    exchanged = [event for event in ended if event["ended_by"] == "exchanged"]
    assert len(sessions) == len(completed) + len(exchanged), "I-14: sessions that nobody began"
    _same(
        (row.id.hex() for row in sign_ins if row.state == "cancelled"),
        (event["sign_in"] for event in facts.events(EventKind.SIGN_IN_CANCELLED)),
        "sign-ins that were cancelled",
    )
    confirmed = [row for row in facts.of(tables.authenticators) if row.confirmed_at is not None]
    _same(
        (row.id.hex() for row in confirmed),
        (event["authenticator"] for event in facts.events(EventKind.AUTHENTICATOR_SET_UP)),
        "authenticators that were set up",
    )
    _each_raise_has_its_event(facts)
    _each_try_has_its_event(facts)


def _each_raise_has_its_event(facts: _Facts) -> None:
    changed = Counter(
        event["target"]
        for event in facts.events(
            EventKind.CODES_TURNED_ON,
            EventKind.CODES_TURNED_OFF,
            EventKind.ADDRESS_CONFIRMED,
            EventKind.ADDRESS_REMOVED,
            EventKind.ADDRESS_SET_FOR_USER,
            EventKind.ADDRESS_REMOVED_FOR_USER,
        )
    )
    set_up_or_removed = (EventKind.AUTHENTICATOR_SET_UP, EventKind.TWO_STEP_REMOVED)
    for kinds, column in (
        ((EventKind.PASSWORD_CHANGED,), "password_generation"),
        (set_up_or_removed, "second_step_generation"),
    ):
        events = Counter(event["target"] for event in facts.events(*kinds))
        for user in facts.of(tables.users):
            raises = getattr(user, column) - 1
            # A first address raises nothing, another one in its place does.
            most = events[user.id] + (changed[user.id] if column != "password_generation" else 0)
            assert events[user.id] <= raises <= most, f"I-14: {raises} raises of {column}"


def _each_try_has_its_event(facts: _Facts) -> None:
    """Each try that was wrong, or refused by a pause; those at names that nobody has as well."""
    states = Counter((row.purpose, row.state) for row in facts.of(tables.attempts))
    wrong = facts.events(
        EventKind.CODE_REFUSED,
        EventKind.CODE_ALREADY_USED,
        EventKind.CODE_CLOCK_OFF,
        EventKind.AUTHENTICATOR_SET_UP_REFUSED,
    )
    paused = [event for event in wrong if event.get("why") == "paused"]
    codes = states["second_step", "failed"] + states["second_step", "forgiven"]
    assert len(wrong) - len(paused) == codes, f"I-14: {codes} wrong codes, {len(wrong)} events"
    assert len(paused) == states["second_step", "refused"], "I-14: codes refused by a pause"
    refused = facts.events(EventKind.PASSWORD_REFUSED, EventKind.PASSWORD_CHANGE_REFUSED)
    # One that names a sign-in tells of a right password that led nowhere.
    passwords = [event for event in refused if "sign_in" not in event]
    tried = sum(states["password", state] for state in ("failed", "forgiven", "refused"))
    assert len(passwords) == tried, f"I-14: {tried} wrong passwords, {len(passwords)} events"


def permissions_come_from_holders(facts: _Facts) -> None:
    """I-17: each permission was given by the operator, or by somebody else who had been given it
    before; and nobody has one without an event.
    """
    events = sorted(facts.of(tables.events), key=lambda row: row.happened_at)
    given: dict[tuple[bytes, str], int] = {}
    balance: Counter[tuple[bytes, str]] = Counter()
    for row in events:
        if row.kind not in {EventKind.PERMISSION_GRANTED, EventKind.PERMISSION_REVOKED}:
            continue
        what = (row.target_id, json.loads(row.data)["permission"])
        balance[what] += 1 if row.kind == EventKind.PERMISSION_GRANTED else -1
        if row.kind == EventKind.PERMISSION_GRANTED:
            given.setdefault(what, row.happened_at)
    for row in events:
        if row.kind == EventKind.PERMISSION_GRANTED and row.actor_id is not None:
            assert row.actor_id != row.target_id, "I-17: somebody gave themselves a permission"
            held = given.get((row.actor_id, json.loads(row.data)["permission"]))
            assert held is not None and held <= row.happened_at, "I-17: given by no holder"
    for row in facts.of(tables.grants):
        assert balance[(row.user_id, row.permission)] == 1, "I-17: a permission without its event"


def _same(rows: Iterable[str], events: Iterable[str], what: str) -> None:
    assert Counter(rows) == Counter(events), f"I-14: {what} without an event of their own"


def the_chains_verify(installation: Installation) -> None:
    """I-14: every environment's log is whole."""
    now = installation.clock()
    seal(installation, now=now)

    def ids(connection: Any) -> Sequence[bytes]:
        found: Sequence[bytes] = (
            connection.execute(select(tables.environments.c.id)).scalars().all()
        )
        return found

    for environment_id in installation.database.read(ids):
        found = verify_environment(
            installation.database, installation.keys, environment_id, now=now
        )
        assert found.in_order, f"I-14: {found}"
        assert found.unsealed == 0, "I-14: events that nobody seals"
