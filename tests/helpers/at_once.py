"""The same moment for many: acts in threads that all begin together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

THREADS = 40
"""As many as one process of the server has for its pages."""


def at_once(acts: Sequence[Callable[[], T]], *, threads: int = THREADS) -> list[T]:
    """What each act returned. The first ones wait for each other before they begin."""
    first = min(threads, len(acts))
    together = threading.Barrier(first)
    waiting = iter(range(first))
    turn = threading.Lock()

    def begin(act: Callable[[], T]) -> T:
        with turn:
            is_first = next(waiting, None) is not None
        if is_first:
            together.wait()
        return act()

    with ThreadPoolExecutor(first) as pool:
        return [future.result() for future in [pool.submit(begin, act) for act in acts]]
