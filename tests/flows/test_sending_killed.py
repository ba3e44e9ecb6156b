"""A sender that is killed (SIGKILL) at any point: every code arrives, and nothing stays queued.

Between the server's 250 and our commit nobody can know that both have happened; so a code may come
twice. It is then the same mail, byte for byte: never another code.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.clocks import DAY, HandClock
from tests.helpers.post_office import PostOffice
from tests.helpers.senders import Writers, make_writers
from tests.house.source import ROOT
from twostep.core.messages import LEASE
from twostep.storage.database import Database

ROUNDS = 100 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 16
EACH = 3
"""Messages queued in each round."""
POINTS = 3 * (1 + EACH)
"""Before, inside and after the claim, and each message's end."""


@pytest.fixture
def writers(database: Database, tmp_path: Path, clock: HandClock) -> Iterator[Writers]:
    made = make_writers(database, tmp_path, clock)
    yield made
    made.installation.hashing.close()


class Senders:
    """Processes that send, one after the other."""

    def __init__(self, url: str, folder: Path, office: PostOffice) -> None:
        self._url, self._folder, self._office = url, folder, office
        self._running: subprocess.Popen[bytes] | None = None

    def run(self, now: int, *, killed_at: int = 0) -> bool:
        """Until it ends; whether it was killed."""
        arguments = [self._url, self._folder / "twostep.key", self._office.port, now, killed_at]
        words = [sys.executable, "-m", "tests.flows.sending_process", *map(str, arguments)]
        self._running = subprocess.Popen(words, cwd=ROOT)
        status = self._running.wait(60)
        assert status in {0, -signal.SIGKILL}
        return status != 0

    def kill(self) -> None:
        """The one that is running."""
        assert self._running is not None
        self._running.kill()
        self._running.wait(60)


@pytest.mark.slow
def test_a_sender_killed_at_any_point_loses_no_code_and_sends_no_second_one(
    writers: Writers, database_url: str, tmp_path: Path
) -> None:
    """At each point around each commit, and when the server has all of a mail and says yes."""
    codes: dict[str, str] = {}
    killed = 0
    with PostOffice() as office:
        senders = Senders(database_url, tmp_path, office)

        def kill_in_the_server_s_yes(number: int, _content: bytes) -> str:
            if number % 7 == 0:
                senders.kill()
            return "250 2.0.0 Ok"

        for round_ in range(ROUNDS):
            for number in range(EACH):
                code = f"{round_ * EACH + number:06}"
                message = writers.queue(code, lasts=DAY)
                codes[f"<{message.hex()}@login.example>"] = code
            by_the_server = round_ % 4 == 3
            office.on_content = (
                kill_in_the_server_s_yes if by_the_server else lambda *_: "250 2.0.0 Ok"
            )
            at = 0 if by_the_server else 1 + (5 * round_) % POINTS
            killed += senders.run(writers.clock(), killed_at=at)
            writers.clock.forward(LEASE)
        office.on_content = lambda *_: "250 2.0.0 Ok"
        for _ in range(2):
            assert not senders.run(writers.clock())
            writers.clock.forward(LEASE)

        arrived = defaultdict(list)
        for mail in office.mails:
            arrived[str(mail.message["Message-ID"])].append(mail)
    assert killed >= ROUNDS * 3 // 4
    assert writers.states() == {"accepted"}
    assert arrived.keys() == codes.keys()
    for message_id, mails in arrived.items():
        assert len({mail.content for mail in mails}) == 1
        assert str(mails[0].message["Subject"]) == f"Your Northside code is {codes[message_id]}"
    assert any(len(mails) > 1 for mails in arrived.values()), "no kill came between yes and commit"
