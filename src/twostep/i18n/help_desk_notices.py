"""What the pages say that take a code of the help desk. See ``notices``."""

from __future__ import annotations

from enum import Enum

from twostep.i18n.sentences import Sentence, counts, says


class HelpDeskNotice(Enum):
    """One notice; the value is its sentence with its stable number."""

    CODE_MISSING = says(2881, "Type the code that your help desk gave you.")
    CODE_MISSHAPEN = says(
        2882,
        "A code of the help desk is eight letters and digits for today's work, or twenty for"
        " setting up. Type all of them; blanks and dashes do not matter.",
    )
    CODE_WRONG = counts(
        2883,
        "That code did not match, or it is over. Compare it with what you were told, or ask your"
        " help desk for a new one. %(tries)s try left before a pause.",
        "That code did not match, or it is over. Compare it with what you were told, or ask your"
        " help desk for a new one. %(tries)s tries left before a pause.",
        by="tries",
    )
    CODE_USED_UP = says(
        2884,
        "That code has been used as often as it may be. Ask your help desk for a new one.",
    )
    CODES_PAUSED = says(
        2885,
        "There were too many wrong codes of the help desk. They are checked again from %(until)s"
        " on.",
    )
    CODES_STOPPED = says(
        2886,
        "A hundred wrong codes of the help desk were given, so they are not checked any more."
        " An administrator has to unlock them.",
    )
    NOT_IN_THIS_SESSION = says(
        2887,
        "This session was opened by a code from your help desk: how you sign in cannot be changed"
        " in it. Ask your help desk for a set-up code, and sign in again with that.",
    )
    SET_UP_CODE_FIRST = says(
        2888,
        "Before 2-Step Verification can be set up again, the set-up code of an administrator is"
        " asked. Sign out, and sign in again with that code.",
    )

    @property
    def sentence(self) -> Sentence:
        """The sentence of this notice."""
        return self.value
