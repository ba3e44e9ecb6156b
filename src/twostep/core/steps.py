"""What a decision about a sign-in can be: the steps that ``core.sign_in`` answers with, and the
times that hold for them.
"""

from __future__ import annotations

from dataclasses import dataclass

from twostep.core.policies import Method
from twostep.core.reasons import Reasons
from twostep.core.sessions import Level

MINUTE = 60_000

PENDING_LASTS = 15 * MINUTE
"""How long a sign-in waits for its second step; a sign-in outlives its code."""

SET_UP_LASTS = 30 * MINUTE
"""How long it waits while somebody installs an app."""

MOST_EXTENSIONS = 10
"""How often a person may ask for more time: WCAG 2.2.1 asks for at least ten."""

MOST_PENDING = 5
"""Waiting sign-ins of one user; a further one drops the oldest."""

FRESH_FOR = 5 * MINUTE
"""How old a proof may be before a sensitive act (ASVS 7.5.1)."""

NO_AGE = -1
"""The greatest age for an act that takes a proof for itself alone: no proof that is there will do,
not even one of this moment.
"""


@dataclass(frozen=True, slots=True)
class AskFirstStep:
    """The password comes next."""

    reasons: Reasons


@dataclass(frozen=True, slots=True)
class AskSecondStep:
    """One of these methods comes next, the strongest first."""

    methods: tuple[Method, ...]
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class SetUp:
    """The person must set up one of these methods before anything else opens;
    ``or_help_desk_code``: or show a code that the help desk has given them for today.
    """

    methods: tuple[Method, ...]
    reasons: Reasons
    or_help_desk_code: bool = False


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Every proof was shown, but the password seems to be known to somebody else."""

    reasons: Reasons


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Nothing more is asked; the session may say that it earned this level."""

    level: Level
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class Refused:
    """It cannot go on, or not now; ``until`` (milliseconds) says when it can, if that is known."""

    reasons: Reasons
    until: int | None = None


NextStep = AskFirstStep | AskSecondStep | SetUp | ChangePassword | SignedIn | Refused
