"""CT-5 to CT-12, AC-23 to AC-30, I-3 to I-5: no order of acts lets a device pass against a rule.

Nor is anybody asked whom the rules let pass. The rules are in tests/helpers/device_rules.py, the
acts in tests/helpers/device_machine.py; that this test can fail is what test_devices_mutants.py
shows.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.helpers.device_machine import World, a_world, machine_of
from tests.helpers.postgres import Cluster

SIGNING_IN = {"let in", "tick", "code", "mistype"}
PERSON = {"forget", "forget others", "password", "new key", "turn off"}
ADMINISTRATOR = {"0 days", "7 days", "30 days", "off", "optional", "required", "ask", "always"}
EVERY_ACT = SIGNING_IN | PERSON | ADMINISTRATOR | {"disable", "set back"}


@pytest.fixture
def on_sqlite() -> Iterator[World]:
    with a_world() as made:
        yield made


@pytest.fixture
def on_postgresql(postgres_cluster: Cluster) -> Iterator[World]:
    url = postgres_cluster.create_database()
    with a_world(url) as made:
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


def test_no_order_of_acts_lets_a_device_pass_that_a_rule_forbids(on_sqlite: World) -> None:
    """And each act was done."""
    run(on_sqlite, examples=40)
    assert set(on_sqlite.done) >= EVERY_ACT


@pytest.mark.postgresql
def test_no_order_of_acts_does_so_on_postgresql(on_postgresql: World) -> None:
    """Fewer: what differs is how the database compares and locks, not the rules."""
    run(on_postgresql, examples=8)
