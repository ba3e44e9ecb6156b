"""What **Messages** says about one of its fields, or once at its top. See ``notices``."""

from __future__ import annotations

from enum import Enum

from twostep.i18n.sentences import Sentence, says


class MessageNotice(Enum):
    """One notice; the value is its sentence with its stable number."""

    NOBODY_FOUND = says(
        2901,
        "There is no user of this name here, and it is no complete address. Type the whole user"
        " name, or the whole address.",
    )
    NOT_A_DAY = says(
        2902,
        "Type a day as year, month and day, such as 2026-05-01. Until then every day is shown.",
    )
    NO_SUCH_USER = says(2903, "There is no user of this name here. Type the whole user name.")
    NO_ADDRESS = says(
        2904,
        "This user has no such address. Choose another kind, let the person add it in Security"
        " Settings, Email and text messages, or ask the operator to enter it.",
    )
    ENOUGH_FOR_NOW = says(
        2905,
        "Enough was sent there for now: test messages count like codes. The next one can be sent"
        " from %(until)s on.",
    )
    TEST_QUEUED = says(2906, "The test message is on its way. What becomes of it stands below.")

    @property
    def sentence(self) -> Sentence:
        """The sentence of this notice."""
        return self.value
