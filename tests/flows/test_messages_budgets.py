"""AC-53: texts through a provider are paid for, so an environment, and an installation, send so
many a day and no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.clocks import DAY, HOUR, HandClock
from tests.helpers.senders import Writers, add_environment, make_writers
from twostep.core.messages import Route
from twostep.core.properties import find
from twostep.flows import messages, properties
from twostep.storage.database import Database

NUMBERS = ("+12125552368", "+12125552369", "+12125552370")


@pytest.fixture
def writers(database: Database, tmp_path: Path, clock: HandClock) -> Iterator[Writers]:
    made = make_writers(database, tmp_path, clock)
    yield made
    made.installation.hashing.close()


def again_at(of: Writers, *, texts_a_day: int = 10_000, route: Route = Route.TEXT_PROVIDER) -> int:
    """When a text may be asked for that goes to a number to which none went."""
    installation = replace(of.installation, texts_a_day=texts_a_day)
    to = of.recipient("+34612345678", route)
    return of.database.read(lambda c: messages.may_ask_at(c, installation, to, now=of.clock()))


def text(of: Writers, to: str) -> int:
    of.queue(to=to, route=Route.TEXT_PROVIDER)
    at = of.clock()
    of.clock.forward(HOUR)
    return at


def limit(of: Writers, a_day: int) -> None:
    item = find("text_messages_a_day")
    properties.set_in_environment(of.installation, of.environment, item, str(a_day))


def test_ac_53_an_environment_waits_until_there_is_room_in_its_day(writers: Writers) -> None:
    """AC-53: for whomever the texts were; mails go on."""
    limit(writers, 2)
    first = text(writers, NUMBERS[0])
    assert again_at(writers) == writers.clock()
    second = text(writers, NUMBERS[1])
    assert again_at(writers) == first + DAY
    assert again_at(writers, route=Route.TEXT_GATEWAY) == writers.clock()
    limit(writers, 1)
    assert again_at(writers) == second + DAY
    limit(writers, 3)
    assert again_at(writers) == writers.clock()
    limit(writers, 0)
    assert again_at(writers) == writers.clock() + DAY


def test_ac_53_the_installation_counts_the_texts_of_all_environments(writers: Writers) -> None:
    """AC-53."""
    other = add_environment(writers.installation, writers.clock, "Southside")
    first = text(writers, NUMBERS[0])
    text(other, NUMBERS[1])
    assert again_at(other, texts_a_day=3) == writers.clock()
    assert again_at(other, texts_a_day=2) == first + DAY
    assert again_at(writers, texts_a_day=2) == first + DAY
    assert again_at(writers, texts_a_day=0) == writers.clock() + DAY
