"""What the dialogs say in which an administrator removes or pauses a second step, or makes a code.
See ``notices``.
"""

from __future__ import annotations

from enum import Enum

from twostep.i18n.sentences import Sentence, says


class HelpingNotice(Enum):
    """One notice; the value is its sentence with its stable number."""

    REMOVED = says(
        3601,
        "2-Step Verification is turned off for this user. All their sessions have ended, and their"
        " devices are forgotten.",
    )
    NOTHING_TO_REMOVE = says(
        3602, "This user has set up no second step, so there was nothing to turn off."
    )
    PAUSED = says(
        3603,
        "The second step of this user is paused. It ends by itself, and what they have set up is"
        " kept.",
    )
    PAUSE_ENDED = says(
        3604,
        "The pause has ended: this user is asked for the second step again. The sessions that"
        " were opened without it have ended.",
    )
    NOTHING_PAUSED = says(3605, "There was no pause to end.")
    CODE_WITHDRAWN = says(
        3606, "The code is withdrawn, and the sessions that it had opened have ended."
    )
    NO_SUCH_CODE = says(3607, "That code was over already, so there was nothing to withdraw.")

    MADE_BEFORE = says(
        3608,
        "That code was made already, and a code is shown only once. It stands below: if you have"
        " not told it to anybody, withdraw it and make another.",
    )
    NOBODY_TO_LET_IN = says(
        3609, "This user is disabled, and no code would let them in. Enable the user first."
    )

    REASON_MISSING = says(3611, "Choose a reason. It is kept in the audit log.")
    END_MISSING = says(3612, "Choose until when.")
    NOT_A_DAY = says(3613, "Type a day as year, month and day, such as 2026-05-01.")
    DAY_TOO_FAR = says(
        3614, "Choose a day from today to %(last)s: a pause lasts thirty days at most."
    )
    MINUTES_WRONG = says(3615, "Choose how long the code works.")
    USES_WRONG = says(3616, "Type a whole number from 1 to %(most)s.")
    PURPOSE_MISSING = says(3618, "Choose what the code is for.")
    END_TOO_NEAR = says(
        3617, "This end is only minutes away. Choose a later one, so that the pause is of use."
    )

    @property
    def sentence(self) -> Sentence:
        """The sentence of this notice."""
        return self.value
