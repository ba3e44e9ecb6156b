"""What **System Properties** says beside a field. See ``notices``."""

from __future__ import annotations

from enum import Enum

from twostep.i18n.sentences import Sentence, says


class PropertyNotice(Enum):
    """One notice; the value is its sentence with its stable number."""

    WHOLE_NUMBER = says(2603, "Type a whole number from %(least)s to %(most)s.")
    NOT_ONE_LINE = says(2604, "This contains a sign that cannot be shown. Type it anew.")
    NOT_A_LINK = says(2605, "A link begins with https://, http://, mailto: or tel:.")
    NOT_A_CHOICE = says(2606, "Choose one of these.")
    NOT_A_DAY = says(2607, "Type a day as year, month and day, such as 2026-05-01.")
    NOT_COUNTRIES = says(2621, "Type codes of countries such as US, CA. The United Kingdom is GB.")
    DAY_IS_OVER = says(
        2608, "This day is over. Choose today or a later one, or leave it empty for at once."
    )
    FLOOR_AT_LEAST = says(2609, "The installation asks for at least %(limit)s.")
    FLOOR_AT_MOST = says(2610, "The installation allows %(limit)s at most.")
    FLOOR_CHOICE = says(2611, "The installation asks for something stricter.")
    FLOOR_DAY = says(2612, "The installation asks for %(limit)s or an earlier day.")
    NO_WAY_IN = says(
        2615,
        "With this, nobody could show a second step: nothing was saved. Allow the authenticator"
        " app, or codes by text message or email, or switch 2-Step Verification off.",
    )

    @property
    def sentence(self) -> Sentence:
        """The sentence of this notice."""
        return self.value
