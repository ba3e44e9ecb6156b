"""AC-66: whatever is done to the sealed log, the first number that is wrong is named."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twostep.core.audit import Event, EventKind
from twostep.core.audit_chain import (
    GENESIS,
    Broken,
    Fault,
    Intact,
    Seal,
    SealedEvent,
    VerificationResult,
    chain,
    verify,
)

KEYS = {1: b"a" * 32, 2: b"b" * 32}
ENVIRONMENT = b"e" * 16


def sealed(
    count: int, *, note: str = "", start: int = 1, last: bytes = GENESIS
) -> list[SealedEvent]:
    """A chain of so many events; from number 4 on with the second key."""
    entries = []
    for number in range(start, start + count):
        event = Event(
            id=number.to_bytes(16, "big"),
            environment_id=ENVIRONMENT,
            at=1_000 * number,
            kind=EventKind.SESSION_STARTED,
            data={"note": note},
        )
        version = 1 if number < 4 else 2
        last = chain(last, event, key=KEYS[version])
        entries.append(SealedEvent(number=number, event=event, mac=last, key_version=version))
    return entries


LOG = sealed(8)
HEAD = Seal(number=8, mac=LOG[-1].mac)


def seal_at(entries: list[SealedEvent], number: int) -> Seal:
    return Seal(number=number, mac=entries[number - 1].mac)


def checked(entries: list[SealedEvent], *expected: Seal) -> VerificationResult:
    return verify(entries, key_of=KEYS.__getitem__, expected=expected or [HEAD])


def renumbered(entries: list[SealedEvent]) -> list[SealedEvent]:
    return [replace(entry, number=place) for place, entry in enumerate(entries, start=1)]


def edited(entry: SealedEvent, **changes: object) -> SealedEvent:
    assert entry.event is not None
    return replace(entry, event=replace(entry.event, **changes))  # type: ignore[arg-type]


numbers = st.integers(1, 8)


# --- whole


def test_a_whole_log_is_intact_over_a_change_of_keys() -> None:
    assert checked(LOG) == Intact(head=HEAD)


def test_an_empty_log_is_intact() -> None:
    empty = Seal(number=0, mac=GENESIS)
    assert verify([], key_of=KEYS.__getitem__) == Intact(head=empty)
    assert checked([], empty) == Intact(head=empty)
    assert checked(LOG, empty) == Intact(head=HEAD)


def test_entries_after_the_last_checkpoint_are_intact_too() -> None:
    assert checked(LOG, seal_at(LOG, 3), seal_at(LOG, 5), seal_at(LOG, 5)) == Intact(head=HEAD)


def test_each_entry_depends_on_all_before_it_and_on_the_key() -> None:
    event = LOG[0].event
    assert event is not None
    assert chain(GENESIS, event, key=KEYS[1]) == LOG[0].mac
    assert chain(GENESIS, event, key=KEYS[2]) != LOG[0].mac
    assert chain(LOG[0].mac, event, key=KEYS[1]) != LOG[0].mac


# --- AC-66: edit, delete, reorder, truncate, fork


@pytest.mark.parametrize(
    "changes",
    [
        {"at": 1},
        {"kind": EventKind.SESSION_ENDED},
        {"actor": b"x" * 16},
        {"target": b"x" * 16},
        {"visitor": b"x" * 16},
        {"data": {"note": "edited"}},
        {"environment_id": b"f" * 16},
        {"id": b"x" * 16},
    ],
    ids=lambda changes: next(iter(changes)),
)
@given(number=numbers)
def test_ac_66_an_edited_entry_is_named(changes: dict[str, object], number: int) -> None:
    log = list(LOG)
    log[number - 1] = edited(log[number - 1], **changes)
    assert checked(log) == Broken(number=number, fault=Fault.CHANGED)


@given(numbers)
def test_ac_66_a_changed_mac_is_named(number: int) -> None:
    log = list(LOG)
    log[number - 1] = replace(log[number - 1], mac=b"m" * 32)
    assert checked(log) == Broken(number=number, fault=Fault.CHANGED)


@given(numbers)
def test_ac_66_a_row_that_is_no_event_any_more_is_named(number: int) -> None:
    log = list(LOG)
    log[number - 1] = replace(log[number - 1], event=None)
    assert checked(log) == Broken(number=number, fault=Fault.CHANGED)


@given(numbers)
def test_ac_66_an_entry_put_in_is_named(number: int) -> None:
    forged = sealed(1, note="forged", start=number, last=LOG[number - 1].mac)
    log = renumbered([*LOG[: number - 1], replace(forged[0], mac=b"m" * 32), *LOG[number - 1 :]])
    found = checked(log)
    assert isinstance(found, Broken)
    assert found.number == number


@given(st.integers(1, 7))
def test_ac_66_a_deleted_entry_is_named_by_its_gap(number: int) -> None:
    log = [entry for entry in LOG if entry.number != number]
    assert checked(log) == Broken(number=number, fault=Fault.MISSING)


@given(st.integers(1, 7))
def test_ac_66_a_deleted_entry_is_named_although_the_numbers_were_closed_up(number: int) -> None:
    log = renumbered([entry for entry in LOG if entry.number != number])
    assert checked(log) == Broken(number=number, fault=Fault.MISSING)


@given(numbers, numbers)
def test_ac_66_entries_that_changed_places_are_named_by_the_first(one: int, other: int) -> None:
    first, second = sorted((one, other))
    log = list(LOG)
    log[first - 1], log[second - 1] = log[second - 1], log[first - 1]
    expected = Intact(head=HEAD) if one == other else Broken(number=first, fault=Fault.REORDERED)
    assert checked(renumbered(log)) == expected


def test_ac_66_rows_handed_over_in_the_wrong_order_are_named() -> None:
    log = [*LOG[:5], LOG[2], *LOG[5:]]
    assert checked(log) == Broken(number=6, fault=Fault.REORDERED)


@given(st.integers(0, 7))
def test_ac_66_a_tail_that_was_cut_off_is_named_by_the_newest_seal(kept: int) -> None:
    assert checked(LOG[:kept]) == Broken(number=kept + 1, fault=Fault.TRUNCATED)


def test_ac_66_a_tail_cut_off_with_its_seals_is_named_by_a_checkpoint() -> None:
    log, newest_seal_left = LOG[:4], seal_at(LOG, 4)
    assert checked(log, newest_seal_left) == Intact(head=newest_seal_left)
    found = checked(log, newest_seal_left, seal_at(LOG, 6))
    assert found == Broken(number=5, fault=Fault.TRUNCATED)


def test_ac_66_another_history_after_a_restore_is_named_by_a_checkpoint() -> None:
    """Sealed with the right key, so whole in itself: only the outside knows better."""
    log = [*LOG[:4], *sealed(5, note="other", start=5, last=LOG[3].mac)]
    assert isinstance(checked(log, seal_at(log, 9)), Intact)
    found = checked(log, seal_at(log, 9), seal_at(LOG, 4), seal_at(LOG, 7))
    assert found == Broken(number=7, fault=Fault.FORKED)


def test_ac_66_two_checkpoints_that_contradict_each_other_are_a_fork() -> None:
    other = Seal(number=6, mac=b"m" * 32)
    assert checked(LOG, seal_at(LOG, 6), other) == Broken(number=6, fault=Fault.FORKED)


def test_ac_66_a_number_claimed_twice_is_a_fork() -> None:
    twin = sealed(1, note="twin", start=4, last=LOG[2].mac)
    assert checked([*LOG[:4], *twin, *LOG[4:]]) == Broken(number=4, fault=Fault.FORKED)


def test_an_entry_of_another_environment_does_not_fit() -> None:
    log = [*LOG[:3], edited(LOG[3], environment_id=b"f" * 16), *LOG[4:]]
    assert checked(log) == Broken(number=4, fault=Fault.CHANGED)


def test_a_key_that_is_not_at_hand_is_named_where_it_is_first_needed() -> None:
    found = verify(LOG, key_of={1: KEYS[1]}.__getitem__, expected=[HEAD])
    assert found == Broken(number=4, fault=Fault.KEY_UNKNOWN)


def test_an_unknown_key_further_on_does_not_hide_what_broke_first() -> None:
    log = [edited(LOG[0], at=1), *LOG[1:]]
    found = verify(log, key_of={1: KEYS[1]}.__getitem__, expected=[HEAD])
    assert found == Broken(number=1, fault=Fault.CHANGED)


def test_a_key_version_that_was_swapped_is_named() -> None:
    log = [*LOG[:2], replace(LOG[2], key_version=2), *LOG[3:]]
    assert checked(log) == Broken(number=3, fault=Fault.CHANGED)


ACTS: list[Callable[[list[SealedEvent], int], list[SealedEvent]]] = [
    lambda log, at: [*log[:at], edited(log[at], at=1), *log[at + 1 :]],
    lambda log, at: [*log[:at], *log[at + 1 :]],
    lambda log, at: renumbered([*log[:at], *log[at + 1 :]]),
    lambda log, at: renumbered([*log[:at], *reversed(log[at:])]),
    lambda log, at: log[:at],
    lambda log, at: [*log[:at], *sealed(2, note="fork", start=at + 1, last=log[at - 1].mac)],
]


@given(st.sampled_from(ACTS), st.integers(1, 6), st.sampled_from(ACTS), st.integers(1, 6))
def test_ac_66_of_two_acts_the_first_bad_number_is_never_after_the_first_act(
    act: Callable[[list[SealedEvent], int], list[SealedEvent]],
    place: int,
    second: Callable[[list[SealedEvent], int], list[SealedEvent]],
    second_place: int,
) -> None:
    log = act(list(LOG), place)
    if second_place < len(log):
        log = second(log, second_place)
    seals = [seal_at(LOG, number) for number in range(1, 9)]
    found = checked(log, *seals)
    assert log == LOG or isinstance(found, Broken)
    if isinstance(found, Broken):
        assert log[: found.number - 1] == LOG[: found.number - 1]
        assert log[found.number - 1 : found.number] != LOG[found.number - 1 : found.number]


def test_entries_are_read_one_at_a_time_and_no_further_than_needed() -> None:
    def rows() -> Iterator[SealedEvent]:
        yield LOG[0]
        yield LOG[2]
        raise AssertionError("read on after the answer was known")

    found = verify(rows(), key_of=KEYS.__getitem__)
    assert found == Broken(number=2, fault=Fault.MISSING)
