"""Waiting for something that another thread or process does."""

from __future__ import annotations

import threading
from collections.abc import Callable

_TRIES = 20_000
_SECONDS = 0.001


def until(happened: Callable[[], bool]) -> None:
    """Returns when it has happened. Fails, rather than waiting for ever, when it does not."""
    nobody = threading.Event()
    for _ in range(_TRIES):
        if happened():
            return
        nobody.wait(_SECONDS)
    raise AssertionError("it did not happen")
