"""What the pages say that take a code which was sent. See ``notices``."""

from __future__ import annotations

from enum import Enum

from twostep.i18n.sentences import Sentence, counts, says


class SentCodeNotice(Enum):
    """One notice; the value is its sentence with its stable number."""

    CODE_WRONG = counts(
        2851,
        "That is not the code of our newest message. Type the digits as they stand there."
        " %(tries)s try left before a pause.",
        "That is not the code of our newest message. Type the digits as they stand there."
        " %(tries)s tries left before a pause.",
        by="tries",
    )
    CODE_OVER = says(
        2852,
        "That code is no longer good: it is too old, was tried too often, or a newer one was sent."
        " Choose Send again for a new one.",
    )
    CODE_MISSHAPEN = counts(
        2853,
        "The code is %(digits)s digit. Type it as it stands in the message.",
        "The code is %(digits)s digits. Type them as they stand in the message.",
        by="digits",
    )
    CODE_MISSING = says(2854, "Type the code that stands in the message.")
    NOT_YET = says(2855, "Enough codes were sent for now. Ask for the next one from %(until)s on.")
    IN_A_MOMENT = counts(
        2856,
        "The last code was sent only just now. Ask for another one in %(seconds)s second.",
        "The last code was sent only just now. Ask for another one in %(seconds)s seconds.",
        by="seconds",
    )
    SENT_AGAIN = says(2857, "A new code is on its way. Only the newest one works.")
    TURNED_ON = says(
        2858, "2-Step Verification is on. From your next sign-in on, a code is sent to you."
    )
    TURNED_OFF = says(
        2859,
        "No more codes are sent to you at sign-in. All your other sessions have ended.",
    )
    CONFIRM_FIRST = says(
        2860,
        "Confirm an address first, so that it is certain that codes reach you. Then come back to"
        " 2-Step Verification.",
    )

    LAST_ADDRESS = says(
        2861,
        "Codes are sent to this address at sign-in, and there is no other one. Add another one"
        " first, or turn codes off under 2-Step Verification.",
    )

    CODE_OF_EARLIER = says(
        2862,
        "That code was for an earlier sign-in in this browser. Choose Send the code for a new one.",
    )

    @property
    def sentence(self) -> Sentence:
        """The sentence of this notice."""
        return self.value
