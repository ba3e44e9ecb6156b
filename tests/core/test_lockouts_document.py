"""The numbers in the operators' document are those of the code (ASVS 6.1.1)."""

from dataclasses import replace

import pytest

from tests.helpers.throttling_table import DOCUMENT, duration, render, with_table
from twostep.core.lockouts import DAY, HOUR, LIMITS, MINUTE, SECOND


def test_the_document_holds_the_table_of_the_code() -> None:
    """After a change: ``python -m tests.helpers.throttling_table`` writes it anew."""
    document = DOCUMENT.read_text()
    assert document == with_table(document, render(LIMITS))


def test_every_number_of_the_limits_changes_the_table() -> None:
    password, codes, network = LIMITS.password, LIMITS.second_step, LIMITS.network
    recovery = LIMITS.recovery_code
    shorter = replace(codes.delays[0], pause=codes.delays[0].pause + SECOND)
    changed = [
        replace(LIMITS, password=replace(password, hard_stop=99)),
        replace(LIMITS, password=replace(password, memory=7 * DAY)),
        replace(LIMITS, password=replace(password, delays=password.delays[1:])),
        replace(LIMITS, second_step=replace(codes, budgets=codes.budgets[:1])),
        replace(LIMITS, second_step=replace(codes, delays=(shorter, *codes.delays[1:]))),
        replace(LIMITS, recovery_code=replace(recovery, hard_stop=99)),
        replace(LIMITS, recovery_code=replace(recovery, budgets=recovery.budgets[:1])),
        replace(LIMITS, network=replace(network, window=HOUR)),
        replace(LIMITS, network=replace(network, slow_from=50)),
        replace(LIMITS, network=replace(network, first_pause=3 * SECOND)),
        replace(LIMITS, network=replace(network, longest_pause=HOUR)),
        replace(LIMITS, network=replace(network, refuse_from=900)),
        replace(LIMITS, network=replace(network, retry_after=HOUR)),
    ]
    assert len({render(limits) for limits in [LIMITS, *changed]}) == 1 + len(changed)


def test_a_document_without_its_marks_is_noticed() -> None:
    with pytest.raises(ValueError, match="lost the marks"):
        with_table("# Wrong tries\n", render(LIMITS))


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (SECOND, "1 second"),
        (30 * SECOND, "30 seconds"),
        (MINUTE, "1 minute"),
        (90 * SECOND, "90 seconds"),
        (DAY, "1 day"),
        (30 * DAY, "30 days"),
    ],
)
def test_times_are_written_in_their_largest_whole_unit(milliseconds: int, words: str) -> None:
    assert duration(milliseconds) == words
