"""What the pages of permissions say about a form, or once at their top. See ``notices``."""

from __future__ import annotations

from enum import Enum

from twostep.i18n.sentences import Sentence, says


class PermissionNotice(Enum):
    """One notice; the value is its sentence with its stable number."""

    GRANTED = says(
        3701,
        "The permission is given. The person is told, and so is everybody who manages users.",
    )
    REVOKED = says(
        3702,
        "The permission is taken back. The person is told, and so is everybody who manages users.",
    )
    GIVEN_UP = says(3703, "You have given the permission up. Everybody who manages users is told.")
    HAD_IT = says(3704, "This person has the permission already, so nothing was changed.")
    HAD_IT_NOT = says(3705, "This person does not have the permission, so nothing was changed.")
    LAST_HOLDER = says(
        3706,
        "Nobody else who can sign in has this permission, so it was not taken away. Give it to"
        " somebody else first.",
    )
    BREAK_GLASS_USED = says(
        3707,
        "Your new password is saved, and what was set up as your second step is gone. Sign in with"
        " the new password.",
    )

    @property
    def sentence(self) -> Sentence:
        """The sentence of this notice."""
        return self.value
