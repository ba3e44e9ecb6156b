"""What the page of a person's addresses says. See ``notices``."""

from __future__ import annotations

from enum import Enum

from twostep.i18n.sentences import Sentence, counts, says


class ContactNotice(Enum):
    """One notice; the value is its sentence with its stable number."""

    ADDRESS_MISSING = says(2801, "Type the address that is to be used.")
    NOT_AN_ADDRESS = says(
        2802,
        "This is not one email address. Type one alone, without a name, such as ann@example.org.",
    )
    NOT_A_NUMBER = says(
        2803,
        "This is not a telephone number that can exist. Compare it with the one of your phone.",
    )
    NO_CARRIER = says(2804, "Choose your carrier.")
    DEAD_GATEWAY = says(
        2805,
        "%(carrier)s no longer turns email into text messages, so nothing would arrive there."
        " Use your email, or another carrier's address.",
    )
    TOO_SOON = says(
        2806, "Enough messages were sent for now. Ask for the next one from %(until)s on."
    )
    CODE_SENT = says(
        2807, "A code is on its way. When it has come, type it below: then the address counts."
    )
    CODE_MISSHAPEN = says(2808, "The code is six digits. Type them as they stand in the message.")
    CODE_WRONG = counts(
        2809,
        "That is not the code of our newest message. %(tries)s try left.",
        "That is not the code of our newest message. %(tries)s tries left.",
        by="tries",
    )
    CODE_OVER = says(2810, "That code is no longer good. Choose Send again for a new one.")
    CONFIRMED = says(2811, "The address is confirmed, and is used from now on.")
    REMOVED = says(2812, "The address is removed. Nothing is sent there any more.")
    CANCELLED = says(2813, "The new address is forgotten. The one before stays as it was.")
    UNCHANGED = says(2814, "That address is there already, and confirmed. Nothing was changed.")
    NOTHING_WAITS = says(
        2815, "No address waits for a code any more. What is used now stands below."
    )
    NOT_A_MOBILE = says(
        2821,
        "Texts go to mobile numbers only, and this is none: a landline, or a number that costs"
        " more. Type the one of your mobile phone.",
    )
    COUNTRY_NOT_ALLOWED = says(
        2822,
        "No texts are sent to numbers of that country here. Use another way, or ask an"
        " administrator to allow it.",
    )
    NO_TEXTS_HERE = says(2823, "No texts are sent to numbers here. Use your email instead.")

    @property
    def sentence(self) -> Sentence:
        """The sentence of this notice."""
        return self.value
