"""The thread that goes round: what is due is done, and one failure stops nothing else."""

import threading

from structlog.testing import capture_logs

from twostep.flows.rounds import Round, Rounds
from twostep.storage.faults import DatabaseAway


def test_each_act_is_done_when_it_is_due() -> None:
    done: list[str] = []
    enough = threading.Event()

    def often() -> None:
        done.append("often")
        if done.count("often") == 6:
            enough.set()

    rounds = Rounds(
        (
            Round(name="often", every=1, act=often),
            Round(name="seldom", every=3, act=lambda: done.append("seldom")),
        ),
        tick_seconds=0.001,
    )
    rounds.start()
    assert enough.wait(30)
    rounds.stop()
    assert done[:7] == ["often", "often", "often", "seldom", "often", "often", "often"]


def test_an_act_that_fails_stops_neither_itself_nor_the_others() -> None:
    calls = {"away": 0, "broken": 0, "sound": 0}
    enough = threading.Event()

    def away() -> None:
        calls["away"] += 1
        raise DatabaseAway("for a moment")

    def broken() -> None:
        calls["broken"] += 1
        raise ValueError("a mistake of ours")

    def sound() -> None:
        calls["sound"] += 1
        if calls["sound"] == 3:
            enough.set()

    acts = {"away": away, "broken": broken, "sound": sound}
    rounds = Rounds(
        [Round(name=name, every=1, act=act) for name, act in acts.items()], tick_seconds=0.001
    )
    with capture_logs() as logs:
        rounds.start()
        assert enough.wait(30)
        rounds.stop()
    assert calls["away"] >= 3
    assert calls["broken"] >= 3
    assert {"round_put_off", "round_failed"} <= {line["event"] for line in logs}


def test_stopping_ends_the_thread_at_once_however_long_the_tick() -> None:
    rounds = Rounds((), tick_seconds=3600)
    rounds.start()
    rounds.stop()
    assert "twostep-rounds" not in {thread.name for thread in threading.enumerate()}
