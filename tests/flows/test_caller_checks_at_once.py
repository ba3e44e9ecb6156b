"""The code of a caller, read back by many requests at the same moment, on both databases."""

from __future__ import annotations

from tests.flows.test_caller_checks import EMAIL, Desk
from tests.helpers.at_once import at_once
from tests.helpers.house import House
from tests.helpers.letters import another_code
from tests.helpers.recorded import recorded
from twostep.core.audit import EventKind
from twostep.core.permissions import Permission
from twostep.flows.caller_checks import CallerChecked, CheckOver, ReadBackWrong


def a_desk(house: House) -> Desk:
    made = Desk(house, kim=None, ann=house.add("ann"))  # type: ignore[arg-type]
    made.kim = made.colleague("kim", Permission.HELP_DESK_CODES)
    made.enter("ann@northside.example", EMAIL)
    made.send()
    return made


def test_of_many_wrong_ones_at_once_five_are_compared(house: House) -> None:
    desk = a_desk(house)
    wrong = another_code(desk.code())
    ended = at_once([lambda: desk.read(wrong)] * 8)
    assert sorted(str(each) for each in ended) == sorted(
        [*(str(ReadBackWrong(left)) for left in range(5)), *[str(CheckOver())] * 3]
    )


def test_of_many_right_ones_at_once_one_checks_the_caller(house: House) -> None:
    desk = a_desk(house)
    right = desk.code()
    ended = at_once([lambda: desk.read(right)] * 4)
    assert ended.count(CallerChecked()) == 1
    assert len(recorded(house.installation, house.harbour, EventKind.CALLER_CHECKED)) == 1
