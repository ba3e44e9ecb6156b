"""AC-75, I-17: no sequence of acts by people without a permission makes a holder of it; and I-16:
none leaves an environment in which nobody manages users.

The acts and the book are in tests/helpers/permission_machine.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.helpers.administrators import administrator
from tests.helpers.house import House
from tests.helpers.invariants import hold
from tests.helpers.permission_machine import (
    FIELDS,
    World,
    a_world_of_permissions,
    filled_in,
    machine_of,
)
from tests.helpers.permission_pages import desk
from tests.helpers.user_lists import checked, finished, import_, send
from twostep.flows import permission_lists

DONE = {"given", "had", "taken", "had not", "last", "did", "tried"}


@pytest.fixture
def world() -> Iterator[World]:
    with a_world_of_permissions() as made:
        yield made


def test_ac_75_no_order_of_acts_makes_a_holder_of_what_nobody_gave(world: World) -> None:
    """AC-75: by every address of an administrator's page that takes a form, with a valid session
    and token.
    """
    asked = settings().max_examples
    run_state_machine_as_test(
        machine_of(world),
        settings=settings(
            max_examples=max(20, asked // 5),
            stateful_step_count=30,
            derandomize=asked <= 100,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert set(world.done) >= DONE
    hold(world.house.installation)


def test_r_35_whoever_has_no_permission_is_refused_at_every_address_by_hand(world: World) -> None:
    """R-35: each form of an administrator's page, sent with a valid session and token and all that
    it asks.
    """
    house = world.house
    nobody, target = desk(house, "nobody"), house.add("target")
    assert len(world.posts) > 10
    for route in world.posts:
        for to in (target, nobody.user):
            typed = FIELDS | {"csrf": nobody.csrf}
            answer = nobody.client.post(filled_in(route, to), typed)
            assert answer.status == 403, (route, answer.status)


def test_ac_75_no_list_of_new_users_gives_anybody_a_permission(world: World) -> None:
    """AC-75, by import: a list that names permissions is not read, and one that names somebody who
    holds them makes nobody. AC-80.
    """
    house = world.house
    morgan = administrator(house)
    for column in ("permissions", "permission", "administrator", "granted_by", "manage_users"):
        refused = send(morgan, f"user_name,{column}\nann,audit\n")
        assert refused.status == 422, column
    import_(morgan, checked(morgan, 'user_name,full_name\nann,"audit,manage_users"\n'))
    finished(morgan)
    assert holders(house) == {"morgan"}
    taken = morgan.client.get(checked(morgan, "user_name,full_name\nMorgan,Another\n"))
    assert "There is such a user" in taken.text or "already" in taken.text
    assert holders(house) == {"morgan"}


def holders(house: House) -> set[str]:
    found = permission_lists.holders_of(house.installation, house.harbour.id)
    return {each.name for each in found}
