"""How many wrong tries an account stands, and how long it then rests: SECURITY §5.4 as code.

Promise: however many sessions, addresses, processes and doors a guesser uses, no more tries are
evaluated than these numbers allow, because every try is **reserved** under a lock of its
subject's row, and committed, before the proof is compared. The counting rules:

* An attempt counts from its reservation. One still ``open`` counts as a failure at once, not
  after ten seconds: then five hundred parallel guesses cannot all see an empty table (AC-14),
  and one whose process was killed between reserve and result has been counted (AC-13).
* It counts until its own sign-in succeeds (``forgiven``). A person's typos drop out so; an
  attacker's never do, because an attacker's sign-ins never succeed. Somebody else's success
  forgives nothing, so an owner who signs in daily does not refill a guesser's budget.
* An attempt that was not evaluated does not count: ``refused`` by a pause (so nobody can make
  a pause longer by knocking), or ``void`` because the answer was never computed (queue full).
* Passwords, second steps and recovery codes have separate counters (AC-18), so that a person whose
  codes are paused by somebody else's guesses still has the sheet of paper. All other codes share
  one.

::

    reserve ─► open ──wrong──► failed ──its sign-in succeeds──► forgiven
       │        ├──right──► passed
       │        └──never compared──► void        (killed: stays open, and counts)
       └──pause──► refused

The subject is a user's id, or a keyed hash of a name that does not exist: same numbers, same
answers, no enumeration (AC-15, AC-20).

Sources: NIST SP 800-63B-4 §3.2.2 (at most 100 consecutive failures, growing waits), RFC 4226
§7.3 (throttling across sessions), PCI DSS 8.3.4 (10 tries, 30 minutes). What the second-step
budget leaves to a guesser is computed in tests/core/test_lockouts_arithmetic.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from twostep.core.networks import NETWORK, NetworkSchedule

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


class Purpose(StrEnum):
    """What was tried. Each has its own counter, and a success of one says nothing of the other."""

    PASSWORD = "password"
    SECOND_STEP = "second_step"
    RECOVERY_CODE = "recovery_code"
    HELP_DESK_CODE = "help_desk_code"


class AttemptState(StrEnum):
    """What became of an attempt; the drawing stands at the top of this module."""

    OPEN = "open"
    FAILED = "failed"
    PASSED = "passed"
    FORGIVEN = "forgiven"
    VOID = "void"
    REFUSED = "refused"


COUNTED: Final = frozenset({AttemptState.OPEN, AttemptState.FAILED})
"""The states that count against a subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """From this many counted failures on, each one is followed by a pause (milliseconds)."""

    failures: int
    pause: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """At most so many counted attempts in any window of that length (milliseconds)."""

    most: int
    window: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The numbers of one counter.

    ``delays`` rise; the longest that is reached holds. They look back over ``memory``, because
    an owner's abandoned tries of last winter should not slow today's typo; budgets look back
    over their own windows. ``hard_stop`` consecutive failures, however old, disable the method
    until an administrator clears the counter.
    """

    delays: tuple[Delay, ...]
    memory: int
    budgets: tuple[Budget, ...]
    hard_stop: int

    def __post_init__(self) -> None:
        """Raise ValueError where the delays do not rise, or a budget exceeds the hard stop."""
        reached = [delay.failures for delay in self.delays]
        if reached != sorted(set(reached)) or any(failures < 1 for failures in reached):
            raise ValueError("delays must rise, from 1 failure on")
        if any(not 1 <= budget.most <= self.hard_stop for budget in self.budgets):
            raise ValueError("a budget lies between 1 and the hard stop")

    @property
    def most_needed(self) -> int:
        """How many of the newest counted times ``standing`` needs; older ones change nothing."""
        return max([self.hard_stop, *(delay.failures for delay in self.delays)])

    def pause_after(self, failures: int) -> int:
        """The pause (milliseconds) that follows the failure with this number; 0 for none."""
        return max((delay.pause for delay in self.delays if delay.failures <= failures), default=0)


PASSWORD: Final = Schedule(
    delays=(
        Delay(failures=5, pause=30 * SECOND),
        Delay(failures=6, pause=MINUTE),
        Delay(failures=7, pause=2 * MINUTE),
        Delay(failures=8, pause=5 * MINUTE),
        Delay(failures=9, pause=15 * MINUTE),
        Delay(failures=10, pause=30 * MINUTE),
    ),
    memory=30 * DAY,
    budgets=(),
    hard_stop=100,
)
"""No budget: at 30 minutes each, a guesser has 48 tries a day at a password that is on no list,
and a budget would let anybody who knows a user name shut its owner out for a day."""

SECOND_STEP: Final = Schedule(
    delays=(Delay(failures=5, pause=30 * SECOND), Delay(failures=10, pause=30 * MINUTE)),
    memory=30 * DAY,
    budgets=(Budget(most=20, window=DAY), Budget(most=50, window=30 * DAY)),
    hard_stop=100,
)
"""Whoever meets this counter knew the password. 608 tries a year at three codes in a million are
a chance of 0.18 %; without the budgets, 30-minute pauses alone would leave 41 % (§4.5)."""

RECOVERY_CODE: Final = Schedule(
    delays=(),
    memory=DAY,
    budgets=(Budget(most=5, window=HOUR), Budget(most=10, window=DAY)),
    hard_stop=100,
)
"""Nobody guesses 80 bits. What is held back is the work, a password hash for each try, and whoever
types off a photograph of somebody's sheet. Typed with paper in hand, five are plenty (§5.4)."""

HELP_DESK_CODE: Final = Schedule(
    delays=(),
    memory=DAY,
    budgets=(Budget(most=5, window=HOUR), Budget(most=10, window=DAY)),
    hard_stop=100,
)
"""Forty bits that live for a day: ten tries a day are a chance of one in a hundred thousand
millions. Counted apart, so that whoever is paused for wrong codes of the app can be helped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The whole table. ``core.networks`` explains the network's part."""

    password: Schedule
    second_step: Schedule
    recovery_code: Schedule
    help_desk_code: Schedule
    network: NetworkSchedule

    def of(self, purpose: Purpose) -> Schedule:
        """The schedule of that counter."""
        match purpose:
            case Purpose.PASSWORD:
                return self.password
            case Purpose.SECOND_STEP:
                return self.second_step
            case Purpose.RECOVERY_CODE:
                return self.recovery_code
            case Purpose.HELP_DESK_CODE:
                return self.help_desk_code
            case _:
                assert_never(purpose)


LIMITS: Final = Limits(
    password=PASSWORD,
    second_step=SECOND_STEP,
    recovery_code=RECOVERY_CODE,
    help_desk_code=HELP_DESK_CODE,
    network=NETWORK,
)


class Cause(StrEnum):
    """Why nothing is evaluated now."""

    DELAY = "delay"
    BUDGET = "budget"
    HARD_STOP = "hard_stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a subject stands now. Nothing may be evaluated unless ``open_now``.

    ``blocked_until`` is in milliseconds; None where no pause runs, and where the subject is
    ``disabled`` and only clearing the counter helps. ``counted``: attempts within the
    schedule's memory.
    ``tries_left_before_pause``: how many more may fail until a pause begins; 0 during one.
    ``budget_spent``: a rolling budget is used up, so whoever tries has the password and is
    probably not its owner (§5.4: tell them by mail, ask for a new password).
    """

    blocked_until: int | None
    disabled: bool
    counted: int
    tries_left_before_pause: int
    budget_spent: bool
    cause: Cause | None

    @property
    def open_now(self) -> bool:
        """Whether an attempt may be reserved and evaluated."""
        return self.cause is None


def standing(
    counted: Sequence[int],
    *,
    now: int,
    schedule: Schedule,
    cleared_at: int | None,
    last_success_at: int | None = None,
) -> Standing:
    """Derive a subject's standing at ``now`` from the times of its counted attempts.

    ``counted``: when attempts in a state of ``COUNTED`` were reserved, newest first; the newest
    ``schedule.most_needed`` suffice, so one indexed query with a LIMIT gives them. Those up to
    ``cleared_at`` are left out here, whether or not the query did. Times after ``now`` count:
    a clock that was set back frees nobody (AC-58).

    ``last_success_at``: when a sign-in of this subject last succeeded with this method. NIST
    counts *consecutive* failures, so it ends the row of the hard stop, and nothing else. None
    (never, or not known) counts all: the stricter reading.

    An attempt that is being settled must be settled first: it would count itself.
    """
    times = [time for time in counted if cleared_at is None or time > cleared_at]
    consecutive = sum(1 for time in times if last_success_at is None or time > last_success_at)
    remembered = _within(times, now, schedule.memory)
    pause = schedule.pause_after(remembered)
    # Without a pause the newest one does not count, not even after a clock was set back before it.
    delay_until = times[0] + pause if pause else 0
    budget_until = max((_filled_until(times, budget) for budget in schedule.budgets), default=0)
    pauses = {Cause.BUDGET: budget_until, Cause.DELAY: delay_until}
    running = [cause for cause, until in pauses.items() if until > now]
    stopped = consecutive >= schedule.hard_stop
    cause = Cause.HARD_STOP if stopped else next(iter(running), None)
    return Standing(
        blocked_until=max(pauses.values()) if running and not stopped else None,
        disabled=stopped,
        counted=remembered,
        tries_left_before_pause=0 if cause else _tries_left(times, now, schedule, consecutive),
        budget_spent=budget_until > now,
        cause=cause,
    )


def _within(times: Sequence[int], now: int, window: int) -> int:
    return sum(1 for time in times if time > now - window)


def _filled_until(times: Sequence[int], budget: Budget) -> int:
    """When the attempt that fills the budget leaves its window; 0 where too few were made."""
    return times[budget.most - 1] + budget.window if len(times) >= budget.most else 0


def _tries_left(times: Sequence[int], now: int, schedule: Schedule, consecutive: int) -> int:
    until_delay = [
        max(1, delay.failures - _within(times, now, schedule.memory)) for delay in schedule.delays
    ]
    until_full = [budget.most - _within(times, now, budget.window) for budget in schedule.budgets]
    return min([schedule.hard_stop - consecutive, *until_delay, *until_full])
