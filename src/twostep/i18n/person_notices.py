"""What **Erase** and **Export data** say about a field or once at the top. See ``notices``."""

from __future__ import annotations

from enum import Enum

from twostep.i18n.sentences import Sentence, says


class PersonNotice(Enum):
    """One notice; the value is its sentence with its stable number."""

    NAME_DIFFERS = says(
        3901,
        "That is not the user name of this person. Type it as it stands above. Nothing was erased.",
    )
    LAST_MANAGER = says(
        3902,
        "Nobody else here can manage users, so this user was not erased. Give that permission to"
        " somebody else first.",
    )
    ERASED = says(
        3903,
        "The user is erased. The audit log still says what happened, and no longer to whom.",
    )

    @property
    def sentence(self) -> Sentence:
        """The sentence of this notice."""
        return self.value
