"""Hashes that cost next to nothing, for tests of everything but hashing.

A run makes tens of thousands of hashes, and each real one takes 20 ms of a core and 19 MiB. What a
hash costs, and what happens when many are asked for, is tested with the real parameters in
tests/crypto and at servers of their own; who gets in does not hang on it.
"""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override

from twostep.crypto.password_hashes import Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickParameters(Parameters):
    """libsodium's least, which ``Parameters`` would refuse."""

    memory_kib: int = 8
    passes: int = 1

    @override
    def __post_init__(self) -> None:
        """Holds to no bound."""


QUICK = QuickParameters()
