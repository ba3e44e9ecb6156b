"""What **Audit log** and **Report** say about one of their fields. See ``notices``."""

from __future__ import annotations

from enum import Enum

from twostep.i18n.sentences import Sentence, says


class AuditNotice(Enum):
    """One notice; the value is its sentence with its stable number."""

    NO_SUCH_USER = says(3801, "There is no user of this name here. Type the whole user name.")
    NOT_A_DAY = says(
        3802,
        "Type a day as year, month and day, such as 2026-05-01. Until then every day is shown.",
    )
    NO_DAY_TO_REPORT = says(
        3803,
        "Type a day as year, month and day, such as 2026-05-01. Until then today is reported.",
    )
    DAY_TO_COME = says(3804, "This day has not come yet. Until then today is reported.")

    @property
    def sentence(self) -> Sentence:
        """The sentence of this notice."""
        return self.value
