"""The clock, and the one that tests move."""

from pathlib import Path

import pytest

from tests.helpers.clocks import HOUR, ClockFile
from twostep.clock import (
    OFFSET_VARIABLE,
    MovedClock,
    offset_clock,
    refuse_moved_clock,
    system_clock,
)


def test_a_moved_clock_is_ahead_by_what_the_file_says_now(tmp_path: Path) -> None:
    file = ClockFile(tmp_path / "clock")
    clock = offset_clock(file.path)
    before = system_clock()
    assert before <= clock() < before + HOUR
    file.forward(HOUR)
    assert clock() >= before + HOUR
    file.forward(-2 * HOUR)
    assert clock() < before


def test_a_moved_clock_is_refused_where_people_sign_in() -> None:
    refuse_moved_clock({"PATH": "/bin"})
    with pytest.raises(MovedClock):
        refuse_moved_clock({OFFSET_VARIABLE: ""})
