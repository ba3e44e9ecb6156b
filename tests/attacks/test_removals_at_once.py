"""AC-36 at the same moment: one proof for two removals, and two who remove each other."""

from __future__ import annotations

from functools import partial

import pytest

from tests.helpers.administrators import REASON, administrator, path_of, with_app
from tests.helpers.at_once import at_once
from tests.helpers.clocks import MINUTE
from tests.helpers.house import House, sign_in
from twostep.core.users import User

pytestmark = pytest.mark.usefixtures("invariants_hold")

WORD = "remove-two-step"


@pytest.fixture
def house(unlimited_house: House) -> House:
    """The counters are not looked at here."""
    return unlimited_house


def still_has_one(house: House, user: User) -> bool:
    return sign_in(house.client(), user.name).location == "/sign-in/code"


@pytest.mark.parametrize("app", [True, False])
def test_ac_36_one_proof_for_two_removals_at_once(house: House, app: bool) -> None:
    morgan = administrator(house, app=app)
    users = [with_app(house, name) for name in ("ann", "bo")]
    typed = {"csrf": morgan.csrf()} | REASON | morgan.proof()
    answers = at_once(
        [partial(morgan.client.twin().post, path_of(user, WORD), typed) for user in users]
    )
    gone = [user for user in users if not still_has_one(house, user)]
    assert len(gone) == 1
    done = [answer.location for answer in answers if "two-step-removed" in str(answer.location)]
    assert done == [f"{path_of(gone[0])}?said=two-step-removed"]


def test_ac_36_two_administrators_who_remove_each_other_at_once(house: House) -> None:
    both = [administrator(house, name) for name in ("morgan", "kim")]
    for one in both:
        one.house.clock.forward(MINUTE)
    acts = [
        partial(one.client.twin().post, path_of(other.user, WORD),
                {"csrf": one.csrf()} | REASON | {"code": one.phone.code() if one.phone else ""})
        for one, other in zip(both, reversed(both), strict=True)
    ]  # fmt: skip
    at_once(acts)
    assert [still_has_one(house, one.user) for one in both].count(True) == 1
