"""Numbers that make older things void.

A user's password generation rises with each new password, the second-step generation with each
change of the
second step, the installation's with a restore. What was begun under a number remembers it; when the
number of
today is another, what was begun is over. Nothing has to be found and deleted for that to hold.
"""

from __future__ import annotations

from dataclasses import dataclass

from twostep.core.reasons import Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Generations:
    """The three numbers, as they were at some moment."""

    installation: int
    password: int
    second_step: int

    def overtaken_by(self, today: Generations) -> Code | None:
        """Why something begun under these numbers is void under today's, or None where it still
        holds.
        """
        if self.installation != today.installation:
            return Code.INSTALLATION_RESTORED
        if self.password != today.password:
            return Code.PASSWORD_CHANGED
        if self.second_step != today.second_step:
            return Code.SECOND_STEP_CHANGED
        return None
