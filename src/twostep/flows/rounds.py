"""What a server does by itself: one thread that goes round and does what is due.

It is begun after the server has forked and holds nothing between two rounds. A round that fails is
written to the log and tried again at its next turn: it must not take the server, or the other
rounds, with it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from twostep.storage.faults import DatabaseAway, DatabaseBusy

TICK_SECONDS = 30

_log = structlog.get_logger("twostep.rounds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """An act, and after how many ticks it is due again."""

    name: str
    every: int
    act: Callable[[], object]


class Rounds:
    """The thread. ``start`` once, ``stop`` at the end."""

    def __init__(self, rounds: Sequence[Round], *, tick_seconds: float = TICK_SECONDS) -> None:
        self._rounds = tuple(rounds)
        self._tick = tick_seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_round, name="twostep-rounds", daemon=True)

    def start(self) -> None:
        """Begin. The first round comes a tick later."""
        self._thread.start()

    def stop(self) -> None:
        """Let the round that is under way finish, and wait for that."""
        self._over.set()
        self._thread.join()

    def _go_round(self) -> None:
        ticks = 0
        while not self._over.wait(self._tick):
            ticks += 1
            for due in self._rounds:
                if ticks % due.every == 0 and not self._over.is_set():
                    _do(due)


def _do(due: Round) -> None:
    try:
        due.act()
    except (DatabaseAway, DatabaseBusy) as error:
        _log.warning("round_put_off", round=due.name, error=type(error).__name__)
    except Exception:  # noqa: BLE001 - whatever it is, the others go on, and this one next time
        _log.exception("round_failed", round=due.name)
