"""That the property test can fail: docs/develop/device-mutants.md, one by one.

Each mutant changes one rule of the code. The same machine that finds nothing in the code as it is
must find each of them, within a bounded search that is the same in every run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.helpers.device_machine import Differs, World, a_world, machine_of
from tests.helpers.device_mutants import MUTANTS
from tests.house.source import ROOT

BOUNDED = settings(
    max_examples=40,
    stateful_step_count=12,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with a_world() as made:
        yield made


@pytest.mark.parametrize("name", MUTANTS)
def test_the_machine_finds_the_mutant(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant = MUTANTS[name]
    machine = machine_of(world, mutant.focus)
    mutant.apply(monkeypatch)
    with pytest.raises(Differs):
        run_state_machine_as_test(machine, settings=BOUNDED)


def test_the_page_lists_these_mutants_and_no_others() -> None:
    page = (ROOT / "docs" / "develop" / "device-mutants.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == list(MUTANTS)
    assert len(MUTANTS) >= 10
