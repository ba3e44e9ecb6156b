"""Messages as rules: which goes first, how often, and when one may be asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.messages import (
    ASKED_FOR,
    CROWD,
    DAY,
    FAILED,
    HOUR,
    LEASE,
    MINUTE,
    NOTICES_LAST,
    PER_ADDRESS,
    PER_USER,
    SECOND,
    SENDING_LASTS,
    WAITING,
    Cap,
    MessageKind,
    MessageState,
    Priority,
    may_send_at,
    minutes_for,
    next_try,
    priority_of,
)

NOW = 1_767_225_600_000
ASKED, NOTICE = Priority.SOMEBODY_WAITS, Priority.NOTICE
times = st.lists(st.integers(NOW - 2 * DAY, NOW + MINUTE), max_size=80)


def test_what_somebody_waits_for_goes_before_every_notice() -> None:
    assert {kind for kind in MessageKind if priority_of(kind) is ASKED} == ASKED_FOR | {
        MessageKind.PASSWORD_RESET
    }
    assert ASKED < NOTICE


def test_a_try_is_over_before_its_claim_is() -> None:
    assert SENDING_LASTS < LEASE


@pytest.mark.parametrize(
    ("priority", "attempts", "wait"),
    [
        (ASKED, 1, 5 * SECOND),
        (ASKED, 2, 10 * SECOND),
        (ASKED, 3, 20 * SECOND),
        (ASKED, 4, 30 * SECOND),
        (ASKED, 5, MINUTE),
        (ASKED, 50, MINUTE),
        (NOTICE, 1, MINUTE),
        (NOTICE, 2, 5 * MINUTE),
        (NOTICE, 3, 15 * MINUTE),
        (NOTICE, 4, 30 * MINUTE),
        (NOTICE, 5, HOUR),
        (NOTICE, 50, HOUR),
    ],
)
def test_the_waits_grow(priority: Priority, attempts: int, wait: int) -> None:
    assert next_try(priority, attempts=attempts, now=NOW, expires_at=NOW + DAY) == NOW + wait


def test_a_message_is_given_up_when_its_time_will_be_over_at_the_next_try() -> None:
    def asked(expires_at: int) -> int | None:
        return next_try(ASKED, attempts=1, now=NOW, expires_at=expires_at)

    assert asked(NOW + 5 * SECOND + 1) == NOW + 5 * SECOND
    assert asked(NOW + 5 * SECOND) is None
    assert asked(NOW - 1) is None


def tries(priority: Priority, lasts: int) -> int:
    at: int | None = NOW
    count = 0
    while at is not None:
        count += 1
        at = next_try(priority, attempts=count, now=at, expires_at=NOW + lasts)
    return count


def test_a_code_of_ten_minutes_and_a_notice_of_two_days_are_tried_so_often() -> None:
    """A greylisting server that wants five minutes gets a try after them."""
    assert tries(ASKED, 10 * MINUTE) == 13
    assert tries(NOTICE, NOTICES_LAST) == 52


def test_nothing_was_asked_for_so_it_may_be_now() -> None:
    assert may_send_at(to_address=[], by_user=[], now=NOW) == NOW


@pytest.mark.parametrize(
    ("to_address", "by_user", "at"),
    [
        ([NOW - 29 * SECOND], [], NOW + SECOND),
        ([NOW - 30 * SECOND], [], NOW),
        ([NOW + 10 * SECOND], [], NOW + 30 * SECOND),
        ([], [NOW - HOUR + 1, *[NOW - MINUTE] * 4], NOW + 1),
        ([], [NOW - HOUR, *[NOW - MINUTE] * 4], NOW),
        ([], [NOW - MINUTE] * 4, NOW),
        ([], [NOW - 3 * HOUR] * 15, NOW + 21 * HOUR),
        ([], [NOW - 3 * HOUR] * 14, NOW),
        ([NOW - 2 * HOUR] * 60, [], NOW + 22 * HOUR),
        ([NOW - 2 * HOUR] * 59, [], NOW),
        ([NOW - SECOND], [NOW - MINUTE] * 5, NOW + 59 * MINUTE),
    ],
)
def test_the_caps_of_section_5_4(to_address: list[int], by_user: list[int], at: int) -> None:
    assert may_send_at(to_address=to_address, by_user=by_user, now=NOW) == at


def within(times: list[int], cap: Cap, now: int) -> int:
    return sum(min(at, now) > now - cap.within for at in times)


@given(times, times)
def test_ac_53_at_the_moment_that_is_named_every_cap_has_room_and_a_moment_before_one_has_not(
    to_address: list[int], by_user: list[int]
) -> None:
    at = may_send_at(to_address=to_address, by_user=by_user, now=NOW)

    def room(now: int) -> bool:
        known_to = [min(time, NOW) for time in to_address]
        known_by = [min(time, NOW) for time in by_user]
        return all(within(known_to, cap, now) < cap.most for cap in PER_ADDRESS) and all(
            within(known_by, cap, now) < cap.most for cap in PER_USER
        )

    assert at >= NOW
    assert room(at)
    assert at == NOW or not room(at - 1)


@pytest.mark.parametrize(
    ("count", "rate", "minutes"),
    [(CROWD, 30, 67), (60, 30, 2), (61, 30, 3), (1, 30, 1), (0, 30, 0)],
)
def test_a_crowd_takes_as_many_minutes_as_the_rate_allows(
    count: int, rate: int, minutes: int
) -> None:
    assert minutes_for(count, rate) == minutes


@given(st.integers(1, 10**6), st.integers(1, 10**5))
def test_in_so_many_minutes_all_of_them_leave_and_in_one_less_they_do_not(
    count: int, rate: int
) -> None:
    minutes = minutes_for(count, rate)
    assert (minutes - 1) * rate < count <= minutes * rate


def test_no_message_that_waits_has_failed() -> None:
    assert not WAITING & FAILED
    assert MessageState.ACCEPTED not in WAITING | FAILED
