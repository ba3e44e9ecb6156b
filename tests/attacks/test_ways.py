"""No order of acts passes a second step without a code for that very sign-in and method: AC-06,
R-24.

Start, another way, send again, the right code, an older one, one of another sign-in, of the app, of
the sheet of paper, cancel, an old tab, another address, a method that is disabled meanwhile; also
in the moment between the comparison of a code and what is made of it. The rules are in
tests/helpers/ways_book.py, the acts in tests/helpers/ways_machine.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.helpers.device_machine import Differs
from tests.helpers.postgres import Cluster
from tests.helpers.ways_machine import World, a_world_of_ways, machine_of, replay
from tests.helpers.ways_mutants import MUTANTS

IN = {"by email", "by text", "by app", "by paper", "confirmed"}
TYPED = {f"typed {what}" for what in ("own", "older", "foreign", "app", "paper", "wrong")}
AROUND = {"address", "cancelled", "email_codes: no", "text_codes: no", "recovery_codes: no"}


@pytest.fixture
def on_sqlite() -> Iterator[World]:
    with a_world_of_ways() as made:
        yield made


@pytest.fixture
def on_postgresql(postgres_cluster: Cluster) -> Iterator[World]:
    url = postgres_cluster.create_database()
    with a_world_of_ways(url) as made:
        yield made
    postgres_cluster.drop(url)


def run(world: World, *, examples: int) -> None:
    """So many histories of up to 25 acts, the same in every run; more of them, and others each
    time, where more examples are asked for.
    """
    asked = settings().max_examples
    run_state_machine_as_test(
        machine_of(world),
        settings=settings(
            max_examples=max(examples, asked * examples // 100),
            stateful_step_count=25,
            derandomize=asked <= 100,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_ac_06_no_order_of_acts_signs_in_without_a_code_for_that_sign_in(on_sqlite: World) -> None:
    """AC-06, R-24: and whoever has one is let in. Each act was done."""
    run(on_sqlite, examples=30)
    assert set(on_sqlite.done) >= IN | TYPED | AROUND


@pytest.mark.postgresql
def test_r_24_no_order_of_acts_does_so_on_postgresql(on_postgresql: World) -> None:
    """R-24, AC-06: fewer: what differs is how the database compares and locks, not the rules."""
    run(on_postgresql, examples=6)


# --- that it can fail


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with a_world_of_ways() as made:
        yield made


@pytest.mark.parametrize("name", MUTANTS)
def test_ac_06_each_mutant_is_found(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC-06: a few acts of the machine, about which the book and the flows agree, and no longer do
    when one rule of the code is changed as tests/helpers/ways_mutants.py says.
    """
    mutant = MUTANTS[name]
    replay(world, mutant.acts)
    mutant.apply(monkeypatch)
    with pytest.raises(Differs):
        replay(world, mutant.acts)
